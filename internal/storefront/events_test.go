package storefront_test

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront"
)

// securityEvents is how each event comes about that a request can cause, and how grave the log
// calls it.
var securityEvents = map[string]struct {
	event, level string
	provoke      func(s *shop)
}{
	"too many pages at once": {storefront.EventOverloaded, "ERROR", func(s *shop) {
		defer s.handler.Fill()()
		s.visitor().get("/cart")
	}},
	"a session begins": {session.EventCreated, "INFO",
		func(s *shop) { s.visitor().post("/cart/lines", "sku", "HAT-1") }},
	"a session is signed out":  {session.EventEnded, "INFO", func(s *shop) { s.signedIn().submit("/logout") }},
	"a session idles too long": {session.EventExpired, "INFO", func(s *shop) { s.signedInAndIdle().get("/account") }},
	"an ended tag comes again": {session.EventUsedAfterEnd, "INFO",
		func(s *shop) { s.signedOutElsewhere().get("/account") }},
	"a forged tag": {session.EventTagRefused, "INFO", func(s *shop) { s.guesser().get("/cart") }},
	"another browser goes on": {session.EventBrowserChanged, "INFO",
		func(s *shop) { s.signedInMinutesAgo().get("/account", with{"User-Agent", "another"}) }},
	"a sign-in": {storefront.EventSignedIn, "INFO", func(s *shop) { s.signedIn() }},
	"a sign-in that is cancelled": {storefront.EventSignInFailed, "WARN",
		func(s *shop) { s.visitor().get(s.provider.fail(auth.ErrCancelled)) }},
	"a provider that is away": {storefront.EventSignInFailed, "ERROR",
		func(s *shop) { s.visitor().get(s.provider.fail(auth.ErrUnavailable)) }},
	"a logout by the provider": {storefront.EventProviderLogout, "INFO", func(s *shop) {
		s.logoutOf("logout-token", "ann")
		s.tell(url.Values{"logout_token": {"logout-token"}})
	}},
	"a forged logout token": {storefront.EventProviderLogoutRefused, "WARN",
		func(s *shop) { s.tell(url.Values{"logout_token": {"logout-token"}}) }},
	"a form without its token": {storefront.EventForgedForm, "WARN", func(s *shop) {
		ann := s.signedIn()
		ann.bare = true
		ann.post("/checkout/address")
	}},
	"a form of another site": {storefront.EventForgedForm, "WARN",
		func(s *shop) { s.visitor().postForm("/login", nil, with{"Sec-Fetch-Site", "cross-site"}) }},
	"a frame of another site": {storefront.EventEmbedded, "WARN", func(s *shop) {
		s.visitor().get("/", with{"Sec-Fetch-Site", "cross-site"}, with{"Sec-Fetch-Mode", "navigate"},
			with{"Sec-Fetch-Dest", "iframe"})
	}},
	"too many reports": {storefront.EventTooMany, "WARN",
		func(s *shop) { s.visitor().post("/csp-reports"); s.visitor().post("/csp-reports") }},
}

func (s *shop) signedIn() *browser {
	ann := s.visitor()
	ann.signIn("ann", "")
	return ann
}

func (s *shop) signedInAndIdle() *browser {
	ann := s.signedIn()
	s.goIdle()
	return ann
}

func (s *shop) signedInMinutesAgo() *browser {
	ann := s.signedIn()
	s.pass(2 * time.Minute)
	return ann
}

func (s *shop) signedOutElsewhere() *browser {
	ann := s.signedIn()
	copied := ann.twin()
	ann.submit("/logout")
	return copied
}

func (s *shop) guesser() *browser {
	b := s.visitor()
	b.cookies["__Host-tag"] = forged(s.t)
	return b
}

// forged is a tag with a wrong signature under the shop's key.
func forged(t testing.TB) string {
	t.Helper()
	keys, err := keyring.New(shopKey)
	must(t, err)
	return keys.Sign(keyring.Tag, strings.Repeat("A", 43)) + "A"
}

