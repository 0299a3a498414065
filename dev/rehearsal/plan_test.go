package rehearsal

import (
	"errors"
	"testing"
	"time"
)

func TestASoakTakesTheTimeItIsGiven(t *testing.T) {
	t.Parallel()
	const kinds = 11
	for _, c := range []struct{ given, least, most time.Duration }{
		{time.Minute, 150 * time.Second, 160 * time.Second}, // each fault once takes longer
		{3 * time.Minute, 170 * time.Second, 3 * time.Minute},
		{30 * time.Minute, 28 * time.Minute, 30 * time.Minute},
		{8 * time.Hour, 8*time.Hour - 2*time.Minute, 8 * time.Hour},
	} {
		long, turns := plan(c.given, kinds)
		whole := time.Duration(turns) * turn(long)
		if whole < c.least || whole > c.most || turns < kinds || long < 3*time.Second || long > 30*time.Second {
			t.Errorf("%s: %d faults of %s take %s, want %s to %s", c.given, turns, long, whole, c.least, c.most)
		}
	}
}

func TestAReportEndsWithWhetherAnythingWasLost(t *testing.T) {
	t.Parallel()
	if got := verdict(nil); got[:12] != "Nothing was " {
		t.Errorf("nothing broken: got %q", got)
	}
	if got := verdict(errors.New("a line is missing")); got[:14] != "Something was " {
		t.Errorf("something broken: got %q", got)
	}
}
