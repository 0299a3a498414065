package auth_test

import (
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

// Whatever a provider does wrong, the sign-in ends as the table says, by the check that is there
// for it; nothing is asked of the provider after the fault; the attempt is used up unless it can
// still come back; and a correct sign-in works right after.
func TestEveryFaultOfAProviderIsMet(t *testing.T) {
	t.Parallel()
	for _, fault := range rogue.Faults() {
		t.Run(fault.Name+" ("+fault.Clause+")", func(t *testing.T) {
			t.Parallel()
			s := open(t)
			script := rogue.Script{Thin: true} // so that a correct sign-in asks the userinfo endpoint, too
			fault.Change(&script)
			s.op.Follow(script)
			for path := range script.Answers {
				if fault.Slow {
					s.hurry.Store(path)
				}
			}

			authn, err := s.signIn(t, auth.Begin{ReturnTo: "/checkout/review", Intent: "checkout"})
			if got := outcome(err); got != fault.Want {
				t.Fatalf("ended as %q (%v), want %q", got, err, fault.Want)
			}
			checkCalls(t, s, fault)
			if err != nil {
				checkFailure(t, s, fault, authn, err)
			}

			s.hurry.Store("")
			s.op.Follow(rogue.Script{})
			s.clock.move(30 * time.Second)
			s.mustSignIn(t, auth.Begin{})
		})
	}
}

func checkCalls(t *testing.T, s *shop, fault rogue.Fault) {
	t.Helper()
	calls := map[string]int{}
	for _, r := range s.op.Requests("") {
		if calls[r.Path]++; !fault.Allows(r.Path) {
			t.Errorf("%s was asked", r.Path)
		}
	}
	if calls[rogue.TokenPath] > 1 {
		t.Errorf("the code was presented %d times", calls[rogue.TokenPath])
	}
	if fault.Want == rogue.Accepted && fault.Last == "" && calls[rogue.UserInfoPath] == 0 {
		t.Error("userinfo was not asked")
	}
}

func checkFailure(t *testing.T, s *shop, fault rogue.Fault, authn auth.Authentication, err error) {
	t.Helper()
	begun, kept := fault.Last != rogue.DiscoveryPath, fault.Kept
	if (authn != auth.Authentication{ReturnTo: authn.ReturnTo, Intent: authn.Intent}) {
		t.Errorf("a failed sign-in proves something: %+v", authn)
	}
	if begun && !kept && (authn.ReturnTo != "/checkout/review" || authn.Intent != "checkout") {
		t.Errorf("the way back is lost: %+v", authn)
	}
	if used := s.used.count(); (used == 1) != (begun && !kept) {
		t.Errorf("%d attempts are used up", used)
	}
	if cookies := len(s.browser.cookies); (cookies == 1) != kept {
		t.Errorf("the browser has %d attempts", cookies)
	}
	if text := err.Error(); len(text) > 400 ||
		strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		t.Errorf("not one bounded line of ASCII: %q", text)
	}
	for _, token := range s.op.Requests(rogue.TokenPath) {
		if secret := token.Form.Get("code"); strings.Contains(err.Error()+s.log.String(), secret) {
			t.Error("the code is in the error or in the log")
		}
	}
}
