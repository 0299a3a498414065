package rogue

import (
	"fmt"
	"slices"
	"strings"
)

// nameFaults are about names in JSON: they differ by their case, and an object has each once.
// RFC 7519 4, 10.1.1; RFC 8259 4.
func nameFaults() []Fault {
	with := func(f func(string) string) func(*Script) { return func(s *Script) { s.Payload = f } }
	text := func(path string, f func(string) string) func(*Script) {
		return func(s *Script) { s.Text = map[string]func(string) string{path: f} }
	}
	const names = "RFC 7519 10.1.1"
	var faults []Fault
	for name, other := range map[string]string{
		"sub": `"bob"`, "iss": `"https://other.example"`, "aud": `"other"`, "exp": "1", "iat": "1", "nbf": "9999999999",
		"auth_time": "1", "nonce": `"x"`,
		"azp": `"other"`, "at_hash": `"x"`, "sid": `"other"`, "acr": `"x"`, "email": `"bob@example.test"`, "name": `"Bob"`,
	} {
		faults = append(faults,
			fault("also "+strings.ToUpper(name), names, with(last(strings.ToUpper(name), other)), Accepted),
			Fault{Name: "claim " + name + " twice", Clause: names,
				Change: with(func(s string) string { return last(name, other)(last(name, other)(s)) }), Want: "claims",
				Last: KeysPath})
	}
	for name, want := range map[string]string{"sub": "sub", "iss": "claims", "aud": "claims", "exp": "claims",
		"iat": "time", "auth_time": "auth_time", "nonce": "nonce"} {
		faults = append(faults,
			Fault{Name: "only " + strings.ToUpper(name), Clause: names, Change: with(upper(name)), Want: want, Last: KeysPath})
	}
	faults = append(faults,
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
	with := func(f func(string) string) func(*Script) { return func(s *Script) { s.Payload = f } }
	const names = "RFC 7519 10.1.1"
	var faults []Fault
	for name, other := range map[string]string{
		"sub": `"bob"`, "iss": `"https://other.example"`, "aud": `"other"`, "exp": "1", "iat": "1", "jti": `"x"`,
		"sid": `"other"`, "events": "{}", "nonce": `"x"`,
	} {
		faults = append(faults,
			fault("also "+strings.ToUpper(name), names, with(last(strings.ToUpper(name), other)), Accepted),
			fault("claim "+name+" twice", names,
				with(func(s string) string { return last(name, other)(last(name, other)(s)) }), "claims"))
	}
	for name, want := range map[string]string{"iss": "claims", "aud": "claims", "exp": "claims", "iat": "time",
		"jti": "claims", "events": "claims"} {
		faults = append(faults, fault("only "+strings.ToUpper(name), names, with(upper(name)), want))
	}
	event := func(name string) func(*Script) {
		return func(s *Script) { s.Claims = Set("events", map[string]any{name: map[string]any{}}) }
	}
	return slices.Concat(faults, []Fault{
		fault("event in other case", names, event(strings.ToUpper(logoutEvent)), "event"),
		fault("event twice", names, with(func(s string) string {
			return strings.Replace(s, fmt.Sprintf(`{%q:{}}`, logoutEvent), fmt.Sprintf(`{%[1]q:{},%[1]q:{}}`, logoutEvent), 1)
		}), "claims"),
	})
}

// last adds a member at the end of an object, where the last of several would count.
func last(name, value string) func(string) string {
	return func(s string) string { return fmt.Sprintf("%s,%q:%s}", strings.TrimSuffix(s, "}"), name, value) }
}

// upper writes a member's name in capitals.
func upper(name string) func(string) string {
	return func(s string) string { return strings.Replace(s, `"`+name+`":`, `"`+strings.ToUpper(name)+`":`, 1) }
}
