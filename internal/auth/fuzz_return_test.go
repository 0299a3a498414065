package auth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

// Whatever comes back beside the state of an open sign-in, only the provider's code
// signs in, each attempt is used up at most once, and nothing of any length reaches the log. CODE
// in the query stands for that code, ISS for the provider's own name.
func FuzzReturn(f *testing.F) {
	for _, seed := range []string{
		"iss=ISS&code=CODE", "code=CODE", "iss=ISS&code=CODE1", "iss=ISS", "iss=&code=CODE", "iss=ISS%2F&code=CODE",
		"iss=ISS&iss=ISS&code=CODE", "iss=ISS&code=CODE&code=CODE",
		"iss=ISS&code=%zz", "iss=ISS;code=CODE", "iss=ISS&error=access_denied", "iss=ISS&error=login_required&code=CODE",
		"iss=ISS&error=server_error&error_description=%0d%0a%1b[31m",
		"iss=ISS&error=temporarily_unavailable&error_description=" + strings.Repeat("x", 5000), "iss=ISS&error=" +
			strings.Repeat("%ff", 300), "iss=" + strings.Repeat("h", 5000) + "&code=CODE",
		"iss=ISS&error=x&error=x", "iss=ISS&code=CODE&state=", "iss=ISS&code=CODE&id_token=a.b.c", "%69ss=ISS&%63ode=CODE",
		"iss=ISS&code=CODE&error_description=alone",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, more string) {
		p, used, op := fuzzed(t)
		var code string
		r := returned(t, p, op, func(query string) string {
			q, _ := url.ParseQuery(query)
			code = q.Get("code")
			return "state=" + url.QueryEscape(q.Get("state")) + "&" +
				strings.NewReplacer("CODE", code, "ISS", url.QueryEscape(issuer)).Replace(more)
		})
		w := httptest.NewRecorder()
		authn, err := p.Finish(t.Context(), w, r)
		want := expected(r.URL.RawQuery, code)
		if outcome(err) != want || (err == nil) != (authn.Identity.Subject != "") {
			t.Errorf("%q: %v, want %s, proves %+v", more, err, want, authn)
		}
		if err != nil && (len(err.Error()) > 300 || strings.Trim(err.Error(), printables) != "") {
			t.Errorf("%q: the log gets %q", more, err)
		}
		kept := want == string(auth.CheckQuery)
		asked := want == rogue.Accepted || want == string(auth.CheckToken)
		if (used.count() == 0) != kept || (len(w.Result().Cookies()) == 0) != kept || len(w.Result().Cookies()) > 1 ||
			(len(op.Requests(rogue.TokenPath)) == 1) != asked {
			t.Errorf("%q: %d used up, cookies %v", more, used.count(), w.Result().Cookies())
		}
		if _, err := p.Finish(t.Context(), httptest.NewRecorder(), r); !kept && !errors.As(err, &auth.RepeatedError{}) {
			t.Errorf("%q: a second time: %v", more, err)
		}
	})
}

// expected reads a query as OpenID Connect and RFC 9207 have it.
func expected(query, code string) string {
	q := url.Values{}
	for pair := range strings.SplitSeq(query, "&") {
		for _, name := range []string{"state", "code", "iss", "error", "error_description"} {
			escaped, _, _ := strings.Cut(pair, "=")
			if plain, err := url.QueryUnescape(escaped); err != nil || plain != name {
				continue
			}
			one, err := url.ParseQuery(pair)
			if err != nil || q.Has(name) {
				return string(auth.CheckQuery)
			}
			q[name] = one[name]
		}
	}
	failure, given := q.Get("error"), q.Get("code")
	switch {
	case q.Get("iss") != issuer, (failure == "") == (given == ""):
		return string(auth.CheckResponse)
	case given == code:
		return rogue.Accepted
	case given != "":
		return string(auth.CheckToken)
	case slices.Contains([]string{"access_denied", "login_required", "interaction_required", "consent_required",
		"account_selection_required"}, failure):
		return rogue.Cancelled
	case failure == "server_error" || failure == "temporarily_unavailable":
		return rogue.Unavailable
	}
	return string(auth.CheckResponse)
}

// ASVS 16.4.1: what a callback's address says reaches the log as one bounded line of printable
// characters.
func TestACallbackPutsNoMoreThanALineIntoTheLog(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x\r\n\x1b\u202e", 2000)
	for _, name := range []string{"iss", "error", "server_error"} {
		s := open(t)
		r := s.browser.request(http.MethodGet, s.start(t, auth.Begin{}))
		q := r.URL.Query()
		switch name {
		case "iss":
			q.Set("iss", long)
		case "error":
			q.Del("code")
			q.Set("error", long)
		default:
			q.Del("code")
			q.Set("error", name)
			q.Set("error_description", long)
		}
		r.URL.RawQuery = q.Encode()
		_, err := s.finishRequest(t, r)
		if err == nil || len(err.Error()) > 300 || strings.Trim(err.Error(), printables) != "" {
			t.Errorf("%s: the log gets %d bytes: %.400q", name, len(err.Error()), err)
		}
	}
}
