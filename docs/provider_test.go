package docs_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/auth"
)

var faultRef = regexp.MustCompile(`^(logout )?fault: (.+)$`)

// faultsByName are all faults that are tried, by what the page calls them.
func faultsByName(t *testing.T) map[string]rogue.Fault {
	t.Helper()
	known := map[string]rogue.Fault{}
	for prefix, faults := range map[string][]rogue.Fault{"fault: ": rogue.Faults(),
		"logout fault: ": rogue.LogoutFaults()} {
		for _, f := range faults {
			if _, twice := known[prefix+f.Name]; twice {
				t.Errorf("%s%s is there twice", prefix, f.Name)
			}
			known[prefix+f.Name] = f
		}
	}
	return known
}

// The faults that the page names are among those that are tried.
func TestEveryNamedFaultIsTried(t *testing.T) {
	t.Parallel()
	text, _ := securityPage(t)
	known := faultsByName(t)
	for _, name := range named(text) {
		if _, tried := known[name]; faultRef.MatchString(name) && !tried && !strings.HasSuffix(name, "fault: …") {
			t.Errorf("no provider is known to do this: %s", name)
		}
	}
}

// numberedClause finds the clauses of the two validations that a fault offends against, as in "OIDC
// Core 3.1.3.7 (3, 4)".
var numberedClause = regexp.MustCompile(`OIDC (Core 3\.1\.3\.7|Back-Channel Logout 2\.6) \(([\d, ]+)\)`)

// clausesOf names the clauses as the page does: "Core 3.1.3.7 (3)".
func clausesOf(f rogue.Fault) (clauses []string) {
	for _, found := range numberedClause.FindAllStringSubmatch(f.Clause, -1) {
		for n := range strings.SplitSeq(found[2], ", ") {
			clauses = append(clauses, fmt.Sprintf("%s (%s)", found[1], n))
		}
	}
	return clauses
}

// Each step of the validation of an ID token and of a logout token has its row, the faults in it
// are against that step, and no step that a fault is against is without one.
func TestEachStepOfAValidationHasItsFaults(t *testing.T) {
	t.Parallel()
	_, rows := securityPage(t)
	known, against, shown := faultsByName(t), map[string]bool{}, map[string]int{}
	for _, f := range known {
		for _, clause := range clausesOf(f) {
			against[clause] = true
		}
	}
	for _, r := range of(rows, clauseTable) {
		clause := r.cells[0]
		if !numberedClause.MatchString("OIDC " + clause) {
			continue
		}
		shown[clause]++
		faults := 0
		for _, name := range named(r.cells[3]) {
			if f, ok := known[name]; ok && slices.Contains(clausesOf(f), clause) {
				faults++
			} else if ok {
				t.Errorf("%s: %q is against %s", clause, name, f.Clause)
			}
		}
		if (faults > 0) != against[clause] {
			t.Errorf("%s shows %d faults, and there are some: %v", clause, faults, against[clause])
		}
	}
	for prefix, n := range map[string]int{"Core 3.1.3.7": 13, "Back-Channel Logout 2.6": 11} {
		for i := range n {
			if clause := fmt.Sprintf("%s (%d)", prefix, i+1); shown[clause] != 1 {
				t.Errorf("%s has %d rows", clause, shown[clause])
			}
		}
	}
	if len(shown) != 13+11 {
		t.Errorf("there are rows of %d steps, want 24", len(shown))
	}
}

// What the page says of times is what the program does. That it does so is shown by the faults
// close to both sides of each.
func TestDocumentedTimesOfTokensAreTheProgramsOwn(t *testing.T) {
	t.Parallel()
	text, _ := securityPage(t)
	minutes := func(d time.Duration) string { return fmt.Sprintf("%.0f minutes", d.Minutes()) }
	for _, said := range []string{
		fmt.Sprintf("clocks may differ by %.0f s", auth.Leeway.Seconds()),
		"an ID token may have been issued " + minutes(auth.MaxTokenAge) + " ago",
		"a logout token " + minutes(auth.DefaultLogoutLife) + " ago and be good for " + minutes(auth.DefaultLogoutLife) +
			" more",
	} {
		if !strings.Contains(strings.ReplaceAll(text, "\n", " "), said) {
			t.Errorf("the page does not say %q", said)
		}
	}
	claim := regexp.MustCompile("`TestEveryFaultOfAProviderIsMet`, over ([0-9]+) of them").FindStringSubmatch(read(t,
		"README.md"))
	if claim == nil {
		t.Fatal("README.md does not say how many faults are tried")
	}
	if n, err := strconv.Atoi(claim[1]); err != nil || len(rogue.Faults()) <= n {
		t.Errorf("README.md says over %s faults (%v), there are %d", claim[1], err, len(rogue.Faults()))
	}
}
