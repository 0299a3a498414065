package rehearsal

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"hookandtag.example/shop/dev/browser"
	"hookandtag.example/shop/dev/process"
)

const hat = "HAT-BOWLER"

// shopper shops until its context ends. It remembers what the shop has confirmed, and what it may
// have done without an answer, and compares that with every page.
type shopper struct {
	*client
	name  string // "": never signs in
	log   *record
	could []int // how many hats may be in the cart
	// unsure: a change was sent and not answered, and none was confirmed since. It may be done later,
	// as when it waits for the standby. A confirmed one has waited for it: both lock the cart's row.
	unsure   bool
	orders   []string
	maybe    int // orders sent and not answered
	confirms int

	arrives            bool // sends new customers, too
	arrived, cancelled int
}

// record is what all shoppers have seen.
type record struct {
	mu     sync.Mutex
	all    []heard
	broken []string // promises, each in a sentence
}

func (r *record) hear(h heard) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, h)
}

func (r *record) broke(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken = append(r.broken, fmt.Sprintf(format, args...))
}

// between returns the answers to requests that began in that time.
func (r *record) between(from, to time.Time) (some []heard) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range r.all {
		if !h.at.Before(from) && h.at.Before(to) {
			some = append(some, h)
		}
	}
	return some
}

// crowd opens shoppers, half of them signed in, and returns when each has a cart.
func (s *stage) crowd(ctx context.Context, n int) (*record, []*shopper, error) {
	log := &record{}
	var all []*shopper
	for i := range n {
		v := &shopper{client: newClient(s, log.hear), log: log}
		if i%2 == 0 {
			v.name = fmt.Sprintf("shopper-%d", i)
			if err := v.signUp(ctx, v.name); err != nil {
				return log, all, err
			}
		}
		if _, err := v.form(ctx, "/cart/lines", url.Values{"sku": {hat}, "quantity": {"1"}}); err != nil {
			return log, all, err
		}
		v.could, v.arrives = []int{1}, i%4 == 1
		v.look(ctx)
		all = append(all, v)
	}
	return log, all, nil
}

// shop goes on until ctx ends.
func (v *shopper) shop(ctx context.Context) {
	for round := 0; ctx.Err() == nil; round++ {
		switch {
		case v.arrives && round%8 == 0:
			v.arrive(ctx)
		case v.name != "" && round%4 == 3:
			v.order(ctx)
		case round%2 == 0:
			v.change(ctx)
		default:
			v.look(ctx)
		}
		v.who(ctx)
	}
}

// stroll is a pause that lets a shopper ask about twenty times a second.
func stroll(ctx context.Context) { process.Sleep(ctx, 20*time.Millisecond+rand.N(40*time.Millisecond)) }

// change sets the number of hats, or puts one in where there may be none: a line that is not there
// cannot be changed.
func (v *shopper) change(ctx context.Context) {
	if slices.Contains(v.could, 0) {
		v.add(ctx)
		return
	}
	n := 1 + rand.IntN(9)
	r, err := v.form(ctx, "/cart/lines/"+hat, url.Values{"quantity": {strconv.Itoa(n)}})
	if err == nil && r.status == http.StatusSeeOther && strings.HasPrefix(r.location, "/cart") {
		v.could, v.unsure = []int{n}, false
		v.confirms++
		return
	}
	v.could, v.unsure = append(v.could, n), true
}

// form posts with the token of the session where there is one.
func (v *shopper) form(ctx context.Context, path string, values url.Values) (reply, error) {
	if v.name != "" {
		page, err := v.get(ctx, "/account")
		if err != nil || page.status != http.StatusOK {
			return page, fmt.Errorf("no page to post from: %d, %w", page.status, err)
		}
		values.Set("form_token", hidden(page.body, "form_token"))
	}
	return v.post(ctx, path, values)
}

// look compares the cart with what was confirmed.
func (v *shopper) look(ctx context.Context) {
	r, err := v.get(ctx, "/cart")
	if err != nil || r.status != http.StatusOK {
		return
	}
	n, _ := strconv.Atoi(found(r.body, `data-sku="`+hat+`" data-quantity="(\d+)"`)) // 0: no such line
	if !slices.Contains(v.could, n) {
		v.log.broke("%s has %d hats in the cart, want one of %v", v.known(), n, v.could)
	}
	if !v.unsure {
		v.could = []int{n}
	}
}

func (v *shopper) known() string {
	if v.name == "" {
		return "a guest"
	}
	return v.name
}

// who checks that a customer is signed in, and a guest is not.
func (v *shopper) who(ctx context.Context) {
	r, err := v.get(ctx, "/account")
	switch {
	case err != nil || r.status >= 500:
	case v.name != "" && !v.signedIn(r, v.name):
		v.log.broke("%s is not signed in any more: %d to %s", v.name, r.status, r.location)
	case v.name == "" && r.status != http.StatusSeeOther:
		v.log.broke("a guest sees an account: %d", r.status)
	}
}

