package rogue

import (
	"fmt"
	"net/http"
	"strings"
)

func tokenFaults() []Fault {
	with := func(f func(map[string]any)) func(*Script) { return func(s *Script) { s.Token = f } }
	faults := []Fault{
		{Name: "no id_token", Clause: "OIDC Core 3.1.3.3, X-10", Change: with(Drop("id_token")), Want: "token"},
		{Name: "id_token empty", Clause: "OIDC Core 3.1.3.3, X-10", Change: with(Set("id_token", "")), Want: "token"},
		{Name: "id_token a number", Clause: "OIDC Core 3.1.3.3, X-10", Change: with(Set("id_token", 1)), Want: "token"},
		{Name: "id_token of 100 KB", Clause: "ASVS 15.3.2", Change: with(Append("id_token", strings.Repeat("A", 100<<10))),
			Want: "token"},
		{Name: "no access_token", Clause: "RFC 6749 5.1, X-10", Change: with(Drop("access_token")), Want: "token"},
		{Name: "access_token empty", Clause: "RFC 6749 5.1, X-10", Change: with(Set("access_token", "")), Want: "token"},
		{Name: "no token_type", Clause: "RFC 6749 5.1", Change: with(Drop("token_type")), Want: "token"},
		{Name: "token_type of another kind", Clause: "OIDC Core 3.1.3.3", Change: with(Set("token_type", "DPoP")),
			Want: "token"},
		{Name: "error with status 200", Clause: "RFC 6749 5.2", Change: with(Set("error", "invalid_grant")), Want: "token"},
		{Name: "expires_in without meaning", Clause: "RFC 6749 5.1", Change: with(Set("expires_in", "soon")), Want: "token"},
		{Name: "token invalid_grant", Clause: "RFC 6749 5.2, S-19", Want: "token",
			Change: answering(TokenPath, Answer{Status: http.StatusBadRequest, Body: `{"error":"invalid_grant"}`})},
		{Name: "token invalid_client", Clause: "RFC 6749 5.2, S-19", Want: "token",
			Change: answering(TokenPath, Answer{Status: http.StatusUnauthorized, Body: `{"error":"invalid_client"}`})},
		{Name: "token error with hostile words", Clause: "ASVS 16.4.1", Want: "token",
			Change: answering(TokenPath,
				Answer{Status: http.StatusBadRequest, Body: `{"error":"<b>\r\n\u001b[31m","error_description":"\u0000"}`})},
		{Name: "token list", Clause: "RFC 6749 5.1", Want: "token", Change: answering(TokenPath, Answer{Body: "[]"})},
		{Name: "token busy", Clause: "RFC 6585 4", Want: Unavailable,
			Change: answering(TokenPath, Answer{Status: http.StatusTooManyRequests})},
	}
	for _, broken := range broken() {
		want := Unavailable
		if broken.name == "is not JSON" || broken.name == "redirects" {
			want = "token"
		}
		faults = append(faults,
			Fault{Name: "token " + broken.name, Clause: "ASVS 15.3.2, X-10", Want: want, Slow: broken.slow,
				Change: answering(TokenPath, broken.Answer)})
	}
	for i := range faults {
		faults[i].Last = TokenPath
	}
	for _, kind := range []string{"bearer", "BEARER"} {
		faults = append(faults,
			Fault{Name: "token_type " + kind, Clause: "RFC 6749 5.1, X-10", Change: with(Set("token_type", kind)),
				Want: Accepted})
	}
	return append(faults,
		Fault{Name: "no expires_in", Clause: "RFC 6749 5.1, X-10", Change: with(Drop("expires_in")), Want: Accepted},
		Fault{Name: "refresh token that nobody asked for", Clause: "ASVS 10.2.3",
			Change: with(Set("refresh_token", "refresh")), Want: Accepted},
		Fault{Name: "unknown member in the token answer", Clause: "RFC 6749 5.1", Change: with(Set("unknown", hostile)),
			Want: Accepted},
	)
}

