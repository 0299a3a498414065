package e2e

import (
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/dev/provider"
	"hookandtag.example/shop/dev/provider/providertest"
	"hookandtag.example/shop/dev/shoptest"
	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// shop is the whole thing for one test: the real shop at localhost, the development provider at
// idp.localhost, a fresh database.
type shop struct {
	t        *testing.T
	url      string
	issuer   string
	db       *pgxpool.Pool
	provider *provider.Provider
	asked    *requests                              // what the provider was asked
	before   func(*shop, http.Handler) http.Handler // stands before the provider; may be nil
	tutorial []string                               // variables, each NAME=value
}

// openShop opens a shop with the first day's products.
func openShop(t *testing.T) *shop {
	t.Helper()
	listener := shoptest.Listen(t)
	return openShopAt(t, "http://localhost:"+shoptest.Port(listener), listener, nil)
}

// openShopAt opens one that browsers reach at url, wherever it listens itself. Something may stand
// before its provider.
func openShopAt(t *testing.T, url string, listener net.Listener, before func(*shop, http.Handler) http.Handler) *shop {
	t.Helper()
	address, providerListener := postgrestest.URL(t), shoptest.Listen(t)
	s := &shop{t: t, url: url, issuer: "http://idp.localhost:" + shoptest.Port(providerListener),
		db:    shoptest.Connect(t, address),
		asked: &requests{}, before: before}
	shoptest.Seed(t, s.db)
	s.startProvider(providerListener)
	s.start(listener, address)
	return s
}

func (s *shop) start(listener net.Listener, database string) {
	s.t.Helper()
	variables := append([]string{"BASE_URL=" + s.url, "DATABASE_URL=" + database,
		"SESSION_KEYS=a-key-of-the-browser-tests-that-is-long-enough", "OIDC_ISSUER=" + s.issuer,
		"OIDC_CLIENT_ID=" + provider.DefaultClientID, "OIDC_CLIENT_SECRET=" + provider.DefaultClientSecret}, s.tutorial...)
	shoptest.Serve(s.t, shoptest.Parse(s.t, variables...), app.Options{Listener: listener})
}

func (s *shop) startProvider(listener net.Listener) {
	s.t.Helper()
	var err error
	s.provider, err = provider.New(provider.Config{
		Issuer: s.issuer, ShopURLs: []string{s.url}, BackchannelURL: s.url + "/auth/backchannel-logout",
		Dir: providertest.Dir(s.t),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	handler := s.asked.noting(s.provider)
	if s.before != nil {
		handler = s.before(s, handler)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
	server.Start()
	s.t.Cleanup(server.Close)
}

// change changes rows behind the shop's back and fails unless there were any.
func (s *shop) change(sql string, args ...any) {
	s.t.Helper()
	shoptest.Change(s.t, s.db, sql, args...)
}

// one returns the one value that sql asks for.
func one[T any](s *shop, sql string, args ...any) T {
	s.t.Helper()
	return shoptest.One[T](s.t, s.db, sql, args...)
}

// request is what the provider saw of one.
type request struct {
	method, path, query, referer string
	cookies                      []string // their names
}

// requests are those the provider got. It may be used by several goroutines at once.
type requests struct {
	mu  sync.Mutex
	all []request
}

func (r *requests) noting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		seen := request{method: q.Method, path: q.URL.Path, query: q.URL.RawQuery, referer: q.Referer()}
		for _, c := range q.Cookies() {
			seen.cookies = append(seen.cookies, c.Name)
		}
		r.mu.Lock()
		r.all = append(r.all, seen)
		r.mu.Unlock()
		next.ServeHTTP(w, q)
	})
}

// to returns those for a path, or all.
func (r *requests) to(path string) []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.all), func(q request) bool { return path != "" && q.path != path })
}
