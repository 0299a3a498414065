package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/app"
)

// wander is a visitor who has been through everything that sets or deletes a cookie or writes to
// the log.
func wander(t *testing.T) (*counter, *visitor) {
	t.Helper()
	shop := openCounter(t, seeded(t), nil)
	v := shop.visitor(t)
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=2")
	v.post("/cart/forget", "")
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=2")
	v.comeBack("return_to=/cart") // an attempt that is never finished
	shop.op.Follow(rogue.Script{Thin: true, Age: 10 * time.Minute})
	v.signIn("/account")
	v.submit("/account/devices/end-others", "") // needs a reauthentication: the form is kept
	shop.op.Follow(rogue.Script{})
	page := v.get("/login?confirm=1&return_to=%2Fresume").body
	back, _ := v.comeBack("confirm=1&return_to=%2Fresume&form_token=" + url.QueryEscape(formToken(page)))
	v.get(back)
	v.submit("/account/devices/end-others", "")
	v.get(back) // the same return once more
	v.get("/orders")
	v.submit("/logout", "")
	v.get("/signed-out?state=" + v.cookies["__Host-ask"])
	v.cookies["__Host-tag"] = "forged"
	v.get("/")
	for _, r := range v.got {
		if r.status >= 500 {
			t.Fatalf("%s answers %d", r.path, r.status)
		}
	}
	return shop, v
}

func formToken(page string) string { return hidden(page, "form_token") }

// complete is a Set-Cookie line that lacks nothing, whether it sets or deletes.
var complete = regexp.MustCompile(
	`^(__Host-[a-z]+)[0-9a-f-]*=[\w.-]*; Path=/(; Max-Age=\d+)?; HttpOnly; Secure; SameSite=Lax$`)

// ASVS 3.3.1 to 3.3.5, CS-10, CS-17, K-1, K-2, K-5, 63B 5.1.1: every cookie the shop ever sends is
// one of those on the page, whole, small, and alone of its name.
func TestEveryCookieIsDocumentedAndComplete(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	_, v := wander(t)
	set, deleted := map[string]bool{}, map[string]bool{}
	for _, r := range v.got {
		names := map[string]bool{}
		for _, line := range r.header.Values("Set-Cookie") {
			found := complete.FindStringSubmatch(line)
			if found == nil || len(line) > 4096 {
				t.Errorf("%s sets %s", r.path, line)
				continue
			}
			name, _, _ := strings.Cut(line, "=")
			if names[name] || r.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s sets %s twice, or may be stored: %v", r.path, name, r.header)
			}
			names[name] = true
			set[found[1]] = true
			deleted[found[1]] = deleted[found[1]] || strings.Contains(line, "=; Path=/; Max-Age=0; ")
		}
	}
	for _, name := range []string{"__Host-tag", "__Host-notice", "__Host-attempt", "__Host-pending", "__Host-ask"} {
		if !set[name] || !deleted[name] {
			t.Errorf("%s: set %v, deleted %v", name, set[name], deleted[name])
		}
	}
	for name := range set {
		if !regexp.MustCompile("(?m)^\\| `" + name + "[-…]*` \\|").Match(page) {
			t.Errorf("docs/security.md does not tell of the cookie %s", name)
		}
	}
}

func TestTheTutorialsCookieIsDocumentedAndComplete(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	db := seeded(t)
	shop := openCounter(t, db, nil).replica(t, db, "TUTORIAL=on", "LAB_URL=http://127.0.0.1:8089")
	set := shop.visitor(t).get("/learn/your-tag").header.Values("Set-Cookie")
	if len(set) != 1 || !strings.HasPrefix(set[0], "__Host-learn=") || !complete.MatchString(set[0]) {
		t.Errorf("opening a lesson sets %q, want the one cookie of the tutorial, complete", set)
	}
	if !regexp.MustCompile("(?m)^\\| `__Host-learn` \\|").Match(page) {
		t.Error("docs/security.md does not list the cookie __Host-learn")
	}
}

