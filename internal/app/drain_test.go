package app_test

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/dev/shoptest"
	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

func TestRequestsUnderWayFinishWhenTheShopCloses(t *testing.T) {
	t.Parallel()
	address := seeded(t)
	pool, err := pgxpool.New(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	shop := run(t, settings(t, address+"&lock_timeout=60000&statement_timeout=60000"), app.Options{})

	lock, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Rollback(context.WithoutCancel(t.Context())) }() // for when the test fails before it lets go
	if _, err := lock.Exec(t.Context(), "LOCK TABLE carts"); err != nil {
		t.Fatal(err)
	}
	answered := make(chan int, 1)
	go func() {
		answered <- firstProduct(t, shop.url)
	}()
	shoptest.Eventually(t, "the request waits for the table", func() bool {
		var waiting bool
		err := pool.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = "+
			"'carts'::regclass)").Scan(&waiting)
		return err == nil && waiting
	})
	closed := make(chan error, 1)
	go func() { closed <- shop.stop() }()
	shoptest.Eventually(t, "the shop stops listening", func() bool {
		c, err := net.Dial("tcp", shop.Addr().String())
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	select {
	case status := <-answered:
		t.Fatalf("answered %d while the table was locked", status)
	default:
	}
	if err := lock.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status := <-answered; status != http.StatusSeeOther {
		t.Errorf("the running request: got status %d, want 303", status)
	}
	if err := <-closed; err != nil {
		t.Errorf("the shop closed with %v", err)
	}
}

// firstProduct puts a product into a new cart and returns the status, 0 when it was cut off.
func firstProduct(t *testing.T, url string) (status int) {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/cart/lines",
		strings.NewReader("sku=HAT-BOWLER&quantity=1"))
	if err != nil {
		t.Error(err)
		return 0
	}
	r.Host = "localhost:8080"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// A load balancer sends visitors as soon as a replica is ready: none of them may wait for more than
// a page takes.
func TestAShopHasItsCatalogueBeforeItIsReady(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []string
	shop, err := app.Open(t.Context(), settings(t, postgrestest.URL(t)), app.Options{Watch: func(s postgres.Statement) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, s.SQL)
	}})
	if err != nil {
		t.Fatal(err)
	}
	over, stop := context.WithCancel(t.Context())
	stop()
	defer func() { _ = shop.Serve(over) }() // closes what is open
	mu.Lock()
	defer mu.Unlock()
	if !slices.ContainsFunc(asked, func(sql string) bool { return strings.Contains(sql, "FROM products") }) {
		t.Errorf("before it answers the shop has asked %q, want the products", asked)
	}
}

func TestAClosingShopIsUnreadyBeforeItStopsListening(t *testing.T) {
	t.Parallel()
	shop := run(t, settings(t, postgrestest.URL(t)), app.Options{Notice: 2 * time.Second})
	if status, _ := get(t, shop.url+"/readyz"); status != http.StatusOK {
		t.Fatalf("/readyz answers %d before", status)
	}
	go func() { _ = shop.stop() }() // run looks at what it returns
	shoptest.Eventually(t, "the shop is unready", func() bool {
		status, _, err := ask(t.Context(), shop.url+"/readyz")
		return err != nil || status == http.StatusServiceUnavailable
	})
	if status, _ := get(t, shop.url+"/products"); status != http.StatusOK {
		t.Errorf("a late visitor gets %d", status)
	}
}

func TestAnswersOfAClosingShopEndTheirConnections(t *testing.T) {
	t.Parallel()
	shop := run(t, settings(t, postgrestest.URL(t)), app.Options{Notice: 2 * time.Second})
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	closes := func(path string) bool {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, shop.url+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = "localhost:8080"
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.Close
	}
	for _, path := range []string{"/healthz", "/products", "/nowhere"} {
		if closes(path) {
			t.Errorf("%s ends its connection while the shop is open", path)
		}
	}
	go func() { _ = shop.stop() }() // run looks at what it returns
	shoptest.Eventually(t, "an answer ends its connection", func() bool { return closes("/healthz") })
	for _, path := range []string{"/products", "/nowhere", "/readyz"} {
		if !closes(path) {
			t.Errorf("%s keeps its connection though the shop drains", path)
		}
	}
}
