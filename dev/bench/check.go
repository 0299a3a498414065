package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"hookandtag.example/shop/dev/process"
	"hookandtag.example/shop/internal/catalog/seed"
)

// Check is what a shop loses when requests meet, and what strangers can make it keep.
type Check struct {
	Shop    string
	Kept    int // of 200 pieces added at once to one cart
	Alive   int // of 400 sessions ended while another request was adding to them
	Adopted int // of 100 made-up cookies that became a session
	Rows    int // session rows made by 1,000 crawlers that read and keep no cookie
}

const (
	concurrent  = 200
	logoutRaces = 400
	forgeries   = 100
	crawlers    = 1000
)

// adds spreads additions over products and sessions, so that no line becomes full: a full one is
// refused, which costs less.
func adds(s *shop, v visitors, connections int) step {
	skus := plentiful(20)
	turn := make([]int, connections)
	return sending(func(i int) request {
		turn[i]++
		form := []byte("quantity=1&sku=" + skus[turn[i]%len(skus)])
		cookie := v[(i+connections*(turn[i]/len(skus)))%len(v)]
		return newRequest("POST", s.addr, "/cart/lines", cookie, form, 303)
	})
}

// plentiful returns the SKUs of products that have enough pieces for ten in a cart.
func plentiful(n int) (skus []string) {
	for _, p := range seed.Items() {
		if p.Stock >= 10 && p.Limit == 0 && len(skus) < n {
			skus = append(skus, p.SKU)
		}
	}
	return skus
}

func check(ctx context.Context, s *shop) (c Check, err error) {
	c.Shop = s.name
	if c.Kept, err = s.concurrentAdds(ctx); err != nil {
		return c, fmt.Errorf("concurrent adds: %w", err)
	}
	if c.Alive, err = s.logoutRace(ctx); err != nil {
		return c, fmt.Errorf("logout race: %w", err)
	}
	if c.Adopted, err = s.forged(ctx); err != nil {
		return c, fmt.Errorf("forged cookies: %w", err)
	}
	if c.Rows, err = s.crawled(ctx); err != nil {
		return c, fmt.Errorf("crawlers: %w", err)
	}
	return c, nil
}

// ask sends one request over a new connection.
func (s *shop) ask(ctx context.Context, method, path, cookie, form string, status int) (answer, error) {
	c, err := s.dialAgain(ctx)
	if err != nil {
		return answer{}, err
	}
	defer c.Close()
	var body []byte
	if method == "POST" {
		body = []byte(form)
	}
	return c.do(newRequest(method, s.addr, path, cookie, body, status))
}

// dialAgain connects, and tries again for a second while the connection is refused: 200 at once are
// more than some servers let wait. A request that was sent is never repeated.
func (s *shop) dialAgain(ctx context.Context) (c *connection, err error) {
	for range 20 {
		if c, err = dial(ctx, s.addr); err == nil {
			return c, nil
		}
		process.Sleep(ctx, 50*time.Millisecond)
	}
	return nil, err
}

// concurrentAdds returns how many of the pieces added at once are in the cart afterwards.
func (s *shop) concurrentAdds(ctx context.Context) (kept int, err error) {
	skus := plentiful(21)
	cookie, err := s.shopAsNew(ctx, skus[20])
	if err != nil {
		return 0, err
	}
	var adding errgroup.Group
	for i := range concurrent {
		adding.Go(func() error {
			_, err := s.ask(ctx, "POST", "/cart/lines", cookie, "quantity=1&sku="+skus[i%20], 303)
			return err
		})
	}
	if err := adding.Wait(); err != nil {
		return 0, err
	}
	units, err := s.units(ctx, cookie)
	if err != nil {
		return 0, fmt.Errorf("read the cart: %w", err)
	}
	return units - 1, nil
}

// units returns how many pieces the cart of a session holds.
func (s *shop) units(ctx context.Context, cookie string) (units int, err error) {
	a, err := s.ask(ctx, "GET", "/cart", cookie, "", 200)
	if err != nil {
		return 0, err
	}
	if _, after, ok := strings.Cut(string(a.body), `data-cart-count="`); ok {
		_, err = fmt.Sscanf(after, "%d", &units)
		return units, err
	}
	var cart map[string]int
	if err := json.Unmarshal(a.body, &cart); err != nil {
		return 0, err
	}
	for _, n := range cart {
		units += n
	}
	return units, nil
}

// logoutRace ends sessions while another request adds to them, and returns how many can be used
// afterwards.
func (s *shop) logoutRace(ctx context.Context) (alive int, err error) {
	skus := plentiful(2)
	for range logoutRaces {
		cookie, err := s.shopAsNew(ctx, skus[0])
		if err != nil {
			return 0, err
		}
		var both sync.WaitGroup
		both.Go(func() { _, _ = s.ask(ctx, "POST", "/cart/lines", cookie, "quantity=1&sku="+skus[1], 303) })
		both.Go(func() { _, err = s.ask(ctx, "POST", "/cart/forget", cookie, "", 303) })
		both.Wait()
		if err != nil {
			return 0, err
		}
		units, err := s.units(ctx, cookie)
		if err != nil {
			return 0, err
		}
		if units > 0 {
			alive++
		}
	}
	return alive, nil
}

// forged sends made-up cookies with a first product and returns how many of them name a session
// afterwards.
func (s *shop) forged(ctx context.Context) (adopted int, err error) {
	cookie, err := s.shopAsNew(ctx, plentiful(1)[0])
	if err != nil {
		return 0, err
	}
	name, _, _ := strings.Cut(cookie, "=")
	for i := range forgeries {
		made := fmt.Sprintf("%s=made-up-by-mallory-%d", name, i)
		if _, err := s.ask(ctx, "POST", "/cart/lines", made, "quantity=1&sku="+plentiful(1)[0], 303); err != nil {
			return 0, err
		}
		units, err := s.units(ctx, made)
		if err != nil {
			return 0, err
		}
		if units > 0 {
			adopted++
		}
	}
	return adopted, nil
}

// crawled reads pages without a cookie and returns how many rows that made.
func (s *shop) crawled(ctx context.Context) (rows int, err error) {
	before, err := s.sessionRows(ctx)
	if err != nil {
		return 0, err
	}
	for range crawlers {
		if _, err := s.ask(ctx, "GET", "/products/rain-bowler", "", "", 200); err != nil {
			return 0, err
		}
	}
	after, err := s.sessionRows(ctx)
	return after - before, err
}

func (s *shop) sessionRows(ctx context.Context) (rows int, err error) {
	err = s.pool.QueryRow(ctx, "SELECT count(*) FROM "+s.table).Scan(&rows)
	return rows, err
}
