package postgres_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

// journey is a customer who does all there is to do in the shop, from the first look to the
// sign-out, and what operators and the sweeper do at the same time.
type journey struct {
	*postgres.Store
	ctx   context.Context
	who   string // another one each time
	owner cart.Owner
	order string
	done  []string // the store's methods so far
	err   error
}

// step does one thing unless one before it failed.
func (j *journey) step(method string, do func() error) {
	if j.err != nil {
		return
	}
	if err := do(); err != nil {
		j.err = fmt.Errorf("%s: %w", method, err)
	}
	j.done = append(j.done, method)
}

func (j *journey) id(name string) session.ID { return sha256.Sum256([]byte(j.who + name)) }

func (j *journey) record(name string) session.NewRecord {
	return session.NewRecord{ID: j.id(name), Handle: j.who + name, Data: []byte(`{}`), Idle: time.Hour,
		Absolute: time.Hour, Ref: j.owner.CartID}
}

// run makes the whole journey and returns why it did not come to its end.
func (j *journey) run() error {
	j.look()
	j.fill()
	j.signIn()
	j.buy()
	j.leave()
	j.operate()
	return j.err
}

func (j *journey) look() {
	j.step("Ping", func() error { return j.Ping(j.ctx) })
	j.step("Catalog", func() error { return ignore(postgres.NewCatalog(j.Store, nil).Newest(j.ctx)) })
}

func (j *journey) fill() {
	for _, sku := range []string{"HAT-BOWLER", "BAG-TOTE"} {
		j.step("AddLine", func() (err error) {
			j.owner.CartID, _, err = j.AddLine(j.ctx, j.owner, sku, 1)
			return err
		})
	}
	j.step("AddToLine", func() error {
		_, _, err := j.AddToLine(j.ctx, j.owner, "BAG-TOTE", 1)
		return err
	})
	j.step("InsertSession", func() error { return j.InsertSession(j.ctx, j.record("guest")) })
	j.step("AddFirstLine", func() (err error) {
		_, _, err = j.AddFirstLine(j.ctx, j.record("stranger"), "BAG-TOTE", 1)
		return err
	})
	j.step("SetLine", func() error { return j.SetLine(j.ctx, j.owner, "HAT-BOWLER", 0) })
	j.step("UndoCart", func() error { return j.UndoCart(j.ctx, j.owner) })
	j.step("SaveLine", func() error { return j.SaveLine(j.ctx, j.owner, "BAG-TOTE") })
	j.step("RestoreLine", func() error { return j.RestoreLine(j.ctx, j.owner, "BAG-TOTE") })
	j.step("SaveLine", func() error { return j.SaveLine(j.ctx, j.owner, "BAG-TOTE") })
	j.step("DiscardLine", func() error { return j.DiscardLine(j.ctx, j.owner, "BAG-TOTE") })
	j.step("UpdateSession", func() error {
		return ignore(j.UpdateSession(j.ctx, j.id("guest"),
			session.Change{Set: []byte(`{"a": "b"}`), Ref: j.owner.CartID}))
	})
	j.step("TouchSession", func() error { return ignore(j.TouchSession(j.ctx, j.id("guest"), "a browser")) })
	j.step("ExpireSession", func() error { return ignore(j.ExpireSession(j.ctx, j.id("guest"))) })
}

func (j *journey) signIn() {
	who := customer.Identity{Issuer: "https://id.example", Subject: j.who, Name: j.who}
	j.step("UseAttempt", func() error { return ignore(j.UseAttempt(j.ctx, j.id("attempt"), time.Minute)) })
	for _, name := range []string{"one", "two"} { // the second time they are known
		j.step("SignIn", func() error {
			in := session.SignInRecord{NewRecord: j.record(name), Old: j.id("guest"), Issuer: who.Issuer,
				Subject: who.Subject, Work: visitor.Work{Identity: who}, ProviderSID: j.who,
				IssuedAt: time.Now(), NoticeKey: "n", PerOwner: 10}
			done, err := j.SignIn(j.ctx, in)
			j.owner = cart.Owner{CustomerID: done.Owner}
			return err
		})
	}
	j.step("FindSession", func() error { _, _, err := j.FindSession(j.ctx, j.id("two")); return err })
	j.step("Devices", func() error { return ignore(j.Devices(j.ctx, j.owner.CustomerID)) })
	j.step("EndDevice", func() error { return ignore(j.EndDevice(j.ctx, j.owner.CustomerID, j.who+"one", j.id("two"))) })
	j.step("EndOtherDevices", func() error { return ignore(j.EndOtherDevices(j.ctx, j.owner.CustomerID, j.id("two"))) })
}

