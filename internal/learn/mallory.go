package learn

import "context"

// Mallory is the second visitor: real requests to the shop and to its weak twin, to fixed addresses only.
type Mallory interface {
	// TwinURL is where a learner's browser finds the twin that is theirs alone.
	TwinURL(learner string) string
	// Reset makes a learner's twin as new for a lesson.
	Reset(ctx context.Context, learner, lesson string) error
}

// Report is what a run of Mallory's showed.
type Report struct {
	Parts []Part
	Held  bool // everything the recipe expected was seen
}

// Part is one side's share of a run.
type Part struct {
	Side      string // "shop" or "twin"
	Exchanges []Printed
	Verdict   Text
	Won       bool // the attack worked
}

// Printed is one request and its answer, small enough to read.
type Printed struct{ Request, Response, Note string }

func (l *Lessons) twinURL(v *visit) string {
	if l.config.Mallory == nil {
		return ""
	}
	return l.config.Mallory.TwinURL(v.progress.Learner)
}

func (l *Lessons) resetTwin(v *visit, r *Recipe) error {
	if l.config.Mallory == nil {
		return nil
	}
	return l.config.Mallory.Reset(v.r.Context(), v.progress.Learner, r.Slug)
}

func (l *Lessons) run(*visit, *Recipe, int) (bool, error) { return false, nil }
