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

// Fixture is a shop on a fresh database with the first day's products, and its provider.
type Fixture struct {
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
func Open(t *testing.T, start Start) *Fixture {
	t.Helper()
	f := &Fixture{T: t, database: postgrestest.URL(t), relay: newRelay(t), log: &output{to: t.Output()}}
	t.Cleanup(f.log.end)
	f.seed()
	shop := shoptest.Listen(t)
	f.Place = Place{Provider: "http://idp.localhost:" + shoptest.Port(f.relay.Listener), Shop: "http://localhost:" +
		shoptest.Port(shop)}
	f.mailbox = newMailbox(t, "http://"+shop.Addr().String()+"/auth/backchannel-logout")
	f.Place.Backchannel = f.mailbox.url
	f.Provider = start(t, f.Place)
	f.BringProviderBack()
	f.Shop = f.open(shop, OldKey)
	return f
}

func (f *Fixture) seed() {
	f.Helper()
	f.DB = shoptest.Connect(f, f.database)
	shoptest.Seed(f, f.DB)
	f.restrict()
}

// restrict lets the shops into the database as a role that has what shop migrate --grant-to gives,
// and no more.
func (f *Fixture) restrict() {
	f.Helper()
	role := shoptest.One[string](f, f.DB, `SELECT 'interop_' || current_database()`)
	if _, err := f.DB.Exec(f.Context(), `CREATE ROLE `+role); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if _, err := f.DB.Exec(context.WithoutCancel(f.Context()), `DROP OWNED BY `+role+`; DROP ROLE `+role); err != nil {
			f.Error(err)
		}
	})
	shoptest.Must(f, postgres.Grant(f.Context(), f.database, role))
	address, err := url.Parse(f.database)
	shoptest.Must(f, err)
	query := address.Query()
	query.Set("role", role)
	address.RawQuery = query.Encode()
	f.asShop = address.String()
}

// TakeProviderAway drops every connection to the provider until BringProviderBack.
func (f *Fixture) TakeProviderAway() { f.relay.lead("") }

// BringProviderBack lets connections to the provider through again.
func (f *Fixture) BringProviderBack() { f.relay.lead(f.Provider.Address) }

// Later puts the clock that sign-ins are judged by forward, so that what is allowed once in a while
// is allowed again. The provider's clock stays: more than a minute in all, and the two do not agree
// any more.
func (f *Fixture) Later(d time.Duration) { f.ahead.Add(int64(d)) }

// Shop is one replica.
type Shop struct {
	Addr string // host:port
	Stop func() // lets running requests finish; stopping twice is no error
}

// Replica starts one more shop on the same database, under the same address for browsers, with
// these SESSION_KEYS.
func (f *Fixture) Replica(keys ...string) *Shop {
	f.Helper()
	return f.open(shoptest.Listen(f.T), keys...)
}

func (f *Fixture) open(listener net.Listener, keys ...string) *Shop {
	f.Helper()
	client := f.Provider.Client
	if client == nil {
		client = []string{"OIDC_CLIENT_SECRET=shop-secret"}
	}
	settings := shoptest.Parse(f, append(client, "SESSION_KEYS="+strings.Join(keys, ","), "DATABASE_URL="+f.asShop,
		"BASE_URL="+f.Place.Shop, "OIDC_ISSUER="+f.Provider.Issuer, "OIDC_CLIENT_ID=shop")...)
	_, stop := shoptest.Serve(f, settings, app.Options{
		Log: slog.New(slog.NewTextHandler(f.log, nil)), Listener: listener,
		Now: func() time.Time { return time.Now().Add(time.Duration(f.ahead.Load())) },
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
func (f *Fixture) Change(sql string, args ...any) {
	f.Helper()
	shoptest.Change(f, f.DB, sql, args...)
}

// Count returns the one number that sql asks for.
func (f *Fixture) Count(sql string, args ...any) int {
	f.Helper()
	return shoptest.One[int](f, f.DB, sql, args...)
}

// Eventually asks again and again until ok, for 30 seconds at most.
func (f *Fixture) Eventually(what string, ok func() bool) {
	f.Helper()
	shoptest.Eventually(f, what, ok)
}
