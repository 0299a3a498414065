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
	if r = l.recipe(p.At); r == nil || p.Learner == "" {
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
	if _, step := l.matching(p, x); step >= 0 && !isTutorial(x.Path) && l.memory.learner(p.Learner).isLast(r, step, x) {
		m.Steps |= 1 << step
	}
	return r.next(&m)
}

// count counts an exchange's page towards a step and reports whether there are enough now.
func (l *learner) count(r *Recipe, step int, x exchange) bool {
	enough := l.isLast(r, step, x)
	l.mu.Lock()
	defer l.mu.Unlock()
	if pages := l.pages[r.stepKey(step)]; !slices.Contains(pages, x.address) && len(pages) < r.Do[step].Tick.Times {
		l.pages[r.stepKey(step)] = append(pages, x.address)
	}
	return enough
}

// isLast reports whether an exchange's page is the last that a step needs.
func (l *learner) isLast(r *Recipe, step int, x exchange) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	pages := l.pages[r.stepKey(step)]
	wanted := r.Do[step].Tick.Times - len(pages)
	return wanted <= 0 || wanted == 1 && !slices.Contains(pages, x.address)
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
