package learn

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/yuin/goldmark"
)

// Text is prose in Markdown; HTML in it is escaped.
type Text string

// HTML renders the text. A single paragraph loses its tags, so that it can stand within one.
func (t Text) HTML() template.HTML {
	var b strings.Builder
	if err := goldmark.Convert([]byte(t), &b); err != nil {
		return template.HTML(template.HTMLEscapeString(string(t)))
	}
	out := strings.TrimSpace(b.String())
	if strings.Count(out, "<p>") == 1 && strings.HasPrefix(out, "<p>") && strings.HasSuffix(out, "</p>") {
		out = strings.TrimSuffix(strings.TrimPrefix(out, "<p>"), "</p>")
	}
	return template.HTML(out)
}

// Recipe is one lesson: its texts, what there is to press, and what is to be seen. The pages, the
// documents and the tests follow it.
type Recipe struct {
	Number  int    `yaml:"-"` // from the folder; 13 is the finale
	Slug    string `yaml:"-"` // its address below /learn
	Title   string
	Line    Text // what it is about, in one or two sentences
	Minutes int
	Article string // the article's section that it takes over
	Guess   Choice
	Do      []Step
	See     Text // what to look at once the steps are done
	Why     Text // at most 120 words
	Rules   []Rule
	Code    []Pair
	Others  []Other
	Wrong   Text // what the article got wrong; may be empty
	Ask     Choice
	Hint    Text // the solution, shown on demand

	Excerpts map[string]Excerpt `yaml:"-"` // by file#function, cut out of the source by go run ./cmd/dev lessons
}

// Choice is a question with its answers.
type Choice struct {
	Question Text
	Answers  []Text
	Right    int  // counted from 1
	Because  Text // the right one is right
}

// Step is one press, and what is to be seen after it.
type Step struct {
	Side     string // "twin", "shop" or "" where both or neither is meant
	Text     Text
	Label    string // of the link or button
	Go       string // an address in the shop to go to
	Twin     string // an address in the twin to go to
	Press    string // an action of the tutorial: lose, age, plant …
	With     map[string]string
	Run      string   // a run of Mallory's
	Verdicts []string // what each part of the run showed; {names} stand for what was found
	Tick     *Tick    // what ticks a step that is done elsewhere
	Needs    string   // "tag" or "sign-in": what the learner's browser has to carry; "": nothing
	Again    int      // the step to do again where that is gone, counted from 1
	See      []See
	Try      []string // how a test does a step that is done elsewhere: "open PATH", "press LABEL", "sign in as NAME"
}

// See is a text that is to be seen, word for word.
type See struct {
	// In is "ribbon", "ribbon-more" (once it is opened), "report", "inspector", "page" (the page the
	// step ends on) or "other" (device's account).
	In   string
	Text string
	Say  Text // how pages put it where the text alone would not be understood; "": the text in quotes
}

// HTML is what pages say is to be seen, and where.
func (s See) HTML() template.HTML {
	what, where := s.Say.HTML(), s.Where()
	if s.Say == "" {
		what = "<q>" + template.HTML(template.HTMLEscapeString(s.Text)) + "</q>"
	}
	if s.In == "inspector" {
		where = `in the <a href="/learn/inspector">inspector</a>`
	}
	return what + " " + template.HTML(where)
}

// Tick says which exchange of the visitor's own does a step. Empty fields match everything.
type Tick struct {
	Method string
	Path   string // or its beginning, with * at the end
	Status int
	Event  string // of the session; one of several, with blanks between
	Reason string
	Tag    string // none, new, same, gone or refused
	Signed bool   `yaml:"signed_in"`     // the page greets a customer
	Same   bool   `yaml:"same_customer"` // the one whom the last signed_in step greeted
	Times  int    // so many different pages; 0: one

	Twin string // what happened in the twin, in this order, with blanks between; all above counts for the shop
	User string // who was signed in there at the last of it; "": anyone
}

// Rule is a standard's rule, in our words.
type Rule struct {
	Name    string // with its clause
	Meaning Text
}

// Pair is weak code beside strong code. Each side is file#function, with a sentence on what it does
// for a reader who knows no Go.
type Pair struct {
	Weak, Strong string
	WeakDoes     Text `yaml:"weak_does"`
	StrongDoes   Text `yaml:"strong_does"`
	Note         Text
}

