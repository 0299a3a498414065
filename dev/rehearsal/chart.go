package rehearsal

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"regexp"
	"slices"
	"strings"
)

// The measures of the picture, in its own units.
const (
	pictureWidth = 720
	panelWidth   = 344
	plotLeft     = 48 // the room for the numbers beside a plot
	plotHeight   = 92
	legendRow    = 16
	mostLines    = 6 // that a panel shows, which are as many as there are colours
)

// mark is a fault in the picture.
type mark struct {
	number   int
	from, to float64
}

// picture is the dashboard's panels over the time of a soak, with the faults as numbered bands.
type picture struct {
	from, to float64
	names    []string // of the faults; the first has number 1
	marks    []mark
	panels   []panel
}

// String draws the picture as SVG, in the colours of the reader's theme.
func (p picture) String() string {
	var b strings.Builder
	y := p.key(&b)
	for i := 0; i < len(p.panels); i += 2 {
		y += 22
		pair := p.panels[i:min(i+2, len(p.panels))]
		rows := 0
		for j := range pair {
			slices.SortStableFunc(pair[j].lines, func(a, b drawn) int { return cmp.Compare(b.peak(), a.peak()) })
			rows = max(rows, len(pair[j].legends()))
		}
		for j, one := range pair {
			p.panel(&b, one, j*(pictureWidth-panelWidth), y, rows)
		}
		y += rows*legendRow + plotHeight + 42
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">
<style>
text{font:12px system-ui,sans-serif;fill:#2a251d}.title{font-weight:600;font-size:13px}
.axis{fill:#5b5347;font-size:11px}
.number{fill:#5b5347;font-size:10px;text-anchor:middle}.fault{fill:#efe4cd}.edge{stroke:#8a7f6d;fill:none}
.line{fill:none;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}
.c0{stroke:#2f7a63}.bad{stroke:#b3263f}.c1{stroke:#0b4fd8}.c2{stroke:#b07a10}.c3{stroke:#6b5aa8}.c4{stroke:#5b5347}
.c5{stroke:#2f7a63}.c3,.c4,.c5{stroke-dasharray:5 3}
@media(prefers-color-scheme:dark){text{fill:#f1e9da}.axis,.number{fill:#c2b8a5}.fault{fill:#3a3324}.edge{stroke:#8f8471}
.c0,.c5{stroke:#7cc5ad}.bad{stroke:#ff9aa8}.c1{stroke:#8fb8ff}.c2{stroke:#f0c15a}.c3{stroke:#bfb0ec}.c4{stroke:#c2b8a5}}
</style>
%s</svg>
`, pictureWidth, y, "The dashboard's panels while one thing after another breaks", b.String())
}

// detail is the part of a fault's name that the picture has no room for.
var detail = regexp.MustCompile(`[:,].*`)

// key names the faults and returns where it ends.
func (p picture) key(b *strings.Builder) (y int) {
	half := (len(p.names) + 1) / 2
	for i, name := range p.names {
		fmt.Fprintf(b, `<text x="%d" y="%d"><tspan font-weight="600">%d</tspan> %s</text>`+"\n",
			i/half*(pictureWidth-panelWidth), 14+i%half*17, i+1, html.EscapeString(detail.ReplaceAllString(name, "")))
	}
	return half * 17
}

// panel draws one panel, with room for that many rows of its legend.
func (p picture) panel(b *strings.Builder, one panel, left, top, rows int) {
	fmt.Fprintf(b, `<text class="title" x="%d" y="%d">%s</text>`+"\n", left, top+4, html.EscapeString(one.title))
	for row, names := range one.legends() {
		at := left
		for _, n := range names {
			y := top + 4 + (row+1)*legendRow
			if n.color != "" {
				fmt.Fprintf(b, `<path class="line %s" d="M%d %dh16"/>`, n.color, at, y-4)
			}
			fmt.Fprintf(b, `<text x="%d" y="%d">%s</text>`+"\n", at+21, y, html.EscapeString(n.text))
			at += n.width()
		}
	}
	top += 14 + rows*legendRow
	most := 0.0
	for _, l := range one.lines {
		most = max(most, l.peak())
	}
	most = roundUp(most)
	x := func(at float64) float64 {
		return float64(left+plotLeft) + (at-p.from)/(p.to-p.from)*(panelWidth-plotLeft)
	}
	for _, m := range p.marks {
		fmt.Fprintf(b, `<rect class="fault" x="%.1f" y="%d" width="%.1f" height="%d"/>`, x(m.from), top, x(m.to)-x(m.from),
			plotHeight+12)
		fmt.Fprintf(b, `<text class="number" x="%.1f" y="%d">%d</text>`+"\n", (x(m.from)+x(m.to))/2, top+9, m.number)
	}
	bottom := top + 12 + plotHeight
	for i, l := range one.lines[:min(len(one.lines), mostLines)] {
		fmt.Fprintf(b, `<path class="line %s" d="%s"/>`+"\n", l.color(i), l.path(x, func(v float64) float64 {
			return float64(bottom) - v/most*plotHeight
		}))
	}
	fmt.Fprintf(b, `<path class="edge" d="M%d %dv%dh%d"/>`, left+plotLeft, top+12, plotHeight, panelWidth-plotLeft)
	for _, t := range []struct {
		x, y   int
		anchor string
		text   string
	}{
		{left + plotLeft - 5, top + 20, "end", quantity(most, one.unit)}, {left + plotLeft - 5, bottom, "end", "0"},
		{left + plotLeft, bottom + 14, "start", "0"},
		{left + panelWidth, bottom + 14, "end", fmt.Sprintf("%.0f min", (p.to-p.from)/60)},
	} {
		fmt.Fprintf(b, `<text class="axis" x="%d" y="%d" text-anchor="%s">%s</text>`+"\n", t.x, t.y, t.anchor, t.text)
	}
}

// named is one name in a legend.
type named struct {
	text  string
	color string // a class of the style; "": none
}

// width is an estimate: no font is known here.
func (n named) width() int { return 36 + 7*len(n.text) }

// legends are the rows of a panel's legend; none for a line without a name.
func (p panel) legends() (rows [][]named) {
	at := panelWidth
	add := func(n named) {
		if at+n.width() > panelWidth+15 {
			rows, at = append(rows, nil), 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], n)
		at += n.width()
	}
	for i, l := range p.lines[:min(len(p.lines), mostLines)] {
		if l.name != "" {
			add(named{l.name, l.color(i)})
		}
	}
	if more := len(p.lines) - mostLines; more > 0 {
		add(named{fmt.Sprintf("and %d smaller", more), ""})
	}
	return rows
}

var failure = regexp.MustCompile(`^(5xx|error|unavailable|less)$`)

// color is the class of the i-th line of a panel. One colour is kept for failures.
func (l drawn) color(i int) string {
	if failure.MatchString(l.name) {
		return "bad"
	}
	return fmt.Sprintf("c%d", i)
}

// peak is the highest value.
func (l drawn) peak() (most float64) {
	for _, p := range l.points {
		if p.value > most { // NaN is not
			most = p.value
		}
	}
	return most
}

// path joins the points, and leaves out where there is no number.
func (l drawn) path(x, y func(float64) float64) string {
	var d strings.Builder
	pen, before := "M", math.Inf(1)
	for i, p := range l.points {
		if i > 0 && p.at-before > 1.5*(l.points[1].at-l.points[0].at) {
			pen = "M"
		}
		before = p.at
		if math.IsNaN(p.value) || math.IsInf(p.value, 0) {
			pen = "M"
			continue
		}
		fmt.Fprintf(&d, "%s%.1f %.1f", pen, x(p.at), y(p.value))
		if pen == "M" {
			d.WriteString("h0") // a dot, should it stay alone
		}
		pen = "L"
	}
	return d.String()
}

// roundUp is the next of 1, 2, 2.5 and 5 times a power of ten.
func roundUp(v float64) float64 {
	if v <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, f := range []float64{1, 2, 2.5, 5} {
		if v <= f*power {
			return f * power
		}
	}
	return 10 * power
}

// quantity is a number in one of Grafana's units.
func quantity(v float64, unit string) string {
	switch {
	case unit == "percentunit":
		return fmt.Sprintf("%g %%", 100*v)
	case unit == "bytes":
		return fmt.Sprintf("%g MB", v/1e6)
	case unit == "s" && v < 1:
		return fmt.Sprintf("%.3g ms", 1000*v)
	case unit == "s":
		return fmt.Sprintf("%g s", v)
	}
	return fmt.Sprintf("%g", v)
}
