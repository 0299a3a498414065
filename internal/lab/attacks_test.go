package lab_test

import (
	"slices"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/lab"
	"hookandtag.example/shop/internal/mallory"
)

func TestMalloryGuessesHerNeighboursUnlessIDsAreRandom(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	w.customer(2).add("HOOK")
	if g := must(w.GuessNeighbours(t.Context(), 50))(t); g.Hits != 9 || g.Tried != 50 {
		t.Errorf("50 neighbours of a counted id: %d hits of %d, want 9 of 50: %v", g.Hits, g.Tried, g.Found)
	}
	if !w.happened(2, mallory.EventStolen) {
		t.Error("the exhibit did not notice")
	}
	again := must(w.GuessNeighbours(t.Context(), 50))(t)
	if again.Hits != 9 || strings.Count(strings.Join(again.Found, "; "), "this is you") > 1 {
		t.Errorf("a second time: %d hits, %v; want 9, none of them an earlier tag of Mallory's", again.Hits, again.Found)
	}
	w.defend(2, "random")
	w.customer(2).add("HOOK")
	if g := must(w.GuessNeighbours(t.Context(), 50))(t); g.Hits != 0 || g.Tried != 50 {
		t.Errorf("50 neighbours of a random id: %d hits of %d, want 0 of 50", g.Hits, g.Tried)
	}
}

