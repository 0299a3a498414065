package bench

import (
	"net/http"
	"testing"
	"time"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

// BenchmarkSignedInRead is what one page of a customer costs in session work: ours (with customer,
// cart and its units in the same statement) beside the stock library.
func BenchmarkSignedInRead(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		handler, sql := openOurs(b)
		_, cookie := visit(handler, "/signin", "")
		measure(b, handler, cookie, sql)
	})
	b.Run("stock", func(b *testing.B) {
		s := openStock(b)
		_, cookie := visit(s.handler, "/signin", "")
		measure(b, s.handler, cookie, s.sql)
	})
}

// BenchmarkForgedTag is what a request with a made-up tag costs.
func BenchmarkForgedTag(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		handler, sql := openOurs(b)
		measure(b, handler, "__Host-tag=00000000.forged.forged", sql)
	})
	b.Run("stock", func(b *testing.B) {
		s := openStock(b)
		measure(b, s.handler, "session=forged", s.sql)
	})
}

func measure(b *testing.B, h http.Handler, cookie string, sql *counter) {
	b.Helper()
	all, writes := sql.all.Load(), sql.writes.Load()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		visit(h, "/", cookie)
		n++
	}
	b.ReportMetric(float64(sql.all.Load()-all)/float64(n), "statements/op")
	b.ReportMetric(float64(sql.writes.Load()-writes)/float64(n), "writes/op")
}

func openOurs(t testing.TB) (http.Handler, *counter) {
	t.Helper()
	pool, sql := connect(t, postgrestest.URL(t))
	keys, err := keyring.New("a key for benchmarks only, 32 characters")
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := session.New(session.Config{
		Store: postgres.New(pool), Keys: keys, Limits: session.DefaultLimits,
		Unavailable: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusServiceUnavailable) },
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) { sessions.Owner(r.Context()) })
	mux.HandleFunc("/signin", func(w http.ResponseWriter, r *http.Request) {
		_, _, err := visitor.SignIn(r.Context(), sessions,
			session.Authentication{IssuedAt: time.Now(), AuthTime: time.Now()},
			visitor.Work{Identity: customer.Identity{Issuer: "https://idp.example", Subject: "ann"}})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	return sessions.Handler(mux), sql
}
