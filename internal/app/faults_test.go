package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/dev/shoptest"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// Whatever a provider does wrong, through the whole shop: nobody is signed in, no customer is
// written, nothing is asked of the provider after the fault, the log has one line of it, the
// visitor's cart stays, and a correct sign-in works right after. Faults that need more than one
// answer of the provider are in steps_test.go. OIDC Core 3.1.3.7, RFC 9207, RFC 9700, ASVS 10.5,
// S-14, S-15, S-18 to S-20, X-1 to X-10.
func TestNoFaultOfAProviderSignsAnybodyIn(t *testing.T) {
	t.Parallel()
	db := seeded(t)
	shared := openCounter(t, db, nil)
	var slow sync.WaitGroup // each waits for the client's five seconds, all of them for the same five
	defer slow.Wait()
	for i, fault := range rogue.Faults() {
		// so that the userinfo endpoint has something to tell
		script := rogue.Script{Subject: fmt.Sprintf("customer-%d", i), Thin: true}
		fault.Change(&script)
		meet := func() {
			t.Run(fault.Name, func(t *testing.T) {
				shop := shared
				// what a shop asks once and keeps, and what makes it wait
				if script.Discovery != nil || script.Keys != nil || script.Answers != nil || script.Text != nil {
					if !fault.Slow {
						t.Parallel()
					}
					shop = openCounter(t, db, func(op *rogue.Provider) { op.Follow(script) })
				}
				shop.meet(t, fault, script)
			})
		}
		if fault.Slow {
			slow.Go(meet)
			continue
		}
		meet()
	}
}

// seeded is the address of a database with products in it.
func seeded(t *testing.T) string {
	t.Helper()
	url := postgrestest.URL(t)
	shoptest.Seed(t, shoptest.Connect(t, url))
	return url
}

// meet lets somebody nobody knows yet try to sign in at the faulty provider, and once more when it
// is right again.
func (c *counter) meet(t *testing.T, fault rogue.Fault, script rogue.Script) {
	c.clock.move(30 * time.Second)
	c.op.Follow(script)
	v := c.visitor(t)
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=2")
	before := v.belongings()
	c.op.Forget()
	c.log.forget()
	answer := v.signIn("/cart")
	if want := statusOf(fault.Want); answer.status != want {
		t.Errorf("the answer is %d, want %d", answer.status, want)
	}
	for _, r := range c.op.Requests("") {
		if !fault.Allows(r.Path) {
			t.Errorf("%s was asked", r.Path)
		}
	}
	if fault.Want == rogue.Accepted {
		v.wantIn(script.Subject)
		return
	}
	if strings.Contains(answer.header.Get("Set-Cookie"), "__Host-tag=") {
		t.Errorf("a tag is set: %v", answer.header)
	}
	if lines := c.failures(fault); lines != 1 {
		t.Errorf("%d lines in the log tell of it\n%s", lines, c.log)
	}
	v.wantAsBefore(before)
	c.recover(v, fault, script.Subject)
	v.wantIn(script.Subject)
}

// inCart finds what a cart page shows to be in it.
var inCart = regexp.MustCompile(`data-sku="[^"]*" data-quantity="\d+"`)

// belongings is what no fault may change.
type belongings struct {
	tag, cart, customers string
	signedIn             bool
}

// belongings are the visitor's tag and cart, and all of the provider's customers as they stand in
// the database.
func (v *visitor) belongings() belongings {
	v.t.Helper()
	b := belongings{tag: v.cookies["__Host-tag"], cart: inCart.FindString(v.get("/cart").body),
		signedIn: v.get("/account").status == http.StatusOK}
	const all = `SELECT count(*) || ', all of them ' || coalesce(md5(jsonb_agg(c ORDER BY c.id)::text), '') FROM
		customers c WHERE issuer = $1`
	if err := v.shop.pool.QueryRow(v.t.Context(), all, v.shop.op.Issuer).Scan(&b.customers); err != nil {
		v.t.Error(err)
	}
	return b
}

func (v *visitor) wantAsBefore(before belongings) {
	v.t.Helper()
	if now := v.belongings(); now != before {
		v.t.Errorf("before: %+v\nnow:    %+v", before, now)
	}
}

// wantIn checks that this customer is signed in, with two bowlers in the cart.
func (v *visitor) wantIn(subject string) {
	v.t.Helper()
	if cart := inCart.FindString(v.get("/cart").body); v.get("/account").status != http.StatusOK ||
		cart != `data-sku="HAT-BOWLER" data-quantity="2"` {
		v.t.Errorf("signed in: %d, cart %q", v.get("/account").status, cart)
	}
	if n := v.shop.count(v.t, `SELECT count(*) FROM customers WHERE issuer = $1 AND subject = $2`, v.shop.op.Issuer,
		subject); n != 1 {
		v.t.Errorf("%d customers are %s", n, subject)
	}
}

