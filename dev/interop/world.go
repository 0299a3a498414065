package interop

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/dev/shoptest"
	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// Keys for SESSION_KEYS. A shop of Open has OldKey.
const (
	OldKey = "the-old-key-of-the-interop-run-that-is-long-enough"
	NewKey = "the-new-key-of-the-interop-run-that-is-long-enough"
)

// Demo customers that every provider knows.
const (
	Alice = "alice@example.test"
	Bob   = "bob@example.test"
)

// World is a shop on a fresh database with the first day's products, and its provider.
type World struct {
	*testing.T
	Place    Place
	Provider Provider
	DB       *pgxpool.Pool
	Shop     *Shop // the one that answers at Place.Shop, unless a visitor is led elsewhere

	database string
	asShop   string // the same, as the role that the running shop has
	relay    *relay
	mailbox  *mailbox
	log      *output
	ahead    atomic.Int64 // by how much the shops' clock for sign-ins is ahead
}

// Open starts provider and shop.
func Open(t *testing.T, start Start) *World {
	t.Helper()
	w := &World{T: t, database: postgrestest.URL(t), relay: newRelay(t), log: &output{to: t.Output()}}
	t.Cleanup(w.log.end)
	w.seed()
	shop := shoptest.Listen(t)
	w.Place = Place{Provider: "http://idp.localhost:" + shoptest.Port(w.relay.listener), Shop: "http://localhost:" +
		shoptest.Port(shop)}
	w.mailbox = newMailbox(t, "http://"+shop.Addr().String()+"/auth/backchannel-logout")
	w.Place.Backchannel = w.mailbox.url
	w.Provider = start(t, w.Place)
	w.BringProviderBack()
	w.Shop = w.open(shop, OldKey)
	return w
}

func (w *World) seed() {
	w.Helper()
	w.DB = shoptest.Connect(w, w.database)
	shoptest.Seed(w, w.DB)
	w.restrict()
}

// restrict lets the shops into the database as a role that has what shop migrate --grant-to gives,
// and no more.
func (w *World) restrict() {
	w.Helper()
	role := shoptest.One[string](w, w.DB, `SELECT 'interop_' || current_database()`)
	if _, err := w.DB.Exec(w.Context(), `CREATE ROLE `+role); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		if _, err := w.DB.Exec(context.WithoutCancel(w.Context()), `DROP OWNED BY `+role+`; DROP ROLE `+role); err != nil {
			w.Error(err)
		}
	})
	if err := postgres.Grant(w.Context(), w.database, role); err != nil {
		w.Fatal(err)
	}
	address, err := url.Parse(w.database)
	if err != nil {
		w.Fatal(err)
	}
	query := address.Query()
	query.Set("role", role)
	address.RawQuery = query.Encode()
	w.asShop = address.String()
}

// TakeProviderAway drops every connection to the provider until BringProviderBack.
func (w *World) TakeProviderAway() { w.relay.lead("") }

// BringProviderBack lets connections to the provider through again.
func (w *World) BringProviderBack() { w.relay.lead(w.Provider.Address) }

// Later puts the clock that sign-ins are judged by forward, so that what is allowed once in a while
// is allowed again. The provider's clock stays: more than a minute in all, and the two do not agree
// any more.
func (w *World) Later(d time.Duration) { w.ahead.Add(int64(d)) }

// Shop is one replica.
type Shop struct {
	Addr string // host:port
	Stop func() // lets running requests finish; stopping twice is no error
}

// Replica starts one more shop on the same database, under the same address for browsers, with
// these SESSION_KEYS.
func (w *World) Replica(keys ...string) *Shop {
	w.Helper()
	return w.open(shoptest.Listen(w.T), keys...)
}

func (w *World) open(listener net.Listener, keys ...string) *Shop {
	w.Helper()
	client := w.Provider.Client
	if client == nil {
		client = []string{"OIDC_CLIENT_SECRET=shop-secret"}
	}
	settings := shoptest.Parse(w, append(client, "SESSION_KEYS="+strings.Join(keys, ","), "DATABASE_URL="+w.asShop,
		"BASE_URL="+w.Place.Shop, "OIDC_ISSUER="+w.Provider.Issuer, "OIDC_CLIENT_ID=shop")...)
	_, stop := shoptest.Serve(w, settings, app.Options{
		Log: slog.New(slog.NewTextHandler(w.log, nil)), Listener: listener,
		Now: func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) },
	})
	return &Shop{Addr: listener.Addr().String(), Stop: func() { _ = stop() }} // the test fails by itself
}

// output is the test's own until that ends. A shop may have asked its provider something that is
// answered later.
type output struct {
	mu sync.Mutex
	to io.Writer
}

func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.to = io.Discard
}

// Write implements io.Writer.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.to.Write(b)
}

// Change changes rows behind the shop's back and fails unless there were any.
func (w *World) Change(sql string, args ...any) {
	w.Helper()
	shoptest.Change(w, w.DB, sql, args...)
}

// Count returns the one number that sql asks for.
func (w *World) Count(sql string, args ...any) int {
	w.Helper()
	return shoptest.One[int](w, w.DB, sql, args...)
}

// Eventually asks again and again until ok, for 30 seconds at most.
func (w *World) Eventually(what string, ok func() bool) {
	w.Helper()
	shoptest.Eventually(w, what, ok)
}
