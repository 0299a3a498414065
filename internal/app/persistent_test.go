package app_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
)

// lasting are the cookies of all answers so far that a browser keeps when it is closed, by name,
// and for how long at most.
func (v *visitor) lasting() (values map[string][]string, longest map[string]time.Duration) {
	values, longest = map[string][]string{}, map[string]time.Duration{}
	for _, r := range v.got {
		for _, c := range (&http.Response{Header: r.header}).Cookies() {
			if c.MaxAge > 0 || !c.Expires.IsZero() {
				kind := c.Name
				if strings.HasPrefix(kind, "__Host-attempt-") {
					kind = "__Host-attempt"
				}
				values[c.Name] = append(values[c.Name], c.Value)
				longest[kind] = max(longest[kind], time.Duration(c.MaxAge)*time.Second)
			}
		}
	}
	return values, longest
}

// NIST 800-63B 5.1, CS-16: what a browser keeps when it is closed lives as long as the page on
// security says, and none of it, alone or together, now or after the customer's session, shows who
// anybody is. The customer's own tag is not among it.
func TestNoCookieThatOutlivesTheBrowserSignsIn(t *testing.T) {
	t.Parallel()
	shop, v := wander(t)
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=2")
	v.signIn("/account")
	if r := v.get("/account"); r.status != http.StatusOK {
		t.Fatalf("/account answers %d to its customer", r.status)
	}
	kept, longest := v.lasting()
	documented := map[string]time.Duration{"__Host-tag": 30 * 24 * time.Hour, "__Host-attempt": 10 * time.Minute,
		"__Host-pending": 30 * time.Minute, "__Host-ask": 30 * 24 * time.Hour, "__Host-notice": time.Minute}
	if !maps.Equal(longest, documented) {
		t.Errorf("kept for %v, want %v", longest, documented)
	}
	if slices.Contains(kept["__Host-tag"], v.cookies["__Host-tag"]) {
		t.Error("the browser keeps the tag of somebody signed in")
	}
	together := shop.visitor(t)
	browsers := []*visitor{together}
	for name, values := range kept {
		together.cookies[name] = values[len(values)-1]
		for _, value := range values {
			alone := shop.visitor(t)
			alone.cookies[name] = value
			browsers = append(browsers, alone)
		}
	}
	for _, b := range browsers {
		jar := maps.Clone(b.cookies)
		b.wantNobody("with only " + strings.Join(slices.Sorted(maps.Keys(jar)), ", "))
	}
}

// wantNobody checks that this browser is shown no customer's page, cart or name.
func (v *visitor) wantNobody(how string, headers ...string) {
	v.t.Helper()
	for _, path := range []string{"/account", "/orders", "/account/devices", "/checkout/address", "/resume"} {
		if r := v.send(http.MethodGet, path, "", headers...); r.status != http.StatusSeeOther ||
			!strings.HasPrefix(r.header.Get("Location"), "/login") {
			v.t.Errorf("%s: %s answers %d", how, path, r.status)
		}
	}
	for _, path := range []string{"/", "/cart", "/login", "/signed-out"} {
		if r := v.send(http.MethodGet, path, "", headers...); strings.Contains(r.body, "Alice") ||
			strings.Contains(r.body, `data-signed-in="true"`) || strings.Contains(r.body, `data-cart-count="2"`) {
			v.t.Errorf("%s: %s shows whose it was (%d)", how, path, r.status)
		}
	}
}

