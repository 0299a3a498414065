package lab

import (
	"crypto/rand"
	"net/http"
	"slices"
	"sync"
	"time"

	"hookandtag.example/shop/internal/mallory"
)

// lesson describes an exhibit.
type lesson struct {
	number   int
	title    string
	weakness string
	defences []mallory.Defence
	presses  []press
	weaken   func(*exhibit) // replaces the sound functions by weak ones, for each defence that is off
	seed     func(*exhibit) // what is there at first; may be nil
}

// press is a button of an exhibit besides the shop's own.
type press struct{ Action, By, Label string }

// lessons are the twin's exhibits. Lesson 1 and the finale need no twin.
var lessons = []*lesson{
	prediction, sniffing, middle, clientSide, secret, expiry, cookieExpiry, fixation, saving, stores, signingOut,
}

// session is what the twin remembers of a visitor.
type session struct {
	id            string
	user          string
	cart          map[string]int // units by SKU
	created, used time.Time
	mallory       bool // begun by Mallory
}

func (s *session) units() (n int) {
	for _, units := range s.cart {
		n += units
	}
	return n
}

// exhibit is one lesson's shop at one bench.
type exhibit struct {
	lesson *lesson
	addresses

	mu     sync.Mutex // guards all below
	on     map[string]bool
	shift  time.Duration // how far the clock has been moved
	events []mallory.Event
	hooks
	store
	traces
	props
}

// addresses are where an exhibit and its neighbours are found.
type addresses struct {
	path string // where the exhibit's addresses begin and its cookies end
	shop string // the real shop's address, where the lesson is
	evil string // this learner's addresses on Mallory's site
}

// store holds an exhibit's sessions, and counts what is asked of it.
type store struct {
	rows            map[string]*session   // of the replica that answers
	order           []string              // the rows' ids, oldest first
	replicas        []map[string]*session // more than one in lesson 11 only
	turn            int                   // whose turn it is
	lookups, writes int
}

// traces are what the sessions have left outside the store.
type traces struct {
	cookies int // handed out
	issued  []mallory.Issued
	mailbox []string
}

// props are what single lessons need besides.
type props struct {
	counter int           // lesson 2: the last id
	wires   []*tap        // lesson 3
	reviews []string      // lesson 5: what was posted
	secrets []string      // lesson 6: the first signs
	gate    chan struct{} // lesson 10: where overlapping requests meet
}

// hooks are the functions that a lesson may weaken. The exhibit is locked while they run.
type hooks struct {
	newID   func() string
	key     func(id string) string                     // under which the store keeps a session
	find    func(*http.Request) *session               // who is asking; nil for a stranger
	cookie  func(*session) *http.Cookie                // what a visitor gets
	add     func(s *session, sku string, meetings int) // meetings: with another request, before it changes anything
	signIn  func(*session, string) *session            // returns the session that goes on
	signOut func(*session)
	// leave leads on after the sign-out.
	leave   func(w http.ResponseWriter, to string)
	live    func(*session) bool                                // whether neither limit has passed
	accept  func(*http.Request) bool                           // whether one of our own pages sent a form
	detour  func(http.ResponseWriter, *http.Request) bool      // answers before the shop does, and returns true
	headers func(http.ResponseWriter, *http.Request, *session) // what each answer carries
}

func newExhibit(lesson *lesson, at addresses) *exhibit {
	x := &exhibit{lesson: lesson, addresses: at}
	x.reset()
	return x
}

// reset makes the exhibit as it was at first, with every defence off.
func (x *exhibit) reset() {
	x.on, x.events = map[string]bool{}, nil
	x.restock()
}

// restock throws every session away and sets the hooks by the switches.
func (x *exhibit) restock() {
	rows := map[string]*session{}
	x.shift, x.traces = 0, traces{}
	x.store = store{rows: rows, replicas: []map[string]*session{rows}}
	x.props = props{counter: 1000, secrets: []string{rand.Text()}, gate: make(chan struct{})}
	x.hooks = hooks{
		newID: rand.Text, key: keyAsSent, find: x.findByCookie, cookie: x.soundCookie, add: x.addOne,
		signIn: x.signInAnew, signOut: x.endSession, live: x.withinLimits,
		accept: fromOurPage, detour: func(http.ResponseWriter, *http.Request) bool { return false },
		headers: func(http.ResponseWriter, *http.Request, *session) {}, leave: redirect,
	}
	x.lesson.weaken(x)
	if x.lesson.seed != nil {
		x.live = liveForever // however long a learner reads before the attack
		x.lesson.seed(x)
	}
	x.writes, x.lookups = 0, 0
}

