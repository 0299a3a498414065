package learn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/mallory"
)

// Report is what a run of Mallory's showed.
type Report struct {
	Parts []Part
	Away  bool // Mallory got no answer
	Stuck Text // why nothing could be done; "" when something was
}

// Part is one side's share of a run.
type Part struct {
	Title     string // over it; "" for the side's name
	Side      string // "shop" or "twin"
	Exchanges []Printed
	Verdict   Text
	Won       bool // the attack worked
	Plain     bool // nothing was attacked: it only shows something
	Harmless  bool // nobody attacked: it went wrong by itself, or did not

	facts []string // each {name} in the verdict, and what stands for it
}

// Printed is one request and its answer, small enough to read, and who speaks. Names may be "".
type Printed struct{ Asks, Request, Answers, Answer, Page string }

// Held reports whether every attack worked in the twin and none in the shop.
func (r *Report) Held() bool {
	for _, p := range r.Parts {
		if !p.Plain && p.Won != (p.Side == "twin") {
			return false
		}
	}
	return !r.Away && r.Stuck == ""
}

// part is a side's share; won says whether the attack worked.
func part(side string, won bool, shown ...mallory.Exchange) Part {
	p := Part{Side: side, Won: won}
	for _, e := range shown {
		p.Exchanges = append(p.Exchanges, Printed{
			Asks:    "Mallory sends",
			Request: strings.Join(append([]string{e.Request}, e.Sent...), "\n"),
			Answers: "the " + side + " answers",
			Answer:  strings.Join(append([]string{e.Status}, e.Got...), "\n"),
			Page:    strings.Join(e.Body, "\n"),
		})
	}
	return p
}

// by says who made a share's requests, where it was not Mallory.
func (p Part) by(who string) Part {
	for i := range p.Exchanges {
		p.Exchanges[i].Asks = who + " sends"
	}
	p.Title = who + "'s exchange with the " + p.Side
	return p
}

// harmless is a share in which nobody attacks.
func (p Part) harmless() Part {
	p.Harmless = true
	return p
}

// after puts a box with a title before a share's exchanges.
func (p Part) after(title, text string) Part {
	p.Exchanges = slices.Insert(p.Exchanges, 0, Printed{Request: title, Page: text})
	return p
}

// shows is a share in which nothing is attacked.
func shows(side string, shown ...mallory.Exchange) Part {
	p := part(side, false, shown...)
	p.Plain = true
	return p
}

// saying adds names and values that the verdict may use.
func (p Part) saying(facts ...any) Part {
	for i := 0; i+1 < len(facts); i += 2 {
		p.facts = append(p.facts, fmt.Sprintf("{%s}", facts[i]), fmt.Sprint(facts[i+1]))
	}
	return p
}

// attack is what a run has at hand.
type attack struct {
	ctx     context.Context
	shop    *mallory.Shop
	twin    *mallory.Twin
	learner *learner
	rows    Rows
	keys    *keyring.Ring
	tag     string // the value of the learner's own tag; "" without one
}

// signedIn is Alice, signed in at a lesson's twin, over TLS or in clear.
func (a attack) signedIn(lesson int, overTLS bool) (alice *mallory.Customer, first mallory.Look, err error) {
	if alice, err = a.twin.Customer(a.ctx, lesson); err != nil {
		return nil, first, err
	}
	at := alice
	if overTLS {
		at = alice.OverTLS()
	}
	first, err = at.Press(a.ctx, "sign-in", url.Values{"name": {"Alice"}})
	return alice, first, err
}

// errNoTag says that the learner's browser carries no live tag, which the run needs.
var errNoTag = errors.New("no live tag")

// anyTag is the learner's own tag or, without one, Mallory's, and whose it is.
func (a attack) anyTag() (tag, whose string, err error) {
	if a.tag != "" {
		return a.tag, "your", nil
	}
	tag, _, err = a.shop.MakeTag(a.ctx)
	return tag, "Mallory's", err
}

// with opens the account at the shop.
func (a attack) with(tag string) (mallory.Look, error) { return a.shop.With(a.ctx, tag) }

// runLimit is how long a run may take.
const runLimit = 25 * time.Second

// whyNot says why an attack fails in a lesson's twin.
func (a attack) whyNot(lesson int) string {
	state, err := a.twin.State(a.ctx, lesson)
	if err != nil {
		return "The twin does not answer any more."
	}
	for _, d := range state.Defences {
		if d.On {
			return "A defence of the twin is on: " + d.Text + ". Switch it off there, or press *Reset this lesson*."
		}
	}
	return "What Mallory holds opens nothing at the twin any more: the session has ended. " +
		"Press *Reset this lesson*, or do the steps before this one again."
}