func signatureFaults() []Fault {
	signed := func(how Signature) func(*Script) { return func(s *Script) { s.Signature = how } }
	header := func(f func(map[string]any)) func(*Script) { return func(s *Script) { s.Header = f } }
	faults := []Fault{
		{Name: "idtoken-sig-none", Clause: "ASVS 6.8.2, 9.1.2", Change: signed(None), Want: "signature"},
		{Name: "invalid-sig-rs256", Clause: "OIDC Core 3.1.3.7 (6)", Change: signed(Broken), Want: "signature"},
		{Name: "invalid-sig-es256", Clause: "OIDC Core 3.1.3.7 (7), ASVS 9.1.2, S-15", Change: signed(Elliptic),
			Want: "signature"},
		{Name: "invalid-sig-hs256", Clause: "OIDC Core 3.1.3.7 (8), ASVS 9.1.2", Change: signed(PublicKey),
			Want: "signature"},
		{Name: "signed with the client's secret", Clause: "OIDC Core 3.1.3.7 (8), ASVS 9.1.2", Change: signed(Secret),
			Want: "signature"},
		{Name: "id_token encrypted", Clause: "OIDC Core 3.1.3.7 (1)", Change: func(s *Script) { s.Instead = encrypted },
			Want: "signature"},
		{Name: "another's key under our kid", Clause: "OIDC Core 3.1.3.7 (6)", Change: signed(Foreign), Want: "signature"},
		{Name: "another's key without kid, of one known", Clause: "OIDC Core 10.1", Change: func(s *Script) {
			s.Signature, s.Header, s.Keys = Unknown, Drop("kid"), onlyOne
		}, Want: "signature"},
		{Name: "another's key", Clause: "OIDC Core 10.1.1", Change: signed(Unknown), Want: "signature"},
		{Name: "key brought along", Clause: "ASVS 9.1.3", Change: signed(Brought), Want: "signature"},
		{Name: "unknown crit", Clause: "RFC 7515 4.1.11",
			Change: header(func(m map[string]any) { m["crit"], m["bound"] = []string{"bound"}, true }), Want: "signature"},
		{Name: "id_token no JWT", Clause: "OIDC Core 2", Change: func(s *Script) { s.Instead = "rubbish" },
			Want: "signature"},
		{Name: "typ at+jwt", Clause: "ASVS 9.2.2, X-9", Change: header(Set("typ", "at+jwt")), Want: "typ"},
		{Name: "typ application/at+jwt", Clause: "ASVS 9.2.2, X-9", Change: header(Set("typ", "application/at+jwt")),
			Want: "typ"},
		{Name: "typ logout+jwt", Clause: "ASVS 9.2.2, X-9", Change: header(Set("typ", "logout+jwt")), Want: "typ"},
		{Name: "id_token in JSON form", Clause: "OIDC Core 2", Change: func(s *Script) { s.Token = inJSON },
			Want: "signature"},
	}
	for i := range faults {
		faults[i].Last = KeysPath
	}
	return append(faults,
		Fault{Name: "kid-absent-single-jwks", Clause: "OIDC Core 10.1",
			Change: func(s *Script) { s.Header, s.Keys = Drop("kid"), onlyOne }, Want: Accepted},
		Fault{Name: "kid-absent-multiple-jwks", Clause: "OIDC Core 10.1", Change: header(Drop("kid")), Want: Accepted},
		Fault{Name: "no typ", Clause: "RFC 7519 5.1", Change: header(Drop("typ")), Want: Accepted},
		Fault{Name: "typ jwt", Clause: "RFC 7519 5.1", Change: header(Set("typ", "jwt")), Want: Accepted},
	)
}

// onlyOne leaves the oldest of the provider's keys.
func onlyOne(keys map[string]any) {
	keys["keys"] = keys["keys"].([]any)[:1]
}

// encrypted has the five parts of an encrypted token, for which nobody has agreed on a key.
const encrypted = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.AAAA.AAAA.AAAA.AAAA"

// inJSON turns the ID token into the JSON serialization of the same signature.
func inJSON(answer map[string]any) {
	parts := strings.Split(answer["id_token"].(string), ".")
	answer["id_token"] = fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q}`, parts[0], parts[1], parts[2])
}
