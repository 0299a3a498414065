package docs_test

import (
	"fmt"
	"go/ast"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/session"
)

var testRef = regexp.MustCompile(`^([a-z][\w/]*)\.(Test[A-Z]\w*)(?:/(.+))?$`)

// nearlyRef finds what is meant to be a test or a fault. What comes up to it and is none is a slip
// of the pen.
var nearlyRef = regexp.MustCompile(`^[^ ]*(Test|Fuzz|Benchmark)[A-Z]|^(?i:(logout )?faults?\b)`)

// Every test that the page names is there, at the top of its package, in every run on every system.
func TestEveryNamedTestExistsAndRuns(t *testing.T) {
	t.Parallel()
	text, _ := securityPage(t)
	known, count := map[string][2]map[string]bool{}, 0
	for _, name := range named(text) {
		ref := testRef.FindStringSubmatch(name)
		if ref == nil {
			if nearlyRef.MatchString(name) && !faultRef.MatchString(name) {
				t.Errorf("%s is neither a test nor a fault as they are written here", name)
			}
			continue
		}
		count++
		dir, there := place(ref[1])
		if _, read := known[dir]; there && !read {
			tests, strs := testsIn(t, dir)
			known[dir] = [2]map[string]bool{tests, strs}
		}
		if !there || !known[dir][0][ref[2]] {
			t.Errorf("%s does not exist, or does not run everywhere", name)
		}
		if ref[3] != "" && !known[dir][1][ref[3]] {
			t.Errorf("%s: nothing in its package is called %q", name, ref[3])
		}
	}
	if count < 380 {
		t.Errorf("only %d names of tests were found on the page", count)
	}
}

// No test of the module can be skipped, so whatever exists has run.
func TestNoTestIsSkipped(t *testing.T) {
	t.Parallel()
	goFiles(t, func(path string, tree *ast.File) {
		if !strings.HasSuffix(path, "_test.go") {
			return
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if s, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, s.Sel.Name) {
					t.Errorf("%s calls %s", path, s.Sel.Name)
				}
			}
			return true
		})
	})
}

const clauseTable = "clause | what we do | where | test"

// numbered returns prefix1 to prefixN.
func numbered(prefix string, n int) (clauses []string) {
	for i := range n {
		clauses = append(clauses, fmt.Sprintf("%s%d", prefix, i+1))
	}
	return clauses
}

// ASVS 5.0, chapter 7, has nineteen clauses; the others are numbered through by the groups they
// stand in.
func TestEveryClauseIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	_, rows := securityPage(t)
	verdicts := map[string]string{}
	for _, r := range of(rows, clauseTable) {
		verdict := checkClause(t, r)
		for clause := range strings.SplitSeq(r.cells[0], ", ") {
			if before, twice := verdicts[clause]; twice && before != verdict {
				t.Errorf("%s is %s and %s", clause, before, verdict)
			}
			verdicts[clause] = verdict
		}
	}
	chapter7 := slices.Concat(numbered("7.1.", 3), numbered("7.2.", 4), numbered("7.3.", 2), numbered("7.4.", 5),
		numbered("7.5.", 3), numbered("7.6.", 2))
	if len(chapter7) != 19 {
		t.Fatalf("%d clauses", len(chapter7))
	}
	for _, clause := range slices.Concat(chapter7, numbered("CS-", 30), numbered("X-", 17), numbered("K-", 8),
		numbered("F-", 12), numbered("S-", 25)) {
		if verdicts[clause] == "" {
			t.Errorf("%s is missing", clause)
		}
	}
	if n := len(of(rows, "id | the question | what we do | test")); n != 14 {
		t.Errorf("%d decisions where the sources disagree, want 14", n)
	}
	if len(verdicts) < 260 {
		t.Errorf("only %d clauses", len(verdicts))
	}
}

// checkClause checks one row and returns its verdict: met, n/a or no.
func checkClause(t *testing.T, r row) (verdict string) {
	t.Helper()
	if len(r.cells) != 4 {
		t.Fatalf("%q has %d cells", r.cells, len(r.cells))
	}
	verdict = "met"
	for _, other := range []string{"n/a", "no"} {
		if reason, ok := strings.CutPrefix(r.cells[1], "**"+other+"**: "); ok {
			if verdict = other; len(reason) < 15 {
				t.Errorf("%s: %s without a reason", r.cells[0], other)
			}
		}
	}
	if len(r.cells[1]) < 3 || verdict == "met" && len(named(r.cells[3])) == 0 {
		t.Errorf("%s has no words or no test", r.cells[0])
	}
	for _, name := range named(r.cells[3]) {
		if testRef.FindString(name) == "" && !strings.Contains(name, "fault: ") {
			t.Errorf("%s: %s is no test", r.cells[0], name)
		}
	}
	files := named(r.cells[2])
	if len(files) == 0 {
		t.Errorf("%s is nowhere", r.cells[0])
	}
	for _, name := range files {
		if _, there := place(name); !there {
			t.Errorf("%s: %s does not exist", r.cells[0], name)
		}
	}
	return verdict
}

// ASVS 7.1.3
func TestEveryCellOfTheMatrixNamesItsTest(t *testing.T) {
	t.Parallel()
	_, rows := securityPage(t)
	matrix := of(rows, "what happens | the shop's session | shown by | the provider's session | shown by")
	if len(matrix) < 15 {
		t.Errorf("only %d rows", len(matrix))
	}
	for _, r := range matrix {
		for _, i := range []int{2, 4} {
			if names := named(r.cells[i]); len(names) != 1 || testRef.FindString(names[0]) == "" {
				t.Errorf("%s: %q names no test", r.cells[0], r.cells[i])
			}
		}
	}
}

