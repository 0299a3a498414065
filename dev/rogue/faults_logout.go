package rogue

import (
	"slices"
	"strings"
	"time"
)

// LogoutFaults returns every deviation known of a logout token. Change is made to the Script that
// LogoutToken gets; Want is Accepted or the name of the check that refuses.
func LogoutFaults() []Fault {
	return slices.Concat(logoutFormFaults(), logoutTimeFaults(), logoutClaimFaults(), logoutNameFaults())
}

func logoutFormFaults() []Fault {
	signed := func(how Signature) func(*Script) { return func(s *Script) { s.Signature = how } }
	typ := func(typ string) func(*Script) { return func(s *Script) { s.Header = Set("typ", typ) } }
	instead := func(token string) func(*Script) { return func(s *Script) { s.Instead = token } }
	return []Fault{
		{Name: "no JWT", Clause: "OIDC Back-Channel Logout 2.4", Change: instead("a.b.c"), Want: "signature"},
		{Name: "encrypted", Clause: "OIDC Back-Channel Logout 2.6 (1)", Change: instead(encrypted), Want: "signature"},
		{Name: "alg-none", Clause: "OIDC Back-Channel Logout 2.6 (3)", Change: signed(None), Want: "signature"},
		{Name: "wrong-alg", Clause: "OIDC Back-Channel Logout 2.6 (3)", Change: signed(Elliptic), Want: "signature"},
		{Name: "alg HS256", Clause: "OIDC Back-Channel Logout 2.6 (3)", Change: signed(PublicKey), Want: "signature"},
		{Name: "signed with the client's secret", Clause: "OIDC Back-Channel Logout 2.6 (3)", Change: signed(Secret),
			Want: "signature"},
		{Name: "broken signature", Clause: "OIDC Back-Channel Logout 2.6 (2)", Change: signed(Broken), Want: "signature"},
		{Name: "another's key", Clause: "OIDC Back-Channel Logout 2.6 (2)", Change: signed(Unknown), Want: "signature"},
		{Name: "another's key under our kid", Clause: "OIDC Back-Channel Logout 2.6 (2)", Change: signed(Foreign),
			Want: "signature"},
		{Name: "key brought along", Clause: "ASVS 9.1.3", Change: signed(Brought), Want: "signature"},
		{Name: "no typ", Clause: "ASVS 10.5.5, X-12", Change: func(s *Script) { s.Header = Drop("typ") }, Want: "typ"},
		{Name: "typ JWT", Clause: "ASVS 10.5.5, X-12", Change: typ("JWT"), Want: "typ"},
		{Name: "typ at+jwt", Clause: "ASVS 10.5.5, X-12", Change: typ("at+jwt"), Want: "typ"},
		{Name: "40 KB", Clause: "ASVS 15.2.2",
			Change: func(s *Script) { s.Claims = Set("padding", strings.Repeat("p", 40<<10)) }, Want: "token"},
		{Name: "ID token", Clause: "ASVS 9.2.2, X-12", Change: func(s *Script) {
			s.Header = Set("typ", "JWT")
			s.Claims = func(m map[string]any) {
				delete(m, "events")
				m["nonce"], m["auth_time"] = random(), m["iat"]
			}
		}, Want: "claims"},
	}
}

