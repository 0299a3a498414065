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
		{Name: "endpoint with a fragment", Clause: "RFC 6749 3.1",
			Change: with(Append("authorization_endpoint", "#part"))},
		{Name: "endpoint that extends a header", Clause: "ASVS 3.4.3",
			Change: with(Set("authorization_endpoint", "https://other.example;script-src/x"))},
		{Name: "endpoint that is a number", Clause: "OIDC Discovery 3", Change: with(Set("jwks_uri", 1))},
		{Name: "none of our algorithms", Clause: "ASVS 9.1.2, S-15",
			Change: with(Set("id_token_signing_alg_values_supported", []string{"ES256", "none"}))},
	}
	for i := range faults {
		faults[i].Want = Unavailable
	}
	faults = append(faults, broken("discovery", "ASVS 15.3.2, 16.5.2, S-20", DiscoveryPath, Unavailable)...)
	return append(upTo(DiscoveryPath, faults),
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

// broken are the faults of an endpoint whose answer is no use to anyone.
func broken(name, clause, path, want string) (faults []Fault) {
	for how, answer := range map[string]Answer{
		"hangs":       {Hang: true},
		"stalls":      {Stall: true, Body: "{"},
		"has 10 MB":   {Body: "{}", Size: 10 << 20},
		"redirects":   {Status: http.StatusTemporaryRedirect, Location: "/elsewhere"},
		"is 500":      {Status: http.StatusInternalServerError, Body: hostile},
		"is not JSON": {Body: "<!doctype html><title>Hello</title>", ContentType: "text/html"},
		"breaks off":  {Drop: true},
	} {
		faults = append(faults, Fault{Name: name + " " + how, Clause: clause, Want: want,
			Slow: answer.Hang || answer.Stall, Change: answering(path, answer)})
	}
	return faults
}

func answering(path string, a Answer) func(*Script) {
	return func(s *Script) { s.Answers = map[string]Answer{path: a} }
}
