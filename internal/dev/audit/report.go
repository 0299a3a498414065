package audit

import (
	"bufio"
	"fmt"
	"regexp"
	"strings"
)

// Report is docs/audit.md: every mutation that was run and what became of it, in the order of the list and without a date, so that two
// runs that found the same are the same text.
func Report(list []Mutation, results map[string]Result) string {
	var body, unseen, faults, waiting strings.Builder
	var killed, passed, waits int
	part := ""
	for _, m := range list {
		r, ran := results[m.Name]
		switch {
		case !ran:
			waits++
			row(&waiting, m, "`go run ./cmd/dev audit --new`")
		case r.Fault():
			row(&faults, m, string(r.Verdict))
		case r.Verdict == Unseen:
			passed++
			row(&unseen, m, m.Unseen)
		default:
			killed++
			if name, _, _ := strings.Cut(m.Name, "/"); name != part {
				part = name
				body.WriteString(table(part, "test that failed"))
			}
			row(&body, m, "`"+strings.TrimPrefix(r.By.Package, "./")+" "+r.By.Name+"`")
		}
	}
	head := heading + fmt.Sprintf("Of %d checks taken out, one at a time, %d made a test fail; %d cannot be seen from outside, and why is told below.\n",
		len(list), killed, passed)
	if waits > 0 {
		head += fmt.Sprintf("%d are in the list and have not been run in this form yet; they stand at the end.\n", waits)
	}
	if faults.Len() > 0 {
		head += table(faultsTitle, "verdict") + faults.String()
	}
	if unseen.Len() > 0 {
		body.WriteString(table(unseenTitle, "why no test sees it, and why it stays"))
		body.WriteString(unseen.String())
	}
	if waits > 0 {
		body.WriteString(table(waitingTitle, "what runs them"))
		body.WriteString(waiting.String())
	}
	return head + body.String()
}

const heading = "# Do the tests bite?\n\n" + `Each row takes one check out of the shop and runs the tests of the packages that guard it. The row names the first test that failed.
The mutations themselves, old text and new, stand in ` + "`internal/dev/audit/mutations`" + `; ` + "`go run ./cmd/dev audit`" + ` runs them and
writes this page. A quick test of every run keeps list, code and page together.

The parts *auth-conditions* and *session-conditions* are made by machine: every condition of ` + "`internal/auth`" + ` and ` + "`internal/session`" + ` that no list names, held to be
true, and then to be false. What is an ` + "`err != nil`" + ` alone is left out: there somebody else has judged.

`

const (
	faultsTitle = "Faults"
	unseenTitle = "Checks whose absence no test can see"

	waitingTitle = "Not run yet"
)

func table(title, last string) string {
	return fmt.Sprintf("\n## %s\n\n| name | what is no longer so | clause | file | %s |\n|---|---|---|---|---|\n", title, last)
}

func row(b *strings.Builder, m Mutation, last string) {
	fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", cell(m.Name), cell(m.What), cell(m.Clause), m.Edits[0].File, cell(last))
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

var (
	rowName = regexp.MustCompile("^\\| `([^`]+)` \\|")
	rowTest = regexp.MustCompile("\\| `(\\S+) ([^`]+)` \\|$")
)

// Parse reads what a report tells of the mutations of the list.
func Parse(list []Mutation, report string) map[string]Result {
	known := map[string]Mutation{}
	for _, m := range list {
		known[m.Name] = m
	}
	results := map[string]Result{}
	title := ""
	lines := bufio.NewScanner(strings.NewReader(report))
	for lines.Scan() {
		if next, ok := strings.CutPrefix(lines.Text(), "## "); ok {
			title = next
		}
		name := rowName.FindStringSubmatch(lines.Text())
		if name == nil || title == waitingTitle {
			continue
		}
		m := strings.ReplaceAll(name[1], `\|`, "|")
		r := Result{Mutation: known[m], Verdict: Survived}
		by := rowTest.FindStringSubmatch(lines.Text())
		switch {
		case title == unseenTitle:
			r.Verdict = Unseen
		case title != faultsTitle && by != nil:
			r.Verdict, r.By = Killed, Test{Package: "./" + by[1], Name: strings.ReplaceAll(by[2], `\|`, "|")}
		}
		results[m] = r
	}
	return results
}
