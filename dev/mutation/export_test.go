package mutation

import "time"

// Find returns the mutations of one file.
var Find = find

// Limit returns how long the tests of a package may take under a mutation, if they took so long
// without one.
func Limit(took time.Duration) time.Duration {
	return Runner{took: map[string]time.Duration{".": took}}.limit(".")
}

// Took returns what Sound measured of a package.
func (r Runner) Took(of string) time.Duration { return r.took[of] }
