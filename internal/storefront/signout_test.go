package storefront_test

import (
	"net/http"
	"strings"
	"testing"
)

// ASVS 7.4.4, 14.3.1; CS-13, CS-19, CS-30
func TestSignOutEndsTheSessionFirstAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.provider.set(func(p *provider) { p.logout = "https://idp.example/end" })
	b := s.visitor()
	b.signIn("ann", "")
	b.submit("/cart/lines", "sku", "HAT-1")
	wantStatus(t, b.get("/logout"), http.StatusMethodNotAllowed)
	copied := b.twin()
	b.cookies["__Host-pending"] = "junk"
	r := b.submit("/logout")
	wantRedirectPage(t, r, "https://idp.example/end?id_token_hint=id-token-of-state-1")
	wantBody(t, r, "You are signed out here")
	wantNoBody(t, r, "Customer ann")
	if got := r.Header.Get("Clear-Site-Data"); got != `"cache", "storage"` {
		t.Errorf("Clear-Site-Data %s", got)
	}
	if len(b.cookies) != 1 || b.cookies["__Host-ask"] == "" {
		t.Errorf("cookies left: %v, want only the state that the provider's sign-out must bring back", b.cookies)
	}
	wantLocation(t, copied.get("/account"), "/login?return_to=%2Faccount")
	wantBody(t, b.get("/cart"), `data-cart-count="0"`, `data-signed-in="false"`)
	out := b.get("/signed-out?state=" + b.cookies["__Host-ask"])
	wantStatus(t, out, http.StatusOK)
	if got := out.Header.Get("Clear-Site-Data"); got != `"cache"` {
		t.Errorf("the page after the sign-out clears %s, want the cache", got)
	}
	wantNoBody(t, out, "Customer ann")
	if len(b.cookies) != 0 {
		t.Errorf("cookies left: %v", b.cookies)
	}
	wantLocation(t, b.post("/logout"), "/signed-out")
	b.post("/login")
	s.provider.set(func(p *provider) {
		if got := p.begun[len(p.begun)-1].Prompt; got != "" {
			t.Errorf("prompt %q after a sign-out at the provider", got)
		}
	})
}

// CS-29: a sign-in that was begun before the sign-out asked for nothing, so it does not settle what
// the next one has to ask.
func TestOnlyASignInThatAskedSettlesTheAsking(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	back := b.comeBack("ann", "/account")
	b.cookies["__Host-ask"] = "set during the sign-in"
	wantLocation(t, b.get(back), "/account")
	if b.cookies["__Host-ask"] == "" {
		t.Error("the next sign-in would ask for nothing")
	}
}

// CS-29: without the provider's own sign-out the next sign-in must not slip in silently.
func TestSignOutWithoutProvidersAsksThereNextTime(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	wantRedirectPage(t, b.submit("/logout"), "/signed-out")
	wantStatus(t, b.get("/signed-out"), http.StatusOK)
	wantPrompt := func(want string) {
		t.Helper()
		s.provider.set(func(p *provider) {
			if got := p.begun[len(p.begun)-1].Prompt; got != want {
				t.Errorf("prompt %q, want %q", got, want)
			}
		})
	}
	b.signIn("ann", "")
	wantPrompt("login")
	if b.cookies["__Host-ask"] != "" {
		t.Error("asked once is enough")
	}
	b.cookies = map[string]string{}
	b.signIn("ann", "")
	wantPrompt("")
}

func TestSignOutOfVisitorWhoIsNotSignedInKeepsTheirCart(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	wantLocation(t, b.post("/logout"), "/signed-out")
	wantBody(t, b.get("/cart"), `data-sku="HAT-1" data-quantity="1"`)
}

func TestASignOutThatThisReplicaCannotDoIsNotSaidToBeDone(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.cookies["__Host-tag"] = "00000000." + strings.Repeat("A", 43) + "." + strings.Repeat("B", 43)
	r := b.post("/logout")
	wantStatus(t, r, http.StatusServiceUnavailable)
	wantBody(t, r, "could not sign you out")
	if b.cookies["__Host-tag"] == "" {
		t.Error("the tag is gone, want it left for the replica that knows its key")
	}
}

func TestSignOutOnEndedSessionIsNoError(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	token := b.token("/account")
	s.goIdle()
	wantRedirectPage(t, b.post("/logout", "form_token", token), "/signed-out")
	if b.cookies["__Host-tag"] != "" {
		t.Error("the dead tag goes")
	}
}

// A session may end before the button is pressed, or the answer to the press may be lost, or nobody
// can say whose the tag was. The provider may still know the customer then.
func TestSignOutAfterTheEndReachesTheProvider(t *testing.T) { // CS-29, WSTG-SESS-06
	t.Parallel()
	for name, end := range map[string]func(s *shop, b *browser, token string){
		"idle": func(s *shop, _ *browser, _ string) { s.goIdle() },
		"pressed twice at once": func(_ *shop, b *browser, token string) {
			b.twin().post("/logout", "form_token", token)
		},
		"pressed again later": func(s *shop, b *browser, token string) {
			b.twin().post("/logout", "form_token", token)
			s.exec(`UPDATE sessions SET ended = ended - interval '2 minutes'`)
		},
		"swept":       func(s *shop, _ *browser, _ string) { s.exec(`DELETE FROM sessions`) },
		"damaged tag": func(_ *shop, b *browser, _ string) { b.cookies["__Host-tag"] = forged(b.t) },
		"junk":        func(_ *shop, b *browser, _ string) { b.cookies["__Host-tag"] = "junk" },
		"two tags":    func(_ *shop, b *browser, _ string) { b.cookies["__Host-tag"] += "; __Host-tag=junk" },
		"revoked": func(s *shop, b *browser, _ string) {
			other := s.visitor()
			other.signIn("ann", "")
			other.submit("/account/devices/end-others")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, stepUp)
			s.provider.set(func(p *provider) { p.logout = "https://idp.example/end" })
			b := s.visitor()
			b.signIn("ann", "")
			token := b.token("/account")
			end(s, b, token)
			wantRedirectPage(t, b.post("/logout", "form_token", token), "https://idp.example/end?id_token_hint=")
			b.get("/signed-out") // the provider has confirmed nothing
			wantLocation(t, b.get("/account"), "/login?return_to=%2Faccount")
			b.post("/login")
			s.provider.set(func(p *provider) {
				if got := p.begun[len(p.begun)-1].Prompt; got != "login" {
					t.Errorf("prompt %q, want login: the provider may let anybody at this browser in", got)
				}
			})
		})
	}
}

func TestSignOutForgetsSignInsUnderWay(t *testing.T) { // CS-29, WSTG-SESS-06
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	b.cookies[attemptCookie] = "sealed"
	b.submit("/logout")
	if b.cookies[attemptCookie] != "" {
		t.Error("a sign-in begun before the sign-out could still finish")
	}
}