// Other is how another library does it.
type Other struct {
	Name, Option, Default string
	Trap                  Text
}

// Where says where the text is to be seen.
func (s See) Where() string {
	return map[string]string{"ribbon": "in the ribbon", "ribbon-more": "in the ribbon, once it is opened",
		"report": "below", "inspector": "in the inspector",
		"page": "on the page", "other": "on the other device"}[s.In]
}

// HasWeak reports whether the lesson shows weak code.
func (r *Recipe) HasWeak() bool {
	return slices.ContainsFunc(r.Code, func(p Pair) bool { return p.Weak != "" })
}

// Excerpt returns the code that file#function names.
func (r *Recipe) Excerpt(name string) Excerpt { return r.Excerpts[name] }

// Excerpt is a function cut out of a source file.
type Excerpt struct {
	File string
	Line int
	Text string
}

var folder = regexp.MustCompile(`^(\d\d)-([a-z0-9-]+)$`)

// ReadRecipes reads lessons from the folders of files, in their order. A field it does not know is
// an error.
func ReadRecipes(files fs.FS) ([]*Recipe, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, err
	}
	var all []*Recipe
	for _, e := range entries {
		name := folder.FindStringSubmatch(e.Name())
		if name == nil {
			continue
		}
		text, err := fs.ReadFile(files, path.Join(e.Name(), "lesson.yaml"))
		if err != nil {
			return nil, err
		}
		r := &Recipe{Slug: name[2]}
		r.Number, _ = strconv.Atoi(name[1])
		if err := yaml.UnmarshalWithOptions(text, r, yaml.Strict()); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		if code, err := fs.ReadFile(files, path.Join(e.Name(), "code.json")); err == nil {
			if err := json.Unmarshal(code, &r.Excerpts); err != nil {
				return nil, fmt.Errorf("%s: %w", e.Name(), err)
			}
		}
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		all = append(all, r)
	}
	return all, nil
}

// check finds what would make a page that cannot be followed.
func (r *Recipe) check() error {
	if r.Title == "" || r.Line == "" || r.Minutes == 0 || r.Why == "" || len(r.Do) == 0 {
		return fmt.Errorf("title, line, minutes, why and steps are needed")
	}
	if words := len(strings.Fields(string(r.Why))); words > 120 {
		return fmt.Errorf("why has %d words, at most 120 are allowed", words)
	}
	for name, c := range map[string]Choice{"guess": r.Guess, "ask": r.Ask} {
		if c.Question == "" || len(c.Answers) < 2 || c.Right < 1 || c.Right > len(c.Answers) || c.Because == "" {
			return fmt.Errorf("%s needs a question, answers, the right one and why", name)
		}
	}
	for _, p := range r.Code {
		if p.Strong == "" || p.StrongDoes == "" || (p.Weak == "") != (p.WeakDoes == "") {
			return fmt.Errorf("each excerpt needs a sentence on what it does: %s %s", p.Weak, p.Strong)
		}
	}
	for i, s := range r.Do {
		if err := s.check(); err != nil {
			return fmt.Errorf("step %d %w", i+1, err)
		}
	}
	return nil
}

func (s Step) check() error {
	ways := 0
	for _, way := range []string{s.Go, s.Twin, s.Press, s.Run} {
		if way != "" {
			ways++
		}
	}
	switch {
	case ways != 1 || s.Label == "" || s.Text == "" || len(s.See) == 0:
		return errors.New("needs a text, a label, what is to be seen and one of go, twin, press and run")
	case s.Run != "" && runs[s.Run] == nil:
		return fmt.Errorf("asks for %q, which is no run", s.Run)
	case (s.Run != "") != (len(s.Verdicts) > 0):
		return errors.New("has verdicts without a run, or none with one")
	case (s.Go != "" || s.Twin != "") && len(s.Try) == 0:
		return errors.New("is done elsewhere: say in try how a test does it")
	case s.Needs != "" && s.Again == 0:
		return errors.New("needs a session: say in again which step gives it")
	}
	return nil
}

// Folder is the name of the lesson's folder.
func (r *Recipe) Folder() string { return fmt.Sprintf("%02d-%s", r.Number, r.Slug) }

// Name is the lesson's number as pages show it.
func (r *Recipe) Name() string {
	if r.Number > 12 {
		return "★"
	}
	return strconv.Itoa(r.Number)
}
