package storefront_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/storefront"
)

func TestRatesAreCountedForEachAddress(t *testing.T) {
	t.Parallel()
	one := storefront.Rate{Requests: 2, Per: 1 << 40}
	s := newShop(t, trusting,
		func(c *storefront.Config) { c.Rates = storefront.Rates{SignIn: one, Callback: one, NewCart: one} })
	for range 2 {
		wantStatus(t, s.visitor().postForm("/login", nil, with{"X-Forwarded-For", "192.0.2.1"}), http.StatusOK)
		wantStatus(t, s.visitor().postForm("/cart/lines", addHat(), with{"X-Forwarded-For", "192.0.2.1"}),
			http.StatusSeeOther)
	}
	refused := s.visitor().postForm("/login", nil, with{"X-Forwarded-For", "192.0.2.1"})
	wantStatus(t, refused, http.StatusTooManyRequests)
	if refused.Header.Get("Retry-After") == "" {
		t.Error("429 without Retry-After")
	}
	wantStatus(t, s.visitor().postForm("/cart/lines", addHat(), with{"X-Forwarded-For", "192.0.2.1"}),
		http.StatusTooManyRequests)
	if n := s.count(`SELECT count(*) FROM sessions`); n != 2 {
		t.Errorf("%d sessions, want 2", n)
	}
	other := s.visitor()
	wantStatus(t, other.postForm("/cart/lines", addHat(), with{"X-Forwarded-For", "192.0.2.2"}), http.StatusSeeOther)
	for range 5 {
		wantStatus(t, other.postForm("/cart/lines", addHat(), with{"X-Forwarded-For", "192.0.2.2"}), http.StatusSeeOther)
	}
}

func TestForgedAddressesAreIgnored(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(c *storefront.Config) { c.Rates.Posts = storefront.Rate{Requests: 1, Per: 1 << 40} })
	wantStatus(t, s.visitor().postForm("/cart/lines", addHat(), with{"X-Forwarded-For", "192.0.2.1"}), http.StatusSeeOther)
	for _, name := range []string{"X-Forwarded-For", "X-Real-IP", "True-Client-IP", "Forwarded"} {
		wantStatus(t, s.visitor().postForm("/cart/lines", addHat(), with{name, "192.0.2.77"}), http.StatusTooManyRequests)
	}
	if strings.Contains(s.logged(), "192.0.2.") {
		t.Error("the log names a forged address")
	}
}

func TestGuessingTagsIsSlowedAndNobodyElseIs(t *testing.T) { // CS-20
	t.Parallel()
	s := newShop(t, func(c *storefront.Config) { c.Rates.Guesses = storefront.Rate{Requests: 5, Per: time.Minute} })
	ann, guesser := s.visitor(), s.visitor()
	ann.signIn("ann", "")
	slowed := false
	for range 10 {
		guesser.cookies["__Host-tag"] = forged(t)
		slowed = guesser.get("/").StatusCode == http.StatusTooManyRequests || slowed
	}
	if !slowed {
		t.Error("ten guesses against a limit of five: none was refused with 429")
	}
	if n := strings.Count(s.logged(), "session_tag_refused"); n != 5 {
		t.Errorf("ten guesses against a limit of five: got %d lines of a refused tag, want 5", n)
	}
	wantStatus(t, ann.get("/account"), http.StatusOK)
	wantStatus(t, s.visitor().get("/"), http.StatusOK)
}

func TestSignOutsWithForeignTagsAreSlowed(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(c *storefront.Config) { c.Rates.Guesses = storefront.Rate{Requests: 5, Per: time.Minute} })
	ann, stranger := s.visitor(), s.visitor()
	ann.signIn("ann", "")
	stranger.cookies["__Host-tag"] = "00000000." + strings.Repeat("A", 43) + ".B"
	answers := map[int]int{}
	for range 10 {
		answers[stranger.post("/logout").StatusCode]++
	}
	if answers[http.StatusServiceUnavailable] != 5 || answers[http.StatusTooManyRequests] != 5 {
		t.Errorf("ten against a limit of five: got %v, want five 503 and five 429", answers)
	}
	wantStatus(t, stranger.get("/"), http.StatusOK)
	wantRedirectPage(t, ann.submit("/logout"), "/signed-out")
}
