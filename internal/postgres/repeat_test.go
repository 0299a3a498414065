package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/internal/session"
)

// requests is one of each kind of what the store asks its database: a row, rows, a transaction, a
// batch, a statement by itself that changes something, and one that returns a row.
func requests(customer int64) map[string]func(context.Context, *postgres.Store) error {
	return map[string]func(context.Context, *postgres.Store) error{
		"find a row": func(ctx context.Context, s *postgres.Store) error {
			_, _, err := s.FindSession(ctx, sid(1))
			return err
		},
		"find rows":   func(ctx context.Context, s *postgres.Store) error { _, err := s.Orders(ctx, customer); return err },
		"transaction": func(ctx context.Context, s *postgres.Store) error { return saveStreet(ctx, s, customer) },
		"batch": func(ctx context.Context, s *postgres.Store) error {
			_, err := s.EndSession(ctx, sid(9))
			return err
		},
		"insert": func(ctx context.Context, s *postgres.Store) error {
			_, err := s.UseAttempt(ctx, stateHash(), time.Minute)
			return err
		},
		"update": func(ctx context.Context, s *postgres.Store) error {
			_, err := s.TouchSession(ctx, sid(1), "browser")
			return err
		},
	}
}

func sid(n byte) (id session.ID) { id[0] = n; return id }

var hashes atomic.Int64

func stateHash() (h [32]byte) { copy(h[:], fmt.Sprint(hashes.Add(1))); return h }

func saveStreet(ctx context.Context, s *postgres.Store, customer int64) error {
	return postgres.InTx(ctx, s, func(tx *postgres.Transaction) error {
		_, err := tx.Exec(ctx, `UPDATE customers SET name = name || '!' WHERE id = $1`, customer)
		return err
	})
}

func TestNoRequestFailsForConnectionsTheServerHasEnded(t *testing.T) {
	t.Parallel()
	address := postgrestest.URL(t)
	admin := openPool(t, address)
	customer := putCustomer(t, admin, "alice")
	store, err := postgres.Open(t.Context(), address+"&application_name=ended")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	for name, request := range requests(customer) {
		for range 5 {
			atOnce(t, store, 8)
			if n := number(t, admin, `SELECT count(*) FROM (SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
				WHERE datname = current_database() AND application_name = 'ended') ended`); n < 8 {
				t.Fatalf("%d connections ended, want at least 8", n)
			}
			if err := request(t.Context(), store); err != nil {
				t.Errorf("%s: got %v, want an answer over a new connection", name, err)
			}
		}
	}
}

// atOnce opens n connections of the store's.
func atOnce(t *testing.T, s *postgres.Store, n int) {
	t.Helper()
	var wait sync.WaitGroup
	for range n {
		wait.Go(func() {
			if _, err := s.Pool().Exec(t.Context(), "SELECT pg_sleep(0.05)"); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}

func TestWhatADeadConnectionCertainlyKeptFromHappeningIsRepeatedOnce(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ unsent, lost bool }{
		"find a row": {true, true}, "find rows": {true, true}, "transaction": {true, true},
		// Sent, and no answer came: it may have been done.
		"batch": {true, false}, "insert": {true, false}, "update": {true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := postgrestest.URL(t)
			customer := putCustomer(t, openPool(t, address), "alice")
			broken := newBreaker(t, address)
			relay := newRelay(t, address)
			request := requests(customer)[name]
			for _, s := range []*postgres.Store{broken.store(), relay.store()} {
				if err := request(t.Context(), s); err != nil { // connects and prepares
					t.Fatal(err)
				}
			}
			broken.refuse()
			if err := request(t.Context(), broken.store()); (err == nil) != want.unsent {
				t.Errorf("nothing could be sent: got %v, want an answer %t", err, want.unsent)
			}
			relay.die()
			if err := request(t.Context(), relay.store()); (err == nil) != want.lost || err != nil && !postgres.Outage(err) {
				t.Errorf("the relay died before it passed anything on: got %v, want an answer %t", err, want.lost)
			}
			if err := request(t.Context(), relay.store()); err != nil {
				t.Errorf("the next request: got %v, want an answer", err)
			}
		})
	}
}

func TestATransactionWhoseConnectionBreaksIsDoneOnce(t *testing.T) {
	t.Parallel()
	for name, save := range map[string]func(context.Context, *postgres.Store, int64) error{
		"COMMIT by itself": saveStreet,
		"COMMIT in the batch": func(ctx context.Context, s *postgres.Store, customer int64) error {
			return postgres.InOneTrip(ctx, s, `UPDATE customers SET name = name || '!' WHERE id = $1`, customer)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			atEveryStatement(t, func(t *testing.T, pool *pgxpool.Pool) int64 { return putCustomer(t, pool, "alice") }, save,
				wantSavedOnce)
		})
	}
}

