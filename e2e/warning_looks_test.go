package e2e

import (
	"testing"
	"time"
)

func TestTheWarningLooksRightEverywhere(t *testing.T) { // WCAG 1.4.10, 2.5.8
	t.Parallel()
	c, v := typing(t)
	c.limits("30 minutes", "40 minutes")
	c.passes(28*time.Minute + 10*time.Second)
	v.isWarned(true)
	v.looks("warning")
	v.stays(func() { v.clicks("Stay signed in") })
	c.passes(10*time.Minute + 10*time.Second)
	v.isWarned(true)
	v.looks("warning-last")
}
