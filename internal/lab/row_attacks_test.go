package lab_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/mallory"
)

func TestANewSecretSignsEverybodyOutUnlessTheOldOneStillVerifies(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	w.defend(6, "signed")
	alice := w.customer(6)
	alice.signIn("Alice")
	w.presses("6/rotate")
	if alice.visit("").In {
		t.Error("the only secret was replaced, and Alice is still signed in")
	}
	w.defend(6, "keyring")
	alice.signIn("Alice")
	for _, want := range []bool{true, false} { // the old one verifies once more, and is then retired
		w.presses("6/rotate")
		if got := alice.visit("").In; got != want {
			t.Errorf("signed in is %t, want %t", got, want)
		}
	}
}

func TestSessionsLiveForeverUnlessTheyHaveLimits(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	in := func(uses int, each time.Duration) bool {
		alice := w.customer(7)
		alice.signIn("Alice")
		for range uses {
			if err := w.Age(t.Context(), 7, each); err != nil {
				t.Fatal(err)
			}
			alice.visit("")
		}
		return alice.visit("").In
	}
	if !in(1, 365*24*time.Hour) {
		t.Error("without limits a session should live a year")
	}
	w.defend(7, "idle")
	if !in(3, 29*time.Minute) || in(1, 30*time.Minute) {
		t.Error("the idle limit is not 30 minutes without use")
	}
	if !in(50, 29*time.Minute) {
		t.Error("with the idle limit alone, use should keep a session")
	}
	w.defend(7, "absolute")
	if in(50, 29*time.Minute) {
		t.Error("the absolute limit did not end a session in use")
	}
	if err := w.Switch(t.Context(), 7, "idle", false); err != nil {
		t.Fatal(err)
	}
	if !in(1, 24*time.Hour-time.Minute) || in(1, 24*time.Hour) {
		t.Error("the absolute limit alone is not 24 hours")
	}
}

func TestALateWriteBringsASessionBackUnlessOnlyWhatChangedIsWritten(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	if look := must(w.LateWrite(t.Context()))(t); look.User != "Alice" {
		t.Errorf("after signing out the copy opens %q, want Alice's account: %v", look.User, look.Exchange)
	}
	w.defend(10, "atomic")
	if look := must(w.LateWrite(t.Context()))(t); look.In {
		t.Errorf("the copy opens the account of %s, want none", look.User)
	}
}

func TestAForgedDateKeepsACookieAliveUnlessTheServerCounts(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	forge := func() mallory.Look {
		alice := w.customer(8)
		alice.signIn("Alice")
		if err := w.Age(t.Context(), 8, 60*24*time.Hour); err != nil {
			t.Fatal(err)
		}
		before, after, err := w.ForgeDate(t.Context(), alice.Cookie())
		if err != nil || before.In || !strings.Contains(before.Exchange.Sent[0], "…-") {
			t.Fatalf("the cookie as it is: %v, %+v; want no account, and its date shown", err, before)
		}
		return after
	}
	if look := forge(); look.User != "Alice" {
		t.Errorf("the date in the cookie was not believed: %+v", look)
	}
	w.defend(8, "row")
	if look := forge(); look.In {
		t.Error("the record ends after a day, and the forged date opened the account")
	}
}

func TestADeadRecordsCookieStaysUnlessItIsRemoved(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	for _, c := range []struct {
		defences []string
		kept     bool
	}{{[]string{"row"}, true}, {[]string{"row", "clear"}, false}} {
		w.defend(8, c.defences...)
		alice := w.customer(8)
		alice.signIn("Alice")
		if life := w.state(8).CookieLife; life != 2628000*time.Second {
			t.Errorf("the cookie lives %v, want 2628000 s", life)
		}
		if err := w.Age(t.Context(), 8, 25*time.Hour); err != nil {
			t.Fatal(err)
		}
		if alice.visit("").In {
			t.Error("a day later the record should be gone")
		}
		if kept := alice.Cookie() != ""; kept != c.kept {
			t.Errorf("with %v the dead cookie is kept: %t, want %t", c.defences, kept, c.kept)
		}
	}
}

