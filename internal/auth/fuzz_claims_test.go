package auth_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

// fuzzNow is the time of both clocks, so that a seed can name moments.
const fuzzNow = 1_800_000_000

func fuzzClock() time.Time { return time.Unix(fuzzNow, 0) }

// Whatever a logout token says in the provider's own hand, it is taken only when a plain reading of
// its claims allows it.
func FuzzLogoutClaims(f *testing.F) {
	for _, seed := range [][2]string{
		{`{}`, `{}`}, {`{"typ":"JWT"}`, `{}`}, {`{"typ":null}`, `{}`}, {`{"typ":"LOGOUT+JWT"}`, `{"sid":null}`},
		{`{"kid":"other"}`, `{}`}, {`{"crit":["b64"]}`, `{}`},
		{`{}`, `{"aud":["shop","other"]}`}, {`{}`, `{"aud":["shop"],"sub":null}`}, {`{}`, `{"sub":"alice\u0000"}`},
		{`{}`, `{"sub":null,"sid":null}`},
		{`{}`, `{"jti":"j\u0000"}`}, {`{}`, `{"jti":7}`}, {`{}`, `{"nonce":""}`}, {`{}`, `{"iat":1800000060.5}`},
		{`{}`, `{"iat":1799999399}`}, {`{}`, `{"iat":null}`},
		{`{}`, `{"exp":1800000661}`}, {`{}`, `{"exp":1799999939}`}, {`{}`, `{"exp":1e300}`}, {`{}`, `{"nbf":1800000061}`},
		{`{}`, `{"iss":"https://other.example"}`},
		{`{}`, `{"events":{"http://schemas.openid.net/event/backchannel-logout":[]}}`},
		{`{}`, `{"events":{"http://schemas.openid.net/event/backchannel-logout":null}}`},
	} {
		f.Add(seed[0], seed[1])
	}
	p, _, op := fuzzedAt(f, fuzzClock)
	if _, err := p.VerifyLogout(f.Context(), op.LogoutToken("alice", "sid-1", rogue.Script{})); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, header, claims string) {
		s, ok := rewritten(header, claims)
		if !ok {
			return
		}
		token := op.LogoutToken("alice", "sid-1", s.script())
		logout, err := p.VerifyLogout(t.Context(), token)
		if err != nil {
			checkRefusal(t, err)
			if (logout != auth.Logout{}) {
				t.Errorf("got %+v with an error, want the zero value", logout)
			}
			return
		}
		c := s.claims
		event, _ := c["events"].(map[string]any)
		_, isObject := event["http://schemas.openid.net/event/backchannel-logout"].(map[string]any)
		_, nonce := c["nonce"]
		typ, _ := s.header["typ"].(string)
		good := strings.EqualFold(typ, "logout+jwt") && isObject && !nonce && plainID(c["jti"]) &&
			within(c["exp"], -60, 660) && logout.Subject+logout.SID != ""
		if !good || !s.general() || !s.carries("sub", logout.Subject) || !s.carries("sid", logout.SID) {
			t.Errorf("taken: %v %v as %+v", s.header, c, logout)
		}
	})
}

// Whatever an ID token says in the provider's own hand, it proves something only when a plain
// reading of its claims allows it.
func FuzzIDToken(f *testing.F) {
	for _, seed := range [][2]string{
		{`{}`, `{}`}, {`{"typ":null}`, `{}`}, {`{"typ":"at+jwt"}`, `{}`}, {`{"alg":"none"}`, `{}`}, {`{}`, `{"nonce":null}`},
		{`{}`, `{"nonce":""}`}, {`{}`, `{"sub":""}`},
		{`{}`, `{"sub":"al\u0000ice"}`}, {`{}`, `{"aud":["shop","other"],"azp":"shop"}`},
		{`{}`, `{"aud":["shop"],"azp":"other"}`}, {`{}`, `{"sid":"\u00e9"}`},
		{`{}`, `{"iat":1800000061}`}, {`{}`, `{"iat":1799999399}`}, {`{}`, `{"iat":null}`}, {`{}`, `{"nbf":1800000061}`},
		{`{}`, `{"auth_time":null}`}, {`{}`, `{"auth_time":1800000061}`},
		{`{}`, `{"auth_time":1799989139}`}, {`{}`, `{"auth_time":1800000060,"iat":1800000000.5}`},
		{`{}`, `{"exp":1799999939}`}, {`{}`, `{"at_hash":"AAAA"}`},
		{`{}`, `{"name":null,"email":null}`}, {`{}`, `{"name":7,"email":[],"email_verified":"true"}`},
		{`{}`, `{"name":"\u202ea\ufffd"}`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, header, claims string) {
		p, _, op := fuzzedAt(t, fuzzClock)
		s, ok := rewritten(header, claims)
		if !ok {
			return
		}
		op.Follow(s.script())
		r := returned(t, p, op, func(query string) string { return query })
		authn, err := p.Finish(t.Context(), httptest.NewRecorder(), r)
		if err != nil {
			checkRefusal(t, err)
			if (authn != auth.Authentication{ReturnTo: "/cart", Intent: "cart"}) {
				t.Errorf("refused, and proves %+v", authn)
			}
			return
		}
		c, who := s.claims, authn.Identity
		typ, _ := s.header["typ"].(string)
		good := (typ == "" || strings.EqualFold(typ, "JWT")) && plainID(c["sub"]) && c["nonce"] == s.before["nonce"] &&
			within(c["auth_time"], -3*3600-60, 60) &&
			within(c["exp"], -60, 1e18) && (c["at_hash"] == nil || c["at_hash"] == "" || c["at_hash"] == s.before["at_hash"]) &&
			slices.Contains([]any{nil, "", "shop"}, c["azp"])
		if !good || !s.general() || !s.carries("sub", who.Subject) || !s.carries("sid", authn.SID) ||
			authn.AuthTime.After(authn.IssuedAt) {
			t.Errorf("taken: %v %v as %+v", s.header, c, authn)
		}
		if utf8.RuneCountInString(who.Name) > 100 || len(who.Email) > 254 ||
			strings.ContainsAny(who.Name+who.Email, "\x00\r\n\u202e") {
			t.Errorf("shown as %q, %q", who.Name, who.Email)
		}
	})
}

