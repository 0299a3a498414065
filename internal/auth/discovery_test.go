package auth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

const issuer = "https://id.example"

// inProcess reaches a rogue provider without a network, so that time can be a bubble's.
type inProcess struct {
	op *rogue.Provider
}

// RoundTrip implements http.RoundTripper.
func (i inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	i.op.ServeHTTP(w, r)
	return w.Result(), nil
}

// bubble makes a provider whose clock is the bubble's, and runs it until the test ends.
func bubble(t *testing.T, op *rogue.Provider) *auth.Provider {
	t.Helper()
	c := config(t, issuer)
	c.HTTP = &http.Client{Transport: inProcess{op}}
	p := newProvider(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { p.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	synctest.Wait()
	return p
}

func down() rogue.Script {
	return rogue.Script{Answers: map[string]rogue.Answer{rogue.DiscoveryPath: {Status: http.StatusBadGateway}}}
}

// later lets the bubble's time pass, which takes none, and everything settle.
func later(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// S-20, ASVS 16.5.2
func TestAProviderThatIsDownAtTheStartIsReachedWhenItIsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		op := rogue.New(issuer)
		op.Follow(down())
		p := bubble(t, op)
		if p.Ready() {
			t.Fatal("ready without a provider")
		}
		later(10 * time.Minute)
		if calls := len(op.Requests(rogue.DiscoveryPath)); calls < 15 || calls > 40 {
			t.Errorf("a provider that is down was asked %d times in ten minutes", calls)
		}
		op.Follow(rogue.Script{})
		later(40 * time.Second)
		if !p.Ready() {
			t.Error("not ready 40 s after the provider is up")
		}
	})
}

func TestAGoodDiscoverySurvivesABadOne(t *testing.T) {
	t.Parallel()
	bad := map[string]rogue.Script{
		"down":         down(),
		"other issuer": {Discovery: rogue.Set("issuer", "https://other.example")},
		"other host":   {Discovery: rogue.Set("authorization_endpoint", "http://other.example/")},
	}
	for name, script := range bad {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				op := rogue.New(issuer)
				p := bubble(t, op)
				op.Follow(script)
				later(time.Hour)
				if len(op.Requests(rogue.DiscoveryPath)) < 10 {
					t.Fatal("the provider was not asked again")
				}
				address, err := p.Begin(t.Context(), httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, base, nil),
					auth.Begin{})
				if err != nil || address[:len(issuer)] != issuer {
					t.Errorf("leads to %q, %v", address, err)
				}
			})
		})
	}
}

func TestNewEndpointsAreSeenWithinTenMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		op := rogue.New(issuer)
		p := bubble(t, op)
		op.Follow(rogue.Script{Discovery: rogue.Set("authorization_endpoint", "https://pages.example/authorize")})
		later(10*time.Minute + time.Second)
		address, err := p.Begin(t.Context(), httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, base, nil),
			auth.Begin{})
		if want := "https://pages.example/authorize?"; err != nil || !strings.HasPrefix(address, want) {
			t.Errorf("leads to %q, %v; want %s", address, err, want)
		}
	})
}

// Visitors who come while the provider is down get the last failure immediately, and not one more
// call each.
func TestVisitorsDoNotQueueForAProviderThatIsDown(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.op.Follow(down())
	for range 20 {
		if _, err := s.begin(t, auth.Begin{}); !errors.Is(err, auth.ErrUnavailable) {
			t.Fatal(err)
		}
	}
	if calls := len(s.op.Requests("")); calls != 1 || len(s.browser.cookies) != 0 {
		t.Errorf("%d calls, %d cookies", calls, len(s.browser.cookies))
	}
	s.op.Follow(rogue.Script{})
	s.clock.move(2 * time.Second)
	s.mustSignIn(t, auth.Begin{})
}

