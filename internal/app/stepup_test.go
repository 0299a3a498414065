package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// failedReauthentications are returns from the provider that prove nothing of the customer who was
// asked to prove who they are.
var failedReauthentications = map[string]struct {
	want   int
	script rogue.Script
}{
	"another customer":   {400, rogue.Script{Subject: "bob"}},
	"nobody known":       {400, rogue.Script{Subject: "carol"}},
	"too old":            {400, rogue.Script{Age: 7 * time.Minute}},
	"not asked again":    {400, rogue.Script{Age: 2 * time.Minute}},
	"undated":            {400, rogue.Script{Claims: rogue.Drop("auth_time")}},
	"of another sign-in": {400, rogue.Script{Claims: rogue.Set("nonce", "another")}},
	"cancelled": {200, rogue.Script{Response: func(q url.Values) {
		q.Del("code")
		q.Set("error", "access_denied")
	}}},
	"provider away": {503,
		rogue.Script{Answers: map[string]rogue.Answer{rogue.TokenPath: {Status: http.StatusBadGateway}}}},
}

// X-8, NIST 800-63B 5.2, ASVS 7.5.2, 7.5.3: a customer who fails to reauthenticate, or is somebody
// else, finds the session as it was: tag, freshness and both limits. Nothing is done of what waits
// for the authentication, nobody else's session is touched, and what waits is there when the right
// authentication comes.
func TestFailedReauthenticationLeavesSessionAndPendingFormsAsTheyWere(t *testing.T) {
	t.Parallel()
	c := openCounter(t, seeded(t), nil)
	for name, failed := range failedReauthentications {
		t.Run(name, func(t *testing.T) {
			v, phone, order := c.askedToReauthenticate(t)
			tag, pending, before := v.cookies["__Host-tag"], v.cookies["__Host-pending"], postgrestest.AllRows(t, c.pool)
			answer := v.reauthenticate(failed.script)
			if answer.status != failed.want || !strings.Contains(answer.body, `name="confirm" value="1"`) ||
				!strings.Contains(answer.body, `name="return_to" value="/cart"`) {
				t.Errorf("answered %d, want %d and the way to prove it again:\n%s", answer.status, failed.want, answer.body)
			}
			if changes := before.Changes(postgrestest.AllRows(t, c.pool), "used_attempts"); len(changes) > 0 {
				t.Errorf("changed:\n%s", strings.Join(changes, "\n"))
			}
			if v.cookies["__Host-tag"] != tag || pending == "" || v.cookies["__Host-pending"] != pending {
				t.Errorf("tag kept: %t, waiting form %q, was %q", v.cookies["__Host-tag"] == tag, v.cookies["__Host-pending"],
					pending)
			}
			v.wantReauthentication(order)
			v.wantAfterReauthentication(phone, order)
		})
	}
}

// askedToReauthenticate is a customer whose authentication is ten minutes old and who has a large
// order and the end of all other sessions waiting for a fresh one, their phone, and the order.
func (c *counter) askedToReauthenticate(t *testing.T) (v, phone *visitor, order string) {
	t.Helper()
	c.clock.move(30 * time.Second)
	if _, err := c.pool.Exec(t.Context(), `DELETE FROM orders; DELETE FROM carts; DELETE FROM customers; UPDATE
		products SET stock = 10 WHERE sku = 'HAT-BOWLER'`); err != nil {
		t.Fatal(err)
	}
	c.op.Follow(rogue.Script{Subject: "bob"})
	c.visitor(t).signIn("/")
	c.op.Follow(rogue.Script{Age: 10 * time.Minute})
	v, phone = c.visitor(t), c.visitor(t)
	phone.signIn("/account")
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=4")
	v.signIn("/account")
	v.submit("/checkout/address", "name=Alice&street=Hook+Street+1&postcode=10115&city=Berlin&country=DE")
	v.submit("/checkout/delivery", "delivery=collect")
	review := v.get("/checkout/review").body
	order = url.Values{"order_key": {hidden(review, "order_key")}, "total": {hidden(review, "total")},
		"payment": {"approve"}}.Encode()
	v.wantReauthentication(order)
	return v, phone, order
}

// wantReauthentication presses what needs a reauthentication, and must be led to prove it.
func (v *visitor) wantReauthentication(order string) {
	v.t.Helper()
	for path, form := range map[string]string{"/orders": order, "/account/devices/end-others": ""} {
		if r := v.submit(path, form); !strings.HasPrefix(r.header.Get("Location"), "/login?confirm=1&") {
			v.t.Errorf("%s leads to %q without a reauthentication, want the page that asks for one (%d)", path,
				r.header.Get("Location"), r.status)
		}
	}
}

// wantAfterReauthentication lets the customer prove who they are. Only their own presses after that
// do what waited.
func (v *visitor) wantAfterReauthentication(phone *visitor, order string) {
	v.t.Helper()
	if r := v.reauthenticate(rogue.Script{}); r.status != http.StatusSeeOther {
		v.t.Fatalf("the right authentication is answered %d", r.status)
	}
	orders := func() int { return v.shop.count(v.t, `SELECT count(*) FROM orders`) }
	if waiting := v.get("/resume").body; !strings.Contains(waiting, `action="/account/devices/end-others"`) ||
		orders() != 0 || phone.get("/account").status != http.StatusOK {
		v.t.Errorf("with the right authentication alone: %d orders, phone %d, and what waits is\n%s", orders(),
			phone.get("/account").status, waiting)
	}
	if r := v.submit("/orders", order); !strings.HasPrefix(r.header.Get("Location"), "/orders/") || orders() != 1 {
		v.t.Errorf("the order leads to %q, %d orders, want one", r.header.Get("Location"), orders())
	}
	if v.submit("/account/devices/end-others", ""); phone.get("/account").status != http.StatusSeeOther {
		v.t.Error("the phone is signed in yet")
	}
}

// hidden reads a hidden field of a page.
func hidden(page, name string) string {
	_, rest, _ := strings.Cut(page, `name="`+name+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}
