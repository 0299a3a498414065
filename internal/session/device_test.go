package session_test

import (
	"strings"
	"sync"
	"testing"

	"hookandtag.example/shop/internal/session"
)

func TestDevicesAreTheCustomersLiveSessions(t *testing.T) { // ASVS 7.5.2
	t.Parallel()
	s := open(t)
	first, second := s.signedIn("alice"), s.signedIn("alice")
	s.signedIn("bob")
	s.signedIn("alice").post("/logout", "")
	lines := strings.Split(strings.TrimSpace(second.get("/devices").body), "\n")
	if len(lines) != 2 || !strings.Contains(strings.Join(lines, "\n"), "current") ||
		strings.Contains(second.get("/devices").body, strings.Split(first.tag, ".")[1]) {
		t.Errorf("devices: got\n%s\nwant two, one current, without a token", strings.Join(lines, "\n"))
	}
}

func TestAnEndedDeviceIsOutOnItsNextRequest(t *testing.T) { // ASVS 7.5.2, 7.4.1
	t.Parallel()
	s := open(t)
	first, second, bob := s.signedIn("alice"), s.signedIn("alice"), s.signedIn("bob")
	handle := first.get("/handle").body
	bob.post("/devices/end", "handle="+handle).wants(t, "found=false")
	first.post("/devices/end", "handle="+handle).wants(t, "found=false")
	second.post("/devices/end", "handle="+handle).wants(t, "found=true")
	first.get("/why").wants(t, "reason=revoked")
	second.post("/devices/end", "handle="+handle).wants(t, "found=false")
	s.browser().post("/devices/end", "handle="+second.get("/handle").body).wants(t, "found=false")
	second.get("/").wants(t, "customer=alice")
}

// Otherwise it would refuse sign-ins by the authentication that this session rests on.
func TestASessionThatNamesItselfAsTheDeviceChangesNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	handle := alice.get("/handle").body
	if _, writes := s.sql.since(func() { alice.post("/devices/end", "handle="+handle) }); writes != 0 {
		t.Errorf("writes: got %d, want 0", writes)
	}
}

func TestNobodySignedInHasNoDevicesToLookFor(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, b := range map[string]*browser{"no session": s.browser(), "an anonymous session": s.anonymous()} {
		page, _ := s.sql.since(func() { b.get("/") })
		listed, _ := s.sql.since(func() { b.get("/devices") })
		ended, _ := s.sql.since(func() { b.post("/devices/end-others", "").wants(t, "ended=0 <nil>") })
		one, _ := s.sql.since(func() { b.post("/devices/end", "handle=AAAAAAAA").wants(t, "found=false <nil>") })
		if listed != page || ended != page || one != page {
			t.Errorf("%s: %d, %d and %d statements, want %d as for any page", name, listed, ended, one, page)
		}
	}
}

func TestOnlyWhatLooksLikeOneIsAHandle(t *testing.T) { // ASVS 2.2.1
	t.Parallel()
	const handle = "AAAAAAAAAAAAAAAAAAAAAA"
	for text, want := range map[string]bool{handle: true, "": false, handle[1:]: false, handle + "A": false, handle +
		"AAAA": false, handle + "=": false, handle + "!": false, handle + "\n": false, handle[:20] + "\n\n": false,
		handle[:21] + "B": false} {
		if session.ValidHandle(text) != want {
			t.Errorf("%q: want %v", text, want)
		}
	}
}

func TestEndingTheOthersKeepsThisOne(t *testing.T) { // ASVS 7.4.3, 7.5.2; S-2: stock scs ends none and says nothing
	t.Parallel()
	s := open(t)
	a, b, c, bob := s.signedIn("alice"), s.signedIn("alice"), s.signedIn("alice"), s.signedIn("bob")
	b.post("/devices/end-others", "").wants(t, "ended=2")
	a.get("/why").wants(t, "reason=revoked")
	c.get("/why").wants(t, "reason=revoked")
	b.get("/").wants(t, "customer=alice")
	bob.get("/").wants(t, "customer=bob")
}

func TestSigningOutElsewhereKeepsTheSessionThatReplacedThisOne(t *testing.T) {
	t.Parallel()
	s := open(t)
	alice, phone := s.signedIn("alice"), s.signedIn("alice")
	second := alice.copy()
	var a answer
	var wait sync.WaitGroup
	wait.Go(func() { a = second.post("/devices/end-others/slow", "") })
	<-s.entered
	alice.post("/signin", "who=alice")
	s.release <- struct{}{}
	wait.Wait()
	a.wants(t, "ended=1 ")
	alice.get("/").wants(t, "customer=alice")
	phone.get("/").wants(t, "customer= ", "why=revoked")
}
