package learn

import (
	"slices"
	"time"

	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront"
)

// Row is the row of a session, as its owner sees it. Every time is by the database's clock.
type Row struct {
	ID          session.ID
	Created     time.Time
	LastUsed    time.Time
	IdleEnd     time.Time
	AbsoluteEnd time.Time
	Now         time.Time
	Ended       *time.Time // nil: nobody has written its end down yet
	Reason      string     // why it ended; "" while it is live
	SignedIn    bool
	CartUnits   int
}

// ShortID is the beginning of the session id, by which pages name the row.
func (r Row) ShortID() string { return reference(r.ID) }

// Live reports whether the row still opens anything.
func (r Row) Live() bool { return r.Reason == "" }

// Why says in words why the row ended.
func (r Row) Why() string { return words[session.Reason(r.Reason)] }

// ages are the steps in which a session can be aged.
var ages = []age{
	{"5m", "5 minutes", 5 * time.Minute}, {"20m", "20 minutes", 20 * time.Minute}, {"31m", "31 minutes", 31 * time.Minute},
	{"23h", "23 hours", 23 * time.Hour}, {"31d", "31 days", 31 * 24 * time.Hour}, {"day", "a busy day", 24 * time.Hour},
}

type age struct {
	Name, Words string
	By          time.Duration
}

// inspectorPage is what the inspector shows.
type inspectorPage struct {
	Lessons   []station
	FormToken string
	Cookie    string
	Sent      *exchange // the last one that carried or brought a tag
	Rows      []Row
	Most      int  // rows that are listed
	Row       *Row // of the tag the browser carries
	Changes   []changeView
	Again     bool // the inspector was looked at before
	Life      *life
	Ages      []age
	Exchanges []exchange
}

// changeView is one value of cookie or row before and after the last change.
type changeView struct{ Name, Before, After string }

func (l *Lessons) showInspector(v *visit) (storefront.LessonAnswer, error) {
	id := l.tagOf(v.r)
	t := l.memory.trail(v.progress.Learner, id)
	rows, err := l.config.Rows.SessionRows(v.r.Context(), t.chain)
	if err != nil {
		return storefront.LessonAnswer{}, err
	}
	slices.SortFunc(rows, func(a, b Row) int { return slices.Index(t.chain, a.ID) - slices.Index(t.chain, b.ID) })
	p := inspectorPage{
		Lessons: l.stations(v, ""), FormToken: l.config.Sessions.FormToken(v.r.Context()),
		Cookie: l.config.Sessions.CookieName(),
		Rows:   rows, Most: maxChain, Ages: ages, Exchanges: t.exchanges,
	}
	slices.Reverse(p.Exchanges)
	for i, x := range p.Exchanges {
		if x.Sent != "" || x.Got != nil {
			p.Sent = &p.Exchanges[i]
			break
		}
	}
	at := slices.IndexFunc(rows, func(r Row) bool { return r.ID == t.last })
	if !id.IsZero() {
		at = slices.IndexFunc(rows, func(r Row) bool { return r.ID == id })
		if at >= 0 {
			p.Row = &rows[at]
		}
	}
	p.Again, p.Changes = v.learner.look(inHand(rows, at), p.Row != nil)
	p.Life = drawLife(inHand(rows, at), t.exchanges)
	return l.page("inspector", "Your session, cookie beside row", p)
}

// inHand are a row and those it took the place of, oldest first; none for -1.
func inHand(rows []Row, at int) []Row {
	first := at
	for first > 0 && rows[first-1].Reason == string(session.Rotated) {
		first--
	}
	return rows[max(first, 0) : at+1]
}

// look compares the last of the rows in hand, and whether the browser carries its tag, with what
// the look before showed, and remembers both for the next. Again is false at a first look, which
// compares a row with the one it took the place of.
func (l *learner) look(rows []Row, carries bool) (again bool, changes []changeView) {
	if len(rows) == 0 {
		return false, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	row := rows[len(rows)-1]
	before, carried, again := row, true, l.shown != nil
	if again {
		before, carried = *l.shown, l.shownCookie
	} else if len(rows) > 1 {
		before = rows[len(rows)-2]
	}
	l.shown, l.shownCookie = &row, carries
	return again, before.changes(carried, row, carries)
}

// changes are what differs between two looks at row and cookie.
func (r Row) changes(carried bool, now Row, carries bool) []changeView {
	all := []changeView{
		{"cookie in your browser", cookieOf(carried, r), cookieOf(carries, now)},
		{"row", r.ShortID(), now.ShortID()}, {"state", r.state(), now.state()}, {"who", r.who(), now.who()},
		{"in the cart", r.unitsBeside(now), now.units()}, {"last used", clock(r.LastUsed), clock(now.LastUsed)},
		{"idle limit at", clock(r.IdleEnd), clock(now.IdleEnd)},
		{"absolute limit at", clock(r.AbsoluteEnd), clock(now.AbsoluteEnd)},
	}
	return slices.DeleteFunc(all, func(c changeView) bool { return c.Before == c.After })
}

func cookieOf(has bool, row Row) string {
	if !has {
		return "none"
	}
	return row.ShortID()
}

func (r Row) state() string {
	if r.Live() {
		return "live"
	}
	return "ended: " + r.Why()
}

func (r Row) who() string {
	if r.SignedIn {
		return "a customer"
	}
	return "nobody in particular"
}

func (r Row) units() string { return counted(r.CartUnits, "item") }

// unitsBeside is units, or those of another row where either has ended: what was in the cart is in
// another cart now, or in none.
func (r Row) unitsBeside(other Row) string {
	if !r.Live() || !other.Live() {
		return other.units()
	}
	return r.units()
}

// ageFromInspector moves the times of the session that the browser carries.
func (l *Lessons) ageFromInspector(v *visit) (storefront.LessonAnswer, error) {
	if _, err := l.ageSession(v, v.r.PostForm.Get("by")); err != nil {
		return storefront.LessonAnswer{}, err
	}
	return to("/learn/inspector#life")
}

// ageSession ages the visitor's own live session by one of the steps; any other step, and no
// session, changes nothing.
func (l *Lessons) ageSession(v *visit, by string) (aged bool, err error) {
	i := slices.IndexFunc(ages, func(a age) bool { return a.Name == by })
	if _, live := l.config.Sessions.Info(v.r.Context()); i < 0 || !live {
		return false, nil
	}
	aged, err = l.config.Rows.AgeSession(v.r.Context(), l.tagOf(v.r), ages[i].By, by == "day")
	if aged {
		pressed(v.r.Context(), "Your row is "+ages[i].Words+
			" older now. The cookie in your browser is as it was: it knows nothing of it.")
	}
	return aged, err
}
