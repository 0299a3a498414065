package page

import (
	"strconv"
	"time"
)

// Warning lets a page warn its customer before they are signed out, and lets them stay (WCAG
// 2.2.1). The page's script reads it from data attributes of the body, in seconds; without
// scripts nothing of it is seen.
type Warning struct {
	// IdleLeft is how long the customer may do nothing from now on.
	IdleLeft time.Duration
	// AbsoluteLeft is what is left until they are asked to sign in again in any case.
	AbsoluteLeft time.Duration
	// Before is how long before the end the warning appears.
	Before time.Duration
	// Every is how often a customer is asked to sign in again in any case.
	Every time.Duration
	// Here is the page to come back to, a local path; empty: the front page.
	Here string
	// SignIn is the address that says why the customer was signed out and leads back here.
	SignIn string
	// Confirm is the address where a customer who is signed in signs in once more.
	Confirm string
}

const (
	warnBefore = 2 * time.Minute  // what HMRC and many banks use
	warnLeast  = 20 * time.Second // WCAG 2.2.1 asks for this much to react
)

// WarnBefore is how long before the end of an idle limit the warning appears: two minutes, or a
// third of a limit that is short, but never less than the 20 seconds people need, unless that would
// be most of the limit.
func WarnBefore(idle time.Duration) time.Duration {
	return min(max(min(warnBefore, idle/3), warnLeast), idle*2/3)
}

// whole is a span in whole seconds, rounded down: a page never promises time that is not left.
func whole(d time.Duration) string { return strconv.FormatInt(int64(max(d, 0)/time.Second), 10) }
