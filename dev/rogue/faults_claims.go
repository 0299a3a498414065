package rogue

import (
	"net/http"
	"strings"
	"time"
)

func identityFaults() []Fault {
	with := func(f func(map[string]any)) func(*Script) { return func(s *Script) { s.Claims = f } }
	audience := func(to ...any) func(*Script) { return with(Set("aud", to)) }
	faults := []Fault{
		{Name: "invalid-iss", Clause: "OIDC Core 3.1.3.7 (2)", Change: with(Append("iss", "1")), Want: "claims"},
		{Name: "missing-iss", Clause: "OIDC Core 3.1.3.7 (2)", Change: with(Drop("iss")), Want: "claims"},
		{Name: "missing-sub", Clause: "OIDC Core 2, S-14", Change: with(Drop("sub")), Want: "sub"},
		{Name: "sub empty", Clause: "OIDC Core 2, S-14", Change: with(Set("sub", "")), Want: "sub"},
		{Name: "sub of 256 characters", Clause: "OIDC Core 2", Change: with(Set("sub", strings.Repeat("a", 256))),
			Want: "sub"},
		{Name: "sub with NUL", Clause: "OIDC Core 2", Change: with(Set("sub", "alice\x00")), Want: "sub"},
		{Name: "sub not ASCII", Clause: "OIDC Core 2", Change: with(Set("sub", "ali\u00e7e")), Want: "sub"},
		{Name: "sub a number", Clause: "OIDC Core 2", Change: with(Set("sub", 1)), Want: "claims"},
		{Name: "invalid-aud", Clause: "OIDC Core 3.1.3.7 (3)", Change: with(Append("aud", "1")), Want: "claims"},
		{Name: "missing-aud", Clause: "OIDC Core 3.1.3.7 (3)", Change: with(Drop("aud")), Want: "claims"},
		{Name: "aud empty list", Clause: "OIDC Core 3.1.3.7 (3)", Change: audience(), Want: "claims"},
		{Name: "further aud without azp", Clause: "OIDC Core 3.1.3.7 (3, 4), X-4", Change: audience(ClientID, "other"),
			Want: "azp"},
		{Name: "further aud with our azp", Clause: "OIDC Core 3.1.3.7 (3), X-4", Change: with(func(m map[string]any) {
			m["aud"], m["azp"] = []string{ClientID, "other"}, ClientID
		}), Want: "azp"},
		{Name: "azp of another client", Clause: "OIDC Core 3.1.3.7 (5), X-4", Change: with(Set("azp", "other")), Want: "azp"},
		{Name: "nonce-invalid", Clause: "OIDC Core 3.1.3.7 (11)", Change: with(Append("nonce", "1")), Want: "nonce"},
		{Name: "nonce missing", Clause: "OIDC Core 3.1.3.7 (11), X-6", Change: with(Drop("nonce")), Want: "nonce"},
		{Name: "nonce empty", Clause: "OIDC Core 3.1.3.7 (11), X-6", Change: with(Set("nonce", "")), Want: "nonce"},
		{Name: "at_hash wrong", Clause: "OIDC Core 3.1.3.8, X-7", Change: with(Set("at_hash", "AAAAAAAAAAAAAAAAAAAAAA")),
			Want: "at_hash"},
		{Name: "at_hash a number", Clause: "OIDC Core 3.1.3.8", Change: with(Set("at_hash", 1)), Want: "claims"},
		{Name: "access token of another ID token", Clause: "OIDC Core 3.1.3.8, X-7",
			Change: func(s *Script) { s.Token = Append("access_token", "1") }, Want: "at_hash"},
		{Name: "sid of 256 characters", Clause: "OIDC Back-Channel Logout 2.1",
			Change: with(Set("sid", strings.Repeat("a", 256))), Want: "claims"},
		{Name: "logout token without typ", Clause: "ASVS 9.2.2, X-9", Change: with(func(m map[string]any) {
			delete(m, "nonce")
			m["events"] = map[string]any{logoutEvent: map[string]any{}}
		}), Want: "nonce"},
	}
	for i := range faults {
		faults[i].Last = KeysPath
	}
	return append(faults,
		Fault{Name: "aud a list of us", Clause: "OIDC Core 3.1.3.7 (3), X-4", Change: audience(ClientID), Want: Accepted},
		Fault{Name: "our azp", Clause: "OIDC Core 3.1.3.7 (5)", Change: with(Set("azp", ClientID)), Want: Accepted},
		Fault{Name: "no at_hash", Clause: "OIDC Core 3.1.3.6", Change: with(Drop("at_hash")), Want: Accepted},
		Fault{Name: "no sid", Clause: "OIDC Back-Channel Logout 2.1", Change: with(Drop("sid")), Want: Accepted},
		Fault{Name: "name and e-mail of other kinds", Clause: "OIDC Core 5.1", Change: with(func(m map[string]any) {
			m["name"], m["email"], m["email_verified"] = 1, []string{"a"}, "perhaps"
		}), Want: Accepted},
	)
}

