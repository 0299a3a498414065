package storefront_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func addHat() url.Values { return url.Values{"sku": {"HAT-1"}, "quantity": {"1"}} }

// F-1 to F-5: who may send a form, by what the browser says of its origin.
func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ours := s.url
	for name, c := range map[string]struct {
		site, origin string
		want         int
	}{
		"cross-site":                        {"cross-site", "", 403},
		"same-site":                         {"same-site", "", 403},
		"cross-site with our origin":        {"cross-site", ours, 403},
		"same-origin":                       {"same-origin", "", 303},
		"typed or bookmarked":               {"none", "", 303},
		"no metadata, our origin":           {"", ours, 303},
		"no metadata, other origin":         {"", "https://evil.example", 403},
		"no metadata, null origin":          {"", "null", 403},
		"no metadata, other scheme":         {"", strings.Replace(ours, "http://", "https://", 1), 403},
		"no metadata, our name, other port": {"", "http://127.0.0.1:1", 403},
		"neither, nobody signed in":         {"", "", 303},
	} {
		r := s.visitor().postForm("/cart/lines", addHat(), with{"Sec-Fetch-Site", c.site}, with{"Origin", c.origin})
		if r.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", name, r.StatusCode, c.want)
		}
	}
}

// F-1 for every form, F-6, F-7, F-12: refused before the session is read, whatever the path looks
// like.
func TestRefusedFormsTouchNoSession(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	paths := []string{"//auth/backchannel-logout/../cart", "/auth/backchannel-logout", "/cart/lines/../lines"}
	for _, route := range s.handler.Routes() {
		if method, pattern, _ := strings.Cut(route, " "); method == http.MethodPost {
			paths = append(paths, strings.NewReplacer("{sku}", "HAT-1").Replace(pattern))
		}
	}
	before := s.statements.Load()
	for _, path := range paths {
		r := b.postForm(path, addHat(), with{"Sec-Fetch-Site", "cross-site"})
		if r.StatusCode != http.StatusForbidden || r.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d, Set-Cookie %q; want 403 and none", path, r.StatusCode, r.Header.Get("Set-Cookie"))
		}
	}
	if asked := s.statements.Load() - before; asked != 0 {
		t.Errorf("%d statements for refused forms, want none", asked)
	}
	if !strings.Contains(s.logged(), `"event":"malicious_csrf"`) {
		t.Error("a refusal is an event (ASVS 16.3.3)")
	}
}

// NIST 800-63B 5.1; F-4
func TestFormsOfCustomersNeedTheirToken(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	stranger := s.visitor()
	stranger.signIn("bob", "")
	foreign := stranger.token("/account")
	script := b.twin()
	script.bare = true
	for name, token := range map[string]string{"none": "", "junk": "x.y", "another session's": foreign} {
		form := addHat()
		form.Set("form_token", token)
		wantStatus(t, script.postForm("/cart/lines", form), http.StatusForbidden)
		again := b.postForm("/cart/lines", form)
		if again.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("token %s from our own page: %d, want the form again (422)", name, again.StatusCode)
		}
		wantBody(t, again, `action="/cart/lines"`, `name="sku" value="HAT-1"`, `name="quantity" value="1"`)
	}
	if n := s.count(`SELECT count(*) FROM cart_lines`); n != 0 {
		t.Errorf("%d lines were added", n)
	}
	form := addHat()
	form.Set("form_token", b.token("/account"))
	wantStatus(t, script.postForm("/cart/lines", form), http.StatusSeeOther)
}

func TestFormOpenedBeforeSignInNeedsOneMoreClick(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1", "quantity", "1")
	b.signIn("ann", "")
	again := b.post("/cart/lines/HAT-1", "quantity", "3")
	wantStatus(t, again, http.StatusUnprocessableEntity)
	wantLocation(t,
		b.post("/cart/lines/HAT-1", "quantity", field(t, again.body, "quantity"), "form_token",
			field(t, again.body, "form_token")), "/cart#HAT-1")
	wantBody(t, b.get("/cart"), `data-sku="HAT-1" data-quantity="3"`)
}

func TestStaleOrderFormShowsAFreshReviewInstead(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.post("/cart/lines", "sku", "HAT-1")
	b.signIn("ann", "")
	review := b.toReview()
	again := b.post("/orders", "order_key", field(t, review, "order_key"), "total", field(t, review, "total"), "payment",
		"approve", "form_token", "old")
	wantStatus(t, again, http.StatusUnprocessableEntity)
	wantBody(t, again, `name="order_key"`, `data-notice="late"`)
	if n := s.count(`SELECT count(*) FROM orders`); n != 0 {
		t.Errorf("%d orders placed by a form without a valid token", n)
	}
}

// ASVS 3.2.1, 3.5.8; F-9
func TestPagesAreOnlyForThoseWhoGoThere(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	for name, c := range map[string]struct {
		site, mode, dest string
		want             int
	}{
		"link on another site": {"cross-site", "navigate", "document", 200},
		"our own link":         {"same-origin", "navigate", "document", 200},
		"our own script":       {"same-origin", "cors", "empty", 200},
		"typed":                {"none", "navigate", "document", 200},
		"image elsewhere":      {"cross-site", "no-cors", "image", 403},
		"script elsewhere":     {"cross-site", "no-cors", "script", 403},
		"frame elsewhere":      {"cross-site", "navigate", "iframe", 403},
		"object elsewhere":     {"cross-site", "navigate", "object", 403},
		"embed elsewhere":      {"cross-site", "navigate", "embed", 403},
		"fetch on a sibling":   {"same-site", "cors", "empty", 403},
		"an old browser":       {"", "", "", 200},
	} {
		before := s.statements.Load()
		r := b.get("/account", with{"Sec-Fetch-Site", c.site}, with{"Sec-Fetch-Mode", c.mode}, with{"Sec-Fetch-Dest", c.dest})
		if r.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", name, r.StatusCode, c.want)
		}
		if asked := s.statements.Load() - before; c.want == 403 && asked != 0 {
			t.Errorf("%s: refused, but %d statements", name, asked)
		}
	}
}

