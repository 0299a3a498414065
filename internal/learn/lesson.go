package learn

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hookandtag.example/shop/internal/storefront"
)

// lessonPage is what the template of a lesson shows.
type lessonPage struct {
	*Recipe
	Lessons   []station
	Mark      *mark
	Steps     []stepView
	Next      int // the step to do next, counted from 1; 0: all are done
	FormToken string
	Following *Recipe
	Twin      string // where the lesson's twin is; "": it has none, or none yet
}

// station is a lesson in the row of all lessons.
type station struct {
	*Recipe
	Done, Here, Begun bool
}

type stepView struct {
	Step
	Number     int
	Done, Open bool
	Report     *Report
	Href       string // of a step done elsewhere; "": the twin is not there
	Seen       string // of the pages an open step asks for, such as "1 of 3"
}

func (l *Lessons) stations(v *visit, here string) []station {
	all := make([]station, 0, len(l.recipes))
	for _, r := range l.recipes {
		m := v.progress.of(r.Slug)
		all = append(all, station{Recipe: r, Done: m.Done, Here: r.Slug == here, Begun: m.Guess > 0 || m.Steps > 0})
	}
	return all
}

func (l *Lessons) showLesson(v *visit, r *Recipe) (storefront.LessonAnswer, error) {
	changed := l.tickTwin(v, r)
	if changed = l.reopen(v, r) || changed; changed || v.progress.At != r.Slug {
		v.progress.At = r.Slug
		if err := l.writeProgress(v.w, v.progress); err != nil {
			return storefront.LessonAnswer{}, err
		}
	}
	m := v.progress.of(r.Slug)
	p := lessonPage{
		Recipe: r, Lessons: l.stations(v, r.Slug), Mark: m, Next: r.next(m) + 1,

		FormToken: l.config.Sessions.FormToken(v.r.Context()),
	}
	for i, s := range r.Do {
		p.Steps = append(p.Steps,
			stepView{Step: s, Number: i + 1, Done: m.did(i), Open: i+1 == p.Next, Report: v.learner.report(r.stepKey(i)),
				Href: l.href(v, r, s)})
	}
	if p.Next > 0 {
		p.Steps[p.Next-1].Seen = l.seen(v.progress, exchange{})
	}
	if r.hasTwin() {
		p.Twin = l.twinAddress(v, r)
	}
	for i, other := range l.recipes {
		if other == r && i+1 < len(l.recipes) {
			p.Following = l.recipes[i+1]
		}
	}
	return l.page("lesson", r.Name()+". "+r.Title, p)
}

// reopen opens steps again where what the next one needs is gone, such as a session that has ended.
func (l *Lessons) reopen(v *visit, r *Recipe) bool {
	m := v.progress.of(r.Slug)
	next := r.next(m)
	if next < 0 || l.carries(v, r.Do[next].Needs) {
		return false
	}
	again := r.Do[next].Again - 1
	m.Steps &= 1<<again - 1
	v.learner.keep(r.stepKey(again), &Report{Stuck: "Your session is over, so this step is open again."})
	return true
}

// carries reports whether the learner's browser has what a step needs.
func (l *Lessons) carries(v *visit, need string) bool {
	_, live := l.config.Sessions.Info(v.r.Context())
	_, signedIn := l.config.Sessions.Owner(v.r.Context())
	return need == "" || live && (need == "tag" || signedIn)
}

// href is where a step leads, with Mallory's id in the address where the recipe asks for it.
func (l *Lessons) href(v *visit, r *Recipe, s Step) string {
	twin := l.twinAddress(v, r)
	if s.Twin == "" || twin == "" {
		return s.Go
	}
	id := url.QueryEscape(v.learner.inJar("planted-id"))
	return twin + strings.TrimPrefix(strings.ReplaceAll(s.Twin, "{planted-id}", id), "/")
}

// report returns what a step's press showed. That nothing happened is said once.
func (l *learner) report(key string) *Report {
	l.mu.Lock()
	defer l.mu.Unlock()
	report := l.reports[key]
	if report != nil && report.Stuck != "" {
		delete(l.reports, key)
	}
	return report
}

func (l *learner) keep(key string, r *Report) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reports[key] = r
}

// choice reads which of a question's answers was pressed; 0 is none of them.
func choice(v *visit, c Choice) int {
	n, err := strconv.Atoi(v.r.PostForm.Get("choice"))
	if err != nil || n < 1 || n > len(c.Answers) {
		return 0
	}
	return n
}

func (l *Lessons) guess(v *visit, r *Recipe) (storefront.LessonAnswer, error) {
	v.progress.of(r.Slug).Guess = choice(v, r.Guess)
	return l.save(v, r, "guess")
}

func (l *Lessons) answer(v *visit, r *Recipe) (storefront.LessonAnswer, error) {
	v.progress.of(r.Slug).Answer = choice(v, r.Ask)
	return l.save(v, r, "ask")
}

// reset lets a lesson be done again. That it was done before stays known.
func (l *Lessons) reset(v *visit, r *Recipe) (storefront.LessonAnswer, error) {
	m := v.progress.of(r.Slug)
	*m = mark{Done: m.Done}
	v.learner.forget(r)
	if err := errors.Join(l.takeBack(v, r), l.resetTwin(v, r)); err != nil {
		return storefront.LessonAnswer{}, err
	}
	return l.save(v, r, "do")
}

func (l *learner) forget(r *Recipe) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.awayUntil = time.Time{}
	for i := range r.Do {
		delete(l.pages, r.stepKey(i))
		delete(l.reports, r.stepKey(i))
	}
}

// save writes the progress and leads back to a part of the lesson.
func (l *Lessons) save(v *visit, r *Recipe, part string) (storefront.LessonAnswer, error) {
	if err := l.writeProgress(v.w, v.progress); err != nil {
		return storefront.LessonAnswer{}, err
	}
	return to(fmt.Sprintf("/learn/%s#%s", r.Slug, part))
}

// do runs a step that the tutorial itself does. Any step but the next one leads back without doing
// anything, unless it was done before.
func (l *Lessons) do(v *visit, r *Recipe, which string) (storefront.LessonAnswer, error) {
	n, err := strconv.Atoi(which)
	if err != nil || n < 1 || n > len(r.Do) {
		return storefront.LessonAnswer{}, nil
	}
	m, i := v.progress.of(r.Slug), n-1
	if next := r.next(m); next >= 0 && i > next {
		return l.save(v, r, fmt.Sprintf("step-%d", next+1))
	}
	s, held := r.Do[i], true
	switch {
	case s.Press != "":
		held, err = l.press(v, s)
		v.learner.keep(r.stepKey(i), pressReport(held))
	case s.Run != "":
		held, err = l.run(v, r, i)
	default:
		held = false
	}
	if err != nil {
		return storefront.LessonAnswer{}, err
	}
	if held {
		m.Steps |= 1 << i
	}
	v.progress.At = r.Slug
	return l.save(v, r, fmt.Sprintf("step-%d", n))
}
