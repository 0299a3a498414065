package learn

import (
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"hookandtag.example/shop/internal/session"
)

// chain is a session that idled out, and one that a sign-in replaced by the last.
func chain() []Row {
	return []Row{{ID: session.ID{1}, Reason: string(session.Idle)}, {ID: session.ID{2}, Reason: string(session.Rotated)},
		{ID: session.ID{3}, SignedIn: true}}
}

func TestInHandIsASessionWithThoseItTookThePlaceOf(t *testing.T) {
	t.Parallel()
	rows := chain()
	for name, c := range map[string]struct {
		at   int
		want []Row
	}{
		"no tag yet": {-1, nil}, "the last": {2, rows[1:]}, "the one replaced": {1, rows[1:2]},
		"the one that idled out": {0, rows[:1]},
	} {
		if got := inHand(rows, c.at); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
	if got := inHand(nil, -1); len(got) != 0 {
		t.Errorf("without sessions: got %+v, want none", got)
	}
}

func TestTheFirstLookAfterASignInShowsWhatItChanged(t *testing.T) {
	t.Parallel()
	rows, l := chain(), &learner{}
	want := changeView{"row", rows[1].ShortID(), rows[2].ShortID()}
	if _, got := l.look(rows[1:], true); !slices.Contains(got, want) {
		t.Errorf("got %+v, want %+v among them", got, want)
	}
	if _, got := l.look(rows[1:], true); len(got) != 0 {
		t.Errorf("at the second look: got %+v, want nothing", got)
	}
}

// Names stand within the drawing and never on one another; the last bar always has one.
func TestNamesInTheLifeDoNotOverlap(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ended := now
	for _, ages := range [][]time.Duration{
		{time.Hour, time.Second, 0}, {time.Hour, 50 * time.Minute, 0}, {time.Hour, 30 * time.Minute, 10 * time.Minute},
		{time.Hour, 59 * time.Minute, 58 * time.Minute},
	} {
		var rows []Row
		for i, age := range ages {
			rows = append(rows, Row{ID: session.ID{byte(i + 1)}, Created: now.Add(-age), Now: now, SignedIn: i > 0,
				Ended: &ended, Reason: string(session.Rotated)})
		}
		bars := drawLife(rows, nil).Bars
		end := 0.0
		for _, b := range bars {
			if b.Name == "" {
				continue
			}
			if b.NameX < end {
				t.Errorf("%v: %q begins at %g, where the name before it ends at %g", ages, b.Name, b.NameX, end)
			}
			end = b.NameX + letterWidth*float64(utf8.RuneCountInString(b.Name))
		}
		if end > lifeWidth || bars[len(bars)-1].Name == "" {
			t.Errorf("%v: got %+v, want the last bar named within the drawing", ages, bars)
		}
	}
}
