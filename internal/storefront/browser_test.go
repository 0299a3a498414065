package storefront_test

import (
	"context"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	browsers "hookandtag.example/shop/dev/browser"
)

// browser is a visitor's browser.
type browser struct {
	t       testing.TB
	shop    *shop
	cookies browsers.Cookies
	bare    bool             // send neither Sec-Fetch-Site nor Origin, like a script
	led     []*http.Response // answers that led on to the page that explains a failed sign-in
}

func (s *shop) visitor() *browser { return &browser{t: s.t, shop: s, cookies: browsers.Cookies{}} }

// twin is another browser with the same cookies as now.
func (b *browser) twin() *browser {
	twin := b.shop.visitor()
	twin.cookies = maps.Clone(b.cookies)
	return twin
}

type reply struct {
	*http.Response
	body string
}

// onward is where the answer leads by itself; "" when it does not.
func (r reply) onward() string { return browsers.Onward(r.Response, r.body) }

// with adds a header to a request.
type with struct{ name, value string }

func (b *browser) get(path string, headers ...with) reply {
	b.t.Helper()
	return b.send(http.MethodGet, path, nil, headers...)
}

// post sends a form given as names and values.
func (b *browser) post(path string, fields ...string) reply {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.postForm(path, form)
}

func (b *browser) postForm(path string, form url.Values, headers ...with) reply {
	b.t.Helper()
	return b.send(http.MethodPost, path, strings.NewReader(form.Encode()),
		append([]with{{"Content-Type", "application/x-www-form-urlencoded"}}, headers...)...)
}

func (b *browser) send(method, path string, body io.Reader, headers ...with) reply {
	b.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, b.shop.url+path, body)
	must(b.t, err)
	if !b.bare && method != http.MethodGet && method != http.MethodHead {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, h := range headers {
		switch {
		case h.name == "Host":
			r.Host = h.value
		case h.value == "":
			r.Header.Del(h.name)
		default:
			r.Header.Set(h.name, h.value)
		}
	}
	answer, text, err := b.cookies.Do(r)
	must(b.t, err)
	if to := answer.Header.Get("Location"); strings.HasPrefix(to, "/login?") && strings.Contains(to, "problem=") {
		b.led = append(b.led, answer)
		return b.send(http.MethodGet, to, nil)
	}
	return reply{answer, text}
}

var tokenField = regexp.MustCompile(`name="form_token" value="([^"]*)"`)

// token reads the form token from a page.
func (b *browser) token(path string) string {
	b.t.Helper()
	found := tokenField.FindStringSubmatch(b.get(path).body)
	if found == nil {
		b.t.Fatalf("no form token on %s", path)
	}
	return html.UnescapeString(found[1])
}

// submit posts a form of a signed-in customer, with the token that their pages carry.
func (b *browser) submit(path string, fields ...string) reply {
	b.t.Helper()
	return b.post(path, append([]string{"form_token", b.token("/cookies")}, fields...)...)
}

// signIn walks through the sign-in as a customer and returns the callback's answer.
func (b *browser) signIn(subject, returnTo string) reply {
	b.t.Helper()
	r := b.get(b.comeBack(subject, returnTo))
	wantStatus(b.t, r, http.StatusSeeOther)
	return r
}

// comeBack walks to the provider and returns the path with which the browser comes back.
func (b *browser) comeBack(subject, returnTo string) string {
	b.t.Helper()
	return b.approved(b.post("/login", "return_to", returnTo), subject)
}

// approved goes where a sign-in form leads, proves there who the customer is, and returns the path
// with which the browser comes back.
func (b *browser) approved(to reply, subject string) string {
	b.t.Helper()
	wantStatus(b.t, to, http.StatusOK)
	u, err := url.Parse(to.onward())
	must(b.t, err)
	return b.shop.provider.approve(u.Query().Get("state"), subject)
}

// toReview fills the checkout up to the review and returns its page.
func (b *browser) toReview() string {
	b.t.Helper()
	wantStatus(b.t,
		b.submit("/checkout/address", "name", "Ann", "street", "Hook Street 1", "postcode", "10115", "city", "Berlin",
			"country", "DE"), http.StatusSeeOther)
	wantStatus(b.t, b.submit("/checkout/delivery", "delivery", "collect"), http.StatusSeeOther)
	review := b.get("/checkout/review")
	wantStatus(b.t, review, http.StatusOK)
	return review.body
}

// field reads a hidden field of a page.
func field(t testing.TB, body, name string) string {
	t.Helper()
	found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(body)
	if found == nil {
		t.Fatalf("no field %s", name)
	}
	return html.UnescapeString(found[1])
}
