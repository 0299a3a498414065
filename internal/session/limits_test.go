package session_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"hookandtag.example/shop/internal/session"
)

func TestIdleLimitEndsTheSession(t *testing.T) { // ASVS 7.3.1, 7.4.1; NIST 800-63B 5.2
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.pass(29*time.Minute + 59*time.Second)
	alice.get("/").wants(t, "customer=alice")
	s.pass(30 * time.Minute)
	a := alice.get("/")
	a.wants(t, "customer= ")
	a.leavesTag(t)
	if n := s.count(`SELECT count(*) FROM sessions WHERE ended_reason = 'idle' AND data = '{}' AND id_token IS NULL AND
		ended = last_used + idle`); n != 1 {
		t.Error("no emptied tombstone says idle and when")
	}
}

func TestAbsoluteLimitEndsTheSessionHoweverActive(t *testing.T) { // ASVS 7.3.2, S-4, S-6
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	for range 24*6 - 1 {
		s.pass(10 * time.Minute)
		if a := alice.get("/"); !strings.Contains(a.body, "customer=alice") {
			t.Fatalf("before the limit: got %s, want alice signed in", a.body)
		}
	}
	s.pass(10 * time.Minute)
	alice.get("/why").wants(t, "reason=absolute")
}

// No answer ended the session, so no newer tag is at risk: the page that says so deletes the tag,
// and something new may be kept.
func TestARequestIsNotLateForALimit(t *testing.T) {
	t.Parallel()
	for _, limit := range []string{`last_used = statement_timestamp() - idle`, `absolute_end = statement_timestamp()`} {
		s := open(t)
		alice := s.signedIn("alice")
		second := alice.copy()
		s.exec(`UPDATE sessions SET ` + limit)
		second.post("/put", "key=a&value=b").wants(t, "a=b", "late=false")
		a := alice.get("/why")
		a.wants(t, "ended=true", "late=false")
		a.deletesTag(t)
	}
}

func TestAnonymousSessionOutlivesASignedInOne(t *testing.T) { // S-6
	t.Parallel()
	s := open(t)
	alice, visitor := s.signedIn("alice"), s.anonymous()
	s.pass(29 * 24 * time.Hour)
	alice.get("/").wants(t, "customer= ")
	visitor.get("/").wants(t, "cart=1 ")
	s.pass(30 * 24 * time.Hour)
	visitor.get("/").wants(t, "cart=0 ")
	visitor.get("/why").wants(t, "reason=idle customer=0")
}

func TestAnonymousSessionGoesOnUnderANewTagWithTheSameCart(t *testing.T) {
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	second := visitor.copy()
	s.pass(90*24*time.Hour - 20*24*time.Hour)
	s.exec(`UPDATE sessions SET last_used = statement_timestamp() - interval '1 day'`)
	s.pass(20 * 24 * time.Hour)
	a := visitor.get("/")
	a.wants(t, "cart=1 ")
	if a.tag == nil || a.tag.MaxAge != 30*24*3600 {
		t.Fatalf("tag %v, want a new one for 30 days", a.tag)
	}
	visitor.get("/").wants(t, "cart=1 ")
	second.get("/").leavesTag(t)
	second.get("/").wants(t, "cart=0 ", "late=true")
}

// persistent is a browser that obeys Max-Age. Its clock follows the site's.
type persistent struct {
	*browser
	now, expires time.Duration
}

func (p *persistent) take(a answer) {
	if a.tag != nil {
		p.expires = p.now + time.Duration(a.tag.MaxAge)*time.Second
	}
}

func (p *persistent) pass(d time.Duration) {
	p.site.pass(d)
	if p.now += d; p.now >= p.expires {
		p.tag = ""
	}
}

