package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/dev/scripted"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// Whatever a provider does wrong, through the whole shop: nobody is signed in, no customer is written, nothing is asked of the provider after
// the fault, the log has one line of it, the visitor's cart stays, and a correct sign-in works right after.
// OIDC Core 3.1.3.7, RFC 9207, RFC 9700, ASVS 10.5, S-14, S-15, S-18 to S-20, X-1 to X-10.
func TestNoFaultOfAProviderSignsAnybodyIn(t *testing.T) {
	t.Parallel()
	db := seeded(t)
	shared := openCounter(t, db, nil)
	var slow sync.WaitGroup // each waits for the client's five seconds, all of them for the same five
	defer slow.Wait()
	for _, fault := range scripted.Faults() {
		script := scripted.Script{Thin: true} // so that the userinfo endpoint has something to tell
		fault.Change(&script)
		shop := shared
		if script.Discovery != nil || script.Keys != nil || script.Answers != nil { // what a shop asks once and keeps, and what makes it wait
			shop = openCounter(t, db, func(op *scripted.Provider) { op.Follow(script) })
		}
		shop.op.Follow(script)
		if fault.Slow {
			slow.Go(func() { shop.meet(t, fault) })
			continue
		}
		shop.meet(t, fault)
	}
}

// seeded is the address of a database with products in it.
func seeded(t *testing.T) string {
	t.Helper()
	url := postgrestest.URL(t)
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := postgres.New(pool).Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	return url
}

// meet tries to sign in at the faulty provider, and once more when it is right again.
func (c *counter) meet(t *testing.T, fault scripted.Fault) {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s (%s): %s", fault.Name, fault.Clause, fmt.Sprintf(format, args...))
	}
	before := c.customers(t)
	c.clock.move(30 * time.Second)
	c.op.Forget()
	c.log.forget()
	v := c.visitor(t)
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=2")
	tag := v.cookies["__Host-tag"]
	answer := v.signIn("/cart")
	if want := statusOf(fault.Want); answer.status != want {
		fail("the answer is %d, want %d", answer.status, want)
	}
	for _, r := range c.op.Requests("") {
		if !fault.Allows(r.Path) {
			fail("%s was asked", r.Path)
		}
	}
	signedIn, customers := v.get("/account").status == http.StatusOK, c.customers(t)-before
	if fault.Want == scripted.Accepted {
		if !signedIn {
			fail("not signed in")
		}
		return
	}
	if signedIn || customers != 0 || v.cookies["__Host-tag"] != tag || strings.Contains(answer.header.Get("Set-Cookie"), "__Host-tag=") {
		fail("signed in: %v, %d customers, answer %v", signedIn, customers, answer.header)
	}
	if lines := c.failures(fault); lines != 1 {
		fail("%d lines in the log tell of it\n%s", lines, c.log)
	}
	c.recover(v)
	if cart := v.get("/cart"); v.get("/account").status != http.StatusOK || !strings.Contains(cart.body, `data-sku="HAT-BOWLER" data-quantity="2"`) {
		fail("a correct sign-in afterwards does not work, or the cart is gone")
	}
}

// statusOf is the answer to the visitor: of the callback, or of POST /login where it does not get that far.
func statusOf(want string) int {
	switch want {
	case scripted.Accepted:
		return http.StatusSeeOther
	case scripted.Cancelled:
		return http.StatusOK
	case scripted.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// failures counts the lines of the log that tell of the failed sign-in: at the callback, or where it could not even begin.
func (c *counter) failures(fault scripted.Fault) (lines int) {
	for line := range strings.Lines(c.log.String()) {
		began := strings.Contains(line, `"event":"authn_login_fail"`)
		never := strings.Contains(line, `"route":"/login"`) && strings.Contains(line, `"status":503`)
		named := fault.Want == scripted.Cancelled || fault.Want == scripted.NoAttempt || fault.Want == scripted.Unavailable || strings.Contains(line, "refused ("+fault.Want+")")
		if (began || never) && named && strings.Contains(line, `"error":`) {
			lines++
		}
	}
	return lines
}

// recover signs the visitor in at the provider, which is right again. A discovery that began before may have to fail first.
func (c *counter) recover(v *visitor) {
	c.op.Follow(scripted.Script{})
	for range 20 {
		c.clock.move(30 * time.Second)
		if v.signIn("/cart").status == http.StatusSeeOther {
			return
		}
	}
}
