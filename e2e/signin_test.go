package e2e

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
)

func TestSigningInChangesTheTagAndTheOldOneOpensNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v, mallory := newShopper(t, s), newShopper(t, s)
	v.puts("typist")
	old := v.tag()
	v.comesIn(alice)
	if v.tag().Value == old.Value {
		t.Fatal("the tag is the one from before signing in")
	}
	for tag, want := range map[string]string{old.Value: "rotated", v.tag().Value: ""} {
		if got := one[string](s, "SELECT coalesce(ended_reason, '') FROM sessions WHERE id = $1", idOf(tag)); got != want {
			t.Errorf("the session of a tag has ended %q, want %q", got, want)
		}
	}
	call(mallory, network.SetCookie, network.SetCookieParams{
		Name: old.Name, Value: old.Value, URL: s.url, Path: "/", Secure: new(true), HTTPOnly: new(true),
		SameSite: network.CookieSameSiteLax,
	})
	mallory.opens("/cart")
	mallory.isSignedIn(false, "0")
	mallory.opens("/account")
	mallory.isAt("/login")
}

// idOf is what the database knows the session of a tag by: the hash of the token in the tag's
// middle.
func idOf(tag string) []byte {
	parts := strings.Split(tag, ".")
	sum := sha256.Sum256([]byte(parts[1]))
	return sum[:]
}

// S-25: cookies ignore ports, so the provider has a separate host name.
func TestShopAndProviderNeverSeeEachOthersCookies(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.puts("typist")
	v.presses("Go to checkout")
	v.setsOut()
	under := v.cookies(s.url)
	if len(under) != 2 {
		t.Errorf("while signing in the shop's cookies are %v, want the tag and the attempt", under)
	}
	for _, cookie := range under {
		safe(v, cookie)
	}
	v.proves(alice)
	v.tag() // alone: the attempt is over
	v.signsOut()

	for _, path := range []string{"/authorize", "/login", "/end_session"} {
		if len(s.asked.to(path)) == 0 {
			t.Errorf("the provider was never asked for %s, so this test shows nothing", path)
		}
	}
	for _, asked := range s.asked.to("") {
		if others := slices.DeleteFunc(asked.cookies, func(name string) bool { return name == "provider" }); len(others) > 0 {
			t.Errorf("the provider got the cookies %q with %s %s", others, asked.method, asked.path)
		}
		if strings.HasPrefix(asked.referer, s.url) {
			t.Errorf("the provider received the referer %s with %s %s", asked.referer, asked.method, asked.path)
		}
	}
}

// S-23: browsers apply form-action to every redirect after a form, so both forms leave the shop by
// a page.
func TestTheContentPolicyLetsPeopleSignInAndOutAndNothingElse(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.comesIn(bob) // POST /login, a page that leads to the provider
	v.signsOut()   // POST /logout, a page that leads to the provider, back to /signed-out
	if len(s.asked.to("/end_session")) == 0 {
		t.Error("the provider did not learn of the sign-out")
	}
	v.opens("/login")
	stopped := ask[string](v, `() => new Promise(done => {
		document.addEventListener("securitypolicyviolation", e => done(e.effectiveDirective), {once: true})
		const form = document.querySelector("main form")
		form.action = "http://elsewhere.localhost/"
		form.submit()
	})`)
	if stopped != "form-action" {
		t.Errorf("a form to another host was stopped by %q", stopped)
	}
	v.isAt("/login")
	v.trouble.expect(t, "violates the following Content Security Policy directive")
}

