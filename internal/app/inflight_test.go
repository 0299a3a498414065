package app_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/dev/shoptest"
)

// inFlight is a callback that has reached the shop and waits for the provider's token endpoint. It
// carries the cookies that the browser had then.
type inFlight struct {
	tab     *visitor
	release func() reply // lets the provider answer, and returns the shop's answer to the callback
}

// holdCallback sends the browser to the address the provider redirected to, from a second tab, and
// returns once the provider was asked for the token.
func (v *visitor) holdCallback(back string) inFlight {
	v.t.Helper()
	entered, released, answered := make(chan struct{}), make(chan struct{}), make(chan reply, 1)
	v.shop.op.Follow(rogue.Script{Answers: map[string]rogue.Answer{rogue.TokenPath: {
		After: true, Before: func() { close(entered); <-released },
	}}})
	tab := &visitor{t: v.t, shop: v.shop, cookies: maps.Clone(v.cookies)}
	go func() { answered <- tab.get(back) }()
	<-entered
	v.shop.op.Follow(rogue.Script{})
	return inFlight{tab, func() reply { close(released); return <-answered }}
}

// beginReauthentication presses the button of the reauthentication and returns the path of the
// callback.
func (v *visitor) beginReauthentication() (back string) {
	v.t.Helper()
	token := formToken(v.get("/login?confirm=1&return_to=%2Fcart").body)
	back, pressed := v.comeBack("confirm=1&return_to=%2Fcart&form_token=" + url.QueryEscape(token))
	if back == "" {
		v.t.Fatalf("the reauthentication is answered %d:\n%s", pressed.status, pressed.body)
	}
	return back
}

func (v *visitor) wantSignedIn(want bool) {
	v.t.Helper()
	if got := v.get("/account").status == http.StatusOK; got != want {
		v.t.Errorf("signed in: %t, want %t", got, want)
	}
}

// sessionsLive counts the live sessions of the counter's provider.
func (c *counter) sessionsLive(t *testing.T) int {
	t.Helper()
	return c.count(t, `SELECT count(*) FROM sessions s JOIN customers c ON c.id = s.customer_id
		WHERE c.issuer = $1 AND live(s)`, c.op.Issuer)
}

// ASVS 7.4.1: whatever ends a session on purpose while a reauthentication of it waits for the
// provider, the callback that arrives last signs nobody in, with the old tag or with the new one.
func TestACallbackThatArrivesLastDoesNotUndoASignOut(t *testing.T) {
	t.Parallel()
	db := seeded(t)
	for name, end := range map[string]func(v, phone *visitor){
		"sign-out in the first tab": func(v, _ *visitor) { v.submit("/logout", "") },
		"another device": func(_, phone *visitor) {
			phone.reauthenticate(rogue.Script{})
			phone.submit("/account/devices/end-others", "")
		},
		"the provider": func(v, _ *visitor) { v.shop.tell(v.t, v.shop.op.LogoutToken("alice", "", rogue.Script{})) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := openCounter(t, db, nil)
			c.op.Follow(rogue.Script{})
			v, phone := c.visitor(t), c.visitor(t)
			v.signIn("/account")
			phone.signIn("/account")
			late := v.holdCallback(v.beginReauthentication())
			end(v, phone)
			v.wantSignedIn(false)
			live := c.sessionsLive(t)
			if r := late.release(); !strings.Contains(r.body, "signed out") {
				t.Errorf("the callback is answered %d without saying why:\n%s", r.status, r.body)
			}
			late.tab.wantSignedIn(false)
			v.wantSignedIn(false)
			if got := c.sessionsLive(t); got != live {
				t.Errorf("%d sessions are live after the callback, %d before", got, live)
			}
		})
	}
}

// A callback that the browser sends only after the sign-out finds no attempt: the sign-out drops
// those of every tab.
func TestACallbackSentAfterASignOutFindsNoAttempt(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	c := openCounter(t, seeded(t), nil)
	v := c.visitor(t)
	v.signIn("/account")
	first, second := v.beginReauthentication(), v.beginReauthentication()
	v.submit("/logout", "")
	c.op.Forget()
	for _, back := range []string{first, second} {
		v.get(back)
		v.wantSignedIn(false)
	}
	if n, asked := c.sessionsLive(t), len(c.op.Requests(rogue.TokenPath)); n != 0 || asked != 0 {
		t.Errorf("%d sessions are live and the provider was asked for %d tokens, want none", n, asked)
	}
}