// A shop that was started anew while the visitor was at the provider, which has gone since, keeps
// the attempt.
func TestAnUnknownProviderAtTheReturnKeepsTheAttempt(t *testing.T) {
	t.Parallel()
	s := open(t)
	address := s.start(t, auth.Begin{})
	restarted := config(t, s.op.Issuer)
	restarted.Used, restarted.Now = s.used, s.clock.Now
	s.Provider = newProvider(t, restarted)

	s.op.Follow(down())
	if _, err := s.finish(t, address); !errors.Is(err, auth.ErrUnavailable) || s.used.count() != 0 ||
		len(s.browser.cookies) != 1 {
		t.Fatalf("%v, %d used, %d cookies", err, s.used.count(), len(s.browser.cookies))
	}
	s.op.Follow(rogue.Script{})
	s.clock.move(2 * time.Second)
	if _, err := s.finish(t, address); err != nil {
		t.Error(err)
	}
}

func TestACallerWhoLeavesDoesNotStopDiscovery(t *testing.T) {
	t.Parallel()
	s := open(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Begin(gone, httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, base, nil),
		auth.Begin{}); !errors.Is(err, auth.ErrUnavailable) && err != nil {
		t.Error(err)
	}
	s.mustSignIn(t, auth.Begin{})
}

func TestTheLogTellsOnceThatTheProviderIsReached(t *testing.T) {
	t.Parallel()
	s := open(t)
	for range 2 {
		s.start(t, auth.Begin{})
		s.clock.move(time.Hour)
	}
	if asked, logged := len(s.op.Requests(rogue.DiscoveryPath)),
		strings.Count(s.log.String(), "provider reached"); asked != 2 || logged != 1 {
		t.Errorf("asked %d times, logged %d times; want 2 and 1:\n%s", asked, logged, s.log)
	}
}

// Signing out at the provider and asking it for a name are spared where it names no address for
// them, or one that will not do.
func TestAProviderWithoutTheEndpointsThatCanBeSparedWillDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(map[string]any)
		warns  int
		leads  bool // a sign-out, to the provider
	}{
		"no end_session_endpoint":          {rogue.Drop("end_session_endpoint"), 0, false},
		"no userinfo_endpoint":             {rogue.Drop("userinfo_endpoint"), 0, true},
		"an unusable end_session_endpoint": {rogue.Set("end_session_endpoint", "http://id.example/end"), 1, false},
		"an unusable userinfo_endpoint":    {rogue.Set("userinfo_endpoint", "http://id.example/user"), 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.op.Follow(rogue.Script{Discovery: c.change, Thin: true})
			s.mustSignIn(t, auth.Begin{})
			if strings.Contains(s.log.String(), "userinfo left out") {
				t.Errorf("it was asked for a name:\n%s", s.log)
			}
			if _, leads := s.EndSession(t.Context(), "", ""); leads != c.leads {
				t.Errorf("a sign-out leads to the provider: %v, want %v", leads, c.leads)
			}
			if warned := strings.Count(s.log.String(), "provider endpoint left out"); warned != c.warns {
				t.Errorf("%d warnings, want %d:\n%s", warned, c.warns, s.log)
			}
		})
	}
}

// ASVS 12.3.1: no step from TLS to plain http, not even to this machine.
func TestAnHTTPSProviderHasNoPlainEndpoints(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"authorization_endpoint", "token_endpoint", "jwks_uri"} {
		op := rogue.New(issuer)
		op.Follow(rogue.Script{Discovery: rogue.Set(endpoint, "http://localhost/x")})
		c := config(t, issuer)
		c.HTTP = &http.Client{Transport: inProcess{op}}
		_, err := newProvider(t, c).Begin(t.Context(), httptest.NewRecorder(),
			httptest.NewRequest(http.MethodPost, base, nil), auth.Begin{})
		if !errors.Is(err, auth.ErrUnavailable) {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}

// Asking again what the provider is does not give a flood of forged tokens another fetch.
func TestANewDiscoveryEarnsNoFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		op := rogue.New(issuer)
		p := bubble(t, op)
		forged := rogue.Script{Signature: rogue.Unknown}
		later(10*time.Minute - time.Second)
		for range 2 {
			if _, err := p.VerifyLogout(t.Context(),
				op.LogoutToken("alice", "", forged)); outcome(err) != string(auth.CheckSignature) {
				t.Fatal(err)
			}
			later(2 * time.Second)
		}
		if asked, fetches := len(op.Requests(rogue.DiscoveryPath)), len(op.Requests(rogue.KeysPath)); asked != 2 ||
			fetches != 1 {
			t.Errorf("%d discoveries, %d fetches", asked, fetches)
		}
	})
}