// rewrite is what a token says instead.
type rewrite struct {
	newHeader, newClaims   map[string]any
	header, claims, before map[string]any
}

// rewritten reads members to set, or with null to leave out. Names of other than small letters are
// passed over: encoding/json takes them for their small twins, which a plain reading does not.
func rewritten(header, claims string) (s *rewrite, ok bool) {
	s = &rewrite{}
	if json.Unmarshal([]byte(header), &s.newHeader) != nil || json.Unmarshal([]byte(claims), &s.newClaims) != nil {
		return nil, false
	}
	for _, m := range []map[string]any{s.newHeader, s.newClaims} {
		for name := range m {
			if strings.ContainsFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' }) {
				return nil, false
			}
		}
	}
	return s, true
}

func (s *rewrite) script() rogue.Script {
	apply := func(to, changes map[string]any) (before map[string]any) {
		before = map[string]any{}
		for name, value := range to {
			before[name] = value
		}
		for name, value := range changes {
			if to[name] = value; value == nil {
				delete(to, name)
			}
		}
		return before
	}
	return rogue.Script{
		Header: func(m map[string]any) { apply(m, s.newHeader); s.header = m },
		Claims: func(m map[string]any) { s.before = apply(m, s.newClaims); s.claims = m },
	}
}

// general is what holds for every token that is taken.
func (s *rewrite) general() bool {
	for _, to := range list(s.claims["aud"]) {
		if to != rogue.ClientID {
			return false
		}
	}
	nbf := s.claims["nbf"] == nil || within(s.claims["nbf"], -1e300, 60)
	return s.header["alg"] == "RS256" && s.claims["iss"] == issuer && len(list(s.claims["aud"])) > 0 &&
		within(s.claims["iat"], -600, 60) && nbf
}

// carries reports whether a claim is the given one, and one that may be accepted.
func (s *rewrite) carries(name, logout string) bool {
	claim := s.claims[name]
	return (claim == logout && plainID(claim)) || (logout == "" && (claim == nil || claim == ""))
}

func list(value any) []any {
	if many, ok := value.([]any); ok {
		return many
	}
	return []any{value}
}

func plainID(value any) bool {
	s, ok := value.(string)
	return ok && s != "" && len(s) <= 255 && strings.Trim(s, printables) == ""
}

var printables = func() string {
	var all []byte
	for b := byte(' '); b <= '~'; b++ {
		all = append(all, b)
	}
	return string(all)
}()

// within reports whether a moment is so many seconds from now.
func within(value any, from, to float64) bool {
	moment, ok := value.(float64)
	if whole, is := value.(int64); is {
		moment, ok = float64(whole), true
	}
	return ok && moment >= fuzzNow+from && moment <= fuzzNow+to
}

// checkRefusal holds an error to what may be logged of it (ASVS 16.4.1).
func checkRefusal(t *testing.T, err error) {
	t.Helper()
	var refused *auth.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("%v", err)
	}
	if len(refused.Reason) > 200 || strings.Trim(refused.Reason, printables) != "" {
		t.Errorf("reason %q", refused.Reason)
	}
}

// returned begins a sign-in, lets the provider answer, and makes the request with which the browser
// comes back.
func returned(t *testing.T, p *auth.Provider, op *rogue.Provider, change func(query string) string) *http.Request {
	w := httptest.NewRecorder()
	address, err := p.Begin(t.Context(), w, httptest.NewRequest(http.MethodPost, base+"/login", nil),
		auth.Begin{ReturnTo: "/cart", Intent: "cart"})
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	op.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, address, nil))
	r := httptest.NewRequest(http.MethodGet, base+"/auth/callback", nil)
	_, query, _ := strings.Cut(answer.Header().Get("Location"), "?")
	r.URL.RawQuery = change(query)
	r.AddCookie(w.Result().Cookies()[0])
	return r
}
