package learn

import (
	"html/template"
	"net/http"
	"time"

	"hookandtag.example/shop/internal/session"
)

// ribbonView is what the ribbon shows of the session of a request.
type ribbonView struct {
	Ref                    string // "": no live session
	SignedIn               bool
	Name                   string // of the cookie
	IdleLeft, AbsoluteLeft time.Duration
	Created                time.Time
	Issued                 string
	Renewed, Rotated       int
	Now                    string // what has just happened, in a sentence
	Last                   []lineView
}

type lineView struct {
	At   time.Time
	What string
	Text string
}

// ribbonLines is how many of the last exchanges the ribbon shows.
const ribbonLines = 5

// Ribbon implements storefront.Lessons.
func (l *Lessons) Ribbon(r *http.Request) template.HTML {
	view := ribbonView{Name: l.config.Sessions.CookieName()}
	var id session.ID
	if info, live := l.config.Sessions.Info(r.Context()); live {
		id = l.tagOf(r)
		view.IdleLeft, view.AbsoluteLeft, view.Created = info.IdleLeft, info.AbsoluteLeft, info.Created
		view.Ref = reference(id)
		_, view.SignedIn = l.config.Sessions.Owner(r.Context())
	}
	t := l.memory.trail(l.readProgress(r).Learner, id)
	view.Issued, view.Renewed, view.Rotated = t.issued, t.renewed, t.rotated
	view.Now = l.justNow(r, t)
	for i := len(t.exchanges) - 1; i >= 0 && len(view.Last) < ribbonLines; i-- {
		x := t.exchanges[i]
		view.Last = append(view.Last, lineView{At: x.At, What: x.Method + " " + x.Path, Text: x.sentence()})
	}
	html, err := l.render("ribbon", view)
	if err != nil {
		return "" // the page is worth more than its ribbon; the templates' test fails instead
	}
	return html
}

// justNow is the sentence for what the visitor has just done. A press leads on to a page, so it is
// the press before the page that counts.
func (l *Lessons) justNow(r *http.Request, t trail) string {
	here := l.exchange(nowhere{}, r, http.StatusOK)
	here.Events = eventsOf(r.Context())
	if len(here.Events) > 0 || len(t.exchanges) == 0 {
		return here.sentence()
	}
	latest := len(t.exchanges) - 1
	for latest > 0 && t.exchanges[latest].ByScript && t.exchanges[latest].Method == http.MethodGet {
		latest-- // where a press led a script is no look of the visitor's
	}
	last := t.exchanges[latest]
	if last.Method == http.MethodPost || last.Location != "" || len(last.Events) > 0 {
		return last.sentence()
	}
	return here.sentence()
}

// nowhere is the answer of a request that has none yet.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) WriteHeader(int)             {}

// tagOf returns the row's key of the tag a request carries; zero when it carries none of ours.
func (l *Lessons) tagOf(r *http.Request) session.ID {
	cookies := r.CookiesNamed(l.config.Sessions.CookieName())
	if len(cookies) != 1 {
		return session.ID{}
	}
	id, _ := l.identify(cookies[0].Value)
	return id
}