func TestEverySecurityEventIsOneLineThatTellsNoSecret(t *testing.T) { // ASVS 16.2.5, 16.3.1, 16.3.2, 16.3.3
	t.Parallel()
	for what, c := range securityEvents {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, func(c *storefront.Config) { c.Rates.Reports = storefront.Rate{Requests: 1, Per: time.Hour} })
			c.provoke(s)
			var lines []string
			for line := range strings.Lines(s.logged()) {
				if strings.Contains(line, `"`+c.event+`"`) {
					lines = append(lines, line)
				}
			}
			if len(lines) != 1 || !strings.Contains(lines[0], `"level":"`+c.level+`"`) {
				t.Errorf("want one line with %s and level %s, have %q", c.event, c.level, lines)
			}
			for _, secret := range []string{"ann@example.test", "secret-code", "id-token-of", "logout-token\"",
				strings.Repeat("A", 43)} {
				if strings.Contains(s.logged(), secret) {
					t.Errorf("%s is in the log", secret)
				}
			}
		})
	}
}

// byOperators are the events of commands: cmd/shop.TestEveryChangeByAnOperatorIsWrittenDown.
var byOperators = []string{"session_revoked", "user_disabled", "user_enabled", "user_erased"}

// ASVS 16.1.1: each event in docs/security.md is brought about above, at the level given there.
func TestEveryListedEventIsProvoked(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/security.md")
	must(t, err)
	_, table, _ := strings.Cut(string(page), "| event | when | level |")
	table, _, _ = strings.Cut(table, "\n\n")
	levels := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| [^|]* \\| ([^|]*) \\|").FindAllStringSubmatch(table,
		-1) {
		levels[row[1]] = row[2]
	}
	if len(levels) < 16 {
		t.Fatalf("only %d events are listed", len(levels))
	}
	provoked := slices.Clone(byOperators)
	for what, c := range securityEvents {
		provoked = append(provoked, c.event)
		if word := map[string]string{"INFO": "info", "WARN": "warning",
			"ERROR": "error"}[c.level]; !strings.Contains(levels[c.event], word) {
			t.Errorf("%s: %s is %s, and the page says %q", what, c.event, word, levels[c.event])
		}
	}
	for event := range levels {
		if !slices.Contains(provoked, event) {
			t.Errorf("%s is not provoked", event)
		}
	}
}

func TestEveryRateSlowsItsOwnRoute(t *testing.T) { // ASVS 2.4.1
	t.Parallel()
	one := storefront.Rate{Requests: 1, Per: time.Hour}
	for name, c := range map[string]struct {
		set   func(*storefront.Rates)
		visit func(s *shop) reply
	}{
		"posts": {func(r *storefront.Rates) {
			r.Posts = one
		}, func(s *shop) reply { return s.visitor().post("/cart/undo") }},
		"sign-in": {func(r *storefront.Rates) { r.SignIn = one }, func(s *shop) reply { return s.visitor().post("/login") }},
		"callback": {func(r *storefront.Rates) {
			r.Callback = one
		}, func(s *shop) reply { return s.visitor().get("/auth/callback") }},
		"new cart": {func(r *storefront.Rates) {
			r.NewCart = one
		}, func(s *shop) reply { return s.visitor().postForm("/cart/lines", addHat()) }},
		"guesses": {func(r *storefront.Rates) { r.Guesses = one }, func(s *shop) reply { return s.guesser().get("/cart") }},
		"reports": {func(r *storefront.Rates) {
			r.Reports = one
		}, func(s *shop) reply { return s.visitor().post("/csp-reports") }},
		"logout": {func(r *storefront.Rates) { r.Logout = one }, func(s *shop) reply { return s.tell(url.Values{}) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, func(config *storefront.Config) { c.set(&config.Rates) })
			if r := c.visit(s); r.StatusCode == http.StatusTooManyRequests {
				t.Error("the first is refused already")
			}
			wantStatus(t, c.visit(s), http.StatusTooManyRequests)
		})
	}
}
