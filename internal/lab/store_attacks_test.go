package lab_test

import (
	"strings"
	"testing"
)

func TestCrawlersLeaveRowsUnlessSessionsBeginLate(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	if c := must(w.Crawl(t.Context(), 500))(t); c.Rows != 500 || c.Cookies != 500 {
		t.Errorf("500 crawlers left %d rows and got %d cookies, want 500 each", c.Rows, c.Cookies)
	}
	w.defend(10, "lazy")
	if c := must(w.Crawl(t.Context(), 500))(t); c.Rows != 0 || c.Cookies != 0 {
		t.Errorf("500 crawlers left %d rows and got %d cookies, want none", c.Rows, c.Cookies)
	}
}

func TestOverlappingAddsLoseOneUnlessAChangeWritesWhatChanged(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	if adds := must(w.OverlappingAdds(t.Context()))(t); adds.Kept != 1 {
		t.Errorf("the last save wins, and %d of 2 adds were kept, want 1", adds.Kept)
	}
	w.defend(10, "atomic")
	if adds := must(w.OverlappingAdds(t.Context()))(t); adds.Kept != 2 {
		t.Errorf("%d of 2 adds were kept, want 2", adds.Kept)
	}
}

func TestReadingWritesAndResendsUnlessSwitchedOff(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	read := func() (writes, cookies int) {
		alice := w.customer(10)
		alice.add("HOOK")
		before := w.state(10)
		for range 20 {
			alice.visit("")
		}
		after := w.state(10)
		return after.Writes - before.Writes, after.Cookies - before.Cookies
	}
	for _, c := range []struct {
		defences        []string
		writes, cookies int
	}{{nil, 20, 20}, {[]string{"atomic"}, 0, 20}, {[]string{"quiet"}, 20, 0},
		{[]string{"lazy", "atomic", "quiet"}, 0, 0}} {
		if err := w.Reset(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		w.defend(10, c.defences...)
		if writes, cookies := read(); writes != c.writes || cookies != c.cookies {
			t.Errorf("with %v 20 reads made %d writes and %d cookies, want %d and %d", c.defences, writes, cookies, c.writes,
				c.cookies)
		}
	}
}

func TestAMemoryStoreForgetsAndFlickersUnlessItIsShared(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	carts := func(alice *customer) (seen string) {
		for range 4 {
			if alice.visit("").Cart == 1 {
				seen += "1"
			} else {
				seen += "0"
			}
		}
		return seen
	}
	for _, c := range []struct{ defence, flicker, restarted string }{{"", "01", "0000"}, {"shared", "1111", "1111"}} {
		if c.defence != "" {
			w.defend(11, c.defence)
		}
		alice := w.customer(11)
		alice.add("HOOK")
		if got := carts(alice); got != "1111" {
			t.Errorf("one replica: the cart holds %s", got)
		}
		w.presses("11/replica")
		if got := carts(alice); !strings.Contains(got, c.flicker) {
			t.Errorf("%q, two replicas in turn: the cart holds %s, want %s in it", c.defence, got, c.flicker)
		}
		if err := w.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := carts(alice); got != c.restarted {
			t.Errorf("%q, after a restart the cart holds %s, want %s", c.defence, got, c.restarted)
		}
	}
}

func TestADumpOpensSessionsUnlessItHoldsHashes(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	w.customer(11).signIn("Alice")
	if look := must(w.UseDump(t.Context()))(t); look.User != "Alice" {
		t.Errorf("an id from the dump opens the account of %q, want Alice", look.User)
	}
	w.defend(11, "hashed")
	alice := w.customer(11)
	if !alice.signIn("Alice").In {
		t.Fatal("with hashes Alice cannot sign in")
	}
	if look := must(w.UseDump(t.Context()))(t); look.In {
		t.Errorf("a hash from the dump opens the account of %q", look.User)
	}
}