// ASVS 3.3.4, 10.1.1, 14.2.1, 16.2.5: no secret is where it does not belong.
func TestSecretsAreNowhereButInTheirPlaces(t *testing.T) {
	t.Parallel()
	shop, v := wander(t)
	const beginOfJWT = "eyJhbGciOi" // {"alg":, too long for random text to hold by chance
	var inCookies, never []string   // what only a cookie may hold, and what no answer may
	for _, r := range v.got {
		for _, c := range (&http.Response{Header: r.header}).Cookies() {
			if len(c.Value) > 40 {
				inCookies = append(inCookies, c.Value, strings.Split(c.Value, ".")[1])
			}
		}
	}
	for _, r := range shop.op.Requests(rogue.TokenPath) {
		never = append(never, r.Form.Get("code"), r.Form.Get("code_verifier"),
			strings.TrimPrefix(r.Header.Get("Authorization"), "Basic "))
	}
	for _, r := range shop.op.Requests(rogue.UserInfoPath) {
		never = append(never, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	}
	if len(inCookies) < 10 || len(never) < 7 || slices.Contains(never, "") {
		t.Fatalf("%d and %d secrets: too few to look for", len(inCookies), len(never))
	}
	for _, r := range v.got {
		headers := r.header.Clone()
		headers.Del("Set-Cookie")
		text, _ := json.Marshal(headers)
		for _, secret := range slices.Concat(inCookies, never, []string{rogue.ClientSecret}) {
			if strings.Contains(r.body, secret) || strings.Contains(string(text), secret) {
				t.Errorf("%s answers with a secret", r.path)
			}
		}
		// the hint goes to the provider only
		if strings.Contains(string(text), beginOfJWT) || strings.Contains(r.body, beginOfJWT) != (r.path == "/logout") {
			t.Errorf("%s answers with a token", r.path)
		}
	}
	for _, secret := range slices.Concat(inCookies, never,
		[]string{rogue.ClientSecret, beginOfJWT, "alice", "Alice", "HAT-BOWLER"}) {
		if strings.Contains(shop.log.String(), secret) {
			t.Errorf("the log holds %.12q", secret)
		}
	}
	const wrong = `SELECT count(*) FROM sessions
		WHERE id_token LIKE '%' || $1 || '%' OR ended IS NOT NULL AND id_token IS NOT NULL`
	if n := shop.count(t, wrong, beginOfJWT); n != 0 {
		t.Errorf("%d rows hold an ID token in clear or after their end", n)
	}
}

// ASVS 16.2.1, 16.2.2, 16.3.1 to 16.3.3: each moment that matters is one line, which says when,
// with its zone, and what.
func TestEveryMomentIsOneLineOfTheLog(t *testing.T) {
	t.Parallel()
	shop, _ := wander(t)
	moments := map[string]int{}
	for line := range strings.Lines(shop.log.String()) {
		var l struct{ Time, Msg, Event, Reason, Session, Request string }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if _, err := time.Parse(time.RFC3339Nano, l.Time); err != nil || l.Msg == "request" && l.Request == "" {
			t.Errorf("%s: %v", line, err)
		}
		if l.Event != "" {
			moments[strings.TrimSpace(l.Event+" "+l.Reason)]++
		}
	}
	for what, want := range map[string]int{
		"session_created": 4, "session_ended forgotten": 1, "session_ended rotated": 2, "session_ended signed_out": 1,
		"session_tag_refused unsigned": 1, "authn_login_success": 2,
	} {
		if moments[what] != want {
			t.Errorf("%s: %d lines, want %d of %v", what, moments[what], want, moments)
		}
	}
}

// 63C 4.7, ASVS 16.5.2: the shop's session lives by its own limits, whatever becomes of the ID
// token and of the provider.
func TestASessionOutlivesItsIDTokenAndItsProvider(t *testing.T) {
	t.Parallel()
	shop := openCounter(t, seeded(t), nil)
	v := shop.visitor(t)
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=2")
	v.signIn("/account")
	shop.clock.move(20 * time.Minute) // the ID token was good for five
	shop.op.Follow(rogue.Script{Answers: map[string]rogue.Answer{
		rogue.DiscoveryPath: {Drop: true}, rogue.KeysPath: {Drop: true}, rogue.TokenPath: {Drop: true},
		rogue.UserInfoPath: {Status: http.StatusUnauthorized},
	}})
	shop.op.Forget()
	if account, cart := v.get("/account"), v.get("/cart"); account.status != http.StatusOK ||
		!strings.Contains(cart.body, `data-quantity="2"`) {
		t.Errorf("/account answers %d with the provider gone", account.status)
	}
	if asked := shop.op.Requests(""); len(asked) != 0 {
		t.Errorf("a page asked the provider: %+v", asked)
	}
	if out := v.submit("/logout", ""); out.status >= 400 || v.get("/account").status != http.StatusSeeOther {
		t.Errorf("signing out with the provider gone answers %d", out.status)
	}
}

// OIDC Back-Channel Logout 1.0 2.5 to 2.8, X-12, X-13: the right token ends what it names with
// exactly 200, once, whatever else comes with it; what nobody knows is ended already. The wrong
// ones: TestNoFaultyLogoutTokenEndsASession.
func TestOnlyARightLogoutTokenEndsASession(t *testing.T) {
	t.Parallel()
	shop := openCounter(t, seeded(t), nil)
	v := shop.visitor(t)
	v.signIn("/account")
	token := shop.op.LogoutToken("alice", "", rogue.Script{Claims: rogue.Set("unknown", "x")})
	if first, again := shop.tell(t, token), shop.tell(t, token); first.status != http.StatusOK ||
		again.status != http.StatusBadRequest || first.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the right token: %d, and again: %d; want 200 and 400", first.status, again.status)
	}
	if r := v.get("/account"); r.status != http.StatusSeeOther {
		t.Errorf("the session lives on: %d", r.status)
	}
	if r := shop.tell(t, shop.op.LogoutToken("", "sid-nobody-knows", rogue.Script{})); r.status != http.StatusOK {
		t.Errorf("an unknown session: %d, want 200", r.status)
	}
}

