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
	Page, Touch, Add, SignIn, Order spread
	Regenerate                      spread // the floor's statement that gives a session a new id
	// HotSessions and HotCarts are the shares of the rows that recorded uses and additions updated in
	// place.
	HotSessions, HotCarts float64
}

// spread is how long something took, of many times.
type spread struct{ p50, p99 time.Duration }

// Grow measures the statements over one connection, at each of o.Growth sizes in turn.
func Grow(ctx context.Context, o Options) (sizes []Growth, err error) {
	if len(o.Growth) == 0 {
		return nil, nil
	}
	database, err := makeDatabase(ctx, o.Server, "growth")
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
	defer pool.Close()
	g := grower{pool: pool, store: postgres.New(pool)}
	if _, err := g.store.Seed(ctx); err != nil {
		return nil, err
	}
	if _, err := pool.Exec(ctx, prepareGrowth); err != nil {
		return nil, err
	}
	for _, n := range slices.Sorted(slices.Values(o.Growth)) {
		fmt.Fprintf(o.Log, "growing to %d sessions\n", n)
		size, err := g.size(ctx, n)
		if err != nil {
			return nil, fmt.Errorf("%d sessions: %w", n, err)
		}
		sizes = append(sizes, size)
	}
	return sizes, nil
}

// prepareGrowth makes room for the numbers of fillCarts, and stock for every order.
const prepareGrowth = `
ALTER TABLE carts ALTER COLUMN id RESTART WITH 1000000000;
UPDATE products SET stock = 1000000, purchase_limit = NULL;
CREATE TABLE floor_sessions (id bytea PRIMARY KEY, cart jsonb NOT NULL)`

// grower measures the statements in a database that grows. The sessions and the carts are numbered
// from 1.
type grower struct {
	pool     *pgxpool.Pool
	store    *postgres.Store
	sessions int
}

// size fills the tables and measures. Each statement has rows that no other has touched, spread
// over all that the size has added.
func (g *grower) size(ctx context.Context, n int) (size Growth, err error) {
	first, step := g.sessions+1, (n-g.sessions)/growthSamples
	if step < 4 {
		return Growth{}, fmt.Errorf("want at least %d more sessions than before", 4*growthSamples)
	}
	if err := g.fill(ctx, n); err != nil {
		return Growth{}, err
	}
	size.Sessions = n
	row := func(kind, i int) int { return first + i*step + kind }
	skus := plentiful(20)
	before, err := g.updates(ctx)
	if err != nil {
		return Growth{}, err
	}
	err = errors.Join(
		timed(&size.Page, func(i int) error {
			_, found, err := g.store.FindSession(ctx, growthID(row(0, i)))
			if !found && err == nil {
				err = fmt.Errorf("no session %d", row(0, i))
			}
			return err
		}),
		timed(&size.Touch, func(i int) error {
			_, err := g.store.TouchSession(ctx, growthID(row(1, i)), "bench")
			return err
		}),
		timed(&size.Add, func(i int) error {
			_, _, err := g.store.AddLine(ctx, cart.Owner{CartID: int64(row(2, i))}, skus[i%len(skus)], 1)
			return err
		}))
	if err != nil {
		return Growth{}, err
	}
	after, err := g.updates(ctx)
	if err != nil {
		return Growth{}, err
	}
	size.HotSessions, size.HotCarts = after.sessions.since(before.sessions), after.carts.since(before.carts)
	return size, g.customers(ctx, &size, func(i int) int { return row(3, i) })
}

// customers measures sign-ins from sessions with a cart, and an order of each.
func (g *grower) customers(ctx context.Context, size *Growth, from func(int) int) (err error) {
	ids := make([]int64, growthSamples)
	err = timed(&size.SignIn, func(i int) error {
		done, err := g.store.SignIn(ctx, signInFrom(from(i), size.Sessions))
		ids[i] = done.Owner
		return err
	})
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	err = timed(&size.Regenerate, func(i int) error {
		old, renewed := growthID(from(i)), growthID(-from(i))
		_, err := g.pool.Exec(ctx, regenerate, old[:], renewed[:])
		return err
	})
	if err != nil {
		return err
	}
	var presses []order.Placing
	for _, id := range ids {
		press, err := g.review(ctx, id)
		if err != nil {
			return fmt.Errorf("check out: %w", err)
		}
		presses = append(presses, press)
	}
	err = timed(&size.Order, func(i int) error {
		_, err := g.store.PlaceOrder(ctx, presses[i])
		return err
	})
	return err
}

func signInFrom(row, size int) session.SignInRecord {
	name := fmt.Sprintf("signed in %d %d", size, row)
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

// timed calls do growthSamples times and sets took to how long that took.
func timed(took *spread, do func(i int) error) error {
	times := make([]time.Duration, growthSamples)
	for i := range times {
		began := time.Now()
		if err := do(i); err != nil {
			return err
		}
		times[i] = time.Since(began)
	}
	slices.Sort(times)
	*took = spread{times[len(times)/2], times[len(times)*99/100]}
	return nil
}

func growthID(row int) session.ID { return sha256.Sum256([]byte(strconv.Itoa(row))) }

// fill adds sessions until there are n, in steps. The keys to other tables are not checked, row by
// row: they are right.
func (g *grower) fill(ctx context.Context, n int) error {
	for g.sessions < n {
		next := min(g.sessions+500_000, n)
		for _, statement := range []string{"SET session_replication_role = replica", fillCarts, fillSessions,
			fillFloor, "RESET session_replication_role"} {
			var args []any
			if statement[0] == 'I' {
				args = []any{g.sessions + 1, next}
			}
			if _, err := g.pool.Exec(ctx, statement, args...); err != nil {
				return err
			}
		}
		g.sessions = next
	}
	for _, statement := range []string{"VACUUM ANALYZE", "CHECKPOINT"} {
		if _, err := g.pool.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
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
