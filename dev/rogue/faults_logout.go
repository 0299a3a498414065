package rogue

import (
	"crypto/rand"
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
		fault("no JWT", "OIDC Back-Channel Logout 2.4", instead("a.b.c"), "signature"),
		fault("encrypted", "OIDC Back-Channel Logout 2.6 (1)", instead(encrypted), "signature"),
		fault("alg-none", "OIDC Back-Channel Logout 2.6 (3)", signed(None), "signature"),
		fault("wrong-alg", "OIDC Back-Channel Logout 2.6 (3)", signed(Elliptic), "signature"),
		fault("alg HS256", "OIDC Back-Channel Logout 2.6 (3)", signed(PublicKey), "signature"),
		fault("signed with the client's secret", "OIDC Back-Channel Logout 2.6 (3)", signed(Secret), "signature"),
		fault("broken signature", "OIDC Back-Channel Logout 2.6 (2)", signed(Broken), "signature"),
		fault("another's key", "OIDC Back-Channel Logout 2.6 (2)", signed(Unknown), "signature"),
		fault("another's key under our kid", "OIDC Back-Channel Logout 2.6 (2)", signed(Foreign), "signature"),
		fault("key brought along", "ASVS 9.1.3", signed(Brought), "signature"),
		fault("no typ", "ASVS 10.5.5, X-12", func(s *Script) { s.Header = Drop("typ") }, "typ"),
		fault("typ JWT", "ASVS 10.5.5, X-12", typ("JWT"), "typ"),
		fault("typ at+jwt", "ASVS 10.5.5, X-12", typ("at+jwt"), "typ"),
		fault("40 KB", "ASVS 15.2.2", func(s *Script) { s.Claims = Set("padding", strings.Repeat("p", 40<<10)) }, "token"),
		fault("ID token", "ASVS 9.2.2, X-12", func(s *Script) {
			s.Header = Set("typ", "JWT")
			s.Claims = func(m map[string]any) {
				delete(m, "events")
				m["nonce"], m["auth_time"] = rand.Text(), m["iat"]
			}
		}, "claims"),
	}
}

func logoutTimeFaults() []Fault {
	const iat, exp = "OIDC Back-Channel Logout 2.6 (4), X-12", "OIDC Back-Channel Logout 2.6 (4), ASVS 10.5.5, X-12"
	with := func(f func(map[string]any)) func(*Script) { return func(s *Script) { s.Claims = f } }
	lasting := func(life time.Duration) func(*Script) { return with(Shift("exp", life-2*time.Minute)) }
	return []Fault{
		fault("no iat", iat, with(Drop("iat")), "time"),
		fault("iat ten minutes and 5 seconds ago", iat, with(Shift("iat", -10*time.Minute-5*time.Second)), "time"),
		fault("iat nearly ten minutes ago", iat, with(Shift("iat", -10*time.Minute+5*time.Second)), Accepted),
		fault("iat 65 seconds ahead", iat, with(Shift("iat", 65*time.Second)), "time"),
		fault("iat 55 seconds ahead", iat, with(Shift("iat", 55*time.Second)), Accepted),
		fault("no exp", exp, with(Drop("exp")), "claims"),
		fault("exp 65 seconds ago", exp, lasting(-65*time.Second), "claims"),
		fault("exp 55 seconds ago", exp, lasting(-55*time.Second), Accepted),
		fault("good for eleven minutes and 5 seconds", exp, lasting(11*time.Minute+5*time.Second), "time"),
		fault("good for nearly eleven minutes", exp, lasting(11*time.Minute-5*time.Second), Accepted),
	}
}

func logoutClaimFaults() []Fault {
	const party, whose, event = "OIDC Back-Channel Logout 2.6 (4)", "OIDC Back-Channel Logout 2.6 (5), X-12",
		"OIDC Back-Channel Logout 2.6 (6), X-12"
	with := func(f func(map[string]any)) func(*Script) { return func(s *Script) { s.Claims = f } }
	events := func(value any) func(*Script) { return with(Set("events", map[string]any{logoutEvent: value})) }
	return []Fault{
		fault("no-event", event, with(Drop("events")), "claims"),
		fault("wrong-event", event, with(Set("events", map[string]any{"urn:other": map[string]any{}})), "claims"),
		fault("event null", event, events(nil), "event"),
		fault("event text", event, events("yes"), "event"),
		fault("event list", event, events([]any{}), "event"),
		fault("with-nonce", "OIDC Back-Channel Logout 2.6 (7)", with(Set("nonce", "x")), "claims"),
		fault("nonce empty", "OIDC Back-Channel Logout 2.6 (7)", with(Set("nonce", "")), "claims"),
		fault("wrong-aud", party, with(Append("aud", "1")), "claims"),
		fault("further aud", party, with(Set("aud", []string{ClientID, "other"})), "azp"),
		fault("wrong-iss", "OIDC Back-Channel Logout 2.6 (4, 9)", with(Append("iss", "1")), "claims"),
		fault("no jti", "OIDC Back-Channel Logout 2.4, X-12", with(Drop("jti")), "claims"),
		fault("jti of 256 characters", "OIDC Back-Channel Logout 2.6 (8)", with(Set("jti", strings.Repeat("j", 256))),
			"jti"),
		fault("jti with NUL", "OIDC Back-Channel Logout 2.6 (8)", with(Set("jti", "j\x00")), "jti"),
		fault("sub with NUL", "OIDC Core 2", with(Set("sub", "alice\x00")), "sub"),
		fault("sid of 256 characters", "OIDC Back-Channel Logout 2.1", with(Set("sid", strings.Repeat("s", 256))), "sub"),
		fault("neither sub nor sid", whose, with(func(m map[string]any) {
			delete(m, "sub")
			delete(m, "sid")
		}), "claims"),
		fault("unknown claim", "OIDC Back-Channel Logout 2.4", with(Set("unknown", hostile)), Accepted),
	}
}