func logoutTimeFaults() []Fault {
	const iat, exp = "OIDC Back-Channel Logout 2.6 (4), X-12", "OIDC Back-Channel Logout 2.6 (4), ASVS 10.5.5, X-12"
	with := func(f func(map[string]any)) func(*Script) { return func(s *Script) { s.Claims = f } }
	lasting := func(life time.Duration) func(*Script) { return with(Shift("exp", life-2*time.Minute)) }
	return []Fault{
		{Name: "no iat", Clause: iat, Change: with(Drop("iat")), Want: "time"},
		{Name: "iat ten minutes and 5 seconds ago", Clause: iat, Change: with(Shift("iat", -10*time.Minute-5*time.Second)),
			Want: "time"},
		{Name: "iat nearly ten minutes ago", Clause: iat, Change: with(Shift("iat", -10*time.Minute+5*time.Second)),
			Want: Accepted},
		{Name: "iat 65 seconds ahead", Clause: iat, Change: with(Shift("iat", 65*time.Second)), Want: "time"},
		{Name: "iat 55 seconds ahead", Clause: iat, Change: with(Shift("iat", 55*time.Second)), Want: Accepted},
		{Name: "no exp", Clause: exp, Change: with(Drop("exp")), Want: "claims"},
		{Name: "exp 65 seconds ago", Clause: exp, Change: lasting(-65 * time.Second), Want: "claims"},
		{Name: "exp 55 seconds ago", Clause: exp, Change: lasting(-55 * time.Second), Want: Accepted},
		{Name: "good for eleven minutes and 5 seconds", Clause: exp, Change: lasting(11*time.Minute + 5*time.Second),
			Want: "time"},
		{Name: "good for nearly eleven minutes", Clause: exp, Change: lasting(11*time.Minute - 5*time.Second),
			Want: Accepted},
	}
}

func logoutClaimFaults() []Fault {
	const party, whose, event = "OIDC Back-Channel Logout 2.6 (4)", "OIDC Back-Channel Logout 2.6 (5), X-12",
		"OIDC Back-Channel Logout 2.6 (6), X-12"
	with := func(f func(map[string]any)) func(*Script) { return func(s *Script) { s.Claims = f } }
	events := func(value any) func(*Script) { return with(Set("events", map[string]any{logoutEvent: value})) }
	return []Fault{
		{Name: "no-event", Clause: event, Change: with(Drop("events")), Want: "claims"},
		{Name: "wrong-event", Clause: event, Change: with(Set("events", map[string]any{"urn:other": map[string]any{}})),
			Want: "claims"},
		{Name: "event null", Clause: event, Change: events(nil), Want: "event"},
		{Name: "event text", Clause: event, Change: events("yes"), Want: "event"},
		{Name: "event list", Clause: event, Change: events([]any{}), Want: "event"},
		{Name: "with-nonce", Clause: "OIDC Back-Channel Logout 2.6 (7)", Change: with(Set("nonce", "x")), Want: "claims"},
		{Name: "nonce empty", Clause: "OIDC Back-Channel Logout 2.6 (7)", Change: with(Set("nonce", "")), Want: "claims"},
		{Name: "wrong-aud", Clause: party, Change: with(Append("aud", "1")), Want: "claims"},
		{Name: "further aud", Clause: party, Change: with(Set("aud", []string{ClientID, "other"})), Want: "azp"},
		{Name: "wrong-iss", Clause: "OIDC Back-Channel Logout 2.6 (4, 9)", Change: with(Append("iss", "1")), Want: "claims"},
		{Name: "no jti", Clause: "OIDC Back-Channel Logout 2.4, X-12", Change: with(Drop("jti")), Want: "claims"},
		{Name: "jti of 256 characters", Clause: "OIDC Back-Channel Logout 2.6 (8)",
			Change: with(Set("jti", strings.Repeat("j", 256))), Want: "jti"},
		{Name: "jti with NUL", Clause: "OIDC Back-Channel Logout 2.6 (8)", Change: with(Set("jti", "j\x00")), Want: "jti"},
		{Name: "sub with NUL", Clause: "OIDC Core 2", Change: with(Set("sub", "alice\x00")), Want: "sub"},
		{Name: "sid of 256 characters", Clause: "OIDC Back-Channel Logout 2.1",
			Change: with(Set("sid", strings.Repeat("s", 256))), Want: "sub"},
		{Name: "neither sub nor sid", Clause: whose, Change: with(func(m map[string]any) {
			delete(m, "sub")
			delete(m, "sid")
		}), Want: "claims"},
		{Name: "unknown claim", Clause: "OIDC Back-Channel Logout 2.4", Change: with(Set("unknown", hostile)),
			Want: Accepted},
	}
}