// ASVS 7.2.4, 7.4.1: a reauthentication has replaced the tag, and the first tab, which has not
// received the new one, signs out.
func TestASignOutWithATagThatAReauthenticationJustReplacedEndsTheNewSession(t *testing.T) {
	t.Parallel()
	c := openCounter(t, seeded(t), nil)
	v := c.visitor(t)
	v.signIn("/account")
	token := formToken(v.get("/account").body)
	late := v.holdCallback(v.beginReauthentication())
	if r := late.release(); r.status != http.StatusSeeOther {
		t.Fatalf("the reauthentication is answered %d", r.status)
	}
	late.tab.wantSignedIn(true)
	v.post("/logout", "form_token="+url.QueryEscape(token))
	late.tab.wantSignedIn(false)
	v.wantSignedIn(false)
	if n := c.sessionsLive(t); n != 0 {
		t.Errorf("%d sessions are live, want none", n)
	}
}

// ASVS 7.4.3: "sign out everywhere else" reaches the database while a reauthentication in another
// tab replaces the tag it was pressed with. The lock on the customer lines both up: the rotation is
// done first, and the session it leads to is spared.
func TestSigningOutEverywhereElseDuringARotationKeepsOnesOwnSession(t *testing.T) {
	t.Parallel()
	c := openCounter(t, seeded(t), nil)
	v, phone := c.visitor(t), c.visitor(t)
	v.signIn("/account")
	phone.signIn("/account")
	token, back := formToken(v.get("/account/devices").body), v.beginReauthentication()
	other := &visitor{t: t, shop: c, cookies: maps.Clone(v.cookies)}
	lock, err := c.pool.Begin(t.Context())
	must(t, err)
	_, err = lock.Exec(t.Context(), `SELECT FROM customers WHERE issuer = $1 FOR UPDATE`, c.op.Issuer)
	must(t, err)
	var both sync.WaitGroup
	waits := func(n int) {
		shoptest.Eventually(t, "a transaction waits for the customer", func() bool {
			return c.count(t, `SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
				WHERE datname = current_database() AND NOT granted`) == n
		})
	}
	both.Go(func() { other.get(back) })
	waits(1)
	both.Go(func() { v.post("/account/devices/end-others", "form_token="+url.QueryEscape(token)) })
	waits(2)
	must(t, lock.Rollback(t.Context()))
	both.Wait()
	other.wantSignedIn(true)
	phone.wantSignedIn(false)
}

// ASVS 15.4.2: two tabs of a visitor sign in at once.
func TestTwoCallbacksFromOneAnonymousTagLeaveOneSession(t *testing.T) {
	t.Parallel()
	c := openCounter(t, seeded(t), nil)
	v := c.visitor(t)
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=2")
	held, _ := v.comeBack("return_to=%2Faccount")
	other, _ := v.comeBack("return_to=%2Faccount")
	late := v.holdCallback(held)
	if r := v.get(other); r.status != http.StatusSeeOther {
		t.Fatalf("the first to arrive is answered %d", r.status)
	}
	if r := late.release(); r.header.Get("Location") != "/account" {
		t.Errorf("the second is answered %d, and leads to %q", r.status, r.header.Get("Location"))
	}
	if tag := late.tab.cookies["__Host-tag"]; tag == v.cookies["__Host-tag"] || strings.Count(tag, ".") != 2 {
		t.Errorf("the answer that came last changed the tag to %q", tag)
	}
	v.wantSignedIn(true)
	if n, bowlers := c.sessionsLive(t), inCart.FindString(v.get("/cart").body); n != 1 ||
		!strings.Contains(bowlers, `"2"`) {
		t.Errorf("%d sessions are live, and the cart holds %q; want one, and two bowlers", n, bowlers)
	}
}
