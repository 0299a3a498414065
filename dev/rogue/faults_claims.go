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
		fault("invalid-iss", "OIDC Core 3.1.3.7 (2)", with(Append("iss", "1")), "claims"),
		fault("missing-iss", "OIDC Core 3.1.3.7 (2)", with(Drop("iss")), "claims"),
		fault("missing-sub", "OIDC Core 2, S-14", with(Drop("sub")), "sub"),
		fault("sub empty", "OIDC Core 2, S-14", with(Set("sub", "")), "sub"),
		fault("sub of 256 characters", "OIDC Core 2", with(Set("sub", strings.Repeat("a", 256))), "sub"),
		fault("sub with NUL", "OIDC Core 2", with(Set("sub", "alice\x00")), "sub"),
		fault("sub not ASCII", "OIDC Core 2", with(Set("sub", "ali\u00e7e")), "sub"),
		fault("sub a number", "OIDC Core 2", with(Set("sub", 1)), "claims"),
		fault("invalid-aud", "OIDC Core 3.1.3.7 (3)", with(Append("aud", "1")), "claims"),
		fault("missing-aud", "OIDC Core 3.1.3.7 (3)", with(Drop("aud")), "claims"),
		fault("aud empty list", "OIDC Core 3.1.3.7 (3)", audience(), "claims"),
		fault("further aud without azp", "OIDC Core 3.1.3.7 (3, 4), X-4", audience(ClientID, "other"), "azp"),
		fault("further aud with our azp", "OIDC Core 3.1.3.7 (3), X-4", with(func(m map[string]any) {
			m["aud"], m["azp"] = []string{ClientID, "other"}, ClientID
		}), "azp"),
		fault("azp of another client", "OIDC Core 3.1.3.7 (5), X-4", with(Set("azp", "other")), "azp"),
		fault("nonce-invalid", "OIDC Core 3.1.3.7 (11)", with(Append("nonce", "1")), "nonce"),
		fault("nonce missing", "OIDC Core 3.1.3.7 (11), X-6", with(Drop("nonce")), "nonce"),
		fault("nonce empty", "OIDC Core 3.1.3.7 (11), X-6", with(Set("nonce", "")), "nonce"),
		fault("at_hash wrong", "OIDC Core 3.1.3.8, X-7", with(Set("at_hash", "AAAAAAAAAAAAAAAAAAAAAA")), "at_hash"),
		fault("at_hash a number", "OIDC Core 3.1.3.8", with(Set("at_hash", 1)), "claims"),
		fault("access token of another ID token", "OIDC Core 3.1.3.8, X-7",
			func(s *Script) { s.Token = Append("access_token", "1") }, "at_hash"),
		fault("sid of 256 characters", "OIDC Back-Channel Logout 2.1", with(Set("sid", strings.Repeat("a", 256))),
			"claims"),
		fault("logout token without typ", "ASVS 9.2.2, X-9", with(func(m map[string]any) {
			delete(m, "nonce")
			m["events"] = map[string]any{logoutEvent: map[string]any{}}
		}), "nonce"),
	}
	return append(upTo(KeysPath, faults),
		fault("aud a list of us", "OIDC Core 3.1.3.7 (3), X-4", audience(ClientID), Accepted),
		fault("our azp", "OIDC Core 3.1.3.7 (5)", with(Set("azp", ClientID)), Accepted),
		fault("no at_hash", "OIDC Core 3.1.3.6", with(Drop("at_hash")), Accepted),
		fault("no sid", "OIDC Back-Channel Logout 2.1", with(Drop("sid")), Accepted),
		fault("name and e-mail of other kinds", "OIDC Core 5.1", with(func(m map[string]any) {
			m["name"], m["email"], m["email_verified"] = 1, []string{"a"}, "perhaps"
		}), Accepted),
	)
}

