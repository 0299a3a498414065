package learn

import (
	"slices"
	"sync"
	"time"

	"hookandtag.example/shop/internal/session"
)

const (
	maxExchanges = 40   // of one visitor
	maxChain     = 12   // sessions of one visitor
	maxKept      = 4000 // sessions, and learners; beyond it half are forgotten, the longest unseen first
)

// memory is what this process remembers of visitors: their last exchanges, and what lessons showed
// them. Nothing in it is needed to go on.
type memory struct {
	mu       sync.Mutex
	trails   map[session.ID]*trail
	learners map[string]*learner
}

// trail is the last exchanges of one visitor and the sessions they had.
type trail struct {
	seen      time.Time
	chain     []session.ID // oldest first
	last      session.ID   // of the tag last carried or got
	exchanges []exchange   // oldest first
	issued    string       // the tag's cookie as last set
	rotated   int          // how often a new tag took the place of another
	renewed   int          // how often the same tag was sent again
}

// learner is what the process remembers of a visitor with the tutorial's cookie.
type learner struct {
	mu          sync.Mutex
	seen        time.Time
	trail       *trail
	pages       map[string][]string // addresses that count for a step
	reports     map[string]*Report  // what Mallory's runs showed, by lesson and step
	shown       *Row                // by the inspector, when last looked at
	shownCookie bool                // whether the browser carried the row's tag then
	awayUntil   time.Time           // until then the database is away for this learner
	jars        map[string]string   // tags that a lesson gave to Mallory
	customer    int64               // whom the last sign-in step greeted; 0: nobody yet
}

func newMemory() *memory {
	return &memory{trails: map[session.ID]*trail{}, learners: map[string]*learner{}}
}

func (m *memory) learner(name string) *learner {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.learnerLocked(name)
}

func (m *memory) learnerLocked(name string) *learner {
	l := m.learners[name]
	if l == nil {
		l = &learner{pages: map[string][]string{}, reports: map[string]*Report{}, jars: map[string]string{}}
		if name == "" {
			return l // no cookie yet: nothing to remember it by
		}
		m.learners[name], l.seen = l, time.Now()
		forgetSome(m.learners, func(l *learner) time.Time { return l.seen })
	}
	l.seen = time.Now()
	return l
}

// note adds an exchange to the trail of its visitor.
func (m *memory) note(learnerName string, x exchange) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.trailLocked(learnerName, x.sentID, x.gotID)
	if t == nil {
		return
	}
	t.seen = time.Now()
	for _, id := range []session.ID{x.sentID, x.gotID} {
		if id.IsZero() {
			continue
		}
		if t.last = id; !slices.Contains(t.chain, id) {
			t.chain = append(t.chain, id)
			m.trails[id] = t
			if len(t.chain) > maxChain {
				delete(m.trails, t.chain[0])
				t.chain = t.chain[1:]
			}
		}
	}
	if x.Got != nil {
		t.issued = x.Got.Cookie
		if !x.gotID.IsZero() && !x.sentID.IsZero() && x.Got.Changed {
			t.rotated++
		}
		if !x.gotID.IsZero() && !x.Got.Changed {
			t.renewed++
		}
	}
	t.exchanges = append(t.exchanges, x)
	t.exchanges = t.exchanges[max(0, len(t.exchanges)-maxExchanges):]
	forgetSome(m.trails, func(t *trail) time.Time { return t.seen })
}

// trailLocked finds the trail an exchange belongs to: the learner's, else that of the tag sent,
// else a new one if a tag came back.
func (m *memory) trailLocked(learnerName string, sent, got session.ID) *trail {
	if learnerName != "" {
		l := m.learnerLocked(learnerName)
		if l.trail == nil {
			if l.trail = m.trails[sent]; l.trail == nil || sent.IsZero() {
				l.trail = &trail{}
			}
		}
		return l.trail
	}
	if sent.IsZero() && got.IsZero() {
		return nil
	}
	if t := m.trails[sent]; t != nil && !sent.IsZero() {
		return t
	}
	return &trail{}
}

// trail returns a copy of what is remembered of a visitor.
func (m *memory) trail(learnerName string, id session.ID) trail {
	m.mu.Lock()
	defer m.mu.Unlock()
	var t *trail
	if learnerName != "" {
		t = m.learnerLocked(learnerName).trail
	}
	if t == nil && !id.IsZero() {
		t = m.trails[id]
	}
	if t == nil {
		t = &trail{}
	}
	c := *t
	c.chain, c.exchanges = slices.Clone(t.chain), slices.Clone(t.exchanges)
	if !id.IsZero() && !slices.Contains(c.chain, id) {
		c.chain = append(c.chain, id)
	}
	return c
}

// forgetSome keeps a map from growing without limit.
func forgetSome[K comparable, V any](all map[K]V, seen func(V) time.Time) {
	if len(all) <= maxKept {
		return
	}
	times := make([]time.Time, 0, len(all))
	for _, v := range all {
		times = append(times, seen(v))
	}
	slices.SortFunc(times, time.Time.Compare)
	middle := times[len(times)/2]
	for k, v := range all {
		if seen(v).Before(middle) {
			delete(all, k)
		}
	}
}