// NIST 800-63B 5.1.2, ASVS 7.2.2: the provider's tokens prove a sign-in once, to us. A bearer of
// one, good as it is at the provider, is nobody here: by whatever way it is sent, with the session
// it made alive and after its end.
func TestATokenOfTheProviderIsNoSession(t *testing.T) {
	t.Parallel()
	shop := openCounter(t, seeded(t), nil)
	tokens := map[string]string{}
	shop.op.Follow(rogue.Script{Token: func(answer map[string]any) {
		tokens["access token"], tokens["ID token"] = answer["access_token"].(string), answer["id_token"].(string)
	}})
	v := shop.visitor(t)
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=2")
	v.signIn("/account")
	if status := shop.userInfo(t, tokens["access token"]); status != http.StatusOK || tokens["ID token"] == "" {
		t.Fatalf("the provider itself answers the access token %d; the ID token is %q", status, tokens["ID token"])
	}
	for _, session := range []string{"alive", "over"} {
		for name, token := range tokens {
			how := name + ", its session " + session
			shop.visitor(t).wantNobody(how+", as Authorization", "Authorization", "Bearer "+token)
			for _, cookie := range []string{"__Host-tag", "__Host-pending", "__Host-ask", "access_token", "id_token"} {
				b := shop.visitor(t)
				b.cookies[cookie] = token
				b.wantNobody(how + ", as cookie " + cookie)
			}
			for _, field := range []string{"access_token", "id_token", "id_token_hint", "token", "tag", "__Host-tag"} {
				query := "?" + url.Values{field: {token}}.Encode()
				if r := shop.visitor(t).get("/account" + query); r.status != http.StatusSeeOther ||
					!strings.HasPrefix(r.header.Get("Location"), "/login") {
					t.Errorf("%s, as %s in the query: %d", how, field, r.status)
				}
				if r := shop.visitor(t).post("/checkout/address", query[1:]); !strings.HasPrefix(r.header.Get("Location"),
					"/login") {
					t.Errorf("%s, as %s in a form: %d to %q", how, field, r.status, r.header.Get("Location"))
				}
			}
		}
		if session == "alive" {
			v.submit("/logout", "")
		}
	}
}

// userInfo shows an access token to the provider itself, and returns its answer.
func (c *counter) userInfo(t *testing.T, token string) (status int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.op.Issuer+rogue.UserInfoPath, http.NoBody)
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultTransport.RoundTrip(r)
	must(t, err)
	response.Body.Close()
	return response.StatusCode
}

// RFC 9700 4.2.4, 4.3, C-5, ASVS 3.4.5, 14.2.1: however a sign-in ends, nothing of the address that
// the provider leads back to is kept: the answer is a 303 to an address without them, may not be
// stored, sends no referrer, and neither answer nor log holds code or state. The same goes for the
// address when it is opened again, by the same browser or another one.
func TestNothingOfTheCallbacksAddressIsKept(t *testing.T) {
	t.Parallel()
	c := openCounter(t, seeded(t), nil)
	scripts := map[string]rogue.Script{"right": {}}
	for name, failed := range failedReauthentications {
		scripts[name] = failed.script
	}
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			v := c.newcomer(t, "alice")
			c.op.Follow(script)
			back, _ := v.comeBack("return_to=/cart")
			c.visitor(t).wantNothingKept("another browser", back)
			first := v.wantNothingKept("the one who pressed the button", back)
			if in := v.get("/account").status == http.StatusOK; in != (first.status == http.StatusSeeOther) || !in &&
				name == "right" {
				t.Errorf("answered %d, signed in: %t", first.status, in)
			}
			v.wantNothingKept("the same once more", back)
			c.visitor(t).wantNothingKept("another browser later", back)
		})
	}
}

// elsewhere finds what on a page leads to another site, or loads something from there.
var elsewhere = regexp.MustCompile(`(href|src|action)="([a-z]+:)?//[^"]*"`)

// wantNothingKept opens the address that the provider leads back to.
func (v *visitor) wantNothingKept(how, back string) (answer reply) {
	v.t.Helper()
	before := len(v.got)
	last := v.get(back) // the page that a failed sign-in leads on to, or the answer itself
	r := v.got[before]
	to, _, _ := strings.Cut(r.header.Get("Location"), "?")
	if r.status != http.StatusSeeOther || r.body != "" || !slices.Contains([]string{"/", "/cart", "/login"}, to) {
		v.t.Errorf("%s: got %d to %q with %d bytes, want a 303 to an address without the code", how, r.status,
			r.header.Get("Location"), len(r.body))
	}
	if link := elsewhere.FindString(last.body); link != "" {
		v.t.Errorf("%s: the page leads or reaches to %s", how, link)
	}
	for header, want := range map[string]string{"Referrer-Policy": "strict-origin", "Cache-Control": "no-store"} {
		if got := r.header.Values(header); !slices.Equal(got, []string{want}) {
			v.t.Errorf("%s: %s is %q, want %q", how, header, got, want)
		}
	}
	for _, name := range []string{"code", "state"} {
		secret := parameter(v.t, back, name)
		for place, text := range map[string]string{"page": last.body, "header": fmt.Sprint(r.header, last.header),
			"log": v.shop.log.String()} {
			if secret != "" && strings.Contains(text, secret) {
				v.t.Errorf("%s: the %s holds the %s", how, place, name)
			}
		}
	}
	return last
}
