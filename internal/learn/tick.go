package learn

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"hookandtag.example/shop/internal/session"
)

// tick marks the step that an exchange has done. Steps tick in their order, and only in the lesson
// last opened.
func (l *Lessons) tick(w http.ResponseWriter, p *progress, x exchange) {
	r, step := l.matching(p, x)
	if step < 0 {
		l.explainOther(p, x)
		return
	}
	learner := l.memory.learner(p.Learner)
	if !learner.count(r, step, x) {
		return
	}
	if r.Do[step].Tick.Signed {
		learner.meet(x.customer)
	}
	p.of(r.Slug).Steps |= 1 << step
	_ = l.writeProgress(w, p) // a progress always encodes; at worst the step stays open
}

// explainOther says on the next step why it is not done, where another customer signed in than it
// wants.
func (l *Lessons) explainOther(p *progress, x exchange) {
	r, learner := l.recipe(p.At), l.memory.learner(p.Learner)
	if r == nil {
		return
	}
	if step := r.next(p.of(r.Slug)); step >= 0 && r.Do[step].isOther(learner, x) {
		learner.keep(r.stepKey(step), &Report{Stuck: "You are signed in as another customer than before, " +
			"so this step is not done. What one customer typed is not shown to another. " +
			"Sign out, sign in as the first one, and do the steps before this one again."})
	}
}

// isOther reports whether a step wants the customer from before, and an exchange is another's.
func (s Step) isOther(l *learner, x exchange) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return s.Tick != nil && s.Tick.Same && x.customer != 0 && l.customer != 0 && x.customer != l.customer
}

// meet remembers whom a lesson's last sign-in step greeted.
func (l *learner) meet(customer int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.customer = customer
}

// matching is the next step of the lesson last opened, where an exchange counts for it; else -1.
func (l *Lessons) matching(p *progress, x exchange) (r *Recipe, step int) {
	if r = l.recipe(p.At); r == nil || p.Learner == "" || isTutorial(x.Path) {
		return nil, -1
	}
	step = r.next(p.of(r.Slug))
	if step < 0 || r.Do[step].Tick == nil || !r.Do[step].Tick.matches(x) ||
		r.Do[step].isOther(l.memory.learner(p.Learner), x) {
		return r, -1
	}
	return r, step
}

// nextStep is the step to show beside a page whose request is x: the one after the step x does.
func (l *Lessons) nextStep(p *progress, x exchange) int {
	r := l.recipe(p.At)
	m := *p.of(p.At)
	if _, step := l.matching(p, x); step >= 0 &&
		len(l.memory.learner(p.Learner).pagesWith(r, step, x)) >= r.Do[step].Tick.Times {
		m.Steps |= 1 << step
	}
	return r.next(&m)
}

// count counts an exchange's page towards a step and reports whether there are enough now.
func (l *learner) count(r *Recipe, step int, x exchange) bool {
	pages := l.pagesWith(r, step, x)
	enough := len(pages) >= r.Do[step].Tick.Times
	if !enough {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.pages[r.stepKey(step)] = pages
	}
	return enough
}

// pagesWith are the different pages that count towards a step, an exchange's among them if it has
// one.
func (l *learner) pagesWith(r *Recipe, step int, x exchange) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	pages := l.pages[r.stepKey(step)]
	if x.address == "" || slices.Contains(pages, x.address) {
		return pages
	}
	return append(slices.Clone(pages), x.address)
}

// seen says how many of the pages that the next step asks for were seen, such as "1 of 3"; "" for
// any other step. An exchange counts where it is one of them.
func (l *Lessons) seen(p *progress, x exchange) string {
	r := l.recipe(p.At)
	next := r.next(p.of(p.At))
	if next < 0 || r.Do[next].Tick == nil || r.Do[next].Tick.Times == 0 {
		return ""
	}
	if _, step := l.matching(p, x); step < 0 {
		x = exchange{}
	}
	seen := len(l.memory.learner(p.Learner).pagesWith(r, next, x))
	if seen == 0 || seen >= r.Do[next].Tick.Times {
		return ""
	}
	return fmt.Sprintf("%d of %d", seen, r.Do[next].Tick.Times)
}

// next is the first step that is not done, -1 when all are.
func (r *Recipe) next(m *mark) int {
	for i := range r.Do {
		if !m.did(i) {
			return i
		}
	}
	return -1
}

func (r *Recipe) stepKey(step int) string { return fmt.Sprintf("%s/%d", r.Slug, step) }

func (t *Tick) matches(x exchange) bool {
	switch {
	case t.Twin != "",
		t.Method != "" && t.Method != x.Method,
		t.Path != "" && t.Path != x.Path &&
			(!strings.HasSuffix(t.Path, "*") || !strings.HasPrefix(x.Path, strings.TrimSuffix(t.Path, "*"))),
		t.Status != 0 && t.Status != x.Status,
		t.Signed && x.customer == 0,
		t.Tag != "" && t.Tag != x.tag():
		return false
	}
	if t.Event == "" {
		return true
	}
	for _, e := range x.Events {
		if slices.Contains(strings.Fields(t.Event), e.Name) && (t.Reason == "" || session.Reason(t.Reason) == e.Reason) {
			return true
		}
	}
	return false
}

// tag says in a word what happened to the tag.
func (x exchange) tag() string {
	switch {
	case x.Refused:
		return "refused"
	case x.Got != nil && x.Got.Ref == "":
		return "gone"
	case x.Got != nil && x.Got.Changed:
		return "new"
	case x.Sent != "":
		return "same"
	}
	return "none"
}