// ASVS 7.1.1
func TestDocumentedLimitsAreTheProgramsOwn(t *testing.T) {
	t.Parallel()
	text, rows := securityPage(t)
	documented, settings := map[string]string{}, map[string]string{}
	for _, r := range of(rows, "limit | setting | default | why") {
		documented[named(r.cells[1])[0]] = r.cells[2]
	}
	for _, group := range reflect.VisibleFields(reflect.TypeFor[app.Settings]()) {
		for _, f := range reflect.VisibleFields(group.Type) {
			if f.Type == reflect.TypeFor[time.Duration]() || documented[f.Tag.Get("env")] != "" {
				settings[f.Tag.Get("env")] = f.Tag.Get("default")
			}
		}
	}
	settings["SESSION_MAX_PER_CUSTOMER"] = fmt.Sprint(session.DefaultLimits.PerOwner)
	if !maps.Equal(documented, settings) {
		t.Errorf("the page says %v, the settings %v", documented, settings)
	}
	s, err := app.Parse(func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	got := session.Limits{Idle: s.Sessions.Idle, Absolute: s.Sessions.Absolute, AnonymousIdle: s.Sessions.AnonymousIdle,
		AnonymousAbsolute: s.Sessions.AnonymousAbsolute, PerOwner: s.Sessions.MaxPerCustomer}
	if got != session.DefaultLimits {
		t.Errorf("settings %+v, session.DefaultLimits %+v", got, session.DefaultLimits)
	}
	if late := fmt.Sprintf("for %.0f s after its end", session.LateWindow.Seconds()); !strings.Contains(text, late) {
		t.Errorf("the page does not say %q", late)
	}
}

func TestDocumentedRatesAreTheProgramsOwn(t *testing.T) {
	t.Parallel()
	_, rows := securityPage(t)
	documented, program := map[string]string{}, map[string]string{}
	for _, r := range of(rows, "what | name | a minute") {
		documented[named(r.cells[1])[0]] = r.cells[2]
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[app.Rates]()) {
		if f.Type.Kind() == reflect.Int {
			program[f.Name] = f.Tag.Get("default")
		}
	}
	if !maps.Equal(documented, program) {
		t.Errorf("the page says %v, the program %v", documented, program)
	}
}

// ASVS 16.1.1: what the program can log is on the page, and nothing else is. The name of an event
// is in the code once, as a constant.
func TestEveryEventIsListed(t *testing.T) {
	t.Parallel()
	_, rows := securityPage(t)
	listed, logged := map[string]int{}, map[string]int{}
	for _, r := range of(rows, "event | when | level | also shown by") {
		listed[named(r.cells[0])[0]]++
		tests := named(r.cells[3]) // beside the test of every event of the shop
		operators := strings.HasPrefix(r.cells[2], "warning") && strings.Contains(r.cells[1], "operator")
		if slices.ContainsFunc(tests, func(name string) bool { return !testRef.MatchString(name) }) ||
			operators && len(tests) == 0 {
			t.Errorf("%s: %q names no test", r.cells[0], r.cells[3])
		}
	}
	event := regexp.MustCompile(
		`^((session|authn|malicious|sequence|excess)_[a-z_]+|user_(disabled|enabled|erased)|rate_limit_exceeded|overloaded)$`)
	goFiles(t, func(path string, tree *ast.File) {
		if strings.HasSuffix(path, "_test.go") || !strings.HasPrefix(path, "internal/") &&
			!strings.HasPrefix(path, "cmd/shop/") || strings.HasPrefix(path, "dev/") {
			return
		}
		for _, s := range literals(tree) {
			if event.MatchString(s) {
				logged[s]++
			}
		}
	})
	if !maps.Equal(listed, logged) {
		t.Errorf("got %v in the program, want those on the page, each once: %v", logged, listed)
	}
}

// ASVS 3.2.2, 3.5.5, 14.3.3: scripts keep nothing, write no markup, and listen to no other origin.
func TestScriptsKeepNothingInTheBrowser(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob(filepath.Join("..", "web", "static", "scripts", "*.js"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("%d scripts, %v", len(scripts), err)
	}
	forbidden := regexp.MustCompile(
		`localStorage|sessionStorage|indexedDB|\bcaches\b|document\.cookie|cookieStore|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|window\.opener|parent\.postMessage|(window|self|globalThis)\.(onmessage|postMessage)|addEventListener\(["']message`)
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if found := forbidden.Find(text); err != nil || found != nil {
			t.Errorf("%s uses %s (%v)", script, found, err)
		}
	}
}

// ASVS 11.5.1: what nobody may guess comes from crypto/rand. Only pauses, and what a shopper of the
// rehearsal does, are drawn by the other generator.
func TestSecretsAreDrawnByTheSystem(t *testing.T) {
	t.Parallel()
	guessable := []string{"internal/app/sweep.go", "internal/auth/discovery.go", "dev/rehearsal/shopper.go"}
	goFiles(t, func(path string, tree *ast.File) {
		for _, i := range tree.Imports {
			if strings.HasPrefix(i.Path.Value, `"math/rand`) && !strings.HasSuffix(path, "_test.go") &&
				!slices.Contains(guessable, path) {
				t.Errorf("%s imports %s", path, i.Path.Value)
			}
		}
	})
}
