package bench

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/scs/pgxstore"
	"github.com/alexedwards/scs/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// counter counts what is sent to the database.
type counter struct{ all, writes atomic.Int64 }

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	c.all.Add(1)
	if sql := strings.TrimSpace(q.SQL); !strings.HasPrefix(sql, "SELECT") {
		c.writes.Add(1)
	}
	return ctx
}
func (c *counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func connect(t testing.TB, url string) (*pgxpool.Pool, *counter) {
	t.Helper()
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{}
	config.ConnConfig.Tracer = c
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool, c
}

// stock is a site on scs and pgxstore as their documentation shows them, with every setting on that
// makes them safer.
type stock struct {
	t        testing.TB
	pool     *pgxpool.Pool
	sql      *counter
	sessions *scs.SessionManager
	handler  http.Handler

	entered, release chan struct{}
}

func openStock(t testing.TB) *stock {
	t.Helper()
	s := &stock{t: t, sessions: scs.New(), entered: make(chan struct{}), release: make(chan struct{})}
	s.pool, s.sql = connect(t, postgrestest.Empty(t))
	s.exec(`CREATE TABLE sessions (token text PRIMARY KEY, data bytea NOT NULL, expiry timestamptz NOT NULL); CREATE
		INDEX ON sessions (expiry)`)
	s.sessions.Store = pgxstore.NewWithCleanupInterval(s.pool, 0)
	s.sessions.IdleTimeout, s.sessions.Lifetime = 30*time.Minute, 24*time.Hour
	s.sessions.HashTokenInStore, s.sessions.Cookie.Secure, s.sessions.Cookie.Persist = true, true, false
	s.handler = s.sessions.LoadAndSave(s.routes())
	return s
}

func (s *stock) routes() http.Handler {
	mux := http.NewServeMux()
	put := func(r *http.Request, key, value string) { s.sessions.Put(r.Context(), key, value) }
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "customer=%s planted=%s", s.sessions.GetString(r.Context(), "customer"),
			s.sessions.GetString(r.Context(), "planted"))
	})
	mux.HandleFunc("/signin", func(w http.ResponseWriter, r *http.Request) {
		if err := s.sessions.RenewToken(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		put(r, "customer", "ann")
	})
	mux.HandleFunc("/logout", func(_ http.ResponseWriter, r *http.Request) { _ = s.sessions.Destroy(r.Context()) })
	mux.HandleFunc("/put", func(w http.ResponseWriter, r *http.Request) {
		put(r, r.FormValue("key"), "yes")
		fmt.Fprint(w, "a private page")
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		s.entered <- struct{}{}
		<-s.release
		if key := r.FormValue("key"); key != "" {
			put(r, key, "yes")
		}
	})
	mux.HandleFunc("/flush", func(w http.ResponseWriter, r *http.Request) {
		put(r, "begun", "yes")
		w.(http.Flusher).Flush()
		fmt.Fprint(w, "streamed")
	})
	return mux
}

func (s *stock) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.pool.Exec(context.Background(), sql, args...); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stock) count(sql string) (n int) {
	s.t.Helper()
	if err := s.pool.QueryRow(context.Background(), sql).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// visit sends a request with a cookie and returns the answer and the cookie to go on with.
func visit(h http.Handler, path, cookie string) (*httptest.ResponseRecorder, string) {
	r := httptest.NewRequest(http.MethodPost, path, nil)
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if set := w.Result().Cookies(); len(set) > 0 {
		cookie = set[0].Name + "=" + set[0].Value
	}
	return w, cookie
}
