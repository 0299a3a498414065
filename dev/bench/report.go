package bench

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"
)

// sample is one measurement.
type sample struct {
	usage
	requests, perSecond float64
	p50, p99            time.Duration
	memory              int64
}

// summary returns the medians of a shop's samples.
func summary(shop, work string, samples []sample) Result {
	perThousand := func(d func(sample) time.Duration) time.Duration {
		return median(samples, func(s sample) time.Duration { return time.Duration(float64(d(s)) * 1000 / s.requests) })
	}
	return Result{
		Shop: shop, Work: work,
		PerSecond:   median(samples, func(s sample) float64 { return s.perSecond }),
		P50:         median(samples, func(s sample) time.Duration { return s.p50 }),
		P99:         median(samples, func(s sample) time.Duration { return s.p99 }),
		ServerCPU:   perThousand(func(s sample) time.Duration { return s.server }),
		DatabaseCPU: perThousand(func(s sample) time.Duration { return s.database }),
		Commits:     median(samples, func(s sample) float64 { return float64(s.commits) / s.requests }),
		Rows:        median(samples, func(s sample) float64 { return float64(s.rows) / s.requests }),
		WAL:         median(samples, func(s sample) float64 { return float64(s.wal) / s.requests }),
		Memory:      median(samples, func(s sample) int64 { return s.memory }),
	}
}

func median[T cmp.Ordered](samples []sample, of func(sample) T) T {
	var values []T
	for _, s := range samples {
		values = append(values, of(s))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// Markdown writes what is lost, and a table for each work.
func (r Report) Markdown(w io.Writer) {
	r.lost(w)
	r.tables(w)
}

// The columns that every table of costs has, and the line below them.
const (
	costNames = "p50 | p99 | CPU of 1,000: server | database | transactions | rows written | WAL, bytes | memory |"
	costRule  = "---|---|---|---|---|---|---|---|"
)

// tables writes a table for each work, and what was not measured. At a fixed rate the requests a
// second say nothing.
func (r Report) tables(w io.Writer) {
	for _, work := range works(Options{}) {
		fmt.Fprintf(w, "\n### %s\n\n", work.name)
		if work.rate == 0 {
			fmt.Fprintf(w, "| shop | req/s | ÷ Express | ÷ floor | %s\n|---|---|---|---|%s\n", costNames, costRule)
		} else {
			fmt.Fprintf(w, "| shop | %s\n|---|%s\n", costNames, costRule)
		}
		for _, x := range r.Results {
			switch {
			case x.Work != work.name:
			case work.rate == 0:
				fmt.Fprintf(w, "| %s | %.0f | %s | %s | %s\n", x.Shop, x.PerSecond, x.ratioTo(r, expressName),
					x.ratioTo(r, floorName), x.costs())
			default:
				fmt.Fprintf(w, "| %s | %s\n", x.Shop, x.costs())
			}
		}
	}
	for _, why := range r.LeftOut {
		fmt.Fprintf(w, "\nNot measured: %s.\n", why)
	}
}

// ProductsMarkdown writes the one table of a run with Options.Products.
func (r Report) ProductsMarkdown(w io.Writer) {
	fmt.Fprintf(w, "\n### As the catalogue grows\n\n| work | catalogue | req/s | %s\n|---|---|---|%s\n", costNames,
		costRule)
	for _, x := range r.Results {
		fmt.Fprintf(w, "| %s | %s | %.0f | %s\n", x.Work, x.Shop, x.PerSecond, x.costs())
	}
}

// costs are the cells of costNames.
func (x Result) costs() string {
	return fmt.Sprintf("%s | %s | %d ms | %d ms | %.1f | %.1f | %.0f | %d MB |", short(x.P50), short(x.P99),
		x.ServerCPU.Milliseconds(), x.DatabaseCPU.Milliseconds(), x.Commits, x.Rows, x.WAL, x.Memory>>20)
}

// lost writes the table of the checks, if there were any.
func (r Report) lost(w io.Writer) {
	if len(r.Checks) == 0 {
		return
	}
	fmt.Fprintf(w, "\n### What is lost\n\n| shop | of %d pieces added at once, kept | of %d sessions ended during an "+
		"add, alive | of %d made-up cookies, adopted | rows after %d crawlers |\n|---|---|---|---|---|\n",
		concurrent, logoutRaces, forgeries, crawlers)
	for _, c := range r.Checks {
		fmt.Fprintf(w, "| %s | %d | %d | %d | %d |\n", c.Shop, c.Kept, c.Alive, c.Adopted, c.Rows)
	}
}

// ratioTo compares requests a second with another shop's at the same work.
func (x Result) ratioTo(r Report, shop string) string {
	other := r.perSecond(shop, x.Work)
	if other == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", x.PerSecond/other)
}

func short(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// GrowthMarkdown writes the table of what grows with the sessions; the ratios are those of p99 to
// the first size.
func GrowthMarkdown(w io.Writer, sizes []Growth) {
	if len(sizes) == 0 {
		return
	}
	fmt.Fprintf(w, "\n### As sessions grow\n\n"+
		"p50 and p99 of %d statements of the shop at each size, one size after another in turn, over one connection each, "+
		"on rows that nothing else touched, with the database in PostgreSQL's memory; × is p99 ÷ that of the first size. "+
		"HOT is the share of rows that recorded uses and additions updated in place. "+
		"The floor's sign-in is one statement that gives a session a new id.\n\n"+
		"| sessions | database | page | × | recorded use | × | addition | × | sign-in | × | the floor's | × | order | × "+
		"| HOT: sessions | carts |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n", growthSamples)
	for _, s := range sizes {
		fmt.Fprintf(w, "| %d | %d MB |", s.Sessions, s.Bytes>>20)
		first := sizes[0]
		for _, of := range []func(Growth) spread{
			func(g Growth) spread { return g.Page }, func(g Growth) spread { return g.Touch },
			func(g Growth) spread { return g.Add }, func(g Growth) spread { return g.SignIn },
			func(g Growth) spread { return g.Regenerate }, func(g Growth) spread { return g.Order },
		} {
			fmt.Fprintf(w, " %.2f, %.2f ms | %.2f |", milliseconds(of(s).p50), milliseconds(of(s).p99),
				float64(of(s).p99)/float64(of(first).p99))
		}
		fmt.Fprintf(w, " %.0f %% | %.0f %% |\n", 100*s.HotSessions, 100*s.HotCarts)
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
