package learn

import "testing"

func TestAStepForTheSameCustomerIsNotAnothers(t *testing.T) {
	t.Parallel()
	same, any := Step{Tick: &Tick{Same: true}}, Step{Tick: &Tick{}}
	for _, c := range []struct {
		step        Step
		before, now int64
		other       bool
	}{{same, 1, 2, true}, {same, 1, 1, false}, {same, 0, 2, false}, {same, 1, 0, false}, {any, 1, 2, false}} {
		l := newMemory().learner("x")
		l.meet(c.before)
		if got := c.step.isOther(l, exchange{outcome: outcome{customer: c.now}}); got != c.other {
			t.Errorf("same customer wanted: %t, first %d, now %d: other is %t", c.step.Tick.Same, c.before, c.now, got)
		}
	}
}
