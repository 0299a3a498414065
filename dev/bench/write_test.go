package bench

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestARunIsWrittenWhereThePagesHaveIt(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, file := range []string{"docs/performance.md", "README.md"} {
		path := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Join(root, "docs/images"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("before\n"+begin+"old\n"+end+"\nafter\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	work := freeWorks()[0]
	r := Report{
		Results: []Result{
			{Shop: oursName, Work: work, PerSecond: 1234}, {Shop: "floor", Work: work, PerSecond: 2468},
			{Shop: oursName, Work: "product page at 300 a second", PerSecond: 300},
		},
		Checks: []Check{{Shop: oursName, Kept: 200}, {Shop: "floor", Kept: 7}},
	}
	for range 2 { // the second run replaces the first
		if err := r.Write(root, "Two rounds."); err != nil {
			t.Fatal(err)
		}
	}
	for file, want := range map[string][]string{
		"docs/performance.md": {
			"Two rounds.\n\n### What is lost\n", "| Hook & Tag | 1234 | – | 0.50 | 0.0 ms |", "images/performance.svg",
			"| Hook & Tag | 0.0 ms |", // at a fixed rate
		},
		"README.md": {"| | Hook & Tag | floor |", "| 200 | 7 |", work + ", requests a second | 1234 | 2468 |"},
	} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range append(want, "before\n", "\nafter\n") {
			if strings.Count(string(text), part) != 1 {
				t.Errorf("%s: got %d times %q, want once, in\n%s", file, strings.Count(string(text), part), part, text)
			}
		}
		if strings.Contains(string(text), "old") {
			t.Errorf("%s still holds the run before", file)
		}
	}
	chart, err := os.Open(filepath.Join(root, "docs/images/performance.svg"))
	if err != nil {
		t.Fatal(err)
	}
	defer chart.Close()
	for d := xml.NewDecoder(chart); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the chart is no XML: %v", err)
		}
	}
}

func TestCataloguesOfAllSizesAreInOneTable(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	Report{Results: []Result{
		{Shop: "1000 products", Work: "a page", PerSecond: 12, P50: time.Millisecond},
		{Shop: "100000 products", Work: "an addition", PerSecond: 3},
	}}.ProductsMarkdown(&table)
	for _, want := range []string{"| a page | 1000 products | 12 | 1.0 ms |", "| an addition | 100000 products | 3 |"} {
		if got := table.String(); !strings.Contains(got, want) || strings.Count(got, "|---|\n") != 1 {
			t.Errorf("got\n%s\nwant one table with %q", got, want)
		}
	}
}

func TestAPageWithoutMarksIsNotWritten(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"", begin, end, end + begin} {
		if got, err := between(page, begin, "text"); err == nil {
			t.Errorf("%q: got %q, want an error", page, got)
		}
	}
}

func TestGrowthIsWrittenBesideTheRun(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	path := filepath.Join(root, "docs/performance.md")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(begin+"run\n"+end+"\nbetween\n"+beginGrowth+"old\n"+end+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var tables strings.Builder
	ms := time.Millisecond
	fast, slow := spread{ms, 2 * ms}, spread{ms, 3 * ms}
	GrowthMarkdown(&tables, []Growth{
		{10_000, 1 << 20, fast, fast, fast, fast, fast, fast, 0.99, 0.98},
		{1_000_000, 2 << 20, slow, fast, fast, fast, fast, fast, 0.97, 0.96},
	})
	if err := WriteGrowth(root, tables.String()); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := begin + "run\n" + end + "\nbetween\n" + beginGrowth + tables.String() + end + "\n"
	if string(got) != want || !strings.Contains(want, "| 1000000 | 2 MB | 1.00, 3.00 ms | 1.50 |") ||
		!strings.Contains(want, "| 97 % | 96 % |") {
		t.Errorf("got\n%s", got)
	}
}
