package bench

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

// growthSamples is how often each statement is measured at each size.
const growthSamples = 2000

// Growth is what statements of the shop take beside so many sessions, each with a cart of one line.
type Growth struct {
	Sessions                        int
	Bytes                           int64 // of the database
	Page, Touch, Add, SignIn, Order spread
	Regenerate                      spread // the floor's statement that gives a session a new id
	// HotSessions and HotCarts are the shares of the rows that recorded uses and additions updated in
	// place.
	HotSessions, HotCarts float64
}

// spread is how long something took, of many times.
type spread struct{ p50, p99 time.Duration }

// GrowthMemory is how many bytes of shared buffers hold what Grow measures at these sizes.
func GrowthMemory(sizes []int) (bytes int) {
	for _, n := range sizes {
		bytes += n * 1000
	}
	return bytes
}

// Grow measures the statements in a database for each of o.Growth sizes, one after another in turn,
// over one connection each.
func Grow(ctx context.Context, o Options) (sizes []Growth, err error) {
	var all growers
	defer func() {
		for _, g := range all {
			g.pool.Close()
		}
	}()
	for _, n := range slices.Sorted(slices.Values(o.Growth)) {
		fmt.Fprintf(o.Log, "growing to %d sessions\n", n)
		g, err := newGrower(ctx, o, n)
		if err != nil {
			return nil, fmt.Errorf("%d sessions: %w", n, err)
		}
		all = append(all, g)
	}
	if err := all.measure(ctx); err != nil {
		return nil, err
	}
	for _, g := range all {
		sizes = append(sizes, g.size)
	}
	return sizes, nil
}

// prepareGrowth makes room for the numbers of fillCarts, and stock for every order.
const prepareGrowth = `
ALTER TABLE carts ALTER COLUMN id RESTART WITH 1000000000;
UPDATE products SET stock = 1000000, purchase_limit = NULL;
CREATE TABLE floor_sessions (id bytea PRIMARY KEY, cart jsonb NOT NULL)`

// grower is the database of one size. Its sessions and carts are numbered from 1.
type grower struct {
	pool    *pgxpool.Pool
	store   *postgres.Store
	size    Growth
	updated struct{ sessions, carts updated }
	ids     [growthSamples]int64 // of the customers who signed in
	presses [growthSamples]order.Placing
}

