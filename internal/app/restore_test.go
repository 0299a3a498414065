package app_test

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/dev/pg"
	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/dev/shoptest"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// Both ways docs/operations.md has of restoring a database. What was in carts and orders at the
// moment of the backup is whole again; "shop sessions end --all" before the shop opens ends what
// the backup revived, and the page says so.
func TestARestoredShopHasItsCartsAndOrdersAndRevivesNoSession(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	for name, way := range map[string]func(*testing.T, *pg.Node) (backup, restore func() *pg.Node){
		"pg_dump": dumped, "point in time": pointInTime,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node := newNode(t, "first")
			node.Settings = archiving(t, node)
			start(t, node)
			backup, restore := way(t, node)
			must(t, node.Exec(t.Context(), "CREATE DATABASE shop"))
			db := node.URL(pg.Owner, "shop")
			must(t, node.Exec(t.Context(), "CREATE ROLE shop LOGIN"))
			must(t, postgres.Migrate(t.Context(), db))
			must(t, postgres.Grant(t.Context(), db, "shop"))
			shop := openCounter(t, db, nil)
			_, err := openedStore(t, db).Seed(t.Context())
			must(t, err)

			ann, bob, guest := shop.as(t, "ann"), shop.as(t, "bob"), shop.visitor(t)
			ann.buy()
			bob.submit("/cart/lines", "sku=HAT-BOWLER&quantity=2")
			guest.post("/cart/lines", "sku=HAT-BOWLER&quantity=3")
			ann.submit("/cart/lines", "sku=HAT-BOWLER&quantity=1")
			annsTag := ann.cookies["__Host-tag"]
			backup()
			then := postgrestest.AllRows(t, shop.pool)
			ann.submit("/logout", "")
			bob.submit("/cart/lines", "sku=HAT-BOWLER&quantity=1")
			carl := shop.as(t, "carl")
			must(t, shop.stop())

			again := restore()
			db = again.URL(pg.Owner, "shop")
			pool, err := pgxpool.New(t.Context(), db)
			must(t, err)
			t.Cleanup(pool.Close)
			if changes := then.Changes(postgrestest.AllRows(t, pool)); len(changes) != 0 {
				t.Errorf("restored is not what was there at the backup:\n%s", strings.Join(changes, "\n"))
			}
			must(t, postgres.Grant(t.Context(), db, "shop"))
			ended, err := openedStore(t, db).EndSessions(t.Context(), postgres.SessionTarget{All: true})
			if err != nil || ended.Sessions != 2 {
				t.Errorf("%+v ended, %v; want the sessions of ann and bob", ended, err)
			}
			reopened := shop.replica(t, db)
			for _, v := range []*visitor{ann, bob, guest, carl} {
				v.shop = reopened
			}
			shop.clock.move(time.Minute)        // later than the end
			ann.cookies["__Host-tag"] = annsTag // somebody has kept it since
			for name, v := range map[string]*visitor{"ann": ann, "bob": bob} {
				if r := v.get("/account"); r.status != http.StatusSeeOther ||
					!strings.Contains(v.get("/login?return_to=/account").body, `data-reason="revoked"`) {
					t.Errorf("%s: got %d, want the sign-in that says why", name, r.status)
				}
			}
			if r := carl.get("/account"); r.status != http.StatusSeeOther {
				t.Errorf("carl, who came after the backup, gets %d, want the sign-in", r.status)
			}
			if r := guest.get("/cart"); !strings.Contains(r.body, `data-sku="HAT-BOWLER" data-quantity="3"`) {
				t.Error("the guest's cart is gone")
			}
			bob.signInAs("bob")
			if r := bob.get("/cart"); !strings.Contains(r.body, `data-sku="HAT-BOWLER" data-quantity="2"`) {
				t.Error("bob's cart is not the one of the backup")
			}
			ann.signInAs("ann")
			if r := ann.get("/orders"); strings.Count(r.body, `href="/orders/`) == 0 {
				t.Error("ann's order is gone")
			}
		})
	}
}

