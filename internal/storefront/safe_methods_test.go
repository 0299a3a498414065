package storefront_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/web"
)

// busy is a customer of whom there is something in every table that a request can change: two hats
// in the cart, an umbrella saved for later, something to undo, an order placed, the next one before
// its last press, two devices. The query asks for all that their forms can.
func (s *shop) busy() (ann *browser, query string, paths []string) {
	s.t.Helper()
	ann = s.shopper("ann")
	s.visitor().signIn("ann", "")
	placed := ann.press(ann.toReview(), "approve").Header.Get("Location")
	ann.submit("/cart/lines", "sku", "HAT-1", "quantity", "2")
	ann.submit("/cart/lines", "sku", "UMB-1")
	ann.submit("/cart/lines/UMB-1/save")
	ann.submit("/cart/lines", "sku", "HOK-1")
	ann.submit("/cart/lines/HOK-1", "quantity", "0")
	review := ann.toReview()
	handle := ann.otherHandle()
	q := url.Values{"sku": {"HAT-1"}, "quantity": {"3"}, "order_key": {field(s.t, review, "order_key")},
		"total": {field(s.t, review, "total")}, "payment": {"approve"},
		"form_token": {ann.token("/account")}, "_method": {"POST"}, "delivery": {"post"}, "name": {"Eve"}, "confirm": {"1"}}
	for _, route := range s.handler.Routes() {
		_, pattern, _ := strings.Cut(route, " ")
		paths = append(paths, strings.NewReplacer("{handle}", handle, "/orders/{number}", placed).Replace(pathOf(pattern)))
	}
	return ann, q.Encode(), slices.Compact(slices.Sorted(slices.Values(paths)))
}

// ASVS 3.5.3, F-8: by GET, HEAD or OPTIONS nothing is changed in any row of any table, whatever the
// address and its query ask for. A page records two things, both in its own session: that it was
// used, and that a notice has been shown. What the provider sends back to an open sign-in is
// the one address that does more (X-2, F-10).
func TestSafeMethodsChangeNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann, query, paths := s.busy()
	anonymous := s.visitor()
	anonymous.post("/cart/lines", "sku", "HAT-1")
	for _, b := range []*browser{ann, anonymous} {
		b.get("/cart") // shows the pending notices
	}
	look := func(methods ...string) {
		for _, path := range paths {
			for _, method := range methods {
				for _, b := range []*browser{ann, anonymous, s.visitor()} {
					b.send(method, path, nil)
					b.send(method, path+"?"+query, strings.NewReader(query), with{"Content-Type", formType},
						with{"X-HTTP-Method-Override", http.MethodPost})
				}
			}
		}
	}
	if n := s.count(`SELECT count(*) FROM carts WHERE undo IS NOT NULL`); n != 1 {
		t.Fatalf("%d carts have something to undo, want ann's", n)
	}
	before := postgrestest.AllRows(t, s.store.Pool())
	look(http.MethodGet, http.MethodHead, http.MethodOptions)
	if changes := before.Changes(postgrestest.AllRows(t, s.store.Pool())); len(changes) > 0 {
		t.Errorf("looking has changed\n%s", strings.Join(changes, "\n"))
	}

	s.exec(`UPDATE sessions SET last_used = last_used - interval '2 minutes' WHERE ended IS NULL`)
	s.exec(`UPDATE sessions SET data = '{"notice.elsewhere.x": ""}' WHERE ended IS NULL AND
		customer_id IS NOT NULL`)
	sessions := `SELECT json_agg(to_jsonb(s) - '{last_used,sweep_after,user_agent,data}'::text[] ORDER BY id)::text
		FROM sessions s`
	before, rows := postgrestest.AllRows(t, s.store.Pool()), s.text(sessions)
	look(http.MethodGet)
	if n := s.count(
		`SELECT count(*) FROM sessions WHERE ended IS NULL AND last_used > now() - interval '1 minute'`); n != 2 {
		t.Errorf("%d uses were recorded, want ann's and the visitor's", n)
	}
	if changes := before.Changes(postgrestest.AllRows(t, s.store.Pool()), "sessions"); len(changes) > 0 ||
		s.text(sessions) != rows {
		t.Errorf("with a use and a notice to record, looking has changed\n%s\nsessions were\n%s\nand are\n%s",
			strings.Join(changes, "\n"), rows, s.text(sessions))
	}
	wantStatus(t, ann.get("/account"), http.StatusOK)
}

