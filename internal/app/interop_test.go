package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/rogue"
)

// two tabs both sign in, and neither twice; one session is left.
func TestTwoTabsEndInOneSession(t *testing.T) {
	t.Parallel()
	c := openCounter(t, seeded(t), nil)
	v := c.newcomer(t, "customer")
	a, _ := v.comeBack("return_to=/cart")
	b, _ := v.comeBack("return_to=/orders")
	jar := v.cookies["__Host-tag"]
	for _, back := range []string{a, b, a} {
		if r := v.get(back); r.status != http.StatusSeeOther {
			t.Errorf("answered %d", r.status)
		}
	}
	v.wantIn("customer")
	if n := c.count(t, `SELECT count(*) FROM sessions s WHERE live(s)`); n != 1 || v.cookies["__Host-tag"] == jar {
		t.Errorf("%d sessions are live", n)
	}
	if n := len(c.op.Requests(rogue.TokenPath)); n != 2 {
		t.Errorf("%d codes were presented", n)
	}
}

// signing-key-rotation, signing-key-rotation-just-before-signing: nobody waits for a new key,
// whether the old one is kept or not.
func TestANewSigningKeySignsInAtOnce(t *testing.T) {
	t.Parallel()
	c := openCounter(t, seeded(t), nil)
	c.newcomer(t, "first").signIn("/cart")
	for _, kept := range []bool{true, false} {
		subject := fmt.Sprintf("kept-%v", kept)
		v := c.newcomer(t, subject)
		back, _ := v.comeBack("return_to=/cart")
		c.op.Rotate(kept)
		v.get(back)
		v.wantIn(subject)
	}
}

// rp-init-logout, rp-init-logout-other-state, rp-init-logout-no-state, X-16: signed out here
// whatever the provider makes of it, which is asked to lead back to one address, learns whose
// session it is, and is believed by its state only.
func TestSigningOutGoesByTheProviderAndBack(t *testing.T) {
	t.Parallel()
	c := openCounter(t, seeded(t), nil)
	for name, believed := range map[string]bool{"right": true, "other": false, "none": false} {
		v := c.newcomer(t, "customer")
		v.signIn("/cart")
		to := v.submit("/logout", "").onward
		if !strings.HasPrefix(to, c.op.Issuer+rogue.EndSessionPath+"?") ||
			strings.Count(parameter(t, to, "id_token_hint"), ".") != 2 {
			t.Errorf("%s: leads to %s", name, to)
		}
		back := v.visit(to)
		if !strings.HasPrefix(back, "/signed-out?state=") {
			t.Errorf("%s: leads back to %s", name, back)
		}
		switch name {
		case "other":
			back = "/signed-out?state=other"
		case "none":
			back = "/signed-out"
		}
		if page, out := v.get(back), v.get("/account"); page.status != http.StatusOK || out.status != http.StatusSeeOther ||
			(v.cookies["__Host-ask"] == "") != believed {
			t.Errorf("%s: the page answers %d, /account %d, believed %v", name, page.status, out.status,
				v.cookies["__Host-ask"] == "")
		}
	}
}

// of two sessions of one customer at the provider, the one that ends there ends here, and
// then both.
func TestALogoutEndsTheSessionsItNames(t *testing.T) {
	t.Parallel()
	c := openCounter(t, seeded(t), nil)
	laptop, phone := c.newcomer(t, "customer"), c.newcomer(t, "customer")
	var sid string
	c.op.Follow(rogue.Script{Subject: "customer", Claims: func(m map[string]any) { sid = m["sid"].(string) }})
	phone.signIn("/cart")
	named := sid
	laptop.signIn("/cart")
	c.tell(t, c.op.LogoutToken("", named, rogue.Script{}))
	if phone.get("/account").status != http.StatusSeeOther || laptop.get("/account").status != http.StatusOK {
		t.Error("not the one session that was named has ended")
	}
	c.tell(t, c.op.LogoutToken("customer", "", rogue.Script{}))
	if laptop.get("/account").status != http.StatusSeeOther {
		t.Error("a session of the customer lives on")
	}
}

// a logout that names a subject alone ends all sessions of that subject at that issuer.
// Another subject, and one of the same name at another issuer, is signed in as before, and signs in
// even if the logout arrives during their sign-in.
func TestALogoutOfASubjectMeansNobodyElse(t *testing.T) {
	t.Parallel()
	db := seeded(t)
	c, elsewhere := openCounter(t, db, nil), openCounter(t, db, nil)
	in := func(at *counter, subject string, during func(map[string]any)) *visitor {
		v := at.newcomer(t, subject)
		at.op.Follow(rogue.Script{Subject: subject, Token: during})
		v.signIn("/cart")
		return v
	}
	logout := func(map[string]any) {
		if r := c.tell(t, c.op.LogoutToken("customer", "", rogue.Script{})); r.status != http.StatusOK {
			t.Errorf("the logout is answered %d", r.status)
		}
	}
	theirs := []*visitor{in(c, "customer", nil), in(c, "customer", nil), in(c, "customer", nil)}
	others := []*visitor{in(c, "another", nil), in(elsewhere, "customer", nil), in(c, "another", logout),
		in(elsewhere, "customer", logout)}
	for i, v := range theirs {
		if r := v.get("/account"); r.status != http.StatusSeeOther {
			t.Errorf("session %d of the customer lives on: %d", i+1, r.status)
		}
	}
	for i, v := range others {
		if r := v.get("/account"); r.status != http.StatusOK {
			t.Errorf("other %d is signed out: %d", i+1, r.status)
		}
	}
	if n := c.count(t, `SELECT count(*) FROM sessions WHERE ended_reason = 'back_channel'`); n != len(theirs) {
		t.Errorf("%d sessions ended by the provider, want %d", n, len(theirs))
	}
}

// a logout that the store could not record is answered as failed, so that the provider sends
// it again, and the same token then counts.
func TestALogoutTheStoreCouldNotTakeIsToldAgain(t *testing.T) {
	t.Parallel()
	c := openCounter(t, seeded(t), nil)
	v := c.newcomer(t, "customer")
	v.signIn("/cart")
	token := c.op.LogoutToken("customer", "", rogue.Script{})
	for _, s := range []struct {
		sql      string
		answered int
		account  int
	}{
		{`ALTER TABLE logout_marks RENAME TO away`, http.StatusBadRequest, http.StatusOK},
		{`ALTER TABLE away RENAME TO logout_marks`, http.StatusOK, http.StatusSeeOther},
	} {
		_, err := c.pool.Exec(t.Context(), s.sql)
		must(t, err)
		if answer, account := c.tell(t, token), v.get("/account"); answer.status != s.answered ||
			account.status != s.account {
			t.Errorf("answered %d, /account %d; want %d and %d", answer.status, account.status, s.answered, s.account)
		}
	}
}
