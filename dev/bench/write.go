package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Write puts the tables of a run into docs/performance.md, its small table into README.md, and a
// chart of it into docs/images/performance.svg, all below root.
func (r Report) Write(root, conditions string) error {
	var tables, small strings.Builder
	fmt.Fprintln(&tables, conditions)
	r.lost(&tables)
	fmt.Fprint(&tables, "\n![requests a second, of each shop at each work](images/performance.svg)\n")
	r.tables(&tables)
	r.small(&small)
	for file, text := range map[string]string{"docs/performance.md": tables.String(), "README.md": small.String()} {
		if err := Put(filepath.Join(root, file), begin, text); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(root, "docs/images/performance.svg"), []byte(r.chart()), 0o644)
}

// The marks around what a run writes.
const (
	begin       = "<!-- begin: go run ./cmd/dev bench --write -->\n"
	beginGrowth = "<!-- begin: go run ./cmd/dev bench --growth … --products … --write -->\n"
	end         = "<!-- end -->"
)

// WriteGrowth puts the tables of a run with Options.Growth or Options.Products into
// docs/performance.md below root.
func WriteGrowth(root, tables string) error {
	return Put(filepath.Join(root, "docs/performance.md"), beginGrowth, tables)
}

// Put replaces what the file has between the mark begin, a whole line, and the next end mark.
func Put(file, begin, text string) error {
	before, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	after, err := between(string(before), begin, text)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(after), 0o644)
}

// between replaces what is between a mark and the next end.
func between(page, begin, text string) (string, error) {
	before, rest, begun := strings.Cut(page, begin)
	_, after, ended := strings.Cut(rest, end)
	if !begun || !ended {
		return "", fmt.Errorf("no %q with %q after it", strings.TrimSpace(begin), end)
	}
	return before + begin + text + end + after, nil
}

// small writes the table of README.md: what is lost, and requests a second.
func (r Report) small(w *strings.Builder) {
	fmt.Fprint(w, "| |")
	for _, c := range r.Checks {
		fmt.Fprintf(w, " %s |", c.Shop)
	}
	fmt.Fprintf(w, "\n|---|%s\n", strings.Repeat("---|", len(r.Checks)))
	row := func(name string, value func(Check) any) {
		fmt.Fprintf(w, "| %s |", name)
		for _, c := range r.Checks {
			fmt.Fprintf(w, " %v |", value(c))
		}
		fmt.Fprintln(w)
	}
	row(fmt.Sprintf("of %d pieces added at once to one cart, kept", concurrent), func(c Check) any { return c.Kept })
	row(fmt.Sprintf("of %d sessions ended during an addition, alive", logoutRaces), func(c Check) any { return c.Alive })
	for _, work := range freeWorks() {
		row(work+", requests a second", func(c Check) any { return fmt.Sprintf("%.0f", r.perSecond(c.Shop, work)) })
	}
}

// freeWorks are the names of the works that all shops do as fast as they can.
func freeWorks() (names []string) {
	for _, w := range works(Options{}) {
		if w.rate == 0 && !w.alone {
			names = append(names, w.name)
		}
	}
	return names
}

func (r Report) perSecond(shop, work string) float64 {
	for _, x := range r.Results {
		if x.Shop == shop && x.Work == work {
			return x.PerSecond
		}
	}
	return 0
}

const (
	chartWidth = 720
	barLeft    = 320 // where the bars begin
	barHeight  = 22
)

// chart draws requests a second as bars, for each work by itself, in the colours of the reader's
// theme.
func (r Report) chart() string {
	var b strings.Builder
	y := 0
	for _, work := range freeWorks() {
		y += 34
		fmt.Fprintf(&b, `<text class="work" x="0" y="%d">%s</text>`+"\n", y, work)
		most := 1.0
		for _, c := range r.Checks {
			most = max(most, r.perSecond(c.Shop, work))
		}
		for _, c := range r.Checks {
			y += barHeight + 6
			n, class := r.perSecond(c.Shop, work), "other"
			if c.Shop == oursName {
				class = "ours"
			}
			width := int(n / most * (chartWidth - barLeft - 70))
			fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, barLeft-10, y,
				strings.ReplaceAll(c.Shop, "&", "&amp;"))
			fmt.Fprintf(&b, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="3"/>`, class, barLeft, y-16,
				max(width, 1), barHeight)
			fmt.Fprintf(&b, `<text x="%d" y="%d">%.0f</text>`+"\n", barLeft+width+8, y, n)
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" `+
		`aria-label="Requests a second of each shop at each work">`+"\n"+`<style>
text{font:13px system-ui,sans-serif;fill:#2a251d}.work{font-weight:600;font-size:15px}
.ours{fill:#2f7a63}.other{fill:#b9ae9b}
@media(prefers-color-scheme:dark){text{fill:#f1e9da}.ours{fill:#7cc5ad}.other{fill:#7d7466}}
</style>
%s</svg>
`, chartWidth, y+16, b.String())
}