func timeFaults() []Fault {
	with := func(f func(map[string]any)) func(*Script) { return func(s *Script) { s.Claims = f } }
	nbf := func(by time.Duration) func(*Script) {
		return with(func(m map[string]any) { m["nbf"] = m["iat"].(int64) + int64(by/time.Second) })
	}
	faults := []Fault{
		{Name: "missing-iat", Clause: "OIDC Core 3.1.3.7 (10), S-14", Change: with(Drop("iat")), Want: "time"},
		{Name: "iat an hour ahead", Clause: "X-5", Change: with(Shift("iat", time.Hour)), Want: "time"},
		{Name: "iat 65 seconds ahead", Clause: "X-5", Change: with(Shift("iat", 65*time.Second)), Want: "time"},
		{Name: "iat ten minutes and 5 seconds ago", Clause: "OIDC Core 3.1.3.7 (10), X-5",
			Change: with(Shift("iat", -10*time.Minute-5*time.Second)), Want: "time"},
		{Name: "iat beyond all time", Clause: "X-5", Change: with(Set("iat", 1e300)), Want: "time"},
		{Name: "iat text", Clause: "OIDC Core 2", Change: with(Set("iat", "yesterday")), Want: "claims"},
		{Name: "exp missing", Clause: "OIDC Core 3.1.3.7 (9), X-5", Change: with(Drop("exp")), Want: "claims"},
		{Name: "exp 65 seconds ago", Clause: "OIDC Core 3.1.3.7 (9), X-5",
			Change: with(Shift("exp", -5*time.Minute-65*time.Second)), Want: "claims"},
		{Name: "nbf 65 seconds ahead", Clause: "RFC 7519 4.1.5, X-5", Change: nbf(65 * time.Second), Want: "time"},
		{Name: "auth_time missing", Clause: "OIDC Core 3.1.3.7 (13), X-8", Change: with(Drop("auth_time")),
			Want: "auth_time"},
		{Name: "auth_time too old", Clause: "OIDC Core 3.1.3.7 (13), ASVS 7.6.1, X-8",
			Change: with(Shift("auth_time", -3*time.Hour-65*time.Second)), Want: "auth_time"},
		{Name: "auth_time 65 seconds ahead", Clause: "X-8", Change: with(Shift("auth_time", 65*time.Second)),
			Want: "auth_time"},
		{Name: "auth_time zero", Clause: "X-8", Change: with(Set("auth_time", 0)), Want: "auth_time"},
	}
	for i := range faults {
		faults[i].Last = KeysPath
	}
	return append(faults,
		Fault{Name: "iat 55 seconds ahead", Clause: "X-5", Change: with(Shift("iat", 55*time.Second)), Want: Accepted},
		Fault{Name: "iat nearly ten minutes ago", Clause: "OIDC Core 3.1.3.7 (10), X-5",
			Change: with(Shift("iat", -10*time.Minute+5*time.Second)), Want: Accepted},
		Fault{Name: "exp 55 seconds ago", Clause: "OIDC Core 3.1.3.7 (9)",
			Change: with(Shift("exp", -5*time.Minute-55*time.Second)), Want: Accepted},
		Fault{Name: "nbf 55 seconds ahead", Clause: "RFC 7519 4.1.5", Change: nbf(55 * time.Second), Want: Accepted},
		Fault{Name: "auth_time just young enough", Clause: "OIDC Core 3.1.3.7 (13)",
			Change: with(Shift("auth_time", -3*time.Hour-55*time.Second)), Want: Accepted},
		Fault{Name: "auth_time 55 seconds ahead", Clause: "X-8", Change: with(Shift("auth_time", 55*time.Second)),
			Want: Accepted},
	)
}

func userInfoFaults() []Fault {
	with := func(f func(map[string]any)) func(*Script) { return func(s *Script) { s.UserInfo = f } }
	faults := []Fault{
		{Name: "userinfo-invalid-sub", Clause: "OIDC Core 5.3.2, S-18", Change: with(Append("sub", "1")), Want: "userinfo"},
		{Name: "userinfo without sub", Clause: "OIDC Core 5.3.2", Change: with(Drop("sub")), Want: "userinfo"},
		{Name: "userinfo of another provider", Clause: "OIDC Core 5.3.4", Change: with(Set("iss", "https://other.example")),
			Want: "userinfo"},
		{Name: "userinfo for another client", Clause: "OIDC Core 5.3.4", Change: with(Set("aud", "other")), Want: "userinfo"},
		{Name: "userinfo refuses", Clause: "NIST 800-63C 4.7",
			Change: answering(UserInfoPath, Answer{Status: http.StatusUnauthorized}), Want: Accepted},
		{Name: "userinfo of other kinds", Clause: "OIDC Core 5.3.2",
			Change: with(func(m map[string]any) { m["name"], m["email"] = 1, hostile }), Want: Accepted},
	}
	for _, broken := range broken() {
		faults = append(faults, Fault{
			Name: "userinfo " + broken.name, Clause: "NIST 800-63C 4.7, ASVS 15.3.2", Want: Accepted, Slow: broken.slow,
			Change: answering(UserInfoPath, broken.Answer),
		})
	}
	return faults
}
