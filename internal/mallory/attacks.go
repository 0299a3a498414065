package mallory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// Guesses is the result of guessing.
type Guesses struct {
	Tried     int
	Hits      int
	Refused   int      // answered 429: the shop stopped listening
	Found     []string // what the hits showed, such as "1004: Otto, 2 in the cart"
	Exchanges []Exchange
}

// GuessNeighbours tries the n nearest neighbours of Mallory's own tag in lesson 2's exhibit.
func (t *Twin) GuessNeighbours(ctx context.Context, n int) (g Guesses, err error) {
	before, err := t.State(ctx, 2)
	if err != nil {
		return g, err
	}
	own, first, err := t.MakeTag(ctx, 2)
	if err != nil {
		return g, err
	}
	first.Got = withEnd(first.Got, own)
	g.Exchanges = []Exchange{first}
	given := map[string]string{} // to whom
	for _, i := range before.Issued {
		given[i.Value] = cmp.Or(i.User, "a visitor")
	}
	for i := 1; g.Tried < min(n, maxTries); i++ {
		guess := neighbour(own, i)
		if guess == own || given[guess] == "Mallory" {
			continue
		}
		look, err := t.Cart(ctx, 2, guess)
		if err != nil {
			return g, err
		}
		g.Tried++
		hit := look.User != "" || look.Cart > 0
		if len(g.Exchanges) < 4 && (hit || g.Tried == 1) {
			look.Exchange.Sent = withEnd(look.Exchange.Sent, guess)
			g.Exchanges = append(g.Exchanges, look.Exchange)
		}
		if !hit {
			continue
		}
		if g.Hits++; len(g.Found) < 3 {
			who := cmp.Or(look.User, "a visitor")
			if given[guess] != "" {
				who = "**this is you**"
			}
			g.Found = append(g.Found, fmt.Sprintf("%s: %s, %d in the cart", guess, who, look.Cart))
		}
	}
	return g, nil
}

// neighbour is the i-th nearest value: one less, one more, two less. Of a text that is no number,
// another end.
func neighbour(own string, i int) string {
	step := (i + 1) / 2
	if i%2 == 1 {
		step = -step
	}
	if number, err := strconv.Atoi(own); err == nil {
		return strconv.Itoa(number + step)
	}
	return own[:max(0, len(own)-2)] + fmt.Sprintf("%02d", i%100)
}

// withEnd shows the last two characters of a shortened value too: a guess differs there.
func withEnd(lines []string, value string) []string {
	if short := Shorten(value); short != value {
		for i, line := range lines {
			lines[i] = strings.Replace(line, short, short+value[len(value)-2:], 1)
		}
	}
	return lines
}

// Crawled is what a wave of visitors without cookies left behind.
type Crawled struct {
	Requests int
	Cookies  int    // Set-Cookie headers
	Rows     int    // new sessions in the twin's store; the shop's are counted in its database
	Agent    string // how the wave named itself, which the shop's rows keep
	Exchange Exchange
}

// Crawl sends n visitors without cookies to lesson 10's exhibit.
func (t *Twin) Crawl(ctx context.Context, n int) (c Crawled, err error) {
	before, err := t.State(ctx, 10)
	if err != nil {
		return c, err
	}
	if c, err = t.visitor.twin.crawl(ctx, call{path: t.Path(10)}, n); err != nil {
		return c, err
	}
	after, err := t.State(ctx, 10)
	c.Rows = len(after.Rows) - len(before.Rows)
	return c, err
}

// ReadAgain gets a session in lesson 10's exhibit and reads one page of it n times.
func (t *Twin) ReadAgain(ctx context.Context, n int) (c Crawled, err error) {
	own, _, err := t.MakeTag(ctx, 10)
	if err != nil {
		return c, err
	}
	return t.visitor.twin.crawl(ctx, call{path: t.Path(10), cookies: []string{"sid=" + own}}, n)
}

func (s site) crawl(ctx context.Context, page call, n int) (c Crawled, err error) {
	for range min(n, maxTries) {
		a, err := s.visit(ctx, page)
		if err != nil {
			return c, err
		}
		c.Requests++
		c.Cookies += len(a.cookies)
		c.Exchange = a.exchange
	}
	return c, nil
}

// Adds is the result of two concurrent adds.
type Adds struct {
	Added     int
	Kept      int // units in the cart afterwards, beyond those before
	Exchanges []Exchange
}

// OverlappingAdds puts two products into one cart of lesson 10's exhibit, in two requests that
// overlap by a barrier.
func (t *Twin) OverlappingAdds(ctx context.Context) (Adds, error) {
	own, _, err := t.MakeTag(ctx, 10)
	if err != nil {
		return Adds{}, err
	}
	add := func(sku string) (*answer, error) {
		return t.visit(ctx, 10, "cart", own, url.Values{"sku": {sku}, "meet": {"1"}})
	}
	return overlap(add, "BOWLER", "SQUALL", func() (Look, error) { return t.Cart(ctx, 10, own) })
}