// ASVS 10.5.5 against the certification suite: only the switch lets a logout token through that
// does not say what it is, and none that says it is something else.
func TestTheSwitchForLogoutTokensWithoutTheirType(t *testing.T) {
	t.Parallel()
	db := seeded(t)
	strict := openCounter(t, db, nil)
	loose := strict.replica(t, db, "OIDC_LOOSE_LOGOUT_TYPE=1")
	for typ, want := range map[string][2]int{"logout+jwt": {200, 200}, "JWT": {400, 200}, "at+jwt": {400, 400}} {
		for i, shop := range []*counter{strict, loose} {
			token := strict.op.LogoutToken("alice", "", rogue.Script{Header: rogue.Set("typ", typ)})
			if r := shop.visitor(t).send(http.MethodPost, "/auth/backchannel-logout", "logout_token="+
				token); r.status != want[i] {
				t.Errorf("typ %s, loose %v: %d, want %d", typ, i == 1, r.status, want[i])
			}
		}
	}
}

// ASVS 12.3.1, 12.3.2: a database reached over a network without proof of its name is said at every
// start.
func TestAnUnprotectedDatabaseIsSaidAtEveryStart(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"postgres://shop@db.example/shop?sslmode=verify-full": true, "postgres:///shop?host=/run/postgresql": true,
		"postgres://localhost/shop":                 true,
		"postgres://127.0.0.1/shop?sslmode=disable": true, "postgres://[::1]/shop": true,
		"postgres://shop@db.example/shop": false, "postgres://shop@db.example/shop?sslmode=disable": false,
		"postgres://shop@db.example/shop?sslmode=prefer": false, "postgres://shop@db.example/shop?sslmode=require": false,
		"postgres://shop@10.0.0.5/shop?sslmode=verify-ca": false,
		"postgres://shop@localhost,db.example/shop":       false, "postgres://shop@localhost.example/shop": false,
	} {
		s, err := app.Parse(variables("DATABASE_URL=" + address))
		if err != nil {
			t.Fatal(err)
		}
		if warned := slices.ContainsFunc(s.Warnings(),
			func(w string) bool { return strings.HasPrefix(w, "DATABASE_URL") }); warned == good {
			t.Errorf("%s: warned: got %v, want %v", address, warned, !good)
		}
	}
}
