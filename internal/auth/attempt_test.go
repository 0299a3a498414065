package auth_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

//
func TestTwoTabsBothSignInAndNeitherTwice(t *testing.T) {
	t.Parallel()
	s := open(t)
	a := s.start(t, auth.Begin{ReturnTo: "/a"})
	b := s.start(t, auth.Begin{ReturnTo: "/b"})

	for address, want := range map[string]string{a: "/a", b: "/b"} {
		if authn, err := s.finish(t, address); err != nil || authn.ReturnTo != want {
			t.Fatalf("%s: returns to %q, %v", want, authn.ReturnTo, err)
		}
	}
	if _, err := s.finish(t, a); !errors.Is(err, auth.ErrNoAttempt) {
		t.Errorf("a replay: %v", err)
	}
	if calls := len(s.op.Requests(rogue.TokenPath)); calls != 2 {
		t.Errorf("%d token requests", calls)
	}
}

// ASVS 10.1.2
func TestAnotherBrowserCannotFinish(t *testing.T) {
	t.Parallel()
	s := open(t)
	address := s.start(t, auth.Begin{})
	own := s.browser

	s.browser = &browser{}
	if _, err := s.finish(t, address); !errors.Is(err, auth.ErrNoAttempt) {
		t.Fatalf("with an empty jar: %v", err)
	}
	s.start(t, auth.Begin{})
	if _, err := s.finish(t, address); !errors.Is(err, auth.ErrNoAttempt) {
		t.Fatalf("with its own attempt: %v", err)
	}
	if s.used.count() != 0 || len(s.op.Requests(rogue.TokenPath)) != 0 {
		t.Error("something was used up")
	}
	s.browser = own
	if _, err := s.finish(t, address); err != nil {
		t.Errorf("in its own browser: %v", err)
	}
}

// ASVS 15.4.2
func TestOfManyReturnsAtOnceOneCounts(t *testing.T) {
	t.Parallel()
	s := open(t)
	address := s.start(t, auth.Begin{ReturnTo: "/cart"})
	const returns = 20
	results := make(chan error, returns)
	var all sync.WaitGroup
	for range returns {
		r := s.browser.request(http.MethodGet, address)
		all.Go(func() {
			_, err := s.Finish(t.Context(), httptest.NewRecorder(), r)
			results <- err
		})
	}
	all.Wait()
	close(results)

	good := 0
	for err := range results {
		var repeated auth.RepeatedError
		switch {
		case err == nil:
			good++
		case !errors.As(err, &repeated) || repeated.ReturnTo != "/cart":
			t.Errorf("a later return: %v", err)
		}
	}
	if calls := len(s.op.Requests(rogue.TokenPath)); good != 1 || calls != 1 {
		t.Errorf("%d returns count, %d token requests", good, calls)
	}
}

func TestARepeatedReturnClearsItsCookie(t *testing.T) {
	t.Parallel()
	s := open(t)
	address := s.start(t, auth.Begin{ReturnTo: "/cart"})
	before := maps.Clone(s.browser.cookies)
	if _, err := s.finish(t, address); err != nil {
		t.Fatal(err)
	}
	s.browser.cookies = before // the answer to the first never reached the browser
	authn, err := s.finish(t, address)
	if !errors.As(err, &auth.RepeatedError{}) || authn.ReturnTo != "/cart" || len(s.browser.cookies) != 0 {
		t.Errorf("%v, returns to %q, %d cookies", err, authn.ReturnTo, len(s.browser.cookies))
	}
}

func TestAnAttemptEndsByItsOwnTime(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after time.Duration
		want  string
	}{
		"just in time":           {lifetime - time.Second, rogue.Accepted},
		"too late":               {lifetime, rogue.NoAttempt},
		"a clock that went back": {-2 * time.Minute, rogue.NoAttempt},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			address := s.start(t, auth.Begin{})
			s.clock.move(c.after)
			if _, err := s.finish(t, address); outcome(err) != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
			if len(s.browser.cookies) != 0 {
				t.Error("the cookie is left")
			}
		})
	}
}

// ASVS 2.3.3: with the store down the code is not spent, and the same address works when it is
// back.
func TestAStoreThatIsDownKeepsTheAttempt(t *testing.T) {
	t.Parallel()
	s := open(t)
	address := s.start(t, auth.Begin{ReturnTo: "/cart"})
	s.used.err = errors.New("connection refused")

	if _, err := s.finish(t, address); !errors.Is(err, auth.ErrUnavailable) || !errors.Is(err, s.used.err) {
		t.Fatalf("with the store down: %v", err)
	}
	if len(s.op.Requests(rogue.TokenPath)) != 0 || len(s.browser.cookies) != 1 {
		t.Fatal("the code was spent or the cookie is gone")
	}
	s.used.err = nil
	if _, err := s.finish(t, address); err != nil {
		t.Errorf("with the store back: %v", err)
	}
}

func TestASixthAttemptReplacesTheOldest(t *testing.T) {
	t.Parallel()
	s := open(t)
	var returns []string
	for i := range 6 {
		returns = append(returns, s.start(t, auth.Begin{ReturnTo: fmt.Sprintf("/%d", i)}))
		s.clock.move(time.Second)
	}
	if len(s.browser.cookies) != 5 {
		t.Fatalf("%d attempts are open", len(s.browser.cookies))
	}
	if _, err := s.finish(t, returns[0]); !errors.Is(err, auth.ErrNoAttempt) {
		t.Errorf("the oldest: %v", err)
	}
	for _, address := range returns[1:] {
		if _, err := s.finish(t, address); err != nil {
			t.Errorf("a younger one: %v", err)
		}
	}
}

