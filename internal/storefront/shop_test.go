package storefront_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront"
	"hookandtag.example/shop/internal/storefront/page"
	"hookandtag.example/shop/web"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// shop is a whole shop on a real database, with a provider that answers as a test wants.
type shop struct {
	t        testing.TB
	url      string // http, while its own address says https: what a proxy in front would do
	handler  *storefront.Server
	store    *postgres.Store
	provider *provider
	log      *bytes.Buffer
	logLock  sync.Mutex

	statements atomic.Int64
	clock      atomic.Int64 // nanoseconds that the storefront's clock is ahead
}

// setting changes the shop's settings before it is built.
type setting func(*storefront.Config)

func newShop(t testing.TB, settings ...setting) *shop {
	t.Helper()
	s := &shop{t: t, provider: &provider{proofs: map[string]auth.Proof{}, failures: map[string]error{}}, log: &bytes.Buffer{}}
	ctx := context.Background()
	var err error
	s.store, err = postgres.OpenWatched(ctx, patientDatabase(t), func(postgres.Statement) { s.statements.Add(1) })
	must(t, err)
	t.Cleanup(s.store.Close)
	s.seed()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }))
	s.url = "http://" + server.Listener.Addr().String()
	s.build(settings)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.Start()
	t.Cleanup(server.Close)
	return s
}

// patientDatabase is one whose statements may take their time on a busy machine, and that still gives up on a lock.
func patientDatabase(t testing.TB) string {
	t.Helper()
	u, err := url.Parse(postgrestest.URL(t))
	must(t, err)
	q := u.Query()
	q.Set("statement_timeout", "30000")
	q.Set("lock_timeout", "5000")
	u.RawQuery = q.Encode()
	return u.String()
}

func (s *shop) build(settings []setting) {
	keys, err := keyring.New("a key for tests only, 32 characters long")
	must(s.t, err)
	log := slog.New(slog.NewJSONHandler(lockedWriter{s}, nil))
	sessions, err := session.New(session.Config{
		Store: s.store, Keys: keys, Limits: session.DefaultLimits, Log: log,
		Unavailable: func(w http.ResponseWriter, r *http.Request, err error) { s.handler.Unavailable(w, r, err) },
	})
	must(s.t, err)
	assets, err := page.NewAssets(web.Static())
	must(s.t, err)
	pages, err := page.New(web.Templates(), assets)
	must(s.t, err)
	c := storefront.Config{
		BaseURL: s.url, Products: s.store, Carts: s.store, Orders: s.store, Sessions: sessions, Provider: s.provider,
		Keys: keys, Pages: pages, Assets: assets, Limits: session.DefaultLimits, AttemptLifetime: 10 * time.Minute,
		Ready: map[string]func(context.Context) error{"database": s.store.Ping}, Outage: postgres.Outage, Log: log,
		Now: func() time.Time { return time.Now().Add(time.Duration(s.clock.Load())) },
	}
	for _, set := range settings {
		set(&c)
	}
	s.handler, err = storefront.New(c)
	must(s.t, err)
}

// seed puts six products on the shelves.
func (s *shop) seed() {
	s.exec(`INSERT INTO products (sku, slug, name, room, summary, description, silhouette, weave, tone, price, stock, purchase_limit, position)
		SELECT v.*, row_number() OVER () FROM (VALUES
		('HAT-1', 'rain-bowler', 'Rain Bowler', 'hats', 'A hat.', 'A hat for rain.', 'hat', 'plain', 'felt', 2990, 20, NULL::int),
		('HAT-2', 'felt-fedora', 'Felt Fedora', 'hats', 'A hat.', 'A hat for felt.', 'hat', 'plain', 'ink', 4990, 1, NULL),
		('UMB-1', 'drizzle', 'Drizzle', 'umbrellas', 'An umbrella.', 'For drizzle.', 'umbrella', 'dot', 'sky', 1990, 3, NULL),
		('BAG-1', 'overnight', 'Overnight', 'bags', 'A bag.', 'For a night.', 'bag', 'check', 'wine', 8990, 9, 2),
		('HOK-1', 'brass-hook', 'Brass Hook', 'hooks', 'A hook.', 'Of brass.', 'hook', 'plain', 'brass', 790, 50, NULL),
		('SCA-1', 'signal', 'Signal', 'scarves', 'A scarf.', 'A loud one.', 'scarf', 'stripe', 'wine', 2490, 0, NULL)) v`)
}