// run makes a step's requests and keeps what they showed.
func (l *Lessons) run(v *visit, r *Recipe, step int) (held bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.r.Context()), runLimit) // a request may wait for less
	defer cancel()
	a := attack{ctx: ctx, shop: l.config.Mallory.Shop(), learner: v.learner, rows: l.config.Rows, keys: l.config.Keys}
	if a.twin, err = l.config.Mallory.Twin(v.progress.Learner); err != nil {
		return false, err
	}
	if !l.tagOf(v.r).IsZero() {
		a.tag = l.tagValue(v.r)
	}
	s, report := r.Do[step], &Report{}
	report.Parts, err = runs[s.Run](a)
	for i, p := range report.Parts[:min(len(report.Parts), len(s.Verdicts))] {
		verdict := s.Verdicts[i]
		if p.Side == "twin" && !p.Plain && !p.Won {
			verdict = a.whyNot(r.Number)
		}
		report.Parts[i].Verdict = Text(strings.NewReplacer(p.facts...).Replace(verdict))
	}
	if errors.Is(err, errNoTag) {
		report = pressReport(false)
	} else if errors.Is(err, errEmptyJar) {
		report = &Report{Stuck: "Mallory's copy went with the last restart of the shop. Reset the lesson and begin again."}
	} else if err != nil {
		l.config.Log.WarnContext(v.r.Context(), "Mallory got no answer", slog.String("run", s.Run),
			slog.String("cause", err.Error()))
		report = &Report{Away: true}
	}
	v.learner.keep(r.stepKey(step), report)
	return report.Held(), nil
}

// twinAddress is where a learner's browser finds a lesson's exhibit, "" before the learner has a
// bench.
func (l *Lessons) twinAddress(v *visit, r *Recipe) string {
	twin, err := l.config.Mallory.Twin(v.progress.Learner)
	if err != nil {
		return ""
	}
	return twin.URL(r.Number)
}

// resetTwin makes a lesson's exhibit as new, if the lesson has one.
func (l *Lessons) resetTwin(v *visit, r *Recipe) error {
	twin, err := l.config.Mallory.Twin(v.progress.Learner)
	if err != nil || !r.hasTwin() {
		return err
	}
	if err := twin.Reset(v.r.Context(), r.Number); err != nil {
		l.config.Log.WarnContext(v.r.Context(), "the twin was not reset", slog.String("cause", err.Error()))
	}
	return nil
}

// hasTwin reports whether a lesson needs the twin.
func (r *Recipe) hasTwin() bool {
	return slices.ContainsFunc(r.Do, func(s Step) bool { return s.Side != "shop" })
}

// tickTwin marks the next steps if the twin has seen them done.
func (l *Lessons) tickTwin(v *visit, r *Recipe) (ticked bool) {
	m := v.progress.of(r.Slug)
	if len(r.twinKinds(m)) == 0 {
		return false
	}
	twin, err := l.config.Mallory.Twin(v.progress.Learner)
	if err != nil {
		return false
	}
	state, err := twin.State(v.r.Context(), r.Number)
	if err != nil {
		l.config.Log.WarnContext(v.r.Context(), "the twin does not answer", slog.String("cause", err.Error()))
		return false
	}
	seen, other := 0, "" // of what the next step asks for, and who did it in another's place
	for _, e := range slices.Backward(state.Events) {
		kinds := r.twinKinds(m)
		switch {
		case len(kinds) == 0:
		case string(e.Kind) != kinds[seen]:
			if e.Kind == mallory.EventSignedOut { // which ends what was begun
				seen = 0
			}
		case seen < len(kinds)-1:
			seen++
		case r.Do[r.next(m)].Tick.isUser(e.User):
			m.Steps |= 1 << r.next(m)
			ticked, seen, other = true, 0, ""
		default:
			other = e.User
		}
	}
	if other != "" {
		v.learner.keep(r.stepKey(r.next(m)), &Report{Stuck: Text("At the twin that was " + other + ", and this step wants " +
			r.Do[r.next(m)].Tick.User + ". Sign out there and do it again.")})
	}
	return ticked
}

func (t *Tick) isUser(name string) bool { return t.User == "" || t.User == name }

// twinKinds are what has to happen at the twin for the next step; none for a step done otherwise.
func (r *Recipe) twinKinds(m *mark) []string {
	next := r.next(m)
	if next < 0 || r.Do[next].Tick == nil {
		return nil
	}
	return strings.Fields(r.Do[next].Tick.Twin)
}