func TestMallorysTagBecomesAlicesUnlessSignInMakesANewOne(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	wear := func() (back, cart, hers mallory.Look) {
		tag, _, err := w.MakeTag(t.Context(), 9)
		if err != nil {
			t.Fatal(err)
		}
		alice := w.customer(9)
		alice.visit("?sid=" + tag)
		alice.add("FEDORA")
		hers = alice.signIn("Alice")
		return must(w.With(t.Context(), 9, tag))(t), must(w.Cart(t.Context(), 9, tag))(t), hers
	}
	if back, _, _ := wear(); back.User != "Alice" || back.Cart != 2 {
		t.Errorf("Mallory comes back as %q with %d in the cart, want Alice and 2", back.User, back.Cart)
	}
	if !w.happened(9, mallory.EventPlanted) || !w.happened(9, mallory.EventStolen) {
		t.Error("the exhibit noticed neither the planted id nor the theft")
	}
	w.defend(9, "regenerate")
	if back, cart, hers := wear(); back.In || cart.Cart != 0 || hers.Cart != 2 {
		t.Errorf("Mallory comes back: in is %t, %d in the cart, %d in Alice's; want false, 0, 2", back.In, cart.Cart,
			hers.Cart)
	}
	w.defend(9, "nourl")
	if _, cart, hers := wear(); cart.Cart != 1 || hers.Cart != 1 {
		t.Errorf("with the id in the address ignored Mallory's cart holds %d, Alice's %d; want 1 each", cart.Cart, hers.Cart)
	}
}

func TestAnIDNobodyIssuedIsAdoptedUnlessTheTwinIsStrict(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	for _, strict := range []bool{false, true} {
		if strict {
			w.defend(9, "strict")
		}
		alice := w.customer(9)
		alice.visit("?sid=made-up-by-mallory")
		alice.add("HOOK")
		if adopted := alice.Cookie() == "made-up-by-mallory"; adopted == strict {
			t.Errorf("strict is %t and the id was adopted: %t", strict, adopted)
		}
	}
	if err := w.Reset(t.Context(), 9); err != nil {
		t.Fatal(err)
	}
	w.defend(9, "nourl")
	if answer, _ := w.ask("POST", w.URL(9)+"cart", "sku=HOOK", "Cookie",
		"sid=made-up"); answer.Header.Get("Set-Cookie") != "" {
		t.Error("without strictness an id made up in a cookie should be adopted")
	}
	if err := w.Reset(t.Context(), 9); err != nil {
		t.Fatal(err)
	}
	w.defend(9, "strict")
	tag, _, err := w.MakeTag(t.Context(), 9)
	if err != nil {
		t.Fatal(err)
	}
	bob := w.customer(9)
	if bob.visit("?sid=" + tag); bob.Cookie() != tag {
		t.Error("being strict is enough against an id that was issued to Mallory")
	}
}

func TestASignedTokenOutlivesSignOutUnlessTheServerKeepsARecord(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	out := func() mallory.Look {
		alice := w.customer(12)
		alice.signIn("Alice")
		must(alice.Press(t.Context(), "sign-out", url.Values{}))(t)
		if alice.visit("").In {
			t.Error("Alice's own browser is still signed in")
		}
		_, look, err := w.ReplayAfterSignOut(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return look
	}
	if look := out(); look.User != "Alice" {
		t.Errorf("the replayed token opens the account of %q, want Alice", look.User)
	}
	w.defend(12, "revoke")
	if look := out(); look.In {
		t.Errorf("the replayed token opens the account of %q", look.User)
	}
}

func TestSessionsEndByTheLimitsWhereTheLessonIsAboutSomethingElse(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	for lesson, defences := range map[int][]string{9: {"strict", "nourl", "regenerate"}, 12: {"revoke"}} {
		for on := range len(defences) + 1 {
			w.defend(lesson, defences[:on]...)
			if lesson == 12 && on == 0 {
				continue // the token alone is the weakness
			}
			alice := w.customer(lesson)
			alice.signIn("Alice")
			if err := w.Age(t.Context(), lesson, 30*time.Minute); err != nil {
				t.Fatal(err)
			}
			if alice.visit("").In {
				t.Errorf("lesson %d with %q: after 30 minutes without use Alice is still signed in", lesson, defences[:on])
			}
		}
	}
}

func TestThoseWhoAreThereAtFirstStayHoweverLongALearnerReads(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	for _, lesson := range []int{2, 6} {
		if err := w.Age(t.Context(), lesson, 48*time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if g := must(w.GuessNeighbours(t.Context(), 10))(t); g.Hits == 0 {
		t.Error("two days later Mallory finds no neighbour")
	}
	if _, look, err := w.ChangeLetter(t.Context()); err != nil || look.User != "Alice" {
		t.Errorf("two days later customer-a is %q, %v; want Alice", look.User, err)
	}
}
