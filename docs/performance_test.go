package docs_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// costOfOurs are the cells of our shop in the tables of a run: a product page, a list, an addition,
// and a product page at 300 a second.
func costOfOurs(t *testing.T) (rows [][]string) {
	t.Helper()
	ours := regexp.MustCompile(`(?m)^\| Hook & Tag \|.* ms \|.*$`)
	for _, row := range ours.FindAllString(read(t, "docs/performance.md"), -1) {
		rows = append(rows, strings.Split(strings.NewReplacer(" ms", "", " ", "").Replace(row), "|"))
	}
	if len(rows) != 4 {
		t.Fatalf("tables of a run: got %d, want 4", len(rows))
	}
	return rows
}

// The summary is written by hand, from figures that the next benchmark replaces.
func TestTheSummaryOfTheBenchmarkSaysWhatTheTablesSay(t *testing.T) {
	t.Parallel()
	summary, _, _ := strings.Cut(read(t, "docs/performance.md"), "\n## ")
	for i, row := range costOfOurs(t)[:3] {
		express, floor := rounded(t, row[3]), rounded(t, row[4])
		want := fmt.Sprintf("%s × Express, %s × the floor", express, floor)
		if !strings.Contains(summary, want) {
			t.Errorf("the summary lacks %q, the ratios of table %d", want, i+1)
		}
	}
}

func rounded(t *testing.T, ratio string) string {
	t.Helper()
	n, err := strconv.ParseFloat(ratio, 64)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.FormatFloat(n, 'f', 1, 64)
}

// The sizes are worked out by hand, too.
func TestSizesComeFromTheMeasuredCosts(t *testing.T) {
	t.Parallel()
	page, list, addition, alone := costs(t, 0), costs(t, 1), costs(t, 2), costs(t, 3)
	text := read(t, "docs/operations.md")
	for _, want := range []string{
		fmt.Sprintf("12 × %s + 6 × %s + 2.75 × %s ms", page.server, list.server, addition.server),
		fmt.Sprintf("12 × %s + 2.75 × %s ms", page.database, addition.database),
		fmt.Sprintf("a page costs the shop %s ms and PostgreSQL %s ms", alone.server, alone.database),
		fmt.Sprintf("%s bytes an addition", addition.log),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("docs/operations.md lacks %q, which docs/performance.md measured", want)
		}
	}
}

// cost is what one request of a table costs: milliseconds of CPU, and bytes of log.
type cost struct{ server, database, log string }

func costs(t *testing.T, table int) cost {
	t.Helper()
	row := costOfOurs(t)[table]
	fromEnd := func(n int) string { return row[len(row)-1-n] }
	milliseconds := func(cell string) string { return fmt.Sprintf("0.%03s", cell) }
	return cost{server: milliseconds(fromEnd(6)), database: milliseconds(fromEnd(5)), log: fromEnd(2)}
}
