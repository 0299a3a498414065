package interop

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"hookandtag.example/shop/dev/provider/providertest"
	"hookandtag.example/shop/dev/shoptest"
)

// Visitor is someone with a browser.
type Visitor struct {
	*providertest.Browser
	f *Fixture
}

// Visitor opens a browser nobody has used yet.
func (f *Fixture) Visitor() *Visitor { return &Visitor{providertest.NewBrowser(f), f} }

// Use makes the visitor's requests arrive at this replica from now on.
func (v *Visitor) Use(s *Shop) { v.Route(strings.TrimPrefix(v.f.Place.Shop, "http://"), s.Addr) }

// Visit opens a page of the shop and goes wherever that leads.
func (v *Visitor) Visit(path string) *providertest.Page {
	v.f.Helper()
	return v.Open(v.f.Place.Shop+path, "")
}

// Press sends the form on the page at path that goes to action, and goes wherever that leads, but
// not to the provider.
func (v *Visitor) Press(path, action string) *providertest.Page {
	v.f.Helper()
	return v.Visit(path).SubmitTo(action, nil, v.f.Place.Provider)
}

// Add puts one of a product into the cart.
func (v *Visitor) Add(slug string) {
	v.f.Helper()
	page := v.Visit("/products/"+slug).SubmitTo("/cart/lines", url.Values{"quantity": {"1"}}, v.f.Place.Provider)
	if page.Status != http.StatusOK {
		v.f.Fatalf("adding %s ends with %d at %s", slug, page.Status, page.URL)
	}
}

// CartCount is how many things the shop says are in the cart.
func (v *Visitor) CartCount() int {
	v.f.Helper()
	n, err := strconv.Atoi(find(v.Visit("/cart").Body, `data-cart-count="(\d+)"`))
	if err != nil {
		v.f.Fatalf("the cart page shows no count: %v", err)
	}
	return n
}

// SignedIn reports whether the shop shows its private pages to the visitor.
func (v *Visitor) SignedIn() bool {
	v.f.Helper()
	page := v.Visit("/account")
	return page.Status == http.StatusOK && page.URL.Path == "/account"
}

// EndedBy asks for a private page and returns the reason the shop gives for having signed the
// visitor out, "" when it gives none.
func (v *Visitor) EndedBy() string {
	v.f.Helper()
	page := v.Visit("/account")
	if page.URL.Path != "/login" {
		v.f.Errorf("the visitor arrives at %s (%d), not at the sign-in", page.URL, page.Status)
	}
	return find(page.Body, `data-reason="([a-z_]+)"`)
}

// SignIn signs in from the login page, with the password where the provider asks for it, and must
// come back to returnTo.
func (v *Visitor) SignIn(email, returnTo string) (asked bool) {
	v.f.Helper()
	page, asked := v.Authenticate(v.Begin(returnTo), email)
	if page.Status != http.StatusOK || page.URL.Path != returnTo {
		v.f.Fatalf("the sign-in of %s ends with %d at %s:\n%s", email, page.Status, page.URL, page.Body)
	}
	return asked
}

// Begin presses the button of the login page and returns where that leads: an address at the
// provider, which is not opened.
func (v *Visitor) Begin(returnTo string) *providertest.Page {
	v.f.Helper()
	return v.Press("/login?"+url.Values{"return_to": {returnTo}}.Encode(), "/login")
}

// Authenticate opens an address at the provider, gives the password if it asks for it, and goes
// back to the shop.
func (v *Visitor) Authenticate(at *providertest.Page, email string) (page *providertest.Page, asked bool) {
	v.f.Helper()
	return v.authenticate(at, email, "")
}

// AuthenticateUpTo is Authenticate without opening the callback.
func (v *Visitor) AuthenticateUpTo(at *providertest.Page, email string) (callback string) {
	v.f.Helper()
	page, _ := v.authenticate(at, email, v.f.Place.Callback())
	return page.URL.String()
}

func (v *Visitor) authenticate(at *providertest.Page, email, stop string) (page *providertest.Page, asked bool) {
	v.f.Helper()
	if !v.f.atProvider(at) {
		v.f.Fatalf("the shop leads to %s (%d) and not to the provider", at.URL, at.Status)
	}
	page = v.Open(at.URL.String(), stop)
	if !v.f.atProvider(page) {
		return page, false
	}
	return page.Submit(url.Values{v.f.Provider.Email: {email}, "password": {"password"}}, stop), true
}

// SignOut presses the shop's button, and that of the provider where it asks, and returns where that
// ends.
func (v *Visitor) SignOut() *providertest.Page {
	v.f.Helper()
	to := v.Press("/account", "/logout")
	if !v.f.atProvider(to) {
		return to
	}
	return v.leave(to.URL.String())
}

// leave opens the provider's sign-out and presses its button where it asks.
func (v *Visitor) leave(address string) *providertest.Page {
	v.f.Helper()
	page := v.Open(address, "")
	for range 2 {
		if v.f.atProvider(page) && page.Status == http.StatusOK && strings.Contains(page.Body, "<form") {
			page = page.Submit(v.f.Provider.Confirm, "")
		}
	}
	return page
}

// SID is the provider's id of the visitor's session.
func (v *Visitor) SID() string {
	v.f.Helper()
	return shoptest.One[string](v.f, v.f.DB, `SELECT provider_sid FROM sessions WHERE handle = $1`, v.Handle())
}

// Handle is the visitor's session on the shop's devices page.
func (v *Visitor) Handle() string {
	v.f.Helper()
	handle := find(v.Visit("/account/devices").Body, `data-device="([^"]+)" data-current="true"`)
	if handle == "" {
		v.f.Fatal("the devices page does not list this browser")
	}
	return handle
}

// Tag is the value of the shop's cookie, "" without one.
func (v *Visitor) Tag() string {
	v.f.Helper()
	for _, c := range v.Cookies(v.f.Place.Shop) {
		if c.Name == "__Host-tag" {
			return c.Value
		}
	}
	return ""
}

func (f *Fixture) atProvider(p *providertest.Page) bool {
	return strings.HasPrefix(p.URL.String(), f.Place.Provider+"/")
}

// find returns what the first group of pattern matches in text, "" when nothing does.
func find(text, pattern string) string {
	if found := regexp.MustCompile(pattern).FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}