// dumped backs up with pg_dump and restores into another server.
func dumped(t *testing.T, node *pg.Node) (backup, restore func() *pg.Node) {
	file := filepath.Join(node.Dir(), "shop.dump")
	backup = func() *pg.Node {
		must(t, node.Run(t.Context(), "pg_dump", "-Fc", "-f", file, node.URL(pg.Owner, "shop")))
		return nil
	}
	restore = func() *pg.Node {
		other := newNode(t, "second")
		start(t, other)
		must(t, other.Exec(t.Context(), "CREATE DATABASE shop"))
		must(t, other.Run(t.Context(), "pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", "-d",
			other.URL(pg.Owner, "shop"), file))
		must(t, other.Exec(t.Context(), "CREATE ROLE shop LOGIN"))
		return other
	}
	return backup, restore
}

// pointInTime takes a base backup now, when there is nothing yet, and restores it with the archived
// log up to the moment of backup.
func pointInTime(t *testing.T, node *pg.Node) (backup, restore func() *pg.Node) {
	other, err := node.Standby(t.Context(), filepath.Join(filepath.Dir(node.Dir()), "second"))
	must(t, err)
	must(t, os.Remove(filepath.Join(other.Data(), "standby.signal")))
	backup = func() *pg.Node {
		must(t, node.Exec(t.Context(), "SELECT pg_create_restore_point('before')"))
		return nil
	}
	restore = func() *pg.Node {
		must(t, node.Exec(t.Context(), "SELECT pg_switch_wal()"))
		node.Stop() // archives what is left
		must(t, os.WriteFile(filepath.Join(other.Data(), "recovery.signal"), nil, 0o644))
		must(t, other.Set("primary_conninfo = ''"))
		must(t, other.Set("restore_command = 'cp "+filepath.Join(node.Dir(), "archive")+"/%f %p'"))
		must(t, other.Set("recovery_target_name = 'before'"))
		must(t, other.Set("recovery_target_action = 'promote'"))
		start(t, other)
		shoptest.Eventually(t, "the restored server has come to that moment and may write", func() bool {
			return other.Exec(t.Context(), "CREATE TABLE recovered ()") == nil
		})
		return other
	}
	return backup, restore
}

// archiving has the server copy its log to a folder beside its data.
func archiving(t *testing.T, node *pg.Node) []string {
	archive := filepath.Join(node.Dir(), "archive")
	must(t, os.Mkdir(archive, 0o777))
	must(t, os.Chmod(archive, 0o777))
	return []string{"archive_mode=on", "archive_command=cp %p " + archive + "/%f"}
}

func newNode(t *testing.T, name string) *pg.Node {
	t.Helper()
	dir, err := os.MkdirTemp("", "hookandtag-restore-")
	must(t, err)
	must(t, os.Chmod(dir, 0o711))
	t.Cleanup(func() { os.RemoveAll(dir) })
	node, err := pg.NewNode(t.Context(), filepath.Join(dir, name))
	must(t, err)
	return node
}

func start(t *testing.T, node *pg.Node) {
	t.Helper()
	t.Cleanup(node.Stop)
	must(t, node.Start(context.WithoutCancel(t.Context())))
}

func openedStore(t *testing.T, db string) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), db)
	must(t, err)
	t.Cleanup(store.Close)
	return store
}

// as is a customer of that name, signed in.
func (c *counter) as(t *testing.T, subject string) *visitor {
	t.Helper()
	v := c.visitor(t)
	v.signInAs(subject)
	return v
}

func (v *visitor) signInAs(subject string) {
	v.t.Helper()
	v.shop.op.Follow(rogue.Script{Subject: subject})
	v.signIn("/account")
	if r := v.get("/account"); r.status != http.StatusOK {
		v.t.Fatalf("%s cannot sign in: %d", subject, r.status)
	}
}

// buy orders a hat.
func (v *visitor) buy() {
	v.t.Helper()
	v.submit("/cart/lines", "sku=HAT-BOWLER&quantity=1")
	v.submit("/checkout/address", "name=Ann&street=Hook+Street+1&postcode=10115&city=Berlin&country=DE")
	v.submit("/checkout/delivery", "delivery=collect")
	review := v.get("/checkout/review").body
	order := url.Values{"order_key": {hidden(review, "order_key")}, "total": {hidden(review, "total")},
		"payment": {"approve"}}.Encode()
	if r := v.submit("/orders", order); r.status != http.StatusSeeOther ||
		!strings.HasPrefix(r.header.Get("Location"), "/orders/") {
		v.t.Fatalf("the order ends with %d at %q", r.status, r.header.Get("Location"))
	}
}
