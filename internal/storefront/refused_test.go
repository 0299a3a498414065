package storefront_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/storefront"
)

func TestSigningOutNeedsTheFormToken(t *testing.T) { // NIST 800-63B 5.1: nobody else ends a customer's session
	t.Parallel()
	s := newShop(t)
	ann := s.visitor()
	ann.signIn("ann", "")
	ann.bare = true
	wantStatus(t, ann.post("/logout"), http.StatusForbidden)
	ann.bare = false
	again := ann.post("/logout", "form_token", "stale")
	wantStatus(t, again, http.StatusUnprocessableEntity)
	wantBody(t, again, `action="/logout"`)
	wantStatus(t, ann.get("/account"), http.StatusOK)
	wantRedirectPage(t, ann.submit("/logout"), "/signed-out")
	wantStatus(t, ann.get("/account"), http.StatusSeeOther)
}

func TestTheAddressIsNoPartOfAForm(t *testing.T) { // ASVS 15.3.7
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	wantStatus(t, b.postForm("/cart/lines?sku=HAT-1&quantity=1", url.Values{}), http.StatusNotFound)
	wantStatus(t, b.postForm("/cart/lines?quantity=9", url.Values{"sku": {"HAT-1"}}), http.StatusSeeOther)
	wantBody(t, b.get("/cart"), `data-sku="HAT-1" data-quantity="1"`)
}

func TestEndingOneDeviceNeedsReauthentication(t *testing.T) { // ASVS 7.5.2, 7.5.3
	t.Parallel()
	s := newShop(t, stepUp)
	ann, phone := s.visitor(), s.visitor()
	phone.signIn("ann", "")
	ann.signIn("ann", "")
	handle := ann.otherHandle()
	s.age(6 * time.Minute)
	wantLocation(t, ann.submit("/account/devices/"+handle+"/end"), "/login?confirm=1&return_to=%2Fresume")
	wantStatus(t, phone.get("/account"), http.StatusOK)
}

func TestADeviceThatIsNobodysIsNotFound(t *testing.T) { // ASVS 8.2.2: another customer's is as unknown as none
	t.Parallel()
	s := newShop(t, stepUp)
	ann, tablet, bob := s.visitor(), s.visitor(), s.visitor()
	ann.signIn("ann", "")
	tablet.signIn("ann", "")
	bob.signIn("bob", "")
	for _, handle := range []string{"none", ann.otherHandle()} {
		wantStatus(t, bob.submit("/account/devices/"+handle+"/end"), http.StatusNotFound)
	}
	wantStatus(t, tablet.get("/account"), http.StatusOK)
}

// careless is a provider whose refusals still tell what the token said.
type careless struct{ storefront.Provider }

func (careless) VerifyLogout(context.Context, string) (auth.Logout, error) {
	return auth.Logout{Issuer: "https://idp.example", Subject: "ann", TokenID: "id", IssuedAt: time.Now().Add(time.Minute),
			Expires: time.Now().Add(time.Minute)},
		&auth.RefusedError{Check: auth.CheckSignature}
}

func TestARefusedLogoutEndsNothingWhateverItTells(t *testing.T) { // ASVS 10.5.5
	t.Parallel()
	s := newShop(t, func(c *storefront.Config) { c.Provider = careless{c.Provider} })
	ann := s.visitor()
	ann.signIn("ann", "")
	wantStatus(t, s.tell(url.Values{"logout_token": {"x"}}), http.StatusBadRequest)
	wantStatus(t, ann.get("/account"), http.StatusOK)
}

func TestTwoLogoutTokensAreNone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann := s.visitor()
	ann.signIn("ann", "")
	s.logoutOf("good", "ann")
	wantStatus(t, s.tell(url.Values{"logout_token": {"good", "good"}}), http.StatusBadRequest)
	wantStatus(t, ann.get("/account"), http.StatusOK)
}

func TestCallbacksAreSlowed(t *testing.T) { // ASVS 2.4.1: each takes work to refuse
	t.Parallel()
	s := newShop(t, func(c *storefront.Config) { c.Rates.Callback = storefront.Rate{Requests: 2, Per: time.Hour} })
	b := s.visitor()
	for i, want := range []int{http.StatusBadRequest, http.StatusBadRequest, http.StatusTooManyRequests} {
		if r := b.get("/auth/callback?code=x&state=guessed"); r.StatusCode != want {
			t.Errorf("callback %d: %d, want %d", i+1, r.StatusCode, want)
		}
	}
	wantStatus(t, b.get("/"), http.StatusOK)
}
