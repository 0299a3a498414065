package rogue

import (
	"fmt"
	"net/http"
	"strings"
)

func tokenFaults() []Fault {
	with := func(f func(map[string]any)) func(*Script) { return func(s *Script) { s.Token = f } }
	faults := []Fault{
		fault("no id_token", "OIDC Core 3.1.3.3, X-10", with(Drop("id_token")), "token"),
		fault("id_token empty", "OIDC Core 3.1.3.3, X-10", with(Set("id_token", "")), "token"),
		fault("id_token a number", "OIDC Core 3.1.3.3, X-10", with(Set("id_token", 1)), "token"),
		fault("id_token of 100 KB", "ASVS 15.3.2", with(Append("id_token", strings.Repeat("A", 100<<10))), "token"),
		fault("no access_token", "RFC 6749 5.1, X-10", with(Drop("access_token")), "token"),
		fault("access_token empty", "RFC 6749 5.1, X-10", with(Set("access_token", "")), "token"),
		fault("no token_type", "RFC 6749 5.1", with(Drop("token_type")), "token"),
		fault("token_type of another kind", "OIDC Core 3.1.3.3", with(Set("token_type", "DPoP")), "token"),
		fault("error with status 200", "RFC 6749 5.2", with(Set("error", "invalid_grant")), "token"),
		fault("expires_in without meaning", "RFC 6749 5.1", with(Set("expires_in", "soon")), "token"),
		fault("token invalid_grant", "RFC 6749 5.2, S-19",
			answering(TokenPath, Answer{Status: http.StatusBadRequest, Body: `{"error":"invalid_grant"}`}), "token"),
		fault("token invalid_client", "RFC 6749 5.2, S-19",
			answering(TokenPath, Answer{Status: http.StatusUnauthorized, Body: `{"error":"invalid_client"}`}), "token"),
		fault("token error with hostile words", "ASVS 16.4.1", answering(TokenPath,
			Answer{Status: http.StatusBadRequest, Body: `{"error":"<b>\r\n\u001b[31m","error_description":"\u0000"}`}), "token"),
		fault("token list", "RFC 6749 5.1", answering(TokenPath, Answer{Body: "[]"}), "token"),
		fault("token busy", "RFC 6585 4", answering(TokenPath, Answer{Status: http.StatusTooManyRequests}), Unavailable),
	}
	for _, f := range broken("token", "ASVS 15.3.2, X-10", TokenPath, Unavailable) {
		if f.Name == "token is not JSON" || f.Name == "token redirects" {
			f.Want = "token"
		}
		faults = append(faults, f)
	}
	faults = upTo(TokenPath, faults)
	for _, kind := range []string{"bearer", "BEARER"} {
		faults = append(faults, fault("token_type "+kind, "RFC 6749 5.1, X-10", with(Set("token_type", kind)), Accepted))
	}
	return append(faults,
		fault("no expires_in", "RFC 6749 5.1, X-10", with(Drop("expires_in")), Accepted),
		fault("refresh token that nobody asked for", "ASVS 10.2.3", with(Set("refresh_token", "refresh")), Accepted),
		fault("unknown member in the token answer", "RFC 6749 5.1", with(Set("unknown", hostile)), Accepted),
	)
}

func signatureFaults() []Fault {
	signed := func(how Signature) func(*Script) { return func(s *Script) { s.Signature = how } }
	header := func(f func(map[string]any)) func(*Script) { return func(s *Script) { s.Header = f } }
	faults := []Fault{
		fault("idtoken-sig-none", "ASVS 6.8.2, 9.1.2", signed(None), "signature"),
		fault("invalid-sig-rs256", "OIDC Core 3.1.3.7 (6)", signed(Broken), "signature"),
		fault("invalid-sig-es256", "OIDC Core 3.1.3.7 (7), ASVS 9.1.2, S-15", signed(Elliptic), "signature"),
		fault("invalid-sig-hs256", "OIDC Core 3.1.3.7 (8), ASVS 9.1.2", signed(PublicKey), "signature"),
		fault("signed with the client's secret", "OIDC Core 3.1.3.7 (8), ASVS 9.1.2", signed(Secret), "signature"),
		fault("id_token encrypted", "OIDC Core 3.1.3.7 (1)", func(s *Script) { s.Instead = encrypted }, "signature"),
		fault("another's key under our kid", "OIDC Core 3.1.3.7 (6)", signed(Foreign), "signature"),
		fault("another's key without kid, of one known", "OIDC Core 10.1", func(s *Script) {
			s.Signature, s.Header, s.Keys = Unknown, Drop("kid"), onlyOne
		}, "signature"),
		fault("another's key", "OIDC Core 10.1.1", signed(Unknown), "signature"),
		fault("key brought along", "ASVS 9.1.3", signed(Brought), "signature"),
		fault("unknown crit", "RFC 7515 4.1.11",
			header(func(m map[string]any) { m["crit"], m["bound"] = []string{"bound"}, true }), "signature"),
		fault("id_token no JWT", "OIDC Core 2", func(s *Script) { s.Instead = "rubbish" }, "signature"),
		fault("typ at+jwt", "ASVS 9.2.2, X-9", header(Set("typ", "at+jwt")), "typ"),
		fault("typ application/at+jwt", "ASVS 9.2.2, X-9", header(Set("typ", "application/at+jwt")), "typ"),
		fault("typ logout+jwt", "ASVS 9.2.2, X-9", header(Set("typ", "logout+jwt")), "typ"),
		fault("typ a number", "ASVS 9.2.2, X-9", header(Set("typ", 1)), "typ"),
		fault("id_token in JSON form", "OIDC Core 2", func(s *Script) { s.Token = inJSON }, "signature"),
	}
	return append(upTo(KeysPath, faults),
		fault("kid-absent-single-jwks", "OIDC Core 10.1", func(s *Script) { s.Header, s.Keys = Drop("kid"), onlyOne },
			Accepted),
		fault("kid-absent-multiple-jwks", "OIDC Core 10.1", header(Drop("kid")), Accepted),
		fault("no typ", "RFC 7519 5.1", header(Drop("typ")), Accepted),
		fault("typ jwt", "RFC 7519 5.1", header(Set("typ", "jwt")), Accepted),
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
