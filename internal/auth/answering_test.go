package auth_test

import (
	"errors"
	"testing"
	"time"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/dev/scripted"
)

// A provider that was there when the shop started may go at any time. Then the shop says so, not the browser.
func TestNobodyIsSentToAProviderThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]scripted.Answer{"dropped": {Drop: true}, "silent": {Hang: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.mustSignIn(t, auth.Begin{})
			s.op.Follow(scripted.Script{Answers: map[string]scripted.Answer{scripted.DiscoveryPath: gone}})
			s.clock.move(10 * time.Second)
			asked := len(s.op.Requests(scripted.DiscoveryPath))
			for range 3 {
				if _, err := s.begin(t, auth.Begin{}); !errors.Is(err, auth.ErrUnavailable) || len(s.browser.cookies) != 0 {
					t.Fatalf("%v, with %d cookies", err, len(s.browser.cookies))
				}
			}
			if to, ok := s.EndSession(t.Context(), "", ""); ok {
				t.Errorf("a sign-out leads to %s", to)
			}
			if name == "dropped" && len(s.op.Requests(scripted.DiscoveryPath)) > asked+2 { // one, which the transport may send again
				t.Errorf("asked %d times for three visitors", len(s.op.Requests(scripted.DiscoveryPath))-asked)
			}
			s.op.Follow(scripted.Script{})
			s.clock.move(2 * time.Second)
			s.mustSignIn(t, auth.Begin{})
		})
	}
}

func TestAProviderThatAnswersWrongIsStillAnswering(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]scripted.Answer{"an error": {Status: 500}, "nonsense": {Body: "{"}, "no end": {Size: 2 << 20}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.mustSignIn(t, auth.Begin{})
			s.op.Follow(scripted.Script{Answers: map[string]scripted.Answer{scripted.DiscoveryPath: answer}})
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
	if asked := len(s.op.Requests(scripted.DiscoveryPath)); asked != 3 {
		t.Errorf("asked %d times in 27 s", asked)
	}
}
