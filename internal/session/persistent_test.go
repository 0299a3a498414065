package session_test

import (
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/session"
)

// persistent is a browser that obeys Max-Age. Its clock goes on with the site's.
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

func TestSignedAgainWithoutAUseTheTagKeepsItsTime(t *testing.T) {
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	visitor.site = s.replica(withKeys(secondKey, firstKey))
	s.exec(`UPDATE sessions SET idle = interval '20 days'`)
	if a := visitor.get("/"); a.tag == nil || a.tag.MaxAge < 20*24*3600-60 || a.tag.MaxAge > 20*24*3600 {
		t.Errorf("the tag is %v, want what is left of its idle limit, 20 days", a.tag)
	}
}
