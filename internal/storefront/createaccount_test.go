package storefront_test

import (
	"net/http"
	"testing"

	"hookandtag.example/shop/internal/auth"
)

func TestAccountsAreOfferedWhereTheProviderMakesThem(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	pages := []string{"/login?return_to=/checkout", "/login?problem=not-created", "/login?problem=cancelled"}
	for _, path := range pages {
		wantNoBody(t, b.get(path), "Create an account")
	}
	b.post("/login", "return_to", "/cart", "create", "1")
	s.provider.set(func(p *provider) {
		if got := p.begun[0]; got.Prompt != "" {
			t.Errorf("a provider without such a page is asked with prompt %q", got.Prompt)
		}
		p.creates = true
	})
	for _, path := range pages {
		wantBody(t, b.get(path), `name="create" value="1">Create an account`)
	}
}

func TestCreatingAnAccountIsASignInWithAPromptOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.provider.set(func(p *provider) { p.creates = true })
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	b.cookies["__Host-ask"] = "asked" // which a sign-out has left, and prompt=create must stand alone
	r := b.get(b.approved(b.post("/login", "return_to", "/checkout", "create", "1"), "ann"))
	wantLocation(t, r, "/checkout")
	wantBody(t, b.get("/cart"), `data-signed-in="true"`, `data-sku="HAT-1" data-quantity="1"`)
	s.provider.set(func(p *provider) {
		if got := p.begun[0]; got.Prompt != "create" || got.ReturnTo != "/checkout" || got.MaxAge != 0 {
			t.Errorf("begun with %+v, want prompt create and the checkout", got)
		}
	})
}

func TestAnAccountThatWasNotMadeIsExplained(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.provider.set(func(p *provider) { p.creates = true })
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	for _, check := range []auth.Check{auth.CheckAge, auth.CheckResponse} {
		callback := b.approved(b.post("/login", "return_to", "/checkout", "create", "1"), "ann")
		s.provider.set(func(p *provider) {
			p.refusal = &auth.RefusedError{Check: check, Reason: "a test"}
		})
		r := b.get(callback)
		wantStatus(t, r, http.StatusBadRequest)
		wantBody(t, r, `data-notice="not-created"`, "did not make a new account", `value="/checkout"`,
			`data-signed-in="false"`, `data-cart-count="1"`, "Create an account")
	}
	callback := b.approved(b.post("/login", "return_to", "/checkout", "create", "1"), "ann")
	s.provider.set(func(p *provider) { p.refusal = &auth.RefusedError{Check: auth.CheckNonce, Reason: "a test"} })
	wantNoBody(t, b.get(callback), "did not make a new account") // it may have
}
