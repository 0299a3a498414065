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
	recipe := l.recipe(p.At)
	if recipe == nil || p.Learner == "" {
		return
	}
	m := p.of(recipe.Slug)
	next := recipe.next(m)
	if next < 0 || recipe.Do[next].Tick == nil || !recipe.Do[next].Tick.matches(x) {
		return
	}
	if !l.memory.learner(p.Learner).counted(recipe.stepKey(next), recipe.Do[next].Tick.Times) {
		return
	}
	m.Steps |= 1 << next
	_ = l.writeProgress(w, p) // a progress always encodes; at worst the step stays open
}

// counted counts an exchange towards a step and reports whether there are enough now.
func (l *learner) counted(key string, times int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[key]++
	return l.counts[key] >= times
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
		t.Signed && !x.signedIn,
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
