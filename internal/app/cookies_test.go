package app_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
)

// laden is a browser with every cookie that the shop sets, each as large as it gets: a tag, five
// open sign-ins that lead to the longest address, the longest form that waits for its
// customer, and the word that makes the next sign-in ask.
func (c *counter) laden(t *testing.T) *visitor {
	t.Helper()
	v, phone := c.visitor(t), c.visitor(t)
	v.signIn("/account")
	phone.signIn("/account")
	phone.submit("/account/devices/end-others", "")
	short, long := 0, 5000 // of the form, what fits and what does not
	for short+1 < long {
		length := (short + long) / 2
		if r := v.post("/checkout/address",
			url.Values{"street": {strings.Repeat("x", length)}}.Encode()); strings.Contains(r.header.Get("Set-Cookie"),
			"__Host-pending=") {
			short = length
		} else {
			long = length
		}
	}
	if _, err := c.pool.Exec(t.Context(), `UPDATE sessions SET ended = ended - interval '2 minutes' WHERE ended IS NOT
		NULL`); err != nil {
		t.Fatal(err)
	}
	v.get("/login") // shows why, and clears the tag
	c.op.Follow(rogue.Script{Age: 10 * time.Minute})
	v.signIn("/account") // refused: the authentication is older than the revocation
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=1")
	for range 6 {
		v.post("/login", "return_to="+url.QueryEscape("/products?q="+strings.Repeat("x", 500)))
	}
	return v
}

// ASVS 3.3.5, K-7: no cookie is larger than a browser keeps, and with all of them at once there is
// room for what else a browser sends.
func TestAllCookiesAtTheirLargestAreAnswered(t *testing.T) {
	t.Parallel()
	c := openCounter(t, seeded(t), nil)
	v := c.laden(t)
	kinds, sum := map[string]int{}, 0
	for name, value := range v.cookies {
		kind, _, _ := strings.Cut(strings.TrimPrefix(name, "__Host-"), "-")
		kinds[kind]++
		if size := len(name) + len(value); size > 4096 || kind == "pending" && size < 4000 {
			t.Errorf("%s has %d bytes with its name; want at most 4096, and of a form that waits nearly as many", name, size)
		}
		sum += len(name) + len("=") + len(value) + len("; ")
	}
	if want := map[string]int{"tag": 1, "notice": 1, "attempt": 5, "pending": 1, "ask": 1}; !maps.Equal(kinds, want) ||
		sum > 12<<10 {
		t.Fatalf("the browser has %v, %d bytes, want %v and at most 12 KiB", kinds, sum, want)
	}
	for _, path := range []string{"/", "/cart", "/login"} {
		if r := v.send(http.MethodGet, path, "", "X-Other", strings.Repeat("x", 15<<10-sum)); r.status != http.StatusOK {
			t.Errorf("%s with %d bytes of cookies, 15 KiB of headers in all, answers %d", path, sum, r.status)
		}
	}
}
