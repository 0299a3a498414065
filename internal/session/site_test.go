package session_test

import (
	"context"
	"errors"
	"flag"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/session"
)

func TestMain(m *testing.M) {
	// The model takes a twentieth of a second a round, and sees what it has to see in a hundred of
	// them; -rapid.checks=5000 runs it for longer, and -short for a moment only, where other tests
	// are asked first.
	rounds := "100"
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

func withLimits(l session.Limits) option { return func(c *session.Config) { c.Limits = l } }

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

// serve makes h the only page of the site from now on.
func (s *site) serve(h http.HandlerFunc) {
	s.t.Helper()
	s.server = httptest.NewServer(s.sessions.Handler(h))
	s.t.Cleanup(s.server.Close)
}

func (s *site) end(why string) {
	s.exec(`UPDATE sessions SET ended = statement_timestamp(), ended_reason = $1, data = '{}', id_token = NULL`, why)
}