func timeFaults() []Fault {
	with := func(f func(map[string]any)) func(*Script) { return func(s *Script) { s.Claims = f } }
	nbf := func(by time.Duration) func(*Script) {
		return with(func(m map[string]any) { m["nbf"] = m["iat"].(int64) + int64(by/time.Second) })
	}
	faults := []Fault{
		fault("missing-iat", "OIDC Core 3.1.3.7 (10), S-14", with(Drop("iat")), "time"),
		fault("iat an hour ahead", "X-5", with(Shift("iat", time.Hour)), "time"),
		fault("iat 65 seconds ahead", "X-5", with(Shift("iat", 65*time.Second)), "time"),
		fault("iat ten minutes and 5 seconds ago", "OIDC Core 3.1.3.7 (10), X-5",
			with(Shift("iat", -10*time.Minute-5*time.Second)), "time"),
		fault("iat beyond all time", "X-5", with(Set("iat", 1e300)), "time"),
		fault("iat text", "OIDC Core 2", with(Set("iat", "yesterday")), "claims"),
		fault("exp missing", "OIDC Core 3.1.3.7 (9), X-5", with(Drop("exp")), "claims"),
		fault("exp 65 seconds ago", "OIDC Core 3.1.3.7 (9), X-5", with(Shift("exp", -5*time.Minute-65*time.Second)),
			"claims"),
		fault("nbf 65 seconds ahead", "RFC 7519 4.1.5, X-5", nbf(65*time.Second), "time"),
		fault("auth_time missing", "OIDC Core 3.1.3.7 (13), X-8", with(Drop("auth_time")), "auth_time"),
		fault("auth_time too old", "OIDC Core 3.1.3.7 (13), ASVS 7.6.1, X-8",
			with(Shift("auth_time", -3*time.Hour-65*time.Second)), "auth_time"),
		fault("auth_time 65 seconds ahead", "X-8", with(Shift("auth_time", 65*time.Second)), "auth_time"),
		fault("auth_time zero", "X-8", with(Set("auth_time", 0)), "auth_time"),
	}
	return append(upTo(KeysPath, faults),
		fault("iat 55 seconds ahead", "X-5", with(Shift("iat", 55*time.Second)), Accepted),
		fault("iat nearly ten minutes ago", "OIDC Core 3.1.3.7 (10), X-5",
			with(Shift("iat", -10*time.Minute+5*time.Second)), Accepted),
		fault("exp 55 seconds ago", "OIDC Core 3.1.3.7 (9)", with(Shift("exp", -5*time.Minute-55*time.Second)), Accepted),
		fault("nbf 55 seconds ahead", "RFC 7519 4.1.5", nbf(55*time.Second), Accepted),
		fault("auth_time just young enough", "OIDC Core 3.1.3.7 (13)",
			with(Shift("auth_time", -3*time.Hour-55*time.Second)), Accepted),
		fault("auth_time 55 seconds ahead", "X-8", with(Shift("auth_time", 55*time.Second)), Accepted),
	)
}

func userInfoFaults() []Fault {
	with := func(f func(map[string]any)) func(*Script) { return func(s *Script) { s.UserInfo = f } }
	faults := []Fault{
		fault("userinfo-invalid-sub", "OIDC Core 5.3.2, S-18", with(Append("sub", "1")), "userinfo"),
		fault("userinfo without sub", "OIDC Core 5.3.2", with(Drop("sub")), "userinfo"),
		fault("userinfo of another provider", "OIDC Core 5.3.4", with(Set("iss", "https://other.example")), "userinfo"),
		fault("userinfo for another client", "OIDC Core 5.3.4", with(Set("aud", "other")), "userinfo"),
		fault("userinfo refuses", "NIST 800-63C 4.7", answering(UserInfoPath, Answer{Status: http.StatusUnauthorized}),
			Accepted),
		fault("userinfo of other kinds", "OIDC Core 5.3.2",
			with(func(m map[string]any) { m["name"], m["email"] = 1, hostile }), Accepted),
	}
	return append(faults, broken("userinfo", "NIST 800-63C 4.7, ASVS 15.3.2", UserInfoPath, Accepted)...)
}