func newGrower(ctx context.Context, o Options, sessions int) (*grower, error) {
	if sessions < 4*growthSamples {
		return nil, fmt.Errorf("want at least %d", 4*growthSamples)
	}
	database, err := makeDatabase(ctx, o.Server, fmt.Sprintf("growth_%d", sessions))
	if err != nil {
		return nil, err
	}
	if err := postgres.Migrate(ctx, database); err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(database)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 1 // its counters are flushed from here
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	g := &grower{pool: pool, store: postgres.New(pool), size: Growth{Sessions: sessions}}
	if err := g.fill(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return g, nil
}

// row returns the number of the i-th row of a kind. Each kind of statement has rows that no other
// has touched, spread over all.
func (g *grower) row(kind, i int) int { return 1 + i*(g.size.Sessions/growthSamples) + kind }

type growers []*grower

// measure sets the size of each.
func (all growers) measure(ctx context.Context) error {
	for _, g := range all {
		var err error
		if g.updated, err = g.updates(ctx); err != nil {
			return err
		}
	}
	skus := plentiful(20)
	err := errors.Join(
		all.timed(func(s *Growth) *spread { return &s.Page }, func(g *grower, i int) error {
			_, found, err := g.store.FindSession(ctx, growthID(g.row(0, i)))
			if !found && err == nil {
				err = fmt.Errorf("no session %d", g.row(0, i))
			}
			return err
		}),
		all.timed(func(s *Growth) *spread { return &s.Touch }, func(g *grower, i int) error {
			_, err := g.store.TouchSession(ctx, growthID(g.row(1, i)), "bench")
			return err
		}),
		all.timed(func(s *Growth) *spread { return &s.Add }, func(g *grower, i int) error {
			_, _, err := g.store.AddLine(ctx, cart.Owner{CartID: int64(g.row(2, i))}, skus[i%len(skus)], 1)
			return err
		}))
	if err != nil {
		return err
	}
	for _, g := range all {
		after, err := g.updates(ctx)
		if err != nil {
			return err
		}
		g.size.HotSessions = after.sessions.since(g.updated.sessions)
		g.size.HotCarts = after.carts.since(g.updated.carts)
	}
	return all.customers(ctx)
}

// customers measures sign-ins from sessions with a cart, and an order of each.
func (all growers) customers(ctx context.Context) error {
	err := all.timed(func(s *Growth) *spread { return &s.SignIn }, func(g *grower, i int) error {
		done, err := g.store.SignIn(ctx, signInFrom(g.row(3, i)))
		g.ids[i] = done.Owner
		return err
	})
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	err = all.timed(func(s *Growth) *spread { return &s.Regenerate }, func(g *grower, i int) error {
		old, renewed := growthID(g.row(3, i)), growthID(-g.row(3, i))
		_, err := g.pool.Exec(ctx, regenerate, old[:], renewed[:])
		return err
	})
	if err != nil {
		return err
	}
	for _, g := range all {
		for i, id := range g.ids {
			if g.presses[i], err = g.review(ctx, id); err != nil {
				return fmt.Errorf("check out: %w", err)
			}
		}
	}
	return all.timed(func(s *Growth) *spread { return &s.Order }, func(g *grower, i int) error {
		_, err := g.store.PlaceOrder(ctx, g.presses[i])
		return err
	})
}

// timed calls do growthSamples times for each, in turn, and sets how long that took.
func (all growers) timed(of func(*Growth) *spread, do func(g *grower, i int) error) error {
	times := make([][]time.Duration, len(all))
	for i := range growthSamples {
		for at, g := range all {
			began := time.Now()
			if err := do(g, i); err != nil {
				return fmt.Errorf("%d sessions: %w", g.size.Sessions, err)
			}
			times[at] = append(times[at], time.Since(began))
		}
	}
	for at, took := range times {
		slices.Sort(took)
		*of(&all[at].size) = spread{took[len(took)/2], took[len(took)*99/100]}
	}
	return nil
}

func signInFrom(row int) session.SignInRecord {
	name := fmt.Sprintf("signed in %d", row)
	return session.SignInRecord{
		NewRecord: session.NewRecord{ID: sha256.Sum256([]byte(name)), Handle: name, LogID: name, Data: []byte(`{}`),
			Idle: time.Hour, Absolute: time.Hour},
		Old: growthID(row), OldLive: true, BegunAgo: time.Second, Issuer: "https://id.example", Subject: name,
		Work:     visitor.Work{Identity: customer.Identity{Name: "Ann"}, From: cart.Browsing},
		IssuedAt: time.Now(), PerOwner: 10,
	}
}

// review brings a customer to the last step before the order.
func (g *grower) review(ctx context.Context, id int64) (order.Placing, error) {
	address := order.Details{Name: "Ann", Street: "Rail 7", Postcode: "10115", City: "Berlin", Country: "DE"}
	if err := g.store.SaveAddress(ctx, id, address); err != nil {
		return order.Placing{}, err
	}
	if err := g.store.SaveDelivery(ctx, id, order.Collect); err != nil {
		return order.Placing{}, err
	}
	checkout, err := g.store.Checkout(ctx, id)
	if err != nil {
		return order.Placing{}, err
	}
	contents, err := g.store.Cart(ctx, cart.Owner{CustomerID: id})
	total := order.TotalsOf(contents, order.Collect).Total
	return order.Placing{CustomerID: id, Key: checkout.Key, Total: total}, err
}

func growthID(row int) session.ID { return sha256.Sum256([]byte(strconv.Itoa(row))) }

// fill makes the rows, in steps. The keys to other tables are not checked, row by row: they are
// right.
func (g *grower) fill(ctx context.Context) error {
	if _, err := g.store.Seed(ctx); err != nil {
		return err
	}
	if _, err := g.pool.Exec(ctx, prepareGrowth+"; SET session_replication_role = replica"); err != nil {
		return err
	}
	const step = 500_000
	for first := 1; first <= g.size.Sessions; first += step {
		for _, statement := range []string{fillCarts, fillSessions, fillFloor} {
			if _, err := g.pool.Exec(ctx, statement, first, min(first+step-1, g.size.Sessions)); err != nil {
				return err
			}
		}
	}
	for _, statement := range []string{"RESET session_replication_role", "VACUUM ANALYZE", "CHECKPOINT"} {
		if _, err := g.pool.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return g.pool.QueryRow(ctx, `SELECT pg_database_size(current_database())`).Scan(&g.size.Bytes)
}

const (
	fillCarts = `INSERT INTO carts (id, changed, sweep_after, products, quantities, prices, added)
OVERRIDING SYSTEM VALUE
SELECT n, now() - interval '2 minutes', now() + interval '1 day', (SELECT ARRAY[min(id)] FROM products), '{1}',
       '{1000}', ARRAY[now()] FROM generate_series($1::int, $2::int) n`
	fillSessions = `INSERT INTO sessions (id, handle, log_id, last_used, idle, absolute_end, sweep_after, cart_id)
SELECT sha256(n::text::bytea), 'growth ' || n, lpad(n::text, 16, '0'), now() - interval '2 minutes', interval '30 days',
       now() + interval '90 days', now() + interval '30 days', n FROM generate_series($1::int, $2::int) n`
	fillFloor = `INSERT INTO floor_sessions
SELECT sha256(n::text::bytea), '{"HAT": 1}' FROM generate_series($1::int, $2::int) n`

	regenerate = `WITH old AS (DELETE FROM floor_sessions WHERE id = $1 RETURNING cart) INSERT INTO floor_sessions
SELECT $2, cart FROM old`
)

// updated counts updates of a table, and those in place.
type updated struct{ all, hot int64 }

// since returns the share in place of what was updated since an earlier count.
func (u updated) since(before updated) float64 {
	return float64(u.hot-before.hot) / float64(max(u.all-before.all, 1))
}

func (g *grower) updates(ctx context.Context) (u struct{ sessions, carts updated }, err error) {
	if _, err := g.pool.Exec(ctx, `SELECT pg_stat_force_next_flush()`); err != nil {
		return u, err
	}
	err = g.pool.QueryRow(ctx, `
		SELECT s.n_tup_upd, s.n_tup_hot_upd, c.n_tup_upd, c.n_tup_hot_upd
		FROM pg_stat_user_tables s, pg_stat_user_tables c WHERE s.relname = 'sessions' AND c.relname = 'carts'`).Scan(
		&u.sessions.all, &u.sessions.hot, &u.carts.all, &u.carts.hot)
	return u, err
}