func (x *exhibit) now() time.Time { return time.Now().Add(x.shift) }

// note records an event. Repeats of the newest one are not recorded again.
func (x *exhibit) note(kind mallory.Kind, text string) { x.noteOf("", kind, text) }

// noteOf records an event of a customer's.
func (x *exhibit) noteOf(user string, kind mallory.Kind, text string) {
	if len(x.events) > 0 && x.events[0].Kind == kind && x.events[0].Text == text {
		return
	}
	x.events = slices.Insert(x.events, 0, mallory.Event{At: x.now(), Kind: kind, User: user, Text: text})
	x.events = x.events[:min(len(x.events), maxEvents)]
}

// sessionValue returns the value of the exhibit's cookie in a request, or "".
func (x *exhibit) sessionValue(r *http.Request) string {
	c, err := r.Cookie(x.cookie(&session{}).Name)
	if err != nil || len(c.Value) > 4*maxID {
		return ""
	}
	return c.Value
}

// findByCookie takes a session that exists and is live. An id nobody issued is a stranger's.
func (x *exhibit) findByCookie(r *http.Request) *session {
	return x.liveRow(x.sessionValue(r))
}

// liveRow asks the store for a session that is live.
func (x *exhibit) liveRow(id string) *session {
	s := x.row(id)
	if s == nil || !x.live(s) {
		return nil
	}
	return s
}

// row asks the store for a session.
func (x *exhibit) row(id string) *session {
	if id == "" {
		return nil
	}
	x.lookups++
	return x.rows[x.key(id)]
}

// begin makes a session under an id. The oldest makes way for one too many.
func (x *exhibit) begin(id string) *session {
	s := &session{id: id, cart: map[string]int{}, created: x.now(), used: x.now()}
	x.save(s)
	return s
}

// save writes a session to the store.
func (x *exhibit) save(s *session) {
	x.writes++
	key := x.key(s.id)
	if _, found := x.rows[key]; !found {
		x.order = append(x.order, key)
	}
	x.rows[key] = s
	if len(x.order) > maxRows {
		x.drop(x.order[0])
	}
}

// drop removes a row from the store.
func (x *exhibit) drop(key string) {
	for _, rows := range x.replicas {
		delete(rows, key)
	}
	x.order = slices.DeleteFunc(x.order, func(known string) bool { return known == key })
}

// soundCookie is out of reach of scripts and other sites, and gone when the browser closes.
func (x *exhibit) soundCookie(s *session) *http.Cookie {
	return &http.Cookie{Name: "sid", Value: s.id, Path: x.path, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// addOne changes one line of the cart atomically.
func (x *exhibit) addOne(s *session, sku string, meetings int) {
	x.meet(meetings)
	s.cart[sku] = min(s.cart[sku]+1, maxUnits)
	x.writes++
}

// signInAnew gives the customer a new session, moves the cart and ends the old session.
func (x *exhibit) signInAnew(old *session, user string) *session {
	s := x.begin(x.newID())
	s.user, s.cart, s.mallory = user, old.cart, old.mallory
	x.drop(x.key(old.id))
	return s
}

// endSession ends the session at the server.
func (x *exhibit) endSession(s *session) { x.drop(x.key(s.id)) }

// fromOurPage refuses what another site makes a browser send.
func fromOurPage(r *http.Request) bool { return http.NewCrossOriginProtection().Check(r) == nil }

// Limits of a session, where a lesson does not take them away.
const (
	idleLimit     = 30 * time.Minute
	absoluteLimit = 24 * time.Hour
)

func (x *exhibit) withinLimits(s *session) bool {
	return x.now().Sub(s.used) < idleLimit && x.now().Sub(s.created) < absoluteLimit
}