// statusOf is the answer to the visitor: of the callback, or of POST /login where it does not get
// that far.
func statusOf(want string) int {
	switch want {
	case rogue.Accepted:
		return http.StatusSeeOther
	case rogue.Cancelled:
		return http.StatusOK
	case rogue.NotAdmitted:
		return http.StatusForbidden
	case rogue.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// failures counts the lines of the log that tell of the failed sign-in: at the callback, or where
// it could not even begin.
func (c *counter) failures(fault rogue.Fault) (lines int) {
	for line := range strings.Lines(c.log.String()) {
		began := strings.Contains(line, `"event":"authn_login_fail"`)
		never := strings.Contains(line, `"route":"/login"`) && strings.Contains(line, `"status":503`)
		words := []string{rogue.Cancelled, rogue.NotAdmitted, rogue.Expired, rogue.NoAttempt, rogue.Unavailable}
		named := slices.Contains(words, fault.Want) || strings.Contains(line, "refused ("+fault.Want+")")
		if (began || never) && named && strings.Contains(line, `"error":`) {
			lines++
		}
	}
	return lines
}

// recover signs the visitor in at the provider, which is right again, immediately. Only a failed
// discovery stands for two seconds more, and one of the shop's own may be running and have to
// fail first, and a failed fetch of keys for one.
func (c *counter) recover(v *visitor, fault rogue.Fault, subject string) {
	v.t.Helper()
	c.op.Follow(rogue.Script{Subject: subject})
	tries := 1
	if fault.Last == rogue.DiscoveryPath {
		tries = 2
		c.clock.move(2 * time.Second)
	}
	if fault.Last == rogue.KeysPath && fault.Want == rogue.Unavailable {
		c.clock.move(time.Second)
	}
	for range tries {
		if v.signIn("/cart").status == http.StatusSeeOther {
			return
		}
		c.clock.move(2 * time.Second)
	}
	v.t.Errorf("a correct sign-in afterwards does not work")
}

// Whatever is wrong with a logout token, through the whole shop: it is answered 400, the session it
// names lives, no customer is touched, the log has one line of it, nobody goes where it says that
// its key is, and a correct token ends the session right after. OIDC Back-Channel Logout 1.0 2.6
// and 2.8, ASVS 9.1.3, 10.5.5, S-16, X-12
func TestNoFaultyLogoutTokenEndsASession(t *testing.T) {
	t.Parallel()
	shop := openCounter(t, seeded(t), nil)
	for i, fault := range rogue.LogoutFaults() {
		t.Run(fault.Name, func(t *testing.T) {
			var script rogue.Script
			fault.Change(&script)
			shop.hear(t, fault, script, fmt.Sprintf("customer-%d", i))
		})
	}
}

// hear sends the shop a wrong logout of a customer, then the right one.
func (c *counter) hear(t *testing.T, fault rogue.Fault, script rogue.Script, subject string) {
	c.op.Follow(rogue.Script{Subject: subject})
	v := c.visitor(t)
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=2")
	v.signIn("/account")
	c.clock.move(11 * time.Minute) // so that a token from ten minutes ago is newer than the sign-in
	before := v.belongings()
	c.op.Forget()
	c.log.forget()
	answer := c.tell(t, c.op.LogoutToken(subject, "", script))
	for _, r := range c.op.Requests("") {
		if r.Path != rogue.DiscoveryPath && r.Path != rogue.KeysPath {
			t.Errorf("%s was asked", r.Path)
		}
	}
	if fault.Want == rogue.Accepted {
		if answer.status != http.StatusOK || v.get("/account").status != http.StatusSeeOther {
			t.Errorf("answered %d, and /account %d", answer.status, v.get("/account").status)
		}
		return
	}
	if answer.status != http.StatusBadRequest || answer.header.Get("Cache-Control") != "no-store" {
		t.Errorf("answered %d, %v; want 400 and no-store", answer.status, answer.header)
	}
	if log := c.log.String(); strings.Count(log, `"event":"authn_backchannel_logout_fail"`) != 1 ||
		!strings.Contains(log, "refused ("+fault.Want+")") {
		t.Errorf("the log says\n%s", log)
	}
	v.wantAsBefore(before)
	if right := c.tell(t, c.op.LogoutToken(subject, "", rogue.Script{})); right.status != http.StatusOK ||
		v.get("/account").status != http.StatusSeeOther {
		t.Errorf("a correct token afterwards is answered %d, and /account %d", right.status, v.get("/account").status)
	}
}

// tell brings the shop a logout token, as the provider does.
func (c *counter) tell(t *testing.T, token string) reply {
	t.Helper()
	return c.visitor(t).send(http.MethodPost, "/auth/backchannel-logout",
		url.Values{"logout_token": {token}, "unknown": {"x"}}.Encode())
}
