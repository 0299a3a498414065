package auth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

// A provider that was there when the shop started may go at any time. Then the shop says so, not
// the browser.
func TestNobodyIsSentToAProviderThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]rogue.Answer{"dropped": {Drop: true}, "silent": {Hang: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.mustSignIn(t, auth.Begin{})
			s.hurry.Store(rogue.DiscoveryPath)
			s.op.Follow(rogue.Script{Answers: map[string]rogue.Answer{rogue.DiscoveryPath: gone}})
			s.clock.move(10 * time.Second)
			asked := len(s.op.Requests(rogue.DiscoveryPath))
			for range 3 {
				if _, err := s.begin(t, auth.Begin{}); !errors.Is(err, auth.ErrUnavailable) || len(s.browser.cookies) != 0 {
					t.Fatalf("%v, with %d cookies", err, len(s.browser.cookies))
				}
			}
			if to, ok := s.EndSession(t.Context(), "", ""); ok {
				t.Errorf("a sign-out leads to %s", to)
			}
			// one, which the transport may send again
			if name == "dropped" && len(s.op.Requests(rogue.DiscoveryPath)) > asked+2 {
				t.Errorf("asked %d times for three visitors", len(s.op.Requests(rogue.DiscoveryPath))-asked)
			}
			s.hurry.Store("")
			s.op.Follow(rogue.Script{})
			s.clock.move(2 * time.Second)
			s.mustSignIn(t, auth.Begin{})
		})
	}
}

// Everything a sign-in and a sign-out need is known, so a discovery that takes longer than a
// visitor waits closes neither.
func TestASlowDiscoveryClosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		op := rogue.New(issuer)
		p := bubble(t, op)
		op.Follow(rogue.Script{Answers: map[string]rogue.Answer{rogue.DiscoveryPath: {
			After: true, Before: func() { time.Sleep(4 * time.Second) },
		}}})
		for range 5 {
			later(15 * time.Second)
			begun := time.Now()
			address, err := p.Begin(t.Context(), httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, base, nil),
				auth.Begin{})
			if err != nil || !strings.HasPrefix(address, issuer) {
				t.Errorf("begin: %v", err)
			}
			if waited := time.Since(begun); waited > 2*time.Second {
				t.Errorf("a visitor waited %s", waited)
			}
			later(15 * time.Second)
			if _, ok := p.EndSession(t.Context(), "", ""); !ok {
				t.Error("a sign-out does not lead to the provider")
			}
		}
		later(5 * time.Second) // for the last discovery
	})
}

// A provider that gave no answer has to give one before anybody is sent to it again: taking its
// time is none.
func TestASlowDiscoveryAfterALostOneSendsNobody(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.mustSignIn(t, auth.Begin{})
	released := make(chan struct{})
	for _, answer := range []rogue.Answer{{Drop: true}, {After: true, Before: func() { <-released }}} {
		s.op.Follow(rogue.Script{Answers: map[string]rogue.Answer{rogue.DiscoveryPath: answer}})
		s.clock.move(10 * time.Second)
		if _, err := s.begin(t, auth.Begin{}); !errors.Is(err, auth.ErrUnavailable) {
			t.Errorf("got %v, want %v", err, auth.ErrUnavailable)
		}
	}
	close(released)
}

func TestAProviderThatAnswersWrongIsStillAnswering(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]rogue.Answer{"an error": {Status: 500}, "nonsense": {Body: "{"},
		"no end": {Size: 2 << 20}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.mustSignIn(t, auth.Begin{})
			s.op.Follow(rogue.Script{Answers: map[string]rogue.Answer{rogue.DiscoveryPath: answer}})
			s.clock.move(10 * time.Second)
			s.mustSignIn(t, auth.Begin{})
		})
	}
}

func TestSignInsAskWhetherTheProviderIsThereAtMostEveryTenSeconds(t *testing.T) {
	t.Parallel()
	s := open(t)
	for range 10 {
		s.mustSignIn(t, auth.Begin{})
		s.clock.move(3 * time.Second)
	}
	if asked := len(s.op.Requests(rogue.DiscoveryPath)); asked != 3 {
		t.Errorf("asked %d times in 27 s", asked)
	}
}
