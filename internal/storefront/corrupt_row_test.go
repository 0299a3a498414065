package storefront_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// rubbish is what somebody might write into a column of a session, the status its pages then
// answer, and with which ID token as hint its sign-out leads to the provider.
var rubbish = map[string]struct {
	column, junk string
	want         int
	hint         string
}{
	"a list for values":  {"data", `'[1, {"a": null}]'`, 200, "its own"},
	"numbers for values": {"data", `'{"a": 5}'`, 200, "its own"},
	"no sealed token":    {"id_token", `'junk'`, 200, "none"},
	"markup for a browser": {"user_agent", `E'\u202e<script>alert(1)</script>' || repeat('x', 5000)`, 200,
		"its own"},
	"a long provider's session":        {"provider_sid", `repeat('s', 5000)`, 200, "its own"},
	"a path for a handle":              {"handle", `'../../' || encode(id, 'hex')`, 200, "its own"},
	"a line for a name":                {"log_id", `E'x\n{"level":"ERROR"}'`, 200, "its own"},
	"no idle limit to speak of":        {"idle", `interval '1000000 days'`, 200, "its own"},
	"an end in another age":            {"absolute_end", `'9999-12-31'`, 200, "its own"},
	"an end before the start":          {"absolute_end", `'0001-01-01'`, 303, ""},
	"a use in another age":             {"last_used", `'9999-12-31'`, 200, "its own"},
	"a use before there was one":       {"last_used", `'0001-01-01'`, 303, ""},
	"an authentication in another age": {"auth_time", `'9999-12-31'`, 200, "its own"},
	"begun before there was any":       {"created", `'0001-01-01'`, 200, "its own"},
	"never to be swept":                {"sweep_after", `'infinity'`, 200, "its own"},
	"a token never issued":             {"issued", `'infinity'`, 200, "its own"},
}

// S-13: a row in which somebody wrote rubbish locks nobody out and is no fault of the visitor's.
// Values that cannot be read are dropped, logged and mended.
func TestACorruptRowLocksNobodyOut(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.provider.set(func(p *provider) { p.logout = "https://idp.example/end" })
	for name, c := range rubbish {
		ann, before := s.signedIn(), len(s.logged())
		hint := map[string]string{"its own": fmt.Sprintf("id-token-of-state-%d", len(s.provider.begun))}[c.hint]
		s.exec(`UPDATE sessions SET ` + c.column + ` = ` + c.junk + ` WHERE ended IS NULL`)
		for _, path := range []string{"/account", "/account/devices", "/orders"} {
			if r := ann.get(path); r.StatusCode != c.want || strings.Contains(r.body, "<script>alert") {
				t.Errorf("%s: %s answers %d, want %d and no script of anybody's\n%s", name, path, r.StatusCode, c.want,
					summary(r.body))
			}
		}
		logged := s.logged()[before:]
		if dropped := strings.Count(logged,
			`"level":"ERROR","msg":"session data dropped"`); (dropped > 0) != (c.column == "data") ||
			strings.Count(logged, `"level":"ERROR"`) != dropped {
			t.Errorf("%s: dropped values logged %d times:\n%s", name, dropped, logged)
		}
		if c.want == http.StatusOK {
			s.mended(name, ann)
			if out := ann.submit("/logout").onward(); out != "https://idp.example/end?id_token_hint="+hint {
				t.Errorf("%s: signing out leads to %q, want the hint %q", name, out, hint)
			}
		}
		wantLocation(t, ann.signIn("ann", "/account"), "/account")
		wantStatus(t, ann.get("/account"), http.StatusOK)
		s.exec(`DELETE FROM sessions`)
		s.exec(`DELETE FROM carts`)
	}
	for line := range strings.Lines(s.logged()) {
		if !strings.HasPrefix(line, `{"time"`) {
			t.Errorf("log line %q", line)
		}
	}
}

// mended looks at the cart when a use is due to be recorded, which writes the session's values
// anew: they can be read again then.
func (s *shop) mended(name string, b *browser) {
	s.t.Helper()
	b.submit("/cart/lines", "sku", "HAT-1")
	s.exec(`UPDATE sessions SET last_used = last_used - interval '2 minutes'`)
	b.get("/cart")
	before := len(s.logged())
	wantBody(s.t, b.get("/cart"), `data-sku="HAT-1" data-quantity="1"`)
	if strings.Contains(s.logged()[before:], "session data dropped") {
		s.t.Errorf("%s: the values are rubbish yet after they were written anew", name)
	}
}