func (s *shop) exec(sql string, args ...any) {
	s.t.Helper()
	_, err := s.store.Pool().Exec(context.Background(), sql, args...)
	must(s.t, err)
}

// count runs a query that yields one number.
func (s *shop) count(sql string, args ...any) (n int) {
	s.t.Helper()
	must(s.t, s.store.Pool().QueryRow(context.Background(), sql, args...).Scan(&n))
	return n
}

func (s *shop) logged() string {
	s.logLock.Lock()
	defer s.logLock.Unlock()
	return s.log.String()
}

type lockedWriter struct{ s *shop }

func (w lockedWriter) Write(b []byte) (int, error) {
	w.s.logLock.Lock()
	defer w.s.logLock.Unlock()
	return w.s.log.Write(b)
}

// browser keeps cookies as a browser on localhost does: Secure ones over http too, which Go's own jar would not send.
type browser struct {
	t       testing.TB
	shop    *shop
	cookies map[string]string
	bare    bool // send neither Sec-Fetch-Site nor Origin, like a script
}

func (s *shop) visitor() *browser { return &browser{t: s.t, shop: s, cookies: map[string]string{}} }

// twin is another browser with the same cookies as now.
func (b *browser) twin() *browser {
	twin := b.shop.visitor()
	for name, value := range b.cookies {
		twin.cookies[name] = value
	}
	return twin
}

type reply struct {
	*http.Response
	body string
}

// with adds a header to a request.
type with struct{ name, value string }

func (b *browser) get(path string, headers ...with) reply {
	b.t.Helper()
	return b.send(http.MethodGet, path, nil, headers...)
}

// post sends a form given as names and values.
func (b *browser) post(path string, fields ...string) reply {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.postForm(path, form)
}

func (b *browser) postForm(path string, form url.Values, headers ...with) reply {
	b.t.Helper()
	return b.send(http.MethodPost, path, strings.NewReader(form.Encode()), append([]with{{"Content-Type", "application/x-www-form-urlencoded"}}, headers...)...)
}

func (b *browser) send(method, path string, body io.Reader, headers ...with) reply {
	b.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, b.shop.url+path, body)
	must(b.t, err)
	if !b.bare && method != http.MethodGet && method != http.MethodHead {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for _, h := range headers {
		switch {
		case h.name == "Host":
			r.Host = h.value
		case h.value == "":
			r.Header.Del(h.name)
		default:
			r.Header.Set(h.name, h.value)
		}
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	must(b.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(b.t, err)
	b.keep(answer)
	return reply{answer, string(text)}
}

func (b *browser) keep(answer *http.Response) {
	b.t.Helper()
	seen := map[string]bool{}
	for _, c := range answer.Cookies() {
		if seen[c.Name] {
			b.t.Errorf("%s set twice in one answer (RFC 6265bis 4.1.1)", c.Name)
		}
		seen[c.Name] = true
		b.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
}

var tokenField = regexp.MustCompile(`name="form_token" value="([^"]*)"`)

// token reads the form token from a page.
func (b *browser) token(path string) string {
	b.t.Helper()
	found := tokenField.FindStringSubmatch(b.get(path).body)
	if found == nil {
		b.t.Fatalf("no form token on %s", path)
	}
	return html.UnescapeString(found[1])
}

// submit posts a form of a signed-in customer, with the token that their pages carry.
func (b *browser) submit(path string, fields ...string) reply {
	b.t.Helper()
	return b.post(path, append([]string{"form_token", b.token("/cookies")}, fields...)...)
}

// signIn walks through the sign-in as a customer and returns the callback's answer.
func (b *browser) signIn(subject, returnTo string) reply {
	b.t.Helper()
	r := b.get(b.comeBack(subject, returnTo))
	wantStatus(b.t, r, http.StatusSeeOther)
	return r
}

// comeBack walks to the provider and returns the path with which the browser comes back.
func (b *browser) comeBack(subject, returnTo string) string {
	b.t.Helper()
	to := b.post("/login", "return_to", returnTo)
	wantStatus(b.t, to, http.StatusSeeOther)
	u, err := to.Location()
	must(b.t, err)
	return b.shop.provider.approve(u.Query().Get("state"), subject)
}

// order fills the checkout up to the review and returns its page.
func (b *browser) toReview() string {
	b.t.Helper()
	wantStatus(b.t, b.submit("/checkout/address", "name", "Ann", "street", "Hook Street 1", "postcode", "10115", "city", "Berlin", "country", "DE"), http.StatusSeeOther)
	wantStatus(b.t, b.submit("/checkout/delivery", "delivery", "collect"), http.StatusSeeOther)
	review := b.get("/checkout/review")
	wantStatus(b.t, review, http.StatusOK)
	return review.body
}

// field reads a hidden field of a page.
func field(t testing.TB, body, name string) string {
	t.Helper()
	found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(body)
	if found == nil {
		t.Fatalf("no field %s", name)
	}
	return html.UnescapeString(found[1])
}

// provider signs in whom a test names.
type provider struct {
	mu       sync.Mutex
	begun    []auth.Begin
	proofs   map[string]auth.Proof // by state
	failures map[string]error
	origin   string
	down     bool
	tokens   map[string]auth.Logout // what VerifyLogout accepts
	logout   string                 // address of the provider's sign-out; empty: it has none
	finished int
}

func (p *provider) Begin(_ context.Context, _ http.ResponseWriter, _ *http.Request, b auth.Begin) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return "", fmt.Errorf("%w: test", auth.ErrUnavailable)
	}
	p.begun = append(p.begun, b)
	state := fmt.Sprintf("state-%d", len(p.begun))
	p.proofs[state] = auth.Proof{ReturnTo: b.ReturnTo, Intent: b.Intent, IssuedAt: time.Now(), AuthTime: time.Now(), IDToken: "id-token-of-" + state}
	return "https://idp.example/authorize?state=" + state, nil
}

func (p *provider) approve(state, subject string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	proof := p.proofs[state]
	proof.Identity = customer.Identity{Issuer: "https://idp.example", Subject: subject, Name: "Customer " + subject, Email: subject + "@example.test"}
	p.proofs[state] = proof
	return "/auth/callback?code=secret-code&state=" + state
}

// fail makes the next callback of a new state fail, and returns its path.
func (p *provider) fail(err error) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	state := fmt.Sprintf("failing-%d", len(p.failures))
	p.failures[state] = err
	return "/auth/callback?code=secret-code&state=" + state
}

