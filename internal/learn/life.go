package learn

import (
	"fmt"
	"math"
	"slices"
	"time"
	"unicode/utf8"
)

// life is the life of a chain of sessions, drawn to scale: the places are in the drawing's units.
type life struct {
	Width, Height int
	Bars          []bar
	Uses          []use
	Now           float64
	Label         float64 // where the limits' labels begin or, with LabelEnds, end
	LabelEnds     bool
	Idle          *limit
	Absolute      *limit
	Span          time.Duration
	Alt           string // the drawing in words
}

// bar is one session.
type bar struct {
	X, Width float64
	Ref      string
	SignedIn bool
	Live     bool
	Why      string
	Name     string // "" where there is no room for it
	NameX    float64
}

// use is one exchange with the tag: large where a tag was set.
type use struct {
	X   float64
	Set bool
}

// limit is a limit of the live session; Off says that it lies beyond the drawing.
type limit struct {
	X    float64
	Off  bool
	Left time.Duration
}

const (
	lifeWidth  = 1000
	lifeHeight = 170
	lifeMargin = 24
)

// drawLife draws the sessions of a chain from the first one's begin to a little after now, or to
// the nearer limit where that is not far. It is nil without a session.
func drawLife(rows []Row, exchanges []exchange) *life {
	if len(rows) == 0 {
		return nil
	}
	now, from := rows[0].Now, rows[0].Created
	last := rows[len(rows)-1]
	past := max(now.Sub(from), time.Minute)
	to := from.Add(past * 5 / 4)
	if near := earlier(last.IdleEnd, last.AbsoluteEnd); last.Live() && near.After(to) && near.Sub(from) < 40*past {
		to = near.Add(near.Sub(from) / 12)
	}
	at := func(t time.Time) float64 {
		share := float64(t.Sub(from)) / float64(to.Sub(from))
		return math.Round(10*(lifeMargin+(lifeWidth-2*lifeMargin)*min(max(share, 0), 1))) / 10
	}
	l := &life{Width: lifeWidth, Height: lifeHeight, Now: at(now), Span: to.Sub(from)}
	if l.Label, l.LabelEnds = l.Now+6, l.Now > lifeWidth*6/10; l.LabelEnds {
		l.Label = l.Now - 6
	}
	for _, r := range rows {
		end := now
		if r.Ended != nil {
			end = *r.Ended
		} else if !r.Live() {
			end = earlier(r.IdleEnd, r.AbsoluteEnd)
		}
		x := at(r.Created)
		l.Bars = append(l.Bars,
			bar{X: x, Width: max(at(end)-x, 2), Ref: r.ShortID(), SignedIn: r.SignedIn, Live: r.Live(), Why: r.Why()})
	}
	l.nameBars()
	if last.Live() {
		l.Idle = &limit{X: at(last.IdleEnd), Off: last.IdleEnd.After(to), Left: last.IdleEnd.Sub(now)}
		l.Absolute = &limit{X: at(last.AbsoluteEnd), Off: last.AbsoluteEnd.After(to), Left: last.AbsoluteEnd.Sub(now)}
	}
	for _, x := range slices.Backward(exchanges) {
		if !x.At.Before(from) && (x.Sent != "" || x.Got != nil) {
			l.Uses = append(l.Uses, use{X: at(x.At), Set: x.Got != nil})
		}
	}
	l.Alt = l.words()
	return l
}

// letterWidth is the width of a letter of a bar's name.
const letterWidth = 8.6

// nameBars names the last bar, and each before it whose name ends where the next begins.
func (l *life) nameBars() {
	end := float64(lifeWidth)
	for i := range slices.Backward(l.Bars) {
		b := &l.Bars[i]
		name := b.Ref
		if b.SignedIn {
			name += " · signed in"
		}
		width := letterWidth * float64(utf8.RuneCountInString(name)+1)
		at := b.X + 2
		if i == len(l.Bars)-1 {
			at = min(at, end-width)
		}
		if at+width <= end {
			b.Name, b.NameX, end = name, at, at
		}
	}
}

// words say what the drawing shows.
func (l *life) words() string {
	text := fmt.Sprintf("%s, %s.", counted(len(l.Bars), "session"), counted(len(l.Uses), "use"))
	if l.Idle != nil {
		text += fmt.Sprintf(" Idle limit in %s, absolute limit in %s.", left(l.Idle.Left), left(l.Absolute.Left))
	}
	return text
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