// wantSavedOnce wants what saveStreet does done once, or not at all and an error.
func wantSavedOnce(t *testing.T, pool *pgxpool.Pool, _ int64, err error) {
	done := number(t, pool, `SELECT count(*) FROM customers WHERE name = 'alice!'`)
	if n := number(t, pool, `SELECT count(*) FROM customers WHERE name IN ('alice', 'alice!')`); n != 1 {
		t.Error("it was done twice, want once")
	}
	if err == nil && done != 1 {
		t.Error("it was not done, and no error was returned")
	}
	if err != nil && !errors.Is(err, errBroken) {
		t.Errorf("got %v, want the broken connection", err)
	}
}

func TestWhatFailsOfItselfIsNotRepeated(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	runs := 0
	err := postgres.InTx(t.Context(), s, func(tx *postgres.Transaction) error { runs++; return order.ErrEmpty })
	if !errors.Is(err, order.ErrEmpty) || runs != 1 {
		t.Errorf("got %v in %d runs, want the error in one", err, runs)
	}
	away, err := postgres.Open(t.Context(), "postgres://shop@127.0.0.1:1/shop")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(away.Close)
	if err := away.Ping(t.Context()); !postgres.Outage(err) {
		t.Errorf("got %v, want an outage", err)
	}
}

// refuse makes the next write of each connection fail before anything is sent.
func (b *breaker) refuse() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refused = true
}

func (b *breaker) refusing() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	refused := b.refused
	b.refused = false
	return refused
}

// relay passes connections on to a database over TCP.
type relay struct {
	listener net.Listener
	server   string // its Unix socket
	opened   *postgres.Store

	mu   sync.Mutex
	dead map[net.Conn]*atomic.Bool
}

func newRelay(t *testing.T, address string) *relay {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	r := &relay{listener: l, server: u.Query().Get("host") + "/.s.PGSQL." + u.Query().Get("port"),
		dead: map[net.Conn]*atomic.Bool{}}
	u.Host, u.RawQuery = l.Addr().String(), "sslmode=disable&pool_max_conns=1"
	if r.opened, err = postgres.Open(t.Context(), u.String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.opened.Close)
	go r.accept()
	return r
}

func (r *relay) store() *postgres.Store { return r.opened }

// die makes each open connection end, with what was sent on it lost, as soon as more is sent.
func (r *relay) die() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, dead := range r.dead {
		dead.Store(true)
	}
}

func (r *relay) accept() {
	for {
		from, err := r.listener.Accept()
		if err != nil {
			return
		}
		go r.pass(from)
	}
}

func (r *relay) pass(from net.Conn) {
	defer from.Close()
	to, err := net.Dial("unix", r.server)
	if err != nil {
		return
	}
	defer to.Close()
	var dead atomic.Bool
	r.mu.Lock()
	r.dead[from] = &dead
	r.mu.Unlock()
	go func() {
		_, _ = io.Copy(from, to)
		from.Close()
	}()
	for buffer := make([]byte, 64<<10); ; {
		n, err := from.Read(buffer)
		if err != nil || dead.Load() {
			_ = from.(*net.TCPConn).SetLinger(0)
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}
