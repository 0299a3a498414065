package session_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

func TestMain(m *testing.M) {
	// The model takes a twentieth of a second a round, and sees what it has to see in a hundred of
	// them; -rapid.checks=5000 runs it for longer, and -short for a moment only, where other tests
	// are asked first.
	rounds := "150"
	if slices.Contains(os.Args, "-test.short=true") {
		rounds = "10"
	}
	for name, value := range map[string]string{"rapid.checks": rounds, "rapid.shrinktime": "5s",
		"rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	postgrestest.Main(m)
}

const (
	firstKey  = "first-key-first-key-first-key-first-key"
	secondKey = "second-key-second-key-second-key-second"
)

// site is a small site on a real Manager and a real database, with a route for everything a session
// can be asked to do.
type site struct {
	t        *testing.T
	pool     *pgxpool.Pool
	sql      *statements
	outage   atomic.Bool // new and open connections fail
	sessions *session.Manager
	handler  http.Handler
	server   *httptest.Server
	events   *recorder

	entered, release chan struct{} // what GET /slow and POST /slow wait for
}

type option func(*session.Config)

func withKeys(keys ...string) option {
	return func(c *session.Config) { c.Keys, _ = keyring.New(keys...) }
}

func withStore(wrap func(session.Store) session.Store) option {
	return func(c *session.Config) { c.Store = wrap(c.Store) }
}

func open(t *testing.T, options ...option) *site {
	t.Helper()
	return openOn(t, postgrestest.URL(t), options...)
}

// openOn is a replica: a separate site on a database that others may use too.
func openOn(t *testing.T, url string, options ...option) *site {
	t.Helper()
	s := &site{t: t, sql: &statements{}, events: &recorder{},
		entered: make(chan struct{}), release: make(chan struct{})}
	s.pool = s.connect(url)
	s.start(options...)
	return s
}

// replica is another process of the same shop, on the same database. It counts its statements with
// the first one.
func (s *site) replica(options ...option) *site {
	s.t.Helper()
	r := &site{t: s.t, pool: s.pool, sql: s.sql, events: &recorder{}, entered: make(chan struct{}),
		release: make(chan struct{})}
	r.start(options...)
	return r
}

func (s *site) start(options ...option) {
	s.t.Helper()
	store := postgres.New(s.pool)
	c := session.Config{
		Store: store, Devices: store, Logouts: store, Limits: session.DefaultLimits, Observe: s.events.add,
		Unavailable: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.Header().Set("Retry-After", "5")
			http.Error(w, "back in a moment", http.StatusServiceUnavailable)
		},
	}
	withKeys(firstKey)(&c)
	for _, o := range options {
		o(&c)
	}
	sessions, err := session.New(c)
	if err != nil {
		s.t.Fatal(err)
	}
	s.sessions = sessions
	s.handler = sessions.Handler(s.routes())
	s.server = httptest.NewServer(s.handler)
	s.t.Cleanup(s.server.Close)
}

func (s *site) connect(url string) *pgxpool.Pool {
	s.t.Helper()
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		s.t.Fatal(err)
	}
	config.ConnConfig.Tracer = s.sql
	dial := config.ConnConfig.DialFunc
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if s.outage.Load() {
			return nil, errors.New("the database is away")
		}
		conn, err := dial(ctx, network, address)
		return cuttable{conn, &s.outage}, err
	}
	pool, err := pgxpool.NewWithConfig(s.t.Context(), config)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(pool.Close)
	return pool
}

// cuttable is a connection that fails during an outage.
type cuttable struct {
	net.Conn
	outage *atomic.Bool
}

func (c cuttable) Write(b []byte) (int, error) {
	if c.outage.Load() {
		c.Conn.Close()
		return 0, errors.New("the database is away")
	}
	return c.Conn.Write(b)
}

