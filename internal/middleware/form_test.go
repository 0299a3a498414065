package middleware_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hookandtag.example/shop/internal/middleware"
)

// parsed sends a request through ParseForm and returns it as the handler sees it, or the error that
// was answered.
func parsed(t testing.TB, method, query, body string) (*http.Request, error) {
	t.Helper()
	var seen *http.Request
	var failed error
	reads := func(*http.Request) []string { return []string{"q", "page", middleware.Repeatable("colour")} }
	fail := func(_ http.ResponseWriter, _ *http.Request, err error) { failed = err }
	h := middleware.ParseForm(reads, fail)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r }))
	r := httptest.NewRequest(method, "/", strings.NewReader(body))
	r.URL.RawQuery = query
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	h.ServeHTTP(httptest.NewRecorder(), r)
	return seen, failed
}

// forms are urlencoded texts: what "q" is in them, or the error. The rules are the same for an
// address and a body.
var forms = map[string]struct {
	encoded, q string
	err        error
}{
	"plain":                             {"q=hat", "hat", nil},
	"space and plus":                    {"q=rain+hat%20box%2B", "rain hat box+", nil},
	"nothing":                           {"", "", nil},
	"unknown, badly escaped":            {"utm_term=50%&q=hat", "hat", nil},
	"unknown, badly escaped name":       {"50%=a&q=hat&%zz", "hat", nil},
	"unknown, not UTF-8":                {"a=%ff&q=hat&%ff=%00", "hat", nil},
	"unknown, twice":                    {"utm=1&q=hat&utm=2", "hat", nil},
	"unknown, with a semicolon":         {"a;b=c&q=hat;", "hat;", nil},
	"a percent sign that stands alone":  {"q=50%", "50%", nil},
	"percent signs of every kind":       {"q=%zz%4%41%%41", "%zz%4A%A", nil},
	"known, by an escaped name":         {"%71=hat", "hat", nil},
	"known, twice":                      {"q=a&q=b", "", middleware.ErrRepeated},
	"known, twice by an escaped name":   {"q=a&%71=b", "", middleware.ErrRepeated},
	"known, twice, both empty":          {"q=&q=", "", middleware.ErrRepeated},
	"known, not UTF-8":                  {"q=%ff", "", middleware.ErrUnreadable},
	"known, half a surrogate pair":      {"q=%ed%a0%80", "", middleware.ErrUnreadable},
	"known, with a NUL":                 {"q=a%00b", "", middleware.ErrUnreadable},
	"combining mark":                    {"q=be%CC%81ret", "b\u00e9ret", nil},
	"two combining marks in any order":  {"q=a%CC%A3%CC%82", "\u1ead", nil},
	"compatibility forms stay as typed": {"q=%EF%AC%81", "\ufb01", nil}, // NFC, not NFKC
}

func TestAFormHoldsWhatIsReadAndNothingElseCanBeWrong(t *testing.T) {
	for name, c := range forms {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
			query, body := c.encoded, ""
			if method == http.MethodPost {
				query, body = "q=%ff&page=1&page=2", c.encoded // the address of a form is not read
			}
			r, err := parsed(t, method, query, body)
			if !errors.Is(err, c.err) || c.err != nil && r != nil {
				t.Errorf("%s, %s: got error %v, want %v", name, method, err, c.err)
				continue
			}
			if c.err != nil {
				continue
			}
			if got := r.Form.Get("q"); got != c.q {
				t.Errorf("%s, %s: got q %+q, want %+q", name, method, got, c.q)
			}
			if len(r.Form) > 2 || method != http.MethodPost && len(r.PostForm) > 0 {
				t.Errorf("%s, %s: more than what is read got in: %v %v", name, method, r.Form, r.PostForm)
			}
		}
	}
}

func TestARepeatableNameKeepsItsValuesInTheirOrderUpToALimit(t *testing.T) {
	most := strings.Repeat("colour=blue&", middleware.MaxValues)
	for encoded, want := range map[string]struct {
		values []string
		err    error
	}{
		"colour=red":                   {[]string{"red"}, nil},
		"colour=red&q=a&c%6Flour=blue": {[]string{"red", "blue"}, nil},
		"colour[]=red&colour=":         {[]string{""}, nil},
		most:                           {slices.Repeat([]string{"blue"}, middleware.MaxValues), nil},
		most + "colour=red":            {nil, middleware.ErrRepeated},
		"colour=red&colour=%ff":        {nil, middleware.ErrUnreadable},
		"colour=red&colour=a%00":       {nil, middleware.ErrUnreadable},
		"colour=red&q=a&q=b":           {nil, middleware.ErrRepeated},
	} {
		r, err := parsed(t, http.MethodGet, encoded, "")
		if !errors.Is(err, want.err) {
			t.Errorf("%s: got error %v, want %v", encoded, err, want.err)
			continue
		}
		if err == nil && (!slices.Equal(r.Form["colour"], want.values) || r.Form.Has("colour[]")) {
			t.Errorf("%s: got %q, want %q", encoded, r.Form, want.values)
		}
	}
}

func TestNoQueryPanicsOrLetsInWhatIsNotRead(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		encoded := rapid.StringMatching(`([a-dq&=%;+\[\]é0-9]|%[0-9a-f]{2}){0,40}`).Draw(rt, "query")
		r, err := parsed(t, http.MethodGet, encoded, "")
		if err != nil {
			return
		}
		for name := range r.Form {
			if name != "q" && name != "page" {
				rt.Fatalf("%q: got field %q", encoded, name)
			}
		}
	})
}
