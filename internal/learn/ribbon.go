package learn

import (
	"cmp"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"hookandtag.example/shop/internal/session"
)

// ribbonView is what the ribbon shows of the session of a request.
type ribbonView struct {
	Unread                 bool   // the session was not looked at
	NoTag                  bool   // and the browser sent no tag
	Ref                    string // "": no live session
	Dead                   string // the reference of a tag of ours that opens nothing
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
	Seen                   string  // of the pages that step asks for, such as "1 of 3"
	About                  *Recipe // explains why the session was not looked at
}

type lineView struct{ What, Text string }

// ribbonLines is how many of the last exchanges the ribbon shows.
const ribbonLines = 5

// Ribbon implements storefront.Lessons.
func (l *Lessons) Ribbon(r *http.Request, read bool) template.HTML {
	if !read {
		view := ribbonView{Unread: true, Now: "The shop answered without looking at your session. It is as it was."}
		if view.NoTag = l.tagValue(r) == ""; view.NoTag {
			view.Now = "Your browser sent no tag, and the shop did not look for one."
		}
		if view.NoTag && r.Header.Get("Sec-Fetch-Site") == "cross-site" {
			view.Now = "Another site made your browser ask, so it sent no tag along. Your session is as it was."
			view.About = l.recipe("client-side")
		}
		if p := l.readProgress(r); p.At != "" {
			view.Lesson = l.recipe(p.At)
			view.Step = l.nextStep(p, exchange{}) + 1
		}
		return l.renderRibbon(view)
	}
	view := ribbonView{Name: l.config.Sessions.CookieName()}
	var id session.ID
	var customer int64
	var used bool
	if info, live := l.config.Sessions.Info(r.Context()); live {
		id = l.tagOf(r)
		view.IdleLeft, view.AbsoluteLeft, view.Created = info.IdleLeft, info.AbsoluteLeft, info.Created
		view.Ref = reference(id)
		customer, view.SignedIn = l.config.Sessions.Owner(r.Context())
		used = info.IdleLeft == info.Idle && !isTutorial(r.URL.Path)
	} else {
		view.Dead = reference(l.tagOf(r))
	}
	recordVisit(r.Context(), customer, used)
	p := l.readProgress(r)
	here := l.exchange(r, http.StatusOK, nil) // there is no answer yet
	if rec, ok := r.Context().Value(recorderKey{}).(*recorder); ok {
		here.outcome, p = rec.soFar(), cmp.Or(rec.progress, p)
	}
	if view.Lesson = l.recipe(p.At); view.Lesson != nil {
		view.Step, view.Seen = l.nextStep(p, here)+1, l.seen(p, here)
	}
	t := l.memory.trail(p.Learner, id)
	t.exchanges = slices.DeleteFunc(t.exchanges, func(x exchange) bool { return !x.byVisitor() })
	view.Issued, view.Renewed, view.Rotated = t.issued, t.renewed, t.rotated
	if view.Now = justNow(here, t); l.memory.learner(p.Learner).isWithoutDatabase() {
		view.Now = awayNow
	}
	for _, x := range slices.Backward(t.exchanges[max(0, len(t.exchanges)-ribbonLines):]) {
		view.Last = append(view.Last, lineView{x.Method + " " + x.Path, x.sentence()})
	}
	return l.renderRibbon(view)
}

func (l *Lessons) renderRibbon(view ribbonView) template.HTML {
	html, err := l.render("ribbon", view)
	if err != nil {
		return "" // the page is worth more than its ribbon; the templates' test fails instead
	}
	return html
}

// justNow is the sentence for what the visitor has just done. A press leads to a page, so on that
// page the press counts; on the next page of the shop it is over. A page of the tutorial, and a
// script, shows what the page before showed.
func justNow(here exchange, t trail) string {
	n := len(t.exchanges)
	if n > 0 && (isTutorial(here.Path) && t.exchanges[n-1].press != "" ||
		(isTutorial(here.Path) || here.ByScript) && len(here.Events) == 0) {
		here, t.exchanges = t.exchanges[n-1], t.exchanges[:n-1]
	}
	for n := len(t.exchanges); n > 0 && here.onlyRead() && t.exchanges[n-1].leadsOn(); n-- {
		here = t.exchanges[n-1]
	}
	return here.sentence()
}

// onlyRead reports whether nothing was pressed and nothing happened: a page, or a redirect to one.
func (x exchange) onlyRead() bool {
	return x.press == "" && len(x.Events) == 0 && x.Method == http.MethodGet
}

// leadsOn reports whether the answer brought the browser to another page by itself.
func (x exchange) leadsOn() bool {
	if x.press != "" || x.ByScript {
		return false
	}
	return x.Location != "" || x.Status < 400 && (x.Method == http.MethodPost || strings.HasPrefix(x.Path, "/auth/"))
}

// byVisitor reports whether the visitor asked, not a script of the page: to where a press leads a
// script goes by itself.
func (x exchange) byVisitor() bool { return !x.ByScript || x.Method != http.MethodGet }

// tagOf returns the row's key of the tag a request carries; zero when it carries none of ours.
func (l *Lessons) tagOf(r *http.Request) session.ID {
	id, _ := identify(l.config.Keys, l.tagValue(r))
	return id
}

// tagValue returns the value of the tag a request carries; "" when it carries none, or more than
// one.
func (l *Lessons) tagValue(r *http.Request) string {
	if cookies := r.CookiesNamed(l.config.Sessions.CookieName()); len(cookies) == 1 {
		return cookies[0].Value
	}
	return ""
}
