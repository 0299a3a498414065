package learn

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/mallory"
)

// progressLife is how long the tutorial's cookie lives after the last press in a lesson.
const progressLife = 90 * 24 * time.Hour

// progress is what the tutorial's cookie holds, sealed: how far its visitor has got.
type progress struct {
	Learner string           `json:"l,omitempty"` // names the visitor to this server; random; "": no cookie yet
	At      string           `json:"a,omitempty"` // the lesson last opened: only its steps tick
	Marks   map[string]*mark `json:"m,omitempty"`
}

// mark is how far one lesson is. Choices count from 1; 0 is none.
type mark struct {
	Guess  int    `json:"g,omitempty"`
	Steps  uint32 `json:"s,omitempty"` // a bit for each step done
	Answer int    `json:"q,omitempty"`
	Done   bool   `json:"d,omitempty"` // once true, always: Reset keeps it
}

func (m *mark) did(step int) bool { return m.Steps&(1<<step) != 0 }

// of returns the mark of a lesson.
func (p *progress) of(slug string) *mark {
	if p.Marks == nil {
		p.Marks = map[string]*mark{}
	}
	if p.Marks[slug] == nil {
		p.Marks[slug] = &mark{}
	}
	return p.Marks[slug]
}

func (l *Lessons) progressName() string {
	if l.config.Insecure {
		return "learn"
	}
	return "__Host-learn"
}

// readProgress opens the tutorial's cookie. One that is missing, sent twice or not ours is an empty
// progress.
func (l *Lessons) readProgress(r *http.Request) *progress {
	p := &progress{}
	cookies := r.CookiesNamed(l.progressName())
	if len(cookies) != 1 {
		return p
	}
	text, err := l.config.Keys.Open(keyring.Lessons, cookies[0].Value, l.progressName())
	if err != nil || json.Unmarshal(text, p) != nil {
		return &progress{}
	}
	return p
}

// writeProgress seals the progress into the answer's cookie.
func (l *Lessons) writeProgress(w http.ResponseWriter, p *progress) error {
	if p.Learner == "" {
		p.Learner = mallory.NewBench()
	}
	for _, recipe := range l.recipes {
		if m := p.Marks[recipe.Slug]; m != nil && m.Answer != 0 && m.Steps == 1<<len(recipe.Do)-1 {
			m.Done = true
		}
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	h := w.Header()
	var others []string
	for _, line := range h.Values("Set-Cookie") {
		if !strings.HasPrefix(line, l.progressName()+"=") {
			others = append(others, line)
		}
	}
	h["Set-Cookie"] = others
	http.SetCookie(w, &http.Cookie{
		Name: l.progressName(), Value: l.config.Keys.Seal(keyring.Lessons, text, l.progressName()), Path: "/",
		MaxAge: int(progressLife / time.Second), Secure: !l.config.Insecure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	h.Set("Cache-Control", "no-store")
	return nil
}