func (j *journey) buy() {
	to := order.Details{Name: "Ann", Street: "Street 1", Postcode: "10115", City: "Berlin", Country: "DE"}
	j.step("SaveAddress", func() error { return j.SaveAddress(j.ctx, j.owner.CustomerID, to) })
	j.step("SaveDelivery", func() error { return j.SaveDelivery(j.ctx, j.owner.CustomerID, order.Collect) })
	var p order.Placing
	j.step("Checkout", func() error {
		c, err := j.Checkout(j.ctx, j.owner.CustomerID)
		p = order.Placing{CustomerID: j.owner.CustomerID, Key: c.Key}
		return err
	})
	j.step("Cart", func() error {
		c, err := j.Cart(j.ctx, j.owner)
		p.Total = order.TotalsOf(c, order.Collect).Total
		return err
	})
	j.step("PlaceOrder", func() error {
		placed, err := j.PlaceOrder(j.ctx, p)
		j.order = placed.Number
		return err
	})
	j.step("Orders", func() error { return ignore(j.Orders(j.ctx, j.owner.CustomerID)) })
	j.step("Order", func() error { return ignore(j.Order(j.ctx, j.owner.CustomerID, j.order)) })
	j.step("CancelOrder", func() error { return j.CancelOrder(j.ctx, j.owner.CustomerID, j.order) })
}

func (j *journey) leave() {
	j.step("EndSession", func() error { return ignore(j.EndSession(j.ctx, j.id("two"))) })
	j.step("EndByProvider", func() error {
		return ignore(j.EndByProvider(j.ctx,
			session.Logout{Issuer: "https://id.example", SID: j.who, TokenID: j.who, IssuedAt: time.Now(), Keep: time.Minute}))
	})
	j.step("ForgetCart", func() error { return j.ForgetCart(j.ctx, cart.Owner{CartID: 1}) })
}

func (j *journey) operate() {
	j.step("ListSessions", func() error { _, _, err := j.ListSessions(j.ctx, postgres.SessionFilter{}); return err })
	j.step("SessionStats", func() error { _, _, err := j.SessionStats(j.ctx); return err })
	j.step("ListCustomers", func() error { _, _, err := j.ListCustomers(j.ctx, 0, 0); return err })
	j.step("EndSessions", func() error { return ignore(j.EndSessions(j.ctx, postgres.SessionTarget{All: true})) })
	j.step("DisableCustomer", func() error { return ignore(j.DisableCustomer(j.ctx, j.owner.CustomerID)) })
	j.step("EnableCustomer", func() error { return j.EnableCustomer(j.ctx, j.owner.CustomerID) })
	j.step("Sweep", func() error { return ignore(j.Sweep(j.ctx, ignoreExpired)) })
	j.step("CheckTarget", func() error {
		return j.CheckTarget(j.ctx, postgres.SessionTarget{CustomerID: j.owner.CustomerID})
	})
	j.step("Ready", func() error { return j.Ready(j.ctx) })
	j.step("Unlimited", func() error { return ignore(j.Unlimited(j.ctx)) })
}

func TestRunningShopNeedsNoRightToChangeTheSchema(t *testing.T) { // ASVS 13.2.2
	t.Parallel()
	pool, _, _ := asRole(t)
	j := &journey{Store: postgres.New(pool), ctx: t.Context(), who: "ann"}
	if err := j.run(); err != nil {
		t.Fatal(err)
	}
	// No statement, the owner's, below another, or the tutorial's, which has other rights.
	others := []string{"Close", "Pool", "Numbering", "Seed", "EraseCustomer", "AgeSession",
		"SessionRows", "CountSessionsOf", "TakeOut"}
	for m := range reflect.TypeFor[*postgres.Store]().Methods() {
		if !slices.Contains(append(others, j.done...), m.Name) {
			t.Errorf("%s is no step of the journey", m.Name)
		}
	}
}
