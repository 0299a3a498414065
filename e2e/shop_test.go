package e2e

import (
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/dev/provider"
	"hookandtag.example/shop/dev/shoptest"
)

// shop is a shoptest.Shop that notes what its provider is asked.
type shop struct {
	t        *testing.T
	url      string
	issuer   string
	db       *pgxpool.Pool
	provider *provider.Provider
	asked    *requests // what the provider was asked
}

// openShop opens a shop with the first day's products.
func openShop(t *testing.T) *shop {
	t.Helper()
	return open(t, shoptest.Options{})
}

func open(t *testing.T, o shoptest.Options) *shop {
	t.Helper()
	asked, before := &requests{}, o.Before
	o.Before = func(s *shoptest.Shop, provider http.Handler) http.Handler {
		provider = asked.noting(provider)
		if before != nil {
			provider = before(s, provider)
		}
		return provider
	}
	s := shoptest.Open(t, o)
	return &shop{t, s.URL, s.Issuer, s.DB, s.Provider, asked}
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
