package postgres_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// atEveryStatement shows that act leaves all or nothing. It runs act once undisturbed to count its
// statements, then for each of them twice more, each time on a fresh database that prepare has
// filled: once the connection breaks before the statement reaches the server, once after, so that
// nobody hears the answer. Check looks at the database with the server's side of the connection
// gone.
func atEveryStatement[W any](t *testing.T, prepare func(*testing.T, *pgxpool.Pool) W,
	act func(context.Context, *postgres.Store, W) error, check func(t *testing.T, pool *pgxpool.Pool, w W, err error)) {
	t.Helper()
	run := func(t *testing.T, at int, heard bool) (sent int) {
		url := postgrestest.URL(t)
		pool := openPool(t, url)
		w := prepare(t, pool)
		broken := newBreaker(t, url)
		if err := broken.store().Ping(t.Context()); err != nil { // connects, so that only act's own statements count
			t.Fatal(err)
		}
		broken.arm(at, heard)
		err := act(t.Context(), broken.store(), w)
		sent = broken.count()
		waitUntilGone(t, pool)
		check(t, pool, w, err)
		return sent
	}
	total := run(t, 0, false)
	if total == 0 {
		t.Fatal("no statement seen")
	}
	for at := 1; at <= total; at++ {
		for _, heard := range []bool{false, true} {
			t.Run(fmt.Sprintf("statement %d of %d heard %t", at, total, heard), func(t *testing.T) { run(t, at, heard) })
		}
	}
}

// breaker is a store on one connection whose statements it counts, and which it breaks at one of
// them.
type breaker struct {
	pool *pgxpool.Pool

	mu    sync.Mutex
	sent  int  // statements since arm
	syncs int  // round trips since arm
	at    int  // the statement to break at; 0: none
	heard bool // whether the server still gets that statement

	refused bool // whether the next write fails with nothing sent
}

var errBroken = fmt.Errorf("connection broken by the test: %w", net.ErrClosed)

const breakerName = "breaker"

func newBreaker(t testing.TB, url string) *breaker {
	t.Helper()
	b := &breaker{}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 1
	c := config.ConnConfig
	c.TLSConfig, c.Fallbacks = nil, nil // the breaker reads the messages
	c.RuntimeParams["application_name"] = breakerName
	dial := c.DialFunc
	c.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &breakable{Conn: conn, breaker: b}, nil
	}
	b.pool, err = pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.pool.Close)
	return b
}

func (b *breaker) store() *postgres.Store { return postgres.New(b.pool) }

// arm starts counting anew and sets where to break.
func (b *breaker) arm(at int, heard bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent, b.syncs, b.at, b.heard = 0, 0, at, heard
}

func (b *breaker) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sent
}

// roundTrips is how often the client waited for the server.
func (b *breaker) roundTrips() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.syncs
}

// see counts a message of that kind and reports whether to send it and whether to break then.
func (b *breaker) see(kind byte) (send, broken bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch kind {
	case 'S': // Sync
		b.syncs++
		return true, false
	case 'E', 'Q': // Execute, Query
		b.sent++
		if kind == 'Q' {
			b.syncs++
		}
		broken = b.at > 0 && b.sent == b.at
		return !broken || b.heard, broken
	}
	return true, false
}

// breakable takes the client's messages apart on their way to the server.
type breakable struct {
	net.Conn
	breaker *breaker
	started bool // the first message has no kind
	rest    []byte
}

func (c *breakable) Write(p []byte) (int, error) {
	if c.breaker.refusing() {
		_ = c.Conn.Close()
		return 0, errBroken
	}
	c.rest = append(c.rest, p...)
	var out []byte
	for {
		kind, length, ok := c.next()
		if !ok {
			break
		}
		send, broken := c.breaker.see(kind)
		if send {
			out = append(out, c.rest[:length]...)
		}
		c.rest = c.rest[length:]
		if broken {
			sent, _ := c.Conn.Write(out)
			_ = c.Conn.Close()
			return sent, errBroken
		}
	}
	if _, err := c.Conn.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// next finds the first whole message in what is left.
func (c *breakable) next() (kind byte, length int, ok bool) {
	head := 1
	if !c.started {
		head = 0
	}
	if len(c.rest) < head+4 {
		return 0, 0, false
	}
	length = head + int(binary.BigEndian.Uint32(c.rest[head:]))
	if len(c.rest) < length {
		return 0, 0, false
	}
	if c.started {
		kind = c.rest[0]
	}
	c.started = true
	return kind, length, true
}

// waitUntilGone returns when no backend works for a breaker any more.
func waitUntilGone(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	for working := true; working; {
		err := pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = $1 AND state <> 'idle')`, breakerName).Scan(&working)
		if err != nil {
			t.Fatal(err)
		}
	}
}

func openPool(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}