func (s *site) routes() http.Handler {
	mux := http.NewServeMux()
	m := s.sessions
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { s.describe(w, r) })
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) { s.wait(r); s.describe(w, r) })
	mux.HandleFunc("POST /slow", func(w http.ResponseWriter, r *http.Request) {
		s.wait(r)
		m.Put(r.Context(), cmp.Or(r.FormValue("key"), "slow"), cmp.Or(r.FormValue("value"), "yes"))
		s.describe(w, r)
	})
	mux.HandleFunc("POST /put", func(w http.ResponseWriter, r *http.Request) {
		if visitor.Of(r.Context(), m).Cart.Nobody() {
			m.Put(r.Context(), "begun", "yes")
		}
		m.Put(r.Context(), r.FormValue("key"), r.FormValue("value"))
		s.describe(w, r)
	})
	elsewhere := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "elsewhere=%v", m.SignedInElsewhere(r.Context()))
	}
	mux.HandleFunc("GET /elsewhere", elsewhere)
	mux.HandleFunc("GET /elsewhere/slow", func(w http.ResponseWriter, r *http.Request) { s.wait(r); elsewhere(w, r) })
	mux.HandleFunc("POST /cart", s.keepCart)
	mux.HandleFunc("POST /add", s.addUnit)
	mux.HandleFunc("POST /signin", s.signIn)
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		token, err := m.SignOut(r.Context())
		fmt.Fprintf(w, "hint=%s err=%v", token, err)
	})
	mux.HandleFunc("GET /why", func(w http.ResponseWriter, r *http.Request) {
		ended, ok := m.Ended(r.Context())
		m.ClearEnded(r.Context())
		fmt.Fprintf(w, "ended=%v reason=%s customer=%d late=%v", ok, ended.Reason, ended.Owner, ended.Late)
	})
	mux.HandleFunc("GET /hint", func(w http.ResponseWriter, r *http.Request) {
		m.Put(r.Context(), "begun", "yes")
		w.WriteHeader(http.StatusEarlyHints)
		_ = http.NewResponseController(w).Flush() // the answer is what is checked
		fmt.Fprint(w, "streamed")
	})
	mux.HandleFunc("GET /devices", func(w http.ResponseWriter, r *http.Request) {
		devices, err := m.Devices(r.Context())
		for _, d := range devices {
			fmt.Fprintln(w, d.Handle, d.UserAgent, map[bool]string{true: "current"}[d.Current], err)
		}
	})
	mux.HandleFunc("GET /handle", func(w http.ResponseWriter, r *http.Request) {
		info, _ := m.Info(r.Context())
		fmt.Fprint(w, info.Handle)
	})
	mux.HandleFunc("POST /devices/end", func(w http.ResponseWriter, r *http.Request) {
		found, err := m.EndDevice(r.Context(), r.FormValue("handle"))
		fmt.Fprintf(w, "found=%v %v", found, err)
	})
	mux.HandleFunc("POST /devices/end-others", func(w http.ResponseWriter, r *http.Request) {
		n, err := m.EndOtherDevices(r.Context())
		fmt.Fprintf(w, "ended=%d %v", n, err)
	})
	mux.HandleFunc("POST /signin/slow", func(w http.ResponseWriter, r *http.Request) { s.wait(r); s.signIn(w, r) })
	mux.HandleFunc("GET /forged",
		func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "forged=%v", m.TagForged(r.Context())) })
	mux.HandleFunc("POST /devices/end-others/slow", func(w http.ResponseWriter, r *http.Request) {
		s.wait(r)
		n, err := m.EndOtherDevices(r.Context())
		fmt.Fprintf(w, "ended=%d %v", n, err)
	})
	mux.HandleFunc("GET /fresh", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "fresh=%v", m.Fresh(r.Context(), 5*time.Minute))
	})
	mux.HandleFunc("GET /form",
		func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, m.FormToken(r.Context())) })
	mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, m.CheckFormToken(r.Context(), r.FormValue("form_token")))
	})
	return mux
}

// gate is what one slow request waits for when others are in flight too.
type gate struct{ entered, release chan struct{} }

type gateKey struct{}

func withGate(ctx context.Context, g gate) context.Context {
	return context.WithValue(ctx, gateKey{}, g)
}

func (s *site) wait(r *http.Request) {
	if g, ok := r.Context().Value(gateKey{}).(gate); ok {
		close(g.entered)
		<-g.release
		return
	}
	s.entered <- struct{}{}
	<-s.release
}