// text runs a query that yields one text.
func (s *shop) text(sql string, args ...any) (found string) {
	s.t.Helper()
	must(s.t, s.store.Pool().QueryRow(s.t.Context(), sql, args...).Scan(&found))
	return found
}

// personal is what answers to ann may say of her and scripts may not.
var personal = []string{"ann", "Ann", "Hook Street", "HT-", "HAT-1", "form_token"}

// ASVS 3.5.7: a script is the same for everybody, byte for byte and header for header, and nobody
// is named in it. Nothing else that another site could load as a script is one.
func TestScriptsAreTheSameForEverybodyAndNameNobody(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann, query, paths := s.busy()
	body := ann.get("/account").body
	_, src, _ := strings.Cut(body, `<script src="`)
	src, _, _ = strings.Cut(src, `"`)
	for _, path := range []string{src, "/static/shop.js", src + "?" + query} {
		theirs, hers := s.visitor().get(path), ann.get(path)
		wantStatus(t, hers, http.StatusOK)
		for _, h := range []string{"X-Request-Id", "Date"} {
			theirs.Header.Del(h)
			hers.Header.Del(h)
		}
		if theirs.body != hers.body || hers.body != allScripts(t) ||
			!maps.EqualFunc(theirs.Header, hers.Header, slices.Equal[[]string]) {
			t.Errorf("%s: %d bytes and %v for ann, %d and %v for a stranger, want the scripts of web/static", path,
				len(hers.body), hers.Header, len(theirs.body), theirs.Header)
		}
		wantNoBody(t, hers, "Customer ann", "ann@example.test", ann.cookies["__Host-tag"])
	}
	for _, path := range paths {
		r := ann.get(path)
		if kind := r.Header.Get("Content-Type"); r.Header.Get("X-Content-Type-Options") != "nosniff" ||
			strings.Contains(kind, "script") || strings.Contains(kind, "json") && path != "/account/stay" {
			t.Errorf("%s is %s, %q", path, kind, r.Header.Get("X-Content-Type-Options"))
		}
	}
}

// ASVS 3.5.7: the one answer that is JSON holds times and why a session ended, nothing of anybody,
// and another site cannot load it.
func TestTheOnlyJSONTellsTimesAndIsForOurOwnPages(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann, query, _ := s.busy()
	for _, b := range []*browser{ann, s.visitor()} {
		r := b.get("/account/stay?" + query)
		fields := map[string]any{}
		must(t, json.Unmarshal([]byte(r.body), &fields))
		for name := range fields {
			if !slices.Contains([]string{"signed_in", "idle_left", "absolute_left"}, name) {
				t.Errorf("%s is fields: %v", name, fields)
			}
		}
		wantNoBody(t, r, personal...)
	}
	for _, dest := range []string{"script", "empty", "image", "iframe"} {
		r := ann.get("/account/stay", with{"Sec-Fetch-Site", "cross-site"}, with{"Sec-Fetch-Mode", "no-cors"},
			with{"Sec-Fetch-Dest", dest})
		if r.StatusCode != http.StatusForbidden || strings.Contains(r.body, "signed_in") {
			t.Errorf("for another site's %s: %d %s", dest, r.StatusCode, summary(r.body))
		}
	}
}

// allScripts is every JavaScript file there is, in the order in which they are one.
func allScripts(t testing.TB) (text string) {
	t.Helper()
	must(t, fs.WalkDir(web.Static(), "scripts", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".js") {
			return err
		}
		b, err := fs.ReadFile(web.Static(), path)
		text += string(b)
		return err
	}))
	return text
}

func TestAFormWaitsUntilItIsPostedItself(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.shopper("ann")
	s.goIdle()
	b.post("/checkout/address", "name", "Ann Typed", "street", "x", "postcode", "10115", "city", "Berlin", "country", "DE")
	b.signIn("ann", "/checkout/address")
	wantBody(t, b.get("/checkout/address"), `value="Ann Typed"`)
	wantBody(t, b.get("/checkout/address"), `value="Ann Typed"`)
	b.submit("/cart/lines", "sku", "UMB-1")
	wantBody(t, b.get("/checkout/address"), `value="Ann Typed"`)
}
