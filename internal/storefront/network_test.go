package storefront_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/storefront"
)

// A network that swallows everything is worse than one that refuses: nobody gets an answer, and
// everyone would wait. Four visitors wait for two connections here, until the shop gives these up;
// the fifth finds new ones.
func TestADatabaseThatGoesSilentKeepsNobodyWaiting(t *testing.T) { // ASVS 16.5.2
	t.Parallel()
	var l line
	s := newShop(t)
	config := s.store.Pool().Config()
	config.ConnConfig.DialFunc, config.MaxConns = l.dial, 2
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	must(t, err)
	t.Cleanup(pool.Close)
	t.Cleanup(l.cut)
	one, err := pool.Acquire(context.Background())
	must(t, err)
	two, err := pool.Acquire(context.Background())
	must(t, err)
	one.Release()
	two.Release()
	s.build([]setting{func(c *storefront.Config) { c.Timeout, c.Carts = time.Second, postgres.New(pool) }})
	wantStatus(t, s.visitor().post("/cart/lines", "sku", "HAT-1"), http.StatusSeeOther)
	l.swallow()
	began := time.Now()
	var visitors sync.WaitGroup
	var answered atomic.Int32
	for range 4 {
		visitors.Go(func() {
			if r := s.visitor().post("/cart/lines", "sku", "HAT-1"); r.StatusCode == http.StatusServiceUnavailable {
				answered.Add(1)
			}
		})
	}
	visitors.Wait()
	if answered.Load() < 2 || time.Since(began) > 15*time.Second {
		t.Errorf("%d visitors were answered, after %s; want at least the two with the silent connections, after a second",
			answered.Load(), time.Since(began))
	}
	answer := s.visitor().post("/cart/lines", "sku", "HAT-1")
	// the two connections are waited for two seconds more
	for left := 10; answer.StatusCode != http.StatusSeeOther && left > 0; left-- {
		answer = s.visitor().post("/cart/lines", "sku", "HAT-1")
	}
	wantStatus(t, answer, http.StatusSeeOther)
}

// A form is written within limits of its own; only this one ends a page that reads.
func TestNoRequestWaitsLongerThanTheLimit(t *testing.T) { // ASVS 13.2.6
	t.Parallel()
	s := newShop(t)
	ann := s.shopper("ann")
	s.build([]setting{func(c *storefront.Config) { c.Timeout, c.Orders = 100*time.Millisecond, silentOrders{s.store} }})
	wantStatus(t, ann.get("/orders"), http.StatusServiceUnavailable)
}

// silentOrders are in a database that does not answer.
type silentOrders struct{ *postgres.Store }

func (silentOrders) Orders(ctx context.Context, _ int64) ([]order.Order, error) {
	if _, limited := ctx.Deadline(); !limited {
		return nil, errors.New("nothing ends this wait")
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

// A shop that has not read its catalogue yet makes nobody wait longer than any other page does.
func TestAPageWithoutACatalogueIsAnsweredInTime(t *testing.T) { // ASVS 16.5.2
	t.Parallel()
	s := newShop(t, func(c *storefront.Config) {
		c.Catalog, c.Timeout = silentCatalog{c.Catalog}, 50*time.Millisecond
	})
	patience, giveUp := context.WithTimeout(t.Context(), 10*time.Second)
	defer giveUp()
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, httptest.NewRequestWithContext(patience, http.MethodGet, s.url+"/products", http.NoBody))
	if patience.Err() != nil || w.Code != http.StatusServiceUnavailable {
		t.Errorf("got %d, and the visitor's patience: %v; want 503 before it ends", w.Code, patience.Err())
	}
}

// silentCatalog holds nothing yet, and its database says nothing.
type silentCatalog struct{ storefront.Catalog }

func (silentCatalog) Snapshot(ctx context.Context) (*catalog.Snapshot, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// line is the network between shop and database.
type line struct {
	mu   sync.Mutex
	open []*atomic.Bool // of each connection, whether it is silent
	ends []net.Conn
}

// cut closes every connection.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, end := range l.ends {
		end.Close()
	}
}

// swallow makes the connections that are open now swallow whatever is sent.
func (l *line) swallow() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, silent := range l.open {
		silent.Store(true)
	}
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	far, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	near, end := net.Pipe()
	silent := new(atomic.Bool)
	l.mu.Lock()
	l.open, l.ends = append(l.open, silent), append(l.ends, far, end)
	l.mu.Unlock()
	go pass(end, far, silent)
	go pass(far, end, silent)
	return near, nil
}

// pass carries what from says to to, until either is closed.
func pass(from, to net.Conn, silent *atomic.Bool) {
	defer from.Close()
	defer to.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		if silent.Load() {
			continue
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}
