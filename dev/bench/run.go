// Package bench measures the shop beside others that do the same work, in one run, interleaved, on
// one PostgreSQL: what a page costs, and what is lost when requests meet. It serves `go run
// ./cmd/dev bench` only.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Options say how much is measured.
type Options struct {
	Root        string        // of the tree
	Server      string        // the address of a PostgreSQL that may be filled with databases
	Postmaster  int           // its process
	Rounds      int           // how often each measurement is repeated; the median counts
	Duration    time.Duration // of one measurement
	Connections int
	Sessions    int   // rows in each shop's table beforehand
	Growth      []int // the numbers of sessions that Grow measures at
	Products    []int // the sizes of catalogues: if there are any, Run measures our shop with each, and no other
	Log         io.Writer
}

// work is one thing the shops are measured at.
type work struct {
	name string
	rate int // a second; 0: as many as can be answered
	// fresh is how many new sessions a connection takes turns with; 0: the one session with three
	// lines.
	fresh int
	// alone says that only our shop is measured: the others answer as without it.
	alone bool
	step  func(s *shop, v visitors) step
}

// visitors are the cookies of sessions with three lines each, one for each connection.
type visitors []string

func works(o Options) []work {
	page := func(s *shop, cookie string) request {
		return newRequest("GET", s.addr, "/products/rain-bowler", cookie, nil, 200)
	}
	pages := func(s *shop, v visitors) step {
		return each(v, func(cookie string) request { return page(s, cookie) })
	}
	list := func(s *shop) request { return newRequest("GET", s.addr, "/products", "", nil, 200) }
	always := func(r request) step { return sending(func(int) request { return r }) }
	return []work{
		{name: "product page, session with three lines", step: pages},
		{name: "catalogue page, no session", step: func(s *shop, _ visitors) step { return always(list(s)) }},
		{name: "add to the cart (POST)", fresh: 16,
			step: func(s *shop, v visitors) step { return adds(s, v, o.Connections) }},
		{name: "sign-in", step: func(s *shop, _ visitors) step { return signIns(s.addr, o.Connections) }},
		{name: "product page in gzip", alone: true, step: func(s *shop, v visitors) step {
			return each(v, func(cookie string) request { return compressed(page(s, cookie)) })
		}},
		{name: "catalogue page in gzip", alone: true,
			step: func(s *shop, _ visitors) step { return always(compressed(list(s))) }},
		{name: "product page at 300 a second", rate: 300, step: pages},
	}
}

// each prepares one request a connection.
func each(v visitors, make func(cookie string) request) step {
	var requests []request
	for _, cookie := range v {
		requests = append(requests, make(cookie))
	}
	return sending(func(i int) request { return requests[i] })
}

// Result is what one shop did at one work: medians of all rounds.
type Result struct {
	Shop, Work    string
	PerSecond     float64
	P50, P99      time.Duration
	ServerCPU     time.Duration // for 1,000 requests
	DatabaseCPU   time.Duration // for 1,000 requests
	Commits, Rows float64       // for one request
	WAL           float64       // bytes for one request
	Memory        int64         // bytes, resident
}

// Report is everything a run has found.
type Report struct {
	Results []Result
	Checks  []Check
	LeftOut []string // what was not measured or checked, and why
}

// Run measures. What it starts it stops.
func Run(ctx context.Context, o Options) (Report, error) {
	all, err := startAll(ctx, o)
	if err != nil {
		return Report{}, err
	}
	defer all.stop()
	report := Report{LeftOut: all.leftOut}
	if report.Results, err = measureAll(ctx, all, o); err != nil {
		return Report{}, err
	}
	if len(o.Products) > 0 {
		return report, nil
	}
	for _, s := range all.shops {
		c, err := check(ctx, s)
		if err != nil {
			report.LeftOut = append(report.LeftOut, fmt.Sprintf("the checks of %s: %v", s.name, err))
			continue
		}
		report.Checks = append(report.Checks, c)
	}
	return report, nil
}

// Wait starts the shops for a sender of the caller's own, writes their addresses and the cookie of
// a session with three lines, and stops them when ctx ends.
func Wait(ctx context.Context, o Options) error {
	all, err := startAll(ctx, o)
	if err != nil {
		return err
	}
	defer all.stop()
	for _, s := range all.shops {
		fmt.Fprintf(o.Log, "%s: http://%s/products, Cookie: %s\n", s.name, s.addr, all.visitors[s][0])
	}
	for _, why := range all.leftOut {
		fmt.Fprintf(o.Log, "left out: %s\n", why)
	}
	<-ctx.Done()
	return nil
}

// started are the shops that run, each with its visitors.
type started struct {
	dir      string // of what was built
	provider *provider
	shops    []*shop
	visitors map[*shop]visitors
	leftOut  []string // why a shop is not among them
}