func TestTheTapReadsTheCookieInClearAndNothingOverTLS(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	alice := w.customer(3)
	alice.signIn("Alice")
	tap := must(w.ReadTap(t.Context()))(t)
	if tap.Look.User != "Alice" || !strings.Contains(tap.Wires[0].Text, "Cookie: sid="+alice.Cookie()) {
		t.Errorf("in clear: Mallory sees %q, the newest wire says %q", tap.Look.User, tap.Wires[0].Text)
	}
	if err := w.Reset(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	bob := w.customer(3).overTLS()
	bob.signIn("Bob")
	tap = must(w.ReadTap(t.Context()))(t)
	if len(tap.Wires) == 0 || tap.Cookie != "" || tap.Look.User != "" {
		t.Errorf("over TLS: %d wires, cookie %q, Mallory sees %q; want some wires and nothing", len(tap.Wires), tap.Cookie,
			tap.Look.User)
	}
	for _, wire := range tap.Wires {
		if !wire.TLS || wire.Up == 0 || strings.Contains(wire.Text, bob.Cookie()) {
			t.Errorf("a wire over TLS: %+v", wire)
		}
	}
}

func TestASecureCookieDoesNotTravelInClear(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	alice := w.customer(3)
	alice.overTLS().signIn("Alice")
	if !alice.visit("").In {
		t.Error("without Secure the cookie should go along on http")
	}
	w.defend(3, "secure")
	alice = w.customer(3)
	alice.overTLS().signIn("Alice")
	if alice.visit("").In {
		t.Error("a Secure cookie was sent over http")
	}
	if tap := must(w.ReadTap(t.Context()))(t); tap.Cookie != "" {
		t.Errorf("the tap read %q", tap.Cookie)
	}
	w.defend(3, "tls")
	alice = w.customer(3)
	alice.overTLS().signIn("Alice")
	if !alice.visit("").In {
		t.Error("http was not redirected to https")
	}
}

func TestTheProxyInTheMiddle(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	for _, c := range []struct {
		attack  mallory.Attack
		defence string
	}{{mallory.SwapCertificate, "verify"}, {mallory.Downgrade, "hsts"}, {mallory.PlantCookie, "prefix"}} {
		if err := w.Reset(t.Context(), 4); err != nil {
			t.Fatal(err)
		}
		if m := must(w.InTheMiddle(t.Context(), c.attack))(t); m.Stolen == m.Planted || m.Complaint != "" {
			t.Errorf("%s without defence: %+v", c.attack, m)
		}
		w.defend(4, c.defence)
		m := must(w.InTheMiddle(t.Context(), c.attack))(t)
		if m.Stolen || m.Planted {
			t.Errorf("%s with %s: %+v", c.attack, c.defence, m)
		}
		if x509 := strings.Contains(m.Complaint,
			"x509: certificate signed by unknown authority"); x509 != (c.attack != mallory.PlantCookie) {
			t.Errorf("%s with %s: the client's complaint is %q", c.attack, c.defence, m.Complaint)
		}
	}
}

func TestTheTwinSaysHSTSOverTLSOnly(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	w.defend(4, "hsts")
	alice := w.customer(4)
	for _, c := range []*customer{alice, alice.overTLS()} {
		said := slices.ContainsFunc(c.visit("").Exchange.Got, func(line string) bool {
			return strings.HasPrefix(line, "Strict-Transport-Security")
		})
		if overTLS := c != alice; said != overTLS {
			t.Errorf("over TLS is %t, and HSTS is said: %t", overTLS, said)
		}
	}
}

func TestAReviewMayHoldAScriptUnlessItIsEscaped(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	for _, kind := range []string{"kind", "steal", "ride"} {
		if err := w.Review(t.Context(), kind); err != nil {
			t.Fatal(err)
		}
	}
	if _, page := w.ask("GET", w.URL(5), ""); strings.Count(page, "<script>") != 2 ||
		!strings.Contains(page, "<b>Five hooks") {
		t.Errorf("the reviews are not there as posted: %s", page)
	}
	w.defend(5, "escape")
	if err := w.Review(t.Context(), "steal"); err != nil {
		t.Fatal(err)
	}
	if _, page := w.ask("GET", w.URL(5), ""); strings.Contains(page, "<script>") ||
		!strings.Contains(page, "&lt;script&gt;") {
		t.Errorf("the review is not text: %s", page)
	}
}

func TestTheCookieOfClientSideAttacksIsBareUntilItIsDefended(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	cookie := func() string {
		answer, _ := w.ask("POST", w.URL(5)+"sign-in", "name=Alice")
		return answer.Header.Get("Set-Cookie")
	}
	if got := cookie(); strings.Contains(got, "HttpOnly") || strings.Contains(got, "SameSite") {
		t.Errorf("Set-Cookie: %s; want neither HttpOnly nor SameSite", got)
	}
	w.defend(5, "httponly")
	if got := cookie(); !strings.Contains(got, "HttpOnly") || strings.Contains(got, "SameSite") {
		t.Errorf("Set-Cookie: %s; want HttpOnly and no SameSite", got)
	}
	if err := w.Switch(t.Context(), 5, "httponly", false); err != nil {
		t.Fatal(err)
	}
	w.defend(5, "samesite")
	if got := cookie(); strings.Contains(got, "HttpOnly") || !strings.Contains(got, "SameSite=Lax") {
		t.Errorf("Set-Cookie: %s; want SameSite=Lax and no HttpOnly", got)
	}
}

func TestAFormFromAnotherSiteFillsTheCartUnlessItIsRefused(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	ride := func() (status, cart int) {
		alice := w.customer(5)
		alice.signIn("Alice")
		answer, _ := w.ask("POST", w.URL(5)+"cart", "sku=FEDORA", "Cookie", "sid="+alice.Cookie(),
			"Origin", "http://"+lab.MalloryHost, "Sec-Fetch-Site", "cross-site")
		return answer.StatusCode, alice.visit("").Cart
	}
	if status, cart := ride(); status != 303 || cart != 1 {
		t.Errorf("a form from another site: %d, and %d in the cart; want 303 and 1", status, cart)
	}
	w.defend(5, "origin")
	if status, cart := ride(); status != 403 || cart != 0 {
		t.Errorf("a form from another site: %d, and %d in the cart; want 403 and 0", status, cart)
	}
}

func TestMallorysMailboxOpensTheAccount(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	alice := w.customer(5)
	alice.signIn("Alice")
	mailbox := w.base + strings.TrimSuffix(w.Path(5), "5/") + "mailbox?c="
	w.ask("GET", mailbox+"sid%3D"+alice.Cookie(), "", "Host", strings.Replace(w.base[7:], "127.0.0.1", lab.MalloryHost, 1))
	if look := must(w.ReadMailbox(t.Context()))(t); look.User != "Alice" {
		t.Errorf("the cookie in the mailbox opens the account of %q, want Alice", look.User)
	}
	if err := w.Reset(t.Context(), 5); err != nil {
		t.Fatal(err)
	}
	if look := must(w.ReadMailbox(t.Context()))(t); look.In {
		t.Error("an empty mailbox opened an account")
	}
}

func TestALetterChangedOpensAnotherAccountUnlessItIsSigned(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	if _, look, err := w.ChangeLetter(t.Context()); err != nil || look.User != "Alice" {
		t.Errorf("customer-m with one letter changed is %q, want Alice", look.User)
	}
	w.defend(6, "signed")
	before := w.state(6).Lookups
	_, look, err := w.ChangeLetter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if after := w.state(6).Lookups; look.In || after != before {
		t.Errorf("a signed cookie with one letter changed: in is %t, %d look-ups; want false and 0", look.In, after-before)
	}
}