// Two tabs may begin within one second: the older one gives way.
func TestTheOldestWithinOneSecondGivesWay(t *testing.T) {
	t.Parallel()
	s := open(t)
	type one struct{ address, cookie string }
	var begun []one
	known := map[string]bool{}
	for range 5 {
		address := s.start(t, auth.Begin{})
		for name := range s.browser.cookies {
			if !known[name] {
				known[name] = true
				begun = append(begun, one{address, name})
			}
		}
		s.clock.move(time.Millisecond)
	}
	// A browser sends cookies in an order of its choice: here the newest first.
	r := httptest.NewRequest(http.MethodPost, base+"/login", nil)
	for _, o := range slices.Backward(begun) {
		r.AddCookie(&http.Cookie{Name: o.cookie, Value: s.browser.cookies[o.cookie]})
	}
	w := httptest.NewRecorder()
	if _, err := s.Begin(t.Context(), w, r, auth.Begin{}); err != nil {
		t.Fatal(err)
	}
	s.browser.take(t, w)
	if _, err := s.finish(t, begun[0].address); !errors.Is(err, auth.ErrNoAttempt) {
		t.Errorf("the oldest: got %v, want %v", err, auth.ErrNoAttempt)
	}
	if _, err := s.finish(t, begun[4].address); err != nil {
		t.Errorf("the newest: %v", err)
	}
}

// ASVS 3.3.5
func TestFiveAttemptsWithTheLongestReturnFitIntoOneHeader(t *testing.T) {
	t.Parallel()
	s := open(t)
	longest := "/products?q=" + strings.Repeat("\"", 500/3)
	who := s.mustSignIn(t, auth.Begin{}).Identity
	for range 5 {
		s.start(t, auth.Begin{ReturnTo: longest, Intent: strings.Repeat("i", 32), ExpectSubject: who, Prompt: "login",
			MaxAge: time.Minute})
	}
	if header := s.browser.request(http.MethodGet, base+"/").Header.Get("Cookie"); len(header) > 8000 {
		t.Errorf("a Cookie header of %d bytes", len(header))
	}
}

// F-10, F-11: what another page embeds, or a browser fetches ahead, uses nothing up.
func TestOnlyANavigationFinishes(t *testing.T) {
	t.Parallel()
	s := open(t)
	address := s.start(t, auth.Begin{})
	for what, header := range map[string]map[string]string{
		"image":    {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
		"frame":    {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
		"fetch":    {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
		"mode":     {"Sec-Fetch-Mode": "no-cors"},
		"dest":     {"Sec-Fetch-Dest": "iframe"},
		"prefetch": {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Purpose": "prefetch;prerender"},
	} {
		r := s.browser.request(http.MethodGet, address)
		for name, value := range header {
			r.Header.Set(name, value)
		}
		if _, err := s.finishRequest(t, r); outcome(err) != string(auth.CheckNavigation) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, method := range []string{http.MethodHead, http.MethodPost} {
		if _, err := s.finishRequest(t, s.browser.request(method, address)); outcome(err) != string(auth.CheckNavigation) {
			t.Errorf("%s: %v", method, err)
		}
	}
	if s.used.count() != 0 || len(s.op.Requests(rogue.TokenPath)) != 0 {
		t.Error("something was used up")
	}
	if _, err := s.finishRequest(t, s.browser.request(http.MethodGet, address)); err != nil {
		t.Errorf("a browser without Fetch Metadata: %v", err)
	}
}

// ASVS 15.3.7: a parameter of ours that cannot be read whole is not read in part.
func TestAReturnThatIsBadlyEscapedUsesUpNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	address := s.start(t, auth.Begin{})
	for _, more := range []string{"&iss=%zz", "&error=%", ";x=y", "&%69ss=%"} {
		if _, err := s.finish(t, address+more); outcome(err) != string(auth.CheckQuery) || s.used.count() != 0 ||
			len(s.browser.cookies) != 1 {
			t.Errorf("%s: %v", more, err)
		}
	}
	if _, err := s.finish(t, address); err != nil {
		t.Error(err)
	}
}

// RFC 6749 4.1.2: the client must ignore unrecognized response parameters.
func TestParametersThatTheCallbackDoesNotKnowCannotBeWrong(t *testing.T) {
	t.Parallel()
	for _, more := range []string{"&x=%", "&%ff%=1", "&utm_term=50%", "&a=1&a=2", "&a;b", "&&=&"} {
		s := open(t)
		if _, err := s.finish(t, s.start(t, auth.Begin{})+more); err != nil {
			t.Errorf("%s: got %v, want a sign-in", more, err)
		}
	}
}

func TestAnAttemptOutlivesAChangeOfKeysButNotOfIssuer(t *testing.T) {
	t.Parallel()
	s := open(t)
	address := s.start(t, auth.Begin{})
	moved := open(t, func(c *auth.Config) { c.Used = s.used })
	moved.browser, moved.clock = s.browser, s.clock
	if _, err := moved.finish(t, address); !errors.Is(err, auth.ErrNoAttempt) {
		t.Errorf("with another issuer: %v", err)
	}
}
