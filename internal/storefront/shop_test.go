package storefront_test

import (
	"bytes"
	"context"
	"html"
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
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront"
	"hookandtag.example/shop/internal/storefront/page"
	"hookandtag.example/shop/web"
)

const shopKey = "a key for tests only, 32 characters long"

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

	statements, trips atomic.Int64
	clock             atomic.Int64 // nanoseconds that the storefront's clock is ahead
	answering         atomic.Int64 // requests whose handler has not returned
}

// setting changes the shop's settings before it is built.
type setting func(*storefront.Config)

func newShop(t testing.TB, settings ...setting) *shop {
	t.Helper()
	return shopOn(t, postgrestest.URL(t), settings...)
}

// shopOn is newShop on a database without rows.
func shopOn(t testing.TB, database string, settings ...setting) *shop {
	t.Helper()
	s := &shop{t: t, provider: &provider{authns: map[string]auth.Authentication{}, failures: map[string]error{}},
		log: &bytes.Buffer{}}
	ctx := context.Background()
	var err error
	s.store, err = postgres.OpenWatched(ctx, patient(t, database), func(_ context.Context, one postgres.Statement) {
		s.statements.Add(1)
		if one.Trip {
			s.trips.Add(1)
		}
	})
	must(t, err)
	t.Cleanup(s.store.Close)
	s.seed()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.answering.Add(1)
		defer s.answering.Add(-1)
		s.handler.ServeHTTP(w, r)
	}))
	s.url = "http://" + server.Listener.Addr().String()
	s.build(settings)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.Start()
	t.Cleanup(server.Close)
	return s
}

// patient is the database where statements may take their time on a busy machine and still give up
// on a lock.
func patient(t testing.TB, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	must(t, err)
	q := u.Query()
	q.Set("statement_timeout", "30000")
	q.Set("lock_timeout", "5000")
	u.RawQuery = q.Encode()
	return u.String()
}

func (s *shop) build(settings []setting) {
	keys, err := keyring.New(shopKey)
	must(s.t, err)
	log := slog.New(slog.NewJSONHandler(lockedWriter{s}, nil))
	sessions, err := session.New(session.Config{
		Store: s.store, Devices: s.store, Logouts: s.store, Keys: keys, Limits: session.DefaultLimits, Log: log,
		Unavailable: func(w http.ResponseWriter, r *http.Request, err error) { s.handler.Unavailable(w, r, err) },
	})
	must(s.t, err)
	files, err := webFiles()
	must(s.t, err)
	c := storefront.Config{
		BaseURL: s.url, Catalog: freshCatalog{s.store}, Carts: s.store, Orders: s.store, Sessions: sessions,
		Provider: s.provider, Keys: keys, Pages: files.pages, Assets: files.assets,
		Limits: session.DefaultLimits, AttemptLifetime: 10 * time.Minute,
		Ready: map[string]func(context.Context) error{"database": s.store.Ping}, Outage: postgres.Outage, Log: log,
		Now: func() time.Time { return time.Now().Add(time.Duration(s.clock.Load())) },
	}
	for _, set := range settings {
		set(&c)
	}
	s.handler, err = storefront.New(c)
	must(s.t, err)
}

// webFiles are the templates and static files, which are parsed once for all shops.
var webFiles = sync.OnceValues(func() (f struct {
	assets *page.Assets
	pages  *page.Renderer
}, err error) {
	if f.assets, err = page.NewAssets(web.Static()); err != nil {
		return f, err
	}
	f.pages, err = page.New(web.Templates(), f.assets)
	return f, err
})

// seed puts six products on the shelves.
func (s *shop) seed() {
	s.exec(`INSERT INTO products (sku, slug, name, room, summary, description, silhouette, weave, tone, price,
	    stock, purchase_limit, position)
		SELECT v.*, row_number() OVER () FROM (VALUES
		('HAT-1', 'rain-bowler', 'Rain Bowler', 'hats', 'A hat.', 'A hat for rain.', 'hat', 'plain', 'felt', 2990, 20,
		    NULL::int),
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

// logged returns the log. A request's line is written when its answer has gone, so logged waits
// until none is being answered, a second at most: a test may hold one.
func (s *shop) logged() string {
	for range 1000 {
		if s.answering.Load() == 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
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

// wantRedirectPage checks an answer that leads to the provider: nobody may keep it, and its one
// visible way on is where it leads by itself.
func wantRedirectPage(t testing.TB, r reply, want string) {
	t.Helper()
	wantStatus(t, r, http.StatusOK)
	if got := r.onward(); got != want && got != r.Request.URL.Scheme+"://"+r.Request.URL.Host+want {
		t.Fatalf("%s %s leads to %q, want %q", r.Request.Method, r.Request.URL.Path, got, want)
	}
	wantBody(t, r, `href="`+html.EscapeString(want)+`">Continue</a>`)
	wantNoBody(t, r, "<script")
	if got := r.Header.Get("Cache-Control"); got != "no-store" || r.Header.Get("Location") != "" {
		t.Errorf("the page comes with %v", r.Header)
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

// freshCatalog reads the whole catalogue each time, so that a test need not wait for what it has
// changed.
type freshCatalog struct{ store *postgres.Store }

func (freshCatalog) Current() *catalog.Snapshot { return nil }

func (f freshCatalog) Snapshot(ctx context.Context) (*catalog.Snapshot, error) {
	return postgres.NewCatalog(f.store, nil).Snapshot(ctx)
}

func (f freshCatalog) AsOf(ctx context.Context, _ catalog.Version) (*catalog.Snapshot, error) {
	return f.Snapshot(ctx)
}

func (f freshCatalog) Newest(ctx context.Context) (*catalog.Snapshot, error) { return f.Snapshot(ctx) }