func (all *started) stop() {
	for _, s := range all.shops {
		s.stop()
	}
	if all.provider != nil {
		all.provider.stop()
	}
	_ = os.RemoveAll(all.dir) // in the system's temporary folder
}

func startAll(ctx context.Context, o Options) (_ *started, err error) {
	all := &started{visitors: map[*shop]visitors{}}
	if all.dir, err = os.MkdirTemp("", "hookandtag-bench-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			all.stop()
		}
	}()
	if all.provider, err = startProvider(ctx); err != nil {
		return nil, err
	}
	for _, p := range plans(o) {
		fmt.Fprintf(o.Log, "starting %s\n", p.name)
		s, err := start(ctx, p, o.Root, all.dir, o.Server, all.provider.issuer)
		if errors.Is(err, errNoNode) {
			all.leftOut = append(all.leftOut, p.name+": "+err.Error())
			continue
		}
		if err != nil {
			return nil, err
		}
		all.shops = append(all.shops, s)
		if all.visitors[s], err = prepare(ctx, s, p, o); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return all, nil
}

// prepare makes the visitors and fills the table of sessions.
func prepare(ctx context.Context, s *shop, p plan, o Options) (visitors, error) {
	v, err := s.newVisitors(ctx, o.Connections, "HAT-BOWLER", "SCA-WEEKEND", "BAG-TOTE")
	if err != nil || p.copies == "" || o.Sessions == 0 {
		return v, err
	}
	if _, err := s.pool.Exec(ctx, p.copies, o.Sessions); err != nil {
		return nil, fmt.Errorf("fill the table: %w", err)
	}
	_, err = s.pool.Exec(ctx, "VACUUM ANALYZE")
	return v, err
}

func (s *shop) newVisitors(ctx context.Context, n int, skus ...string) (v visitors, err error) {
	for range n {
		cookie, err := s.shopAsNew(ctx, skus...)
		if err != nil {
			return nil, err
		}
		v = append(v, cookie)
	}
	return v, nil
}

// shopAsNew puts products into a new visitor's cart and returns the session's cookie.
func (s *shop) shopAsNew(ctx context.Context, skus ...string) (cookie string, err error) {
	c, err := dial(ctx, s.addr)
	if err != nil {
		return "", err
	}
	defer c.Close()
	for _, sku := range skus {
		a, err := c.do(newRequest("POST", s.addr, "/cart/lines", cookie, []byte("quantity=1&sku="+sku), 303))
		if err != nil {
			return "", err
		}
		if cookie == "" { // a shop may set others with later answers
			cookie = a.cookie
		}
	}
	units, err := s.units(ctx, cookie)
	if err == nil && units != len(skus) {
		err = fmt.Errorf("the cart of a new session holds %d pieces, want %d", units, len(skus))
	}
	return cookie, err
}

// measureAll lets the shops take turns, round by round, so that a machine that becomes slower is so
// for all of them.
func measureAll(ctx context.Context, all *started, o Options) ([]Result, error) {
	var results []Result
	for _, w := range works(o) {
		samples := map[*shop][]sample{}
		for round := range o.Rounds {
			for _, s := range all.shops {
				if w.alone && !s.ours {
					continue
				}
				one, err := measureOnce(ctx, s, w, all.visitors[s], o)
				if err != nil {
					return nil, fmt.Errorf("%s, %s: %w", s.name, w.name, err)
				}
				samples[s] = append(samples[s], one)
				fmt.Fprintf(o.Log, "round %d  %-40s %-45s %8.0f/s  p99 %s\n", round+1, w.name, s.name, one.perSecond, one.p99)
			}
		}
		for _, s := range all.shops {
			if len(samples[s]) > 0 {
				results = append(results, summary(s.name, w.name, samples[s]))
			}
		}
	}
	return results, nil
}

func measureOnce(ctx context.Context, s *shop, w work, v visitors, o Options) (sample, error) {
	if w.fresh > 0 {
		var err error
		if v, err = s.newVisitors(ctx, w.fresh*o.Connections, "HAT-BOWLER"); err != nil {
			return sample{}, err
		}
	}
	do := w.step(s, v)
	if _, err := load(ctx, s.addr, do, o.Connections, o.Duration/5, w.rate); err != nil { // warm up
		return sample{}, err
	}
	before, err := measure(ctx, s.pool, s.process.PID, o.Postmaster)
	if err != nil {
		return sample{}, err
	}
	l, err := load(ctx, s.addr, do, o.Connections, o.Duration, w.rate)
	if err != nil {
		return sample{}, err
	}
	after, err := measure(ctx, s.pool, s.process.PID, o.Postmaster)
	if err != nil {
		return sample{}, err
	}
	resident, err := memory(s.process.PID)
	return sample{
		usage: after.minus(before), requests: float64(l.requests), perSecond: float64(l.requests) / l.took.Seconds(),
		p50: l.p50, p99: l.p99, memory: resident,
	}, err
}
