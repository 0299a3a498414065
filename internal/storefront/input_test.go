package storefront_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

const formType = "application/x-www-form-urlencoded"

// pathOf fills a route's pattern with names that could exist.
func pathOf(pattern string) string {
	return strings.NewReplacer("{sku}", "HAT-1", "{slug}", "rain-bowler", "{number}", "HT-2222-2222", "*",
		"none.css").Replace(pattern)
}

// ASVS 7.2.1, over the router's own list: a tag that the shop did not make is no session, whatever
// the route.
func TestEveryRouteTreatsJunkTagsAsStrangers(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	routes := s.handler.Routes()
	if len(routes) < 30 {
		t.Fatalf("only %d routes", len(routes))
	}
	for _, route := range routes {
		method, pattern, _ := strings.Cut(route, " ")
		bare := s.visitor()
		want := bare.send(method, pathOf(pattern), body(method), with{"Content-Type", formType})
		if want.StatusCode >= 500 {
			t.Errorf("%s without anything: %d", route, want.StatusCode)
		}
		for _, junk := range []string{"x", strings.Repeat("A", 43), "00000000." + strings.Repeat("A", 43) + "." +
			strings.Repeat("B", 43), strings.Repeat("x", 3000), "' OR 1=1 --"} {
			b := s.visitor()
			b.cookies["__Host-tag"] = junk
			got := b.send(method, pathOf(pattern), body(method), with{"Content-Type", formType})
			if route == "POST /logout" && strings.HasPrefix(junk, "00000000.") {
				wantStatus(t, got, http.StatusServiceUnavailable) // of another replica's key, for all this one knows
				continue
			}
			if route == "POST /logout" { // a refused tag may have been a session's, so the provider is asked, too
				wantStatus(t, got, http.StatusOK)
				continue
			}
			if got.StatusCode != want.StatusCode || withoutState(got) != withoutState(want) {
				t.Errorf("%s with the tag %.20q: %d to %q, without %d to %q", route, junk, got.StatusCode,
					got.Header.Get("Location"), want.StatusCode, want.Header.Get("Location"))
			}
			wantNoBody(t, got, `data-signed-in="true"`)
		}
	}
	if n := s.count(`SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

// withoutState is where an answer leads, but for what is new each time.
func withoutState(r reply) string {
	to, _, _ := strings.Cut(r.Header.Get("Location"), "state=")
	return to
}

func body(method string) io.Reader {
	if method == http.MethodPost {
		return strings.NewReader("quantity=1")
	}
	return nil
}

// K-4, K-7: two tags are none; one tag in a second Cookie header is one.
func TestTwoTagsAreNone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	tag := b.cookies["__Host-tag"]
	for _, cookies := range [][]string{{"__Host-tag=evil; __Host-tag=" + tag}, {"__Host-tag=" + tag + "; __Host-tag=evil"},
		{"__Host-tag=" + tag, "__Host-tag=" + tag},
		{"__host-tag=" + tag}, {"=__Host-tag=" + tag}, {"$Version=1,__Host-tag=" + tag}} {
		if got := s.rawGet("/account", cookies); got != http.StatusSeeOther {
			t.Errorf("%.60q: %d, want 303 to the sign-in", cookies, got)
		}
	}
	if got := s.rawGet("/account", []string{"a=b", "__Host-tag=" + tag}); got != http.StatusOK {
		t.Errorf("split Cookie header: %d", got)
	}
}

// rawGet sends Cookie headers just as they are.
func (s *shop) rawGet(path string, cookies []string) int {
	s.t.Helper()
	host := strings.TrimPrefix(s.url, "http://")
	c, err := net.Dial("tcp", host)
	must(s.t, err)
	defer c.Close()
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", path, host)
	for _, line := range cookies {
		fmt.Fprintf(c, "Cookie: %s\r\n", line)
	}
	fmt.Fprint(c, "\r\n")
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	must(s.t, err)
	return r.StatusCode
}

// CS-4: the tag counts in its cookie only.
func TestTagElsewhereOpensNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	tag, stranger := b.cookies["__Host-tag"], s.visitor()
	for _, r := range []reply{stranger.get("/account?__Host-tag=" + tag),
		stranger.get("/account", with{"Authorization", "Bearer " + tag}), stranger.get("/account", with{"X-Session", tag})} {
		wantStatus(t, r, http.StatusSeeOther)
	}
}

// badForms are what no page of ours sends, and the status each gets. One of them is good.
var badForms = map[string]struct {
	path, kind, body string
	want             int
}{
	"huge form":               {"/cart/lines", formType, "sku=HAT-1&quantity=" + strings.Repeat("1", 70<<10), 413},
	"no content type":         {"/cart/lines", "", "sku=HAT-1", 415},
	"JSON":                    {"/cart/lines", "application/json", `{"sku":"HAT-1"}`, 415},
	"plain text":              {"/cart/lines", "text/plain", "sku=HAT-1", 415},
	"multipart":               {"/cart/lines", "multipart/form-data; boundary=x", "--x--", 415},
	"content type junk":       {"/cart/lines", ";;;", "sku=HAT-1", 415},
	"content type with words": {"/cart/lines", formType + "; charset=UTF-8", "sku=HAT-1&quantity=1", 303},
	"NUL":                     {"/cart/lines", formType, "sku=HAT-1%00", 422},
	"invalid UTF-8":           {"/cart/lines", formType, "sku=%ff%fe", 422},
	"bad escape":              {"/cart/lines", formType, "sku=%zz", 404},
	"semicolon":               {"/cart/lines", formType, "sku=HAT-1;quantity=1", 404},
	"NUL in an unread name":   {"/cart/lines", formType, "sku=UMB-1&a%00=1", 303},
	"unread fields, broken":   {"/cart/lines", formType, "a=50%&sku=UMB-1&a=%ff&b;c", 303},
	"field twice":             {"/cart/lines", formType, "sku=HAT-1&quantity=1&quantity=2", 422},
	"nothing":                 {"/cart/lines", formType, "", 404},
	"unknown SKU":             {"/cart/lines", formType, "sku=NOPE-1", 404},
	"no SKU at all":           {"/cart/lines", formType, "sku=' OR 1=1", 404},
	"negative":                {"/cart/lines", formType, "sku=HAT-1&quantity=-1", 422},
	"zero":                    {"/cart/lines", formType, "sku=HAT-1&quantity=0", 422},
	"eleven":                  {"/cart/lines", formType, "sku=HAT-1&quantity=11", 422},
	"huge number":             {"/cart/lines", formType, "sku=HAT-1&quantity=99999999999999999999", 422},
	"large number":            {"/cart/lines", formType, "sku=HAT-1&quantity=999999999", 422},
	"exponent":                {"/cart/lines", formType, "sku=HAT-1&quantity=1e3", 422},
	"hexadecimal":             {"/cart/lines", formType, "sku=HAT-1&quantity=0x1", 422},
	"fraction":                {"/cart/lines", formType, "sku=HAT-1&quantity=1.5", 422},
	"words":                   {"/cart/lines", formType, "sku=HAT-1&quantity=two", 422},
	"sold out":                {"/cart/lines", formType, "sku=SCA-1&quantity=1", 422},
	"line negative":           {"/cart/lines/HAT-1", formType, "quantity=-1", 422},
	"line huge":               {"/cart/lines/HAT-1", formType, "quantity=99999999999999999999", 422},
	"line without number":     {"/cart/lines/HAT-1", formType, "", 422},
	"line of junk":            {"/cart/lines/%00", formType, "quantity=1", 404},
	"line of bad UTF-8":       {"/cart/lines/%ff", formType, "quantity=1", 404},
	"line never added":        {"/cart/lines/UMB-1", formType, "quantity=1", 303},
	"login with JSON":         {"/login", "application/json", "{}", 415},
	"logout with JSON":        {"/logout", "application/json", "{}", 415},
	"query with NUL":          {"/cart/lines?sku=%00&quantity=x", formType, "sku=UMB-1", 303},
}

func TestBadInputGetsItsAnswerAndTheCartStays(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1", "quantity", "2")
	for name, c := range badForms {
		r := b.send(http.MethodPost, c.path, strings.NewReader(c.body), with{"Content-Type", c.kind})
		if r.StatusCode != c.want {
			t.Errorf("%s: %d, want %d\n%s", name, r.StatusCode, c.want, summary(r.body))
		}
	}
	wantBody(t, b.get("/cart"), `data-sku="HAT-1" data-quantity="3"`) // one of the forms above was good
}

func TestBadAddressesGetTheirAnswer(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	for path, want := range map[string]int{
		"/products?q=%00": 422, "/products?q=%ff": 422, "/products?page=abc": 404, "/products?page=-5": 404,
		"/products?page=0": 404, "/products?page=": 200, "/products?page=999999999999999999999": 404,
		"/products?page=999": 404, "/products?min=-1&max=99999999999999999999&sort=evil&room=nowhere": 422, "/products?q=" +
			strings.Repeat("x", 3000): 200,
		"/products?q=%27%20OR%201%3D1--&in_stock=yes": 200, "/products?q=a&q=b": 422, "/products/UPPER": 404, "/products/" +
			strings.Repeat("a", 200): 404,
		"/products?a;b": 200, "/products?q=50%": 200, "/auth/callback": 400, "/auth/callback?state=%ff&code=%00": 400,
		"/login?problem=nonsense": 200, "/login?problem=": 200,
	} {
		if r := b.get(path); r.StatusCode != want {
			t.Errorf("%.80s: %d, want %d", path, r.StatusCode, want)
		}
	}
}

// strayQueries are what mail programs, advertisers and broken links add to an address, none of it
// read by a page.
var strayQueries = []string{"utm_term=50%", "utm_term=%zz", "a=%ff", "a=%00", "%00=1", "a=1&a=2", "a;b",
	"fbclid=x&fbclid=y&utm_source=50%25%"}

// A page reads the parameters that it knows and ignores the rest (HTML forms, RFC 6749 3.1 for the
// callback).
func TestWhatAPageDoesNotReadCannotBeWrong(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann := s.signedIn()
	for _, route := range s.handler.Routes() {
		method, pattern, _ := strings.Cut(route, " ")
		if method != http.MethodGet || strings.Contains(pattern, "{") || strings.Contains(pattern, "*") {
			continue
		}
		bare := ann.get(pattern)
		for _, stray := range strayQueries {
			if r := ann.get(pattern + "?" + stray); r.StatusCode != bare.StatusCode {
				t.Errorf("%s?%s: got %d, want %d as without the query", pattern, stray, r.StatusCode, bare.StatusCode)
			}
		}
	}
	for _, path := range []string{"/products/rain-bowler", "/no/such/page"} {
		want := ann.get(path).StatusCode
		for _, stray := range strayQueries {
			if r := ann.get(path + "?" + stray); r.StatusCode != want {
				t.Errorf("%s?%s: got %d, want %d", path, stray, r.StatusCode, want)
			}
		}
	}
	for _, stray := range []string{"a=b", "a=%zz; =; ;;", `q="x`, strings.Repeat("a=b; ", 200)} {
		if r := ann.get("/account",
			with{"Cookie", stray + "; __Host-tag=" + ann.cookies["__Host-tag"]}); r.StatusCode != http.StatusOK {
			t.Errorf("Cookie %.40q beside the session cookie: got %d, want 200", stray, r.StatusCode)
		}
	}
}

