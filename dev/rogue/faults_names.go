package rogue

import (
	"fmt"
	"slices"
	"strings"
)

// nameFaults are about names in JSON: they differ by their case, and an object has each once.
// RFC 7519 4, 10.1.1; RFC 8259 4.
func nameFaults() []Fault {
	text := func(path string, f func(string) string) func(*Script) {
		return func(s *Script) { s.Text = map[string]func(string) string{path: f} }
	}
	also, not := claimNames(map[string]string{
		"sub": `"bob"`, "iss": `"https://other.example"`, "aud": `"other"`, "exp": "1", "iat": "1", "nbf": "9999999999",
		"auth_time": "1", "nonce": `"x"`,
		"azp": `"other"`, "at_hash": `"x"`, "sid": `"other"`, "acr": `"x"`, "email": `"bob@example.test"`, "name": `"Bob"`,
	}, map[string]string{"sub": "sub", "iss": "claims", "aud": "claims", "exp": "claims",
		"iat": "time", "auth_time": "auth_time", "nonce": "nonce"})
	faults := append(slices.Concat(also, upTo(KeysPath, not)),
		fault("userinfo also SUB", names, text(UserInfoPath, last("SUB", `"bob"`)), Accepted),
		fault("userinfo only SUB", names, text(UserInfoPath, upper("sub")), "userinfo"),
		fault("userinfo sub twice", names, text(UserInfoPath, last("sub", `"alice"`)), Accepted), // it is left out
		fault("keys also KEYS", "RFC 7517 5", text(KeysPath, last("KEYS", "[]")), Accepted),
		Fault{Name: "keys twice", Clause: "RFC 7517 5", Change: text(KeysPath, last("keys", "[]")), Want: Unavailable,
			Last: KeysPath},
	)
	for _, endpoint := range []string{"authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"} {
		elsewhere := `"https://other.example/"`
		faults = append(faults, fault("discovery also "+strings.ToUpper(endpoint), "OIDC Discovery 4.3",
			text(DiscoveryPath, last(strings.ToUpper(endpoint), elsewhere)), Accepted))
		faults = append(faults, Fault{Name: "discovery " + endpoint + " twice", Clause: "OIDC Discovery 4.3",
			Change: text(DiscoveryPath, last(endpoint, elsewhere)), Want: Unavailable, Last: DiscoveryPath})
	}
	return append(faults,
		Fault{Name: "discovery only ISSUER", Clause: "OIDC Discovery 4.3", Change: text(DiscoveryPath, upper("issuer")),
			Want: Unavailable, Last: DiscoveryPath})
}

// logoutNameFaults are those of a logout token.
func logoutNameFaults() []Fault {
	also, not := claimNames(map[string]string{
		"sub": `"bob"`, "iss": `"https://other.example"`, "aud": `"other"`, "exp": "1", "iat": "1", "jti": `"x"`,
		"sid": `"other"`, "events": "{}", "nonce": `"x"`,
	}, map[string]string{"iss": "claims", "aud": "claims", "exp": "claims", "iat": "time", "jti": "claims",
		"events": "claims"})
	event := func(name string) func(*Script) {
		return func(s *Script) { s.Claims = Set("events", map[string]any{name: map[string]any{}}) }
	}
	return slices.Concat(also, not, []Fault{
		fault("event in other case", names, event(strings.ToUpper(logoutEvent)), "event"),
		fault("event twice", names, written(func(s string) string {
			return strings.Replace(s, fmt.Sprintf(`{%q:{}}`, logoutEvent), fmt.Sprintf(`{%[1]q:{},%[1]q:{}}`, logoutEvent), 1)
		}), "claims"),
	})
}

// names is where the names of claims are said to be exact and unique.
const names = "RFC 7519 10.1.1"

// claimNames returns the faults of a token's names: also are values under a name in capitals, which
// say nothing, and not are tokens that are refused, with a claim twice or only in capitals.
func claimNames(others, wants map[string]string) (also, not []Fault) {
	for name, other := range others {
		add, capitals := last(name, other), strings.ToUpper(name)
		also = append(also, fault("also "+capitals, names, written(last(capitals, other)), Accepted))
		not = append(not, fault("claim "+name+" twice", names,
			written(func(s string) string { return add(add(s)) }), "claims"))
	}
	for name, want := range wants {
		not = append(not, fault("only "+strings.ToUpper(name), names, written(upper(name)), want))
	}
	return also, not
}

// written changes the JSON text of a token's claims.
func written(change func(string) string) func(*Script) { return func(s *Script) { s.Payload = change } }

// last adds a member at the end of an object, where the last of several would count.
func last(name, value string) func(string) string {
	return func(s string) string { return fmt.Sprintf("%s,%q:%s}", strings.TrimSuffix(s, "}"), name, value) }
}

// upper writes a member's name in capitals.
func upper(name string) func(string) string {
	return func(s string) string { return strings.Replace(s, `"`+name+`":`, `"`+strings.ToUpper(name)+`":`, 1) }
}