func (s *site) describe(w http.ResponseWriter, r *http.Request) {
	v := visitor.Of(r.Context(), s.sessions)
	id := v.Cart.CartID
	if row, ok := s.sessions.Along(r.Context()).(visitor.Row); ok && v.Customer.ID != 0 {
		id = row.CartID
	}
	ended, _ := s.sessions.Ended(r.Context())
	fmt.Fprintf(w, "customer=%s cart=%d units=%d late=%v a=%s b=%s why=%s", v.Customer.Name, id, v.Units,
		s.sessions.Late(r.Context()),
		s.sessions.Get(r.Context(), "a"), s.sessions.Get(r.Context(), "b"), ended.Reason)
}

func (s *site) keepCart(w http.ResponseWriter, r *http.Request) {
	var id int64
	if err := s.pool.QueryRow(r.Context(), `INSERT INTO carts DEFAULT VALUES RETURNING id`).Scan(&id); err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	if err := s.sessions.KeepRef(r.Context(), id); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	s.describe(w, r)
}

// addUnit puts one unit of the one product into the visitor's cart, as the shop does.
func (s *site) addUnit(w http.ResponseWriter, r *http.Request) {
	m, ctx := s.sessions, r.Context()
	if m.Late(ctx) {
		http.Error(w, "late", http.StatusConflict)
		return
	}
	id, _, err := postgres.New(s.pool).AddLine(ctx, visitor.Of(ctx, m).Cart, "ONE", 1)
	if err == nil {
		err = m.KeepRef(ctx, id)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprint(w, "added")
}

func (s *site) signIn(w http.ResponseWriter, r *http.Request) {
	issued, err := time.Parse(time.RFC3339, r.FormValue("issued"))
	if err != nil {
		issued = time.Now()
	}
	age, _ := time.ParseDuration(r.FormValue("age"))
	who := r.FormValue("who")
	proven := session.Authentication{
		ProviderSID: r.FormValue("sid"), IssuedAt: issued, AuthTime: issued.Add(-age), IDToken: "id-token-of-" + who,
	}
	if r.FormValue("age") == "unknown" {
		proven.AuthTime = time.Time{}
	}
	_, _, err = visitor.SignIn(r.Context(), s.sessions, proven,
		visitor.Work{Identity: customer.Identity{Issuer: "https://idp.example", Subject: "sub-" + who, Name: who}})
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	s.describe(w, r)
}

// count runs a query that answers one number.
func (s *site) count(sql string, args ...any) (n int) {
	s.t.Helper()
	if err := s.pool.QueryRow(s.t.Context(), sql, args...).Scan(&n); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// exec changes the database behind the site's back: that is how time passes here.
func (s *site) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.pool.Exec(s.t.Context(), sql, args...); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
}

// pass moves every session and all that is held against sign-ins into the past, as if so much time
// had gone by.
func (s *site) pass(d time.Duration) {
	s.t.Helper()
	s.exec(`WITH revoked AS (UPDATE customers SET auth_not_before = auth_not_before - $1::interval
			WHERE auth_not_before IS NOT NULL),
		marks AS (UPDATE logout_marks SET expires = expires - $1::interval)
		UPDATE sessions SET created = created - $1::interval, last_used = last_used - $1::interval,
		absolute_end = absolute_end - $1::interval,
		ended = ended - $1::interval, sweep_after = sweep_after - $1::interval`, d)
}

// browser is one visitor. Its jar does what a real one does on localhost: it takes and sends Secure
// cookies over http.
type browser struct {
	t    *testing.T
	site *site
	tag  string // the tag's value; "": none
	mu   sync.Mutex
}

func (s *site) browser() *browser { return &browser{t: s.t, site: s} }

// answer is what came back.
type answer struct {
	status int
	body   string
	header http.Header
	tag    *http.Cookie // the Set-Cookie for the tag; nil: none
}

func (b *browser) get(path string) answer { b.t.Helper(); return b.send("GET", path, "") }

func (b *browser) post(path, form string) answer { b.t.Helper(); return b.send("POST", path, form) }

func (b *browser) send(method, path, form string, headers ...string) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(b.t.Context()), method, b.site.server.URL+path,
		strings.NewReader(form))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	b.mu.Lock()
	if b.tag != "" {
		r.Header.Set("Cookie", "__Host-tag="+b.tag)
	}
	b.mu.Unlock()
	return b.take(http.DefaultClient.Do(r))
}