func TestAVisitorWhoComesBackKeepsTheCartOverBothLimits(t *testing.T) { // C-3, RFC 6265bis 5.6.2
	t.Parallel()
	for name, c := range map[string]struct {
		idle, absolute, every time.Duration
		visits                int
	}{
		"seconds":           {10 * time.Second, time.Minute, 3 * time.Second, 50},
		"the shop's limits": {30 * 24 * time.Hour, 90 * 24 * time.Hour, 29 * 24 * time.Hour, 14},
		"daily":             {30 * 24 * time.Hour, 90 * 24 * time.Hour, 23 * time.Hour, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := session.DefaultLimits
			l.AnonymousIdle, l.AnonymousAbsolute = c.idle, c.absolute
			s := open(t, withLimits(l))
			p := &persistent{browser: s.browser()}
			p.take(p.post("/add", ""))
			p.take(p.post("/cart", ""))
			first, tags := p.tag, map[string]bool{}
			for i := range c.visits {
				p.pass(c.every)
				a := p.get("/")
				if !strings.Contains(a.body, "cart=1 ") {
					t.Fatalf("visit %d, after %s: %s, want the cart", i+1, p.now, a.body)
				}
				p.take(a)
				tags[p.tag] = true
			}
			want := int(time.Duration(c.visits) * c.every / (c.absolute + c.every))
			if len(tags) < want || p.tag == first {
				t.Errorf("%d tags in %s, want a new one each time the absolute limit strikes", len(tags), p.now)
			}
			p.pass(c.idle)
			if a := p.get("/"); p.tag != "" && strings.Contains(a.body, "cart=1 ") {
				t.Errorf("after the idle limit: %s, want no cart", a.body)
			}
		})
	}
}

// pastBothLimits is a change of an anonymous session whose absolute limit struck first.
const pastBothLimits = "created = created - interval '100 days', last_used = last_used - interval '31 days', " +
	"absolute_end = created - interval '10 days'"

// A new tag keeps the cart of a session past its absolute limit, and so does a sign-in,
// but not past the idle limit.
func TestASignInPastTheAnonymousAbsoluteLimitKeepsTheCart(t *testing.T) {
	t.Parallel()
	for change, left := range map[string]int{"absolute_end = created + interval '1 microsecond'": 0,
		"last_used = last_used - interval '31 days'": 1, pastBothLimits: 1} {
		s := open(t)
		visitor := s.anonymous()
		s.exec(`UPDATE sessions SET ` + change)
		visitor.post("/signin", "who=alice").wants(t, "customer=alice")
		if n := s.count(`SELECT count(*) FROM carts WHERE customer_id IS NULL AND closed IS NULL`); n != left {
			t.Errorf("%s: %d carts are left behind, want %d", change, n, left)
		}
		if n := s.count(`SELECT count(*) FROM sessions s WHERE live(s)`); n != 1 {
			t.Errorf("%s: live sessions: got %d, want 1", change, n)
		}
	}
}

func TestNoNewTagKeepsTheCartPastTheIdleLimit(t *testing.T) { // ASVS 7.3.1
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	s.exec(`UPDATE sessions SET ` + pastBothLimits)
	visitor.get("/").wants(t, "cart=0 ")
	if n := s.count(`SELECT count(*) FROM sessions s WHERE live(s)`); n != 0 {
		t.Errorf("%d sessions are live, want none", n)
	}
}

func TestTheEndOfASessionIsLoggedOnce(t *testing.T) { // ASVS 16.3.1
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	s.pass(2 * time.Hour)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() { alice.copy().get("/") })
	}
	all.Wait()
	if logged := s.events.names(session.EventExpired); len(logged) != 1 {
		t.Errorf("session_expired: got it for %v, want it once", logged)
	}
}

// ASVS 16.3.1: the client disconnects while the end is recorded.
func TestTheEndOfASessionIsLoggedThoughItsBrowserLeaves(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(t.Context())
	s := open(t, withStore(func(inner session.Store) session.Store {
		return failingStore{Store: inner, expire: func() error { leave(); return nil }}
	}))
	alice := s.signedIn("alice")
	s.pass(30 * time.Minute)
	s.handler.ServeHTTP(newRecorder(), alice.request("GET", "/", "").WithContext(ctx))
	if !s.events.saw(session.EventExpired, session.Idle) {
		t.Errorf("got %+v, want %s logged", s.events.events, session.EventExpired)
	}
}

func TestAnEndThatCannotBeRecordedDoesNotAffectTheAnswer(t *testing.T) { // ASVS 16.5.2
	t.Parallel()
	s := open(t, withStore(func(inner session.Store) session.Store {
		return failingStore{Store: inner, expire: func() error { return errors.New("no") }}
	}))
	alice := s.signedIn("alice")
	s.pass(30 * time.Minute)
	if a := alice.get("/why"); a.status != 200 || a.body != "ended=true reason=idle customer=1 late=false" {
		t.Errorf("got %d %s, want 200 and the reason", a.status, a.body)
	}
}
