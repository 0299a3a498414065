package rogue

import (
	"net/http"
	"strings"
)

func discoveryFaults() []Fault {
	with := func(f func(map[string]any)) func(*Script) { return func(s *Script) { s.Discovery = f } }
	faults := []Fault{
		{Name: "discovery-issuer-mismatch", Clause: "ASVS 10.5.3", Change: with(Set("issuer", "https://other.example"))},
		{Name: "issuer with a slash more", Clause: "ASVS 10.5.3", Change: with(Append("issuer", "/"))},
		{Name: "issuer in other case", Clause: "ASVS 10.5.3",
			Change: with(func(m map[string]any) { m["issuer"] = strings.ToUpper(m["issuer"].(string)) })},
		{Name: "issuer missing", Clause: "ASVS 10.5.3", Change: with(Drop("issuer"))},
		{Name: "no authorization_endpoint", Clause: "OIDC Discovery 3", Change: with(Drop("authorization_endpoint"))},
		{Name: "no token_endpoint", Clause: "OIDC Discovery 3", Change: with(Drop("token_endpoint"))},
		{Name: "no jwks_uri", Clause: "OIDC Discovery 3", Change: with(Drop("jwks_uri"))},
		{Name: "endpoint over a network in plain", Clause: "ASVS 12.3.1",
			Change: with(Set("token_endpoint", "http://other.example/token"))},
		{Name: "endpoint that is a script", Clause: "ASVS 3.7.2",
			Change: with(Set("authorization_endpoint", "javascript:alert(1)"))},
		{Name: "endpoint without host", Clause: "OIDC Discovery 3",
			Change: with(Set("authorization_endpoint", "/authorize"))},
		{Name: "endpoint with a password", Clause: "OIDC Discovery 3",
			Change: with(Set("token_endpoint", "https://a:b@other.example/token"))},
		{Name: "endpoint that extends a header", Clause: "ASVS 3.4.3",
			Change: with(Set("authorization_endpoint", "https://other.example;script-src/x"))},
		{Name: "endpoint that is a number", Clause: "OIDC Discovery 3", Change: with(Set("jwks_uri", 1))},
		{Name: "none of our algorithms", Clause: "ASVS 9.1.2, S-15",
			Change: with(Set("id_token_signing_alg_values_supported", []string{"ES256", "none"}))},
	}
	for _, broken := range broken() {
		faults = append(faults,
			Fault{Name: "discovery " + broken.name, Clause: "ASVS 15.3.2, 16.5.2, S-20", Slow: broken.slow,
				Change: answering(DiscoveryPath, broken.Answer)})
	}
	for i := range faults {
		faults[i].Want, faults[i].Last = Unavailable, DiscoveryPath
	}
	return append(faults,
		fault("no end_session_endpoint", "X-16", with(Drop("end_session_endpoint")), Accepted),
		Fault{Name: "no userinfo_endpoint", Clause: "OIDC Discovery 3", Change: with(Drop("userinfo_endpoint")),
			Want: Accepted, Last: KeysPath},
		Fault{Name: "userinfo over a network in plain", Clause: "ASVS 12.3.1",
			Change: with(Set("userinfo_endpoint", "http://other.example/")), Want: Accepted, Last: KeysPath},
		fault("no code_challenge_methods_supported", "RFC 9700 2.1.1", with(Drop("code_challenge_methods_supported")),
			Accepted),
		fault("no algorithms listed", "OIDC Discovery 3", with(Drop("id_token_signing_alg_values_supported")), Accepted),
		fault("more algorithms listed than ours", "S-15",
			with(Set("id_token_signing_alg_values_supported", []string{"HS256", "none", "ES256", "RS256"})), Accepted),
	)
}

type brokenAnswer struct {
	name string
	slow bool
	Answer
}

// broken are the answers of an endpoint that are no use to anyone.
func broken() []brokenAnswer {
	return []brokenAnswer{
		{name: "hangs", slow: true, Answer: Answer{Hang: true}},
		{name: "stalls", slow: true, Answer: Answer{Stall: true, Body: "{"}},
		{name: "has 10 MB", Answer: Answer{Body: "{}", Size: 10 << 20}},
		{name: "redirects", Answer: Answer{Status: http.StatusTemporaryRedirect, Location: "/elsewhere"}},
		{name: "is 500", Answer: Answer{Status: http.StatusInternalServerError, Body: hostile}},
		{name: "is not JSON", Answer: Answer{Body: "<!doctype html><title>Hello</title>", ContentType: "text/html"}},
		{name: "breaks off", Answer: Answer{Drop: true}},
	}
}

func answering(path string, a Answer) func(*Script) {
	return func(s *Script) { s.Answers = map[string]Answer{path: a} }
}
