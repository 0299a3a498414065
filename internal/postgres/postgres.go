// Package postgres keeps products, carts, customers, orders and sessions in PostgreSQL. It is the
// only package that knows SQL.
//
// Locks are taken in this order: the advisory locks of an identity, customers by ascending id, a
// customer's checkout, sessions, carts (a customer's before an anonymous one), orders, products by
// ascending id.
package postgres

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/order"
)

const (
	// waitLimit is how long the database may take over one statement, waiting for locks included,
	// before the shop gives up.
	waitLimit = 2 * time.Second
	// maxConns is how many connections the pool for requests opens at most, unless pool_max_conns in
	// the address says otherwise.
	maxConns = 16
)

// Store answers for everything the shop keeps. It is safe for concurrent use.
type Store struct {
	pool pool
	// of one connection, so that Ready does not wait for requests; pool itself where New made the
	// store
	readiness    pool
	sessionReads sessionReads
	newNumber    func() string
	catalog      atomic.Pointer[Catalog] // whose snapshot pages are built from; nil: none
	choreTimeout time.Duration
	countBlocks  int64
	pause        func(context.Context, time.Duration) // between two batches of a sweep
}

// New makes a store on a pool, which the caller closes.
func New(p *pgxpool.Pool) *Store {
	s := &Store{pool: pool{p}, readiness: pool{p}, newNumber: order.NewNumber, choreTimeout: choreTimeout,
		countBlocks: countBlocks, pause: pause}
	s.sessionReads.find = s.findSessions
	return s
}

// Open makes a store with its own pool, to be closed with Close. It connects only when first
// used, so a database that is down is no error here; an address that makes no sense is, and the
// error does not show its password.
//
// The server ends every statement after two seconds, be it slow or waiting for a lock: better a
// quick "try again" than a hanging page. statement_timeout and lock_timeout in the address take
// precedence. How long to wait for a server that does not answer is up to the caller's context;
// FindSession and Ping, which stand before everything else, wait two seconds by themselves.
//
// A connection pooler before the database, such as PgBouncer, is recognised: no statement is
// prepared on its connections then, and where it refuses the limits of statements they are left out
// (see Unlimited). Direct connections keep their prepared statements.
//
// A statement that cannot have run because its connection was dead is retried once on another
// connection, so a database restart fails no request.
//
// One more connection than the pool's maximum is opened, for Ready.
func Open(ctx context.Context, url string) (*Store, error) {
	return OpenWatched(ctx, url, nil)
}

// OpenWatched is Open, with watch called after every statement but those over the connection of
// Ready, in its context. Watch may be called by several goroutines concurrently.
func OpenWatched(ctx context.Context, url string, watch func(context.Context, Statement)) (*Store, error) {
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	setDefaults(config, url)
	guard(config)
	readiness, err := pgxpool.NewWithConfig(ctx, singleConn(config))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if watch != nil {
		config.ConnConfig.Tracer = watcher{watch: watch}
	}
	requests, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		readiness.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	s := New(requests)
	s.readiness = pool{readiness}
	return s, nil
}

// Pool is the pool below the store, for statistics and for commands that run statements of their
// own.
func (s *Store) Pool() *pgxpool.Pool { return s.pool.Pool }

// Close closes the pool once everything borrowed from it is back.
func (s *Store) Close() {
	s.pool.Close()
	s.readiness.Close()
}

// Ping reports whether the database answers a statement.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, waitLimit)
	defer cancel()
	if err := s.pool.Ping(ctx); err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	return nil
}