// order buys what is in the cart.
func (v *shopper) order(ctx context.Context) {
	steps := []struct {
		path   string
		values url.Values
	}{
		{"/checkout/address", url.Values{"name": {v.name}, "street": {"Street 1"}, "postcode": {"10115"},
			"city": {"Berlin"}, "country": {"DE"}}},
		{"/checkout/delivery", url.Values{"delivery": {"collect"}}},
	}
	for _, s := range steps {
		if r, err := v.form(ctx, s.path, s.values); err != nil || r.status != http.StatusSeeOther {
			return
		}
	}
	review, err := v.get(ctx, "/checkout/review")
	if err != nil || hidden(review.body, "order_key") == "" {
		return
	}
	r, err := v.form(ctx, "/orders", url.Values{"order_key": {hidden(review.body, "order_key")},
		"total": {hidden(review.body, "total")}, "payment": {"approve"}})
	if number := strings.TrimPrefix(r.location, "/orders/"); err == nil && number != r.location {
		v.orders = append(v.orders, number)
		v.could, v.unsure = []int{0}, false
		if len(v.orders)%3 == 0 {
			v.cancel(ctx, number)
		}
	} else {
		v.could, v.unsure = append(v.could, 0), true
		v.maybe++
	}
	v.add(ctx)
}

// add puts one hat into the cart.
func (v *shopper) add(ctx context.Context) {
	r, err := v.form(ctx, "/cart/lines", url.Values{"sku": {hat}, "quantity": {"1"}})
	v.unsure = err != nil || r.status != http.StatusSeeOther
	for i, n := range slices.Clone(v.could) {
		v.could[i]++
		if v.unsure { // it may be in the cart all the same
			v.could = append(v.could, n)
		}
	}
	slices.Sort(v.could)
	v.could = slices.Compact(v.could)
}

// cancel takes an order back; its pieces are in stock again then, which check looks at.
func (v *shopper) cancel(ctx context.Context, number string) {
	r, err := v.form(ctx, "/orders/"+number+"/cancel", url.Values{})
	if err == nil && r.status == http.StatusSeeOther {
		v.cancelled++
	}
}

// arrive is somebody new, who looks around, fills a cart, makes an account, finds the cart there,
// and goes. Where the shop or the provider is away they give up.
func (v *shopper) arrive(ctx context.Context) {
	base := *v.client
	fresh := &shopper{client: &base, log: v.log, could: []int{2}}
	fresh.cookies = map[string]browser.Cookies{}
	if _, err := fresh.get(ctx, "/products"); err != nil {
		return
	}
	r, err := fresh.form(ctx, "/cart/lines", url.Values{"sku": {hat}, "quantity": {"2"}})
	name := fmt.Sprintf("new-%p-%d", v, time.Now().UnixNano())
	if err != nil || r.status != http.StatusSeeOther || fresh.signUp(ctx, name) != nil {
		return
	}
	fresh.name = name
	fresh.look(ctx)
	fresh.who(ctx)
	v.arrived++
}

// run lets all shop while f runs, and returns when all have stopped.
func (s *stage) run(ctx context.Context, all []*shopper, f func(context.Context) error) error {
	shopping, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	for _, v := range all {
		wait.Go(func() { v.shop(shopping) })
	}
	err := f(ctx)
	stop()
	wait.Wait()
	return err
}

// check compares the database with what was confirmed: each order is there once with its lines, and
// there are no more than were sent.
func (s *stage) check(ctx context.Context, log *record, all []*shopper) (orders, confirms int, err error) {
	known, err := s.query(ctx, `SELECT number FROM orders o WHERE total = delivery_price +
		(SELECT sum(quantity * price) FROM order_lines WHERE order_id = o.id)`)
	if err != nil {
		return 0, 0, err
	}
	maybe := 0
	for _, v := range all {
		for _, number := range v.orders {
			orders++
			if !slices.Contains(known, number) {
				log.broke("%s has lost order %s, which was confirmed", v.name, number)
			}
		}
		maybe, confirms = maybe+v.maybe, confirms+v.confirms
		v.look(ctx)
		v.who(ctx)
	}
	if extra := len(known) - orders; extra < 0 || extra > maybe {
		log.broke("%d orders are in the books, %d were confirmed and %d sent without an answer", len(known), orders, maybe)
	}
	wrong, err := s.query(ctx, `SELECT sku FROM products p WHERE stock <> 1000000 - (SELECT
		coalesce(sum(l.quantity), 0) FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE l.product_id = p.id
		AND o.status = 'placed')`)
	for _, sku := range wrong {
		log.broke("the stock of %s is not what the orders have left", sku)
	}
	return orders, confirms, err
}