// request is one of this browser's, with its tag.
func (b *browser) request(method, path, form string) *http.Request {
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if b.tag != "" {
		r.Header.Set("Cookie", "__Host-tag="+b.tag)
	}
	return r
}

// ask sends a request to the handler itself, without a connection.
func (b *browser) ask(method, path, form string) answer {
	b.t.Helper()
	w := httptest.NewRecorder()
	b.site.handler.ServeHTTP(w, b.request(method, path, form))
	return b.take(w.Result(), nil)
}

func (b *browser) take(response *http.Response, err error) answer {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	a := answer{status: response.StatusCode, body: string(body), header: response.Header}
	for _, c := range response.Cookies() {
		if a.tag != nil {
			b.t.Fatalf("two Set-Cookie for one name (RFC 6265bis 4.1.1): %v", response.Header["Set-Cookie"])
		}
		a.tag = c
	}
	if a.tag != nil {
		b.mu.Lock()
		b.tag = a.tag.Value
		b.mu.Unlock()
	}
	return a
}

// wearing is another browser with the same tag: a second tab, or a thief.
func (b *browser) wearing() *browser { return &browser{t: b.t, site: b.site, tag: b.tag} }

// signedIn is a browser signed in as who.
func (s *site) signedIn(who string) *browser {
	s.t.Helper()
	b := s.browser()
	if a := b.post("/signin", "who="+who); a.status != http.StatusOK {
		s.t.Fatalf("sign-in: %d %s", a.status, a.body)
	}
	return b
}

// anonymous is a browser with an anonymous session and a cart.
func (s *site) anonymous() *browser {
	s.t.Helper()
	b := s.browser()
	if a := b.post("/cart", ""); a.status != http.StatusOK || b.tag == "" {
		s.t.Fatalf("first cart: %d %s", a.status, a.body)
	}
	return b
}

func (a answer) wants(t *testing.T, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(a.body, p) {
			t.Errorf("answer %d %q, want %q in it", a.status, a.body, p)
		}
	}
}

func (a answer) leavesTag(t *testing.T) {
	t.Helper()
	if a.tag != nil {
		t.Errorf("the answer sets %v, want the tag left alone", a.tag)
	}
}

func (a answer) deletesTag(t *testing.T) {
	t.Helper()
	if a.tag == nil || a.tag.MaxAge >= 0 {
		t.Errorf("the answer's tag is %v, want it deleted", a.tag)
	}
}

// statements counts what is sent to the database, but for what opens and closes a transaction.
type statements struct {
	mu   sync.Mutex
	sent []string
}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	s.add(q.SQL)
	return ctx
}
func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (s *statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}
func (s *statements) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	s.add(q.SQL)
}
func (s *statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (s *statements) add(sql string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, strings.TrimSpace(sql))
}

// since runs f and returns the statements it caused: all of them, and those that write.
func (s *statements) since(f func()) (all, writes int) {
	s.mu.Lock()
	before := len(s.sent)
	s.mu.Unlock()
	f()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sql := range s.sent[before:] {
		all++
		for _, verb := range []string{"INSERT", "UPDATE", "DELETE"} {
			if strings.Contains(sql, verb+" ") && !strings.HasPrefix(sql, "SELECT") {
				writes++
				break
			}
		}
	}
	return all, writes
}

type recorder struct {
	mu     sync.Mutex
	events []session.Event
}

func (r *recorder) add(_ context.Context, e session.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *recorder) count(name string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Name == name {
			n++
		}
	}
	return n
}

func (r *recorder) saw(name string, why session.Reason) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Name == name && e.Reason == why {
			return true
		}
	}
	return false
}
