package mutation

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Report writes one line a mutation: the verdict, its name, the first test that failed, and the
// clause, separated by tabs.
func Report(w io.Writer, list []Mutation, results map[string]Result) error {
	for _, m := range list {
		r, ran := results[m.Name]
		if !ran {
			continue
		}
		by := strings.TrimSpace(r.By.Package + " " + r.By.Name)
		if r.Verdict == Unseen {
			by = m.Unseen
		}
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Verdict, m.Name, by, m.Clause); err != nil {
			return err
		}
	}
	return nil
}

// ReadReport reads what Report has written, by the mutations' names. Lines it cannot read are
// passed over.
func ReadReport(r io.Reader) (map[string]Result, error) {
	results := map[string]Result{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != 4 {
			continue
		}
		result := Result{Verdict: Verdict(fields[0]), Mutation: Mutation{Name: fields[1], Clause: fields[3]}}
		if result.Verdict == Killed || result.Verdict == Seen {
			result.By.Package, result.By.Name, _ = strings.Cut(fields[2], " ")
		}
		results[fields[1]] = result
	}
	return results, lines.Err()
}
