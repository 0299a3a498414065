package bench

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// crowd is how many connections ask at once while a shop is overloaded.
const crowd = 3000

// Overload measures the shop past its limit: what becomes of those who are let in, and how soon the
// others are refused. It returns a table in Markdown.
func Overload(ctx context.Context, o Options) (table string, err error) {
	dir, err := os.MkdirTemp("", "hookandtag-bench-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	s, err := start(ctx, plans(o)[0], o.Root, dir, o.Server, "http://127.0.0.1/no-provider")
	if err != nil {
		return "", err
	}
	defer s.stop()
	cookie, err := s.shopAsNew(ctx, "HAT-BOWLER")
	if err != nil {
		return "", err
	}
	page := newRequest("GET", s.addr, "/cart", cookie, nil, http.StatusOK)
	limit, err := load(ctx, s.addr, sending(func(int) request { return page }), o.Connections, o.Duration, 0)
	if err != nil {
		return "", err
	}
	most := float64(limit.requests) / limit.took.Seconds()
	var text strings.Builder
	fmt.Fprintf(&text, "| sent | let in | p50 | p99 | refused | p50 | p99 | slowest |\n|%s\n", strings.Repeat("---|", 8))
	fmt.Fprintf(&text, "| the limit: %d connections, each asks again at once | %.0f a second | %s | %s | 0 | | | |\n",
		o.Connections, most, short(limit.p50), short(limit.p99))
	for _, times := range []float64{2, 10} {
		rate := times * most
		fmt.Fprintf(o.Log, "%.0f requests a second over %d connections\n", rate, crowd)
		seen, err := press(ctx, s.addr, page, rate, o.Duration)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "| %.0f times that, over %d connections | %s | %s |\n", times, crowd, seen.row(http.StatusOK, 2),
			seen.row(http.StatusServiceUnavailable, 3))
	}
	return text.String(), nil
}

// pressed is how long answers took after their request was sent, by status.
type pressed struct {
	took time.Duration
	all  map[int][]time.Duration
}

// press sends requests at a rate, each connection in its turn. A connection that still waits sends
// its next request late.
func press(ctx context.Context, addr string, r request, rate float64, d time.Duration) (pressed, error) {
	var mu sync.Mutex
	seen := pressed{all: map[int][]time.Duration{}}
	connections := make([]*connection, crowd)
	for i := range connections {
		c, err := dial(ctx, addr)
		if err != nil {
			return pressed{}, err
		}
		defer c.Close()
		connections[i] = c
	}
	began := time.Now()
	var senders errgroup.Group
	for i, c := range connections {
		senders.Go(func() error {
			for k := 0; time.Since(began) < d && ctx.Err() == nil; k++ {
				time.Sleep(time.Until(began.Add(time.Duration(float64(k*crowd+i) / rate * float64(time.Second)))))
				sent := time.Now()
				a, err := c.do(r)
				if a.status == 0 {
					return err
				}
				mu.Lock()
				seen.all[a.status] = append(seen.all[a.status], time.Since(sent))
				mu.Unlock()
			}
			return nil
		})
	}
	err := senders.Wait()
	seen.took = time.Since(began)
	return seen, err
}

// row are cells for the answers with a status: how many a second, and how long they took.
func (p pressed) row(status, quantiles int) string {
	all := p.all[status]
	if len(all) == 0 {
		return "0" + strings.Repeat(" |", quantiles)
	}
	slices.Sort(all)
	cells := []string{fmt.Sprintf("%.0f a second", float64(len(all))/p.took.Seconds())}
	for _, at := range []int{len(all) / 2, len(all) * 99 / 100, len(all) - 1}[:quantiles] {
		cells = append(cells, short(all[at]))
	}
	return strings.Join(cells, " | ")
}