// OIDC Prompt Create 1.0 4.1: somebody new with a hat, all the way, on a telephone.
func TestAStrangerCreatesAnAccountAtTheCheckout(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.turns(narrow)
	v.puts("market-beret")
	v.presses("Go to checkout")
	v.presses("Create an account")
	v.isAt(s.issuer + "/login")
	v.sees("No e-mail is sent")
	v.looks("provider-register")
	v.types("Your name", "Carol Cole")
	v.types("E-mail address", "carol@")
	v.types("Choose a password", "password")
	v.presses("Create the account")
	v.gets(422)
	v.looks("provider-register-errors")
	v.types("E-mail address", "carol@example.test")
	v.types("Choose a password", "password")
	v.presses("Create the account")
	v.isAt("/checkout/address")
	v.isSignedIn(true, "1")
	v.opens("/cart")
	v.hasInCart(map[string]int{"HAT-BERET": 1})
	v.opens("/account")
	v.sees("Carol Cole", "carol@example.test")
	v.signsOut()
	v.opens("/login?return_to=/cart")
	v.signsIn(person{"Carol Cole", "carol@example.test"})
	v.hasInCart(map[string]int{"HAT-BERET": 1})
}

func TestTurningBackAtTheProviderChangesNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.puts("typist")
	before := v.tag().Value
	v.presses("Go to checkout")
	v.setsOut()
	v.presses("Cancel")
	v.notices("cancelled", "You turned back before signing in. Nothing has changed")
	if v.tag().Value != before {
		t.Error("the tag has changed")
	}
	v.isSignedIn(false, "1")
	v.presses("Try again")
	v.proves(alice)
	v.isAt("/checkout/address")
}

// RFC 9700 4.2.4, 4.3, C-5: the address with the code is in no history and no referrer, and opens
// nothing a second time, here or in another browser.
func TestGoingBackToTheAnswerOfTheProviderIsHarmless(t *testing.T) {
	t.Parallel()
	s, asked := openWatchedShop(t)
	v, mallory := newShopper(t, s), newShopper(t, s)
	v.puts("typist")
	v.presses("Go to checkout")
	v.signsIn(alice)
	answers := asked.to("/auth/callback")
	if len(answers) != 1 || !strings.Contains(answers[0].query, "code=") {
		t.Fatalf("the provider led back with %+v, want one answer with a code", answers)
	}
	v.keepsNoCode()
	for _, r := range append(asked.to(""), s.asked.to("")...) {
		if strings.Contains(r.referer, "code=") || strings.Contains(r.referer, "/auth/callback") {
			t.Errorf("%s %s received the referer %s", r.method, r.path, r.referer)
		}
	}

	answer := s.url + "/auth/callback?" + answers[0].query
	v.goes(answer)
	v.gets(200)
	v.isAt("/")
	v.isSignedIn(true, "1")
	mallory.goes(answer)
	mallory.gets(400)
	mallory.isSignedIn(false, "0")
	if n := len(s.asked.to("/token")); n != 1 {
		t.Errorf("%d codes were presented to the provider, want one", n)
	}
	v.opens("/checkout/address")
	for range 4 {
		v.goesBack()
		if strings.HasPrefix(v.address(), s.url) && v.status() >= 400 {
			t.Errorf("going back shows %d at %s", v.status(), v.address())
		}
	}
}

// keepsNoCode checks the addresses that the browser would go back to.
func (v *shopper) keepsNoCode() {
	v.t.Helper()
	entries := call(v, page.GetNavigationHistory, cdp.Empty{}).Entries
	if len(entries) < 3 {
		v.t.Errorf("only %d addresses in the history", len(entries))
	}
	for _, e := range entries {
		if strings.Contains(e.URL, "code=") || strings.Contains(e.URL, "/auth/callback") {
			v.t.Errorf("the history has %s", e.URL)
		}
	}
}

func TestAFormOpenedBeforeSigningInCostsOneMoreClick(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := newShopper(t, s)
	v.puts("typist")
	other := v.secondTab()
	other.opens("/products/brass-hook")
	other.types("Quantity", "3")
	v.presses("Go to checkout")
	v.signsIn(alice)

	other.presses("Add to cart")
	other.gets(422)
	other.sees("One more click", "3")
	other.presses("Add it to the cart")
	other.isAt("/cart")
	other.hasInCart(map[string]int{"GLO-TYPIST": 1, "HOO-BRASS": 3})
}
