package app_test

import (
	"net/http"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/rogue"
)

// A shop that does not ask when the provider authenticated a customer (OIDC_MAX_AGE=0), as Google,
// Entra ID and Dex need it: who signs in is signed in, what needs a recent sign-in waits for one
// that the provider proves, and page and log say so. ASVS 7.5.2, 7.5.3, 7.6.1
func TestShopWithoutMaxAge(t *testing.T) {
	t.Parallel()
	c := (&counter{op: rogue.Start(t), clock: newClock()})
	c.op.Now = c.clock.Now
	c = c.replica(t, seeded(t), "OIDC_MAX_AGE=0")
	undated := rogue.Script{Claims: rogue.Drop("auth_time")}
	c.op.Follow(undated)
	v := c.visitor(t)
	if r := v.signIn("/account"); r.status != http.StatusSeeOther {
		t.Fatalf("the sign-in is answered %d", r.status)
	}
	if body := v.get("/account").body; !strings.Contains(body, "it does not say") {
		t.Errorf("the account page does not say that the age of the sign-in is not known:\n%s", body)
	}
	if r := v.reauthenticate(undated); r.status != http.StatusBadRequest ||
		!strings.Contains(r.body, `data-notice="not-confirmed"`) || !strings.Contains(r.body, `name="confirm" value="1"`) {
		t.Errorf("a reauthentication without auth_time is answered %d:\n%s", r.status, r.body)
	}
	for _, r := range c.op.Requests(rogue.AuthorizePath)[1:] {
		if r.Query.Get("prompt") != "login" || r.Query.Has("max_age") {
			t.Errorf("a reauthentication asked %v", r.Query)
		}
	}
	if !strings.Contains(c.log.String(), "refused (auth_time): missing") {
		t.Errorf("the log does not say why:\n%s", c.log)
	}
	token := formToken(v.get("/account/devices").body)
	end := "form_token=" + token
	if r := v.post("/account/devices/end-others", end); r.status != http.StatusSeeOther ||
		!strings.Contains(r.header.Get("Location"), "confirm=1") {
		t.Errorf("ending other sessions after an undated sign-in is answered %d, %s", r.status, r.header.Get("Location"))
	}
	if r := v.reauthenticate(rogue.Script{}); r.status != http.StatusSeeOther {
		t.Errorf("a reauthentication that is proven is answered %d:\n%s", r.status, r.body)
	}
	end = "form_token=" + formToken(v.get("/account/devices").body)
	if r := v.post("/account/devices/end-others", end); strings.Contains(r.header.Get("Location"), "confirm=1") {
		t.Errorf("ending other sessions after a proven one still waits: %s", r.header.Get("Location"))
	}
}
