package learn

import (
	"html/template"
	"net/http"
	"slices"
	"strings"
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
	Lesson                 *Recipe // the one last opened; nil before
	Step                   int     // its next step, counted from 1; 0: all are done
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
	recordSignedIn(r.Context(), view.SignedIn)
	p := l.readProgress(r)
	if view.Lesson = l.recipe(p.At); view.Lesson != nil {
		view.Step = view.Lesson.next(p.of(p.At)) + 1
	}
	t := l.memory.trail(p.Learner, id)
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

// justNow is the sentence for what the visitor has just done. A press leads to a page, so on that
// page the press counts; on the next page of the shop it is over. A page of the tutorial, and a
// script, reports the last press.
func (l *Lessons) justNow(r *http.Request, t trail) string {
	here := l.exchange(nowhere{}, r, http.StatusOK)
	here.Events = eventsOf(r.Context())
	last, found := t.lastByVisitor()
	inTutorial := isTutorial(r.URL.Path)
	switch {
	case found && inTutorial && last.press != "":
		return last.sentence()
	case len(here.Events) > 0 || !found:
		return here.sentence()
	case inTutorial || here.ByScript:
		return last.sentence()
	case last.press == "" && !last.ByScript && last.leadsOn():
		return last.sentence()
	}
	return here.sentence()
}

// leadsOn reports whether the answer brought the browser to another page by itself.
func (x exchange) leadsOn() bool {
	return x.Location != "" || x.Status < 400 && (x.Method == http.MethodPost || strings.HasPrefix(x.Path, "/auth/"))
}

// lastByVisitor is the last exchange that the visitor asked for. Where a press leads a script is
// not one.
func (t trail) lastByVisitor() (x exchange, found bool) {
	for _, x := range slices.Backward(t.exchanges) {
		if !x.ByScript || x.Method != http.MethodGet {
			return x, true
		}
	}
	return x, false
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