func (p *provider) Finish(_ context.Context, _ http.ResponseWriter, r *http.Request) (auth.Proof, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	state := r.URL.Query().Get("state")
	p.finished++
	if err := p.failures[state]; err != nil {
		var repeated auth.ErrRepeated
		errors.As(err, &repeated)
		return auth.Proof{ReturnTo: repeated.ReturnTo}, err
	}
	proof, ok := p.proofs[state]
	if !ok {
		return auth.Proof{}, auth.ErrNoAttempt
	}
	delete(p.proofs, state)
	p.failures[state] = auth.ErrRepeated{ReturnTo: proof.ReturnTo}
	return proof, nil
}

func (p *provider) EndSession(_ context.Context, idToken, _ string) (string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.logout == "" {
		return "", false
	}
	return p.logout + "?id_token_hint=" + idToken, true
}

func (p *provider) VerifyLogout(_ context.Context, raw string) (auth.Logout, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	told, ok := p.tokens[raw]
	if !ok {
		return auth.Logout{}, &auth.Refused{Check: auth.CheckToken}
	}
	return told, nil
}

func (p *provider) Origin() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.origin
}

func (p *provider) set(change func(*provider)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantStatus(t testing.TB, r reply, want int) {
	t.Helper()
	if r.StatusCode != want {
		t.Fatalf("%s %s: status %d, want %d\n%s", r.Request.Method, r.Request.URL.Path, r.StatusCode, want, summary(r.body))
	}
}

func wantLocation(t testing.TB, r reply, want string) {
	t.Helper()
	wantStatus(t, r, http.StatusSeeOther)
	if got := r.Header.Get("Location"); got != want {
		t.Fatalf("%s %s leads to %q, want %q", r.Request.Method, r.Request.URL.Path, got, want)
	}
}

func wantBody(t testing.TB, r reply, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(r.body, part) {
			t.Errorf("%s %s: %q is missing in\n%s", r.Request.Method, r.Request.URL.Path, part, summary(r.body))
		}
	}
}

func wantNoBody(t testing.TB, r reply, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(r.body, part) {
			t.Errorf("%s %s: %q must not be there", r.Request.Method, r.Request.URL.Path, part)
		}
	}
}

// summary is the main part of a page, without the drawings.
func summary(body string) string {
	if _, main, ok := strings.Cut(body, "<main"); ok {
		body = main
	}
	body = regexp.MustCompile(`(?s)<svg.*?</svg>`).ReplaceAllString(body, "")
	return body[:min(len(body), 2000)]
}

// trusting lets a test speak for other addresses.
func trusting(c *storefront.Config) {
	c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}