// noNames are what PostgreSQL takes for no text, and what is none of the names that we give,
// escaped.
var noNames = []string{"%00", "%ff", "%ed%a0%80", "x", "a%0Ab", "%20", strings.Repeat("A", 21) + "%00",
	strings.Repeat("A", 22) + "%0A", strings.Repeat("x", 3000)}

// fields are the names of all that a form or a query of ours holds.
var fields = []string{"sku", "quantity", "q", "room", "colour", "material", "min", "max", "sort", "page", "in_stock",
	"added", "change",
	"confirm", "return_to", "state", "code", "iss",
	"error", "name", "street", "postcode", "city", "country", "delivery", "order_key", "total", "payment", "logout_token"}

// ASVS 2.2.1, over the router's own list: whatever stands where a name should, in the address, a
// form, a query or a cookie.
func TestJunkInAPathOrFieldIsNoFaultOfOurs(t *testing.T) {
	t.Parallel()
	s := newShop(t, stepUp)
	ann := s.signedIn()
	ours := "form_token=" + url.QueryEscape(ann.token("/account"))
	named := regexp.MustCompile(`{\w+}|\*`)
	for _, route := range s.handler.Routes() {
		method, pattern, _ := strings.Cut(route, " ")
		if pattern == "/logout" { // it would be the last thing that ann does here
			continue
		}
		for _, junk := range noNames {
			r := ann.send(method, named.ReplaceAllString(pattern, junk), strings.NewReader(ours), with{"Content-Type", formType})
			if r.StatusCode >= 500 || strings.Contains(pattern, "{handle}") && r.StatusCode != http.StatusNotFound {
				t.Errorf("%s with %.20s: %d", route, junk, r.StatusCode)
			}
			if r := ann.fill(method, pathOf(pattern), junk); r.StatusCode >= 500 {
				t.Errorf("%s with the fields %.20s: %d", route, junk, r.StatusCode)
			}
		}
	}
}

// fill sends an address with the same in every field and in every cookie but the tag.
func (b *browser) fill(method, path, text string) reply {
	b.t.Helper()
	filled := b.twin()
	filled.cookies["__Host-pending"], filled.cookies["__Host-ask"], filled.cookies[attemptCookie] = text, text, text
	all := strings.Join(fields, "="+text+"&") + "=" + text
	if method == http.MethodGet {
		return filled.get(path + "?" + all)
	}
	return filled.send(method, path, strings.NewReader(all), with{"Content-Type", formType})
}