// F-11
func TestSpeculativeLoadsAreNoUseOfASession(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	s.exec(`UPDATE sessions SET last_used = last_used - interval '5 minutes'`)
	before := s.statements.Load()
	for _, h := range []with{{"Sec-Purpose", "prefetch"}, {"Sec-Purpose", "prefetch;prerender"}, {"Purpose", "prefetch"}} {
		r := b.get("/account", h)
		if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Set-Cookie") != "" ||
			r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%v: %d %v", h, r.StatusCode, r.Header)
		}
	}
	if asked := s.statements.Load() - before; asked != 0 {
		t.Errorf("%d statements, want none", asked)
	}
	wantStatus(t, s.visitor().get("/", with{"Sec-Purpose", "prefetch"}), http.StatusOK)
}

// F-10: what comes back from the provider counts only as a page that the whole window goes to.
func TestCallbackIsATopLevelNavigation(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	back := b.comeBack("ann", "/account")
	for name, headers := range map[string][]with{
		"frame":    {{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "navigate"}, {"Sec-Fetch-Dest", "iframe"}},
		"image":    {{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "no-cors"}, {"Sec-Fetch-Dest", "image"}},
		"fetch":    {{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Mode", "cors"}, {"Sec-Fetch-Dest", "empty"}},
		"prefetch": {{"Sec-Purpose", "prefetch"}},
	} {
		if r := b.get(back, headers...); r.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d, want 403", name, r.StatusCode)
		}
	}
	s.provider.set(func(p *provider) {
		if p.finished != 0 {
			t.Error("a refused callback must not use up the attempt")
		}
	})
	r := b.get(back, with{"Sec-Fetch-Site", "cross-site"}, with{"Sec-Fetch-Mode", "navigate"},
		with{"Sec-Fetch-Dest", "document"})
	wantLocation(t, r, "/account")
	if got := r.Header.Get("Referrer-Policy"); got != "strict-origin" {
		t.Errorf("Referrer-Policy %q on the callback (RFC 9700 4.2.4)", got)
	}
}

// ASVS 4.1.3, 15.3.4
func TestOnlyTheShopsOwnNameIsAnswered(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	before := s.statements.Load()
	for _, host := range []string{"evil.example", "localhost", "127.0.0.1:1", strings.TrimPrefix(s.url, "http://") +
		".evil.example"} {
		wantLocation(t, b.get("/products?q=hat&page=2", with{"Host", host}), s.url+"/products?q=hat&page=2")
		wantLocation(t, b.get("//evil.example/x", with{"Host", host}), s.url+"//evil.example/x")
		wantStatus(t, b.postForm("/cart/lines", addHat(), with{"Host", host}), http.StatusMisdirectedRequest)
		wantStatus(t, b.get("/healthz", with{"Host", host}), http.StatusOK)
	}
	if asked := s.statements.Load() - before; asked != 0 {
		t.Errorf("%d statements under other names, want none", asked)
	}
	wantStatus(t, b.get("/readyz", with{"Host", "evil.example"}), http.StatusOK)
	forwarded := b.get("/", with{"X-Forwarded-Host", "evil.example"}, with{"X-Forwarded-Proto", "https"},
		with{"Forwarded", "host=evil.example"})
	wantStatus(t, forwarded, http.StatusOK)
	wantNoBody(t, forwarded, "evil.example")
}

// S-22: nobody but a trusted proxy says whose address it is.
// A browser that sends neither Sec-Fetch-* nor Origin gives nothing away about who posts. What
// another site can do there is on docs/security.md.
func TestAFormWithNeitherOriginNorTagCanOnlyBeginASession(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	b.signIn("ann", "")
	before := b.cookies["__Host-tag"]
	crossSite := s.visitor() // SameSite=Lax keeps the customer's tag from it
	crossSite.bare = true
	r := crossSite.postForm("/cart/lines", addHat())
	if r.StatusCode != http.StatusSeeOther || crossSite.cookies["__Host-tag"] == "" {
		t.Errorf("got %d and the tag %q, want a session begun", r.StatusCode, crossSite.cookies["__Host-tag"])
	}
	if n := s.count(`SELECT count(*) FROM cart_lines l JOIN carts c ON c.id = l.cart_id
		WHERE c.customer_id IS NOT NULL`); n != 0 {
		t.Errorf("got %d lines in the customer's cart, want none", n)
	}
	b.cookies["__Host-tag"] = before
	wantBody(t, b.get("/cart"), `data-signed-in="true"`)
	for _, path := range []string{"/cart/lines/HAT-1", "/cart/undo", "/cart/forget"} {
		other := s.visitor()
		other.bare = true
		other.postForm(path, addHat())
		if other.cookies["__Host-tag"] != "" {
			t.Errorf("%s: got a tag, want none: nothing is worth keeping", path)
		}
	}
}
