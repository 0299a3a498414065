package docs_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The tables of a run, in their order.
const (
	pageTable = iota
	listTable
	additionTable
	signInTable
	gzipPageTable
	gzipListTable
	slowPageTable // a product page at 300 a second
	allTables
)

// costOfOurs are the cells of our shop in the tables of a run.
func costOfOurs(t *testing.T) (rows [][]string) {
	t.Helper()
	ours := regexp.MustCompile(`(?m)^\| Hook & Tag \|.* ms \|.*$`)
	for _, row := range ours.FindAllString(read(t, "docs/performance.md"), -1) {
		rows = append(rows, strings.Split(strings.NewReplacer(" ms", "", " ", "").Replace(row), "|"))
	}
	if len(rows) != allTables {
		t.Fatalf("tables of a run: got %d, want %d", len(rows), allTables)
	}
	return rows
}

// The summary is written by hand, from figures that the next benchmark replaces.
func TestTheSummaryOfTheBenchmarkSaysWhatTheTablesSay(t *testing.T) {
	t.Parallel()
	summary, _, _ := strings.Cut(read(t, "docs/performance.md"), "\n## ")
	for i, row := range costOfOurs(t)[:gzipPageTable] {
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
	page, list, addition := costs(t, gzipPageTable), costs(t, gzipListTable), costs(t, additionTable)
	signIn, alone := costs(t, signInTable), costs(t, slowPageTable)
	text := read(t, "docs/operations.md")
	for _, want := range []string{
		fmt.Sprintf("12 × %s + 6 × %s + 2.15 × %s + 0.2 × %s ms", page.server, list.server, addition.server,
			signIn.server),
		fmt.Sprintf("12 × %s + 2.15 × %s + 0.2 × %s ms", page.database, addition.database, signIn.database),
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
	milliseconds := func(cell string) string { // of one request
		of1000, err := strconv.Atoi(cell)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%.3f", float64(of1000)/1000)
	}
	return cost{server: milliseconds(fromEnd(6)), database: milliseconds(fromEnd(5)), log: fromEnd(2)}
}