// LateWrite signs a customer of lesson 10's exhibit out while one of their requests is being
// answered, and opens the account with a copy of their cookie afterwards.
func (t *Twin) LateWrite(ctx context.Context) (Look, error) {
	a, err := t.visit(ctx, 10, "sign-in", "", url.Values{"name": {"Alice"}})
	if err != nil {
		return Look{}, err
	}
	copied := a.cookie(cookieName(10))
	add := func() error {
		_, err := t.visit(ctx, 10, "cart", copied, url.Values{"sku": {"BOWLER"}, "meet": {"2"}})
		return err
	}
	leave := func() error {
		_, err := t.visit(ctx, 10, "sign-out", copied, url.Values{"meet": {"1"}})
		return err
	}
	if err := atOnce(add, leave); err != nil {
		return Look{}, err
	}
	return t.With(ctx, 10, copied)
}

// atOnce runs functions at the same time and returns their errors.
func atOnce(all ...func() error) error {
	errs := make([]error, len(all))
	var done sync.WaitGroup
	for i, f := range all {
		done.Go(func() { errs[i] = f() })
	}
	done.Wait()
	return errors.Join(errs...)
}

// overlap runs two adds concurrently and looks at the cart afterwards, in which one thing was
// before.
func overlap(add func(sku string) (*answer, error), first, second string, cart func() (Look, error)) (Adds, error) {
	var one, other *answer
	err := atOnce(func() (err error) { one, err = add(first); return err },
		func() (err error) { other, err = add(second); return err })
	if err != nil {
		return Adds{}, err
	}
	look, err := cart()
	return Adds{Added: 2, Kept: look.Cart - 1,
		Exchanges: []Exchange{one.exchange, other.exchange, look.Exchange}}, err
}

// Tap is what Mallory reads off the line.
type Tap struct {
	Wires  []Wire
	Cookie string // the newest session cookie she could read, shortened; "" if none
	Look   Look   // what it opens
}

// ReadTap reads lesson 3's wiretap and tries the cookie found on it.
func (t *Twin) ReadTap(ctx context.Context) (tap Tap, err error) {
	if err := t.read(ctx, 3, "tap", nil, &tap.Wires); err != nil {
		return tap, err
	}
	for _, w := range tap.Wires {
		if w.Cookie != "" {
			tap.Cookie = Shorten(w.Cookie)
			tap.Look, err = t.Cart(ctx, 3, w.Cookie)
			return tap, err
		}
	}
	return tap, nil
}

// ReadMailbox opens the account in lesson 5's exhibit with the newest cookie in Mallory's mailbox.
// Without mail it looks without a cookie.
func (t *Twin) ReadMailbox(ctx context.Context) (Look, error) {
	s, err := t.State(ctx, 5)
	if err != nil {
		return Look{}, err
	}
	for _, letter := range s.Mailbox {
		if value, ok := strings.CutPrefix(letter, "sid="); ok {
			return t.With(ctx, 5, value)
		}
	}
	return t.With(ctx, 5, "")
}

// ChangeLetter signs Mallory in at lesson 6's exhibit, changes one letter of her cookie and opens
// the account.
func (t *Twin) ChangeLetter(ctx context.Context) (own string, look Look, err error) {
	if own, err = t.signIn(ctx, 6); err != nil {
		return own, look, err
	}
	look, err = t.With(ctx, 6, strings.Replace(own, "customer-m", "customer-a", 1))
	return Shorten(own), look, err
}

// signIn signs Mallory in under her own name and returns her cookie.
func (t *Twin) signIn(ctx context.Context, lesson int) (string, error) {
	a, err := t.visit(ctx, lesson, "sign-in", "", url.Values{"name": {"Mallory"}})
	if err != nil {
		return "", err
	}
	return a.cookie(cookieName(lesson)), nil
}

// ForgeDate comes with a customer's cookie of lesson 8's exhibit, as it is and with the first
// second of 2100 for its date. The exchanges show both dates in full.
func (t *Twin) ForgeDate(ctx context.Context, cookie string) (before, after Look, err error) {
	const forged = "4102444800"
	id, date, _ := strings.Cut(cookie, "-")
	if before, err = t.With(ctx, 8, cookie); err != nil {
		return before, after, err
	}
	after, err = t.With(ctx, 8, id+"-"+forged)
	before.Exchange.Sent = []string{"Cookie: sid=" + Shorten(id) + "-" + date}
	after.Exchange.Sent = []string{"Cookie: sid=" + Shorten(id) + "-" + forged}
	return before, after, err
}

// UseDump opens the account of lesson 11's exhibit with the first customer's id in a copy of its
// store.
func (t *Twin) UseDump(ctx context.Context) (look Look, err error) {
	var dump []Issued
	if err := t.read(ctx, 11, "dump", nil, &dump); err != nil {
		return look, err
	}
	if len(dump) == 0 {
		return look, errors.New("mallory: the copy of the store is empty")
	}
	return t.With(ctx, 11, dump[0].Value)
}

// ReplayAfterSignOut opens lesson 12's account with the copy of the last cookie a customer was
// given, and returns the copy too.
func (t *Twin) ReplayAfterSignOut(ctx context.Context) (copied string, look Look, err error) {
	if copied, err = t.lastIssued(ctx, 12); err != nil {
		return copied, look, err
	}
	look, err = t.With(ctx, 12, copied)
	return copied, look, err
}
