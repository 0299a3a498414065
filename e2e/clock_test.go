package e2e

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// clock is the time of a shop and of the tabs that look at it. It runs as usual until a test makes
// it jump.
type clock struct {
	shop  *shop
	tabs  []*shopper
	ahead time.Duration
}

// jumping makes a page's clock and timers jump: what is due by then runs immediately.
const jumping = `(() => {
	const now = Date.now, set = setTimeout, clear = clearTimeout, due = new Map()
	let ahead = 0
	Date.now = () => now() + ahead
	window.setTimeout = (f, after = 0, ...args) => {
		const id = set(() => { due.delete(id); f(...args) }, after)
		due.set(id, {at: Date.now() + after, run: () => f(...args)})
		return id
	}
	window.clearTimeout = id => { due.delete(id); clear(id) }
	window.jumpTo = to => {
		ahead = to
		for (const [id, timer] of [...due].sort((a, b) => a[1].at - b[1].at))
			if (timer.at <= Date.now() && due.delete(id)) { clear(id); timer.run() }
	}
})()`

// clockOf takes the clock of every page these shoppers will open into its hand.
func clockOf(tabs ...*shopper) *clock {
	c := &clock{shop: tabs[0].shop}
	for _, v := range tabs {
		v.runsFirst(jumping)
		c.tabs = append(c.tabs, v)
	}
	return c
}

// runsFirst runs a script on every page before the page's own.
func (v *shopper) runsFirst(script string) {
	v.t.Helper()
	call(v, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}

// passes lets time pass, at the shop first.
func (c *clock) passes(d time.Duration) {
	c.tabs[0].t.Helper()
	c.shop.change(`UPDATE sessions SET created = created - $1::interval, last_used = last_used - $1::interval,
	    auth_time = auth_time - $1::interval,
		absolute_end = absolute_end - $1::interval, ended = ended - $1::interval`, d)
	c.ahead += d
	for _, v := range c.tabs {
		v.runsFirst(fmt.Sprintf("jumpTo(%d)", c.ahead.Milliseconds()))
		ask[any](v, fmt.Sprintf("() => { window.jumpTo?.(%d); return true }", c.ahead.Milliseconds()))
	}
}

// warning is the dialog as it is on screen.
type warning struct {
	Open    bool   `json:"open"`
	Text    string `json:"text"`
	Said    string `json:"said"`
	Failed  bool   `json:"failed"`
	Focused string `json:"focused"`
}

const readWarning = `() => {
	const d = document.getElementById("warning")
	return {open: Boolean(d?.open), text: d?.innerText ?? "",
	    said: d?.querySelector("[role=status]").textContent ?? "",
	        failed: d?.querySelector("[data-failed]").hidden === false,
		focused: document.activeElement?.textContent ?? ""}
}`

// isWarned waits until the warning is there or gone.
func (v *shopper) isWarned(want bool) warning {
	v.t.Helper()
	return v.awaits(fmt.Sprintf("w => w.open === %v", want))
}

func (v *shopper) awaits(condition string) warning {
	v.t.Helper()
	return ask[warning](v, fmt.Sprintf(`async () => {
		const read = %s, enough = %s
		while (!enough(read())) await new Promise(done => setTimeout(done, 20))
		return read()
	}`, readWarning, condition))
}

// clicks presses a button that leads nowhere.
func (v *shopper) clicks(name string) {
	v.t.Helper()
	v.pressed++
	x, y := v.reaches(v.finds(name, "button"))
	v.does(chromedp.MouseClickXY(x, y))
}

func (v *shopper) does(action chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, waitLimit)
	defer cancel()
	if err := chromedp.Do(ctx, action); err != nil {
		v.t.Fatal(err)
	}
}

// stays does something that asks the shop to let them stay, and waits until it has.
func (v *shopper) stays(asks func()) {
	v.t.Helper()
	v.hears(asks)
	v.isWarned(false)
	if ago := v.shop.recorded(); ago > 60 {
		v.t.Fatalf("the shop gave nothing: the last use is %.0f s ago", ago)
	}
}

// hears waits until the page has learned from the shop how much time is left.
func (v *shopper) hears(asks func()) {
	v.t.Helper()
	const asked = `performance.getEntriesByType("resource").filter(e => e.name.endsWith("/account/stay") && e.responseEnd).length`
	before := ask[int](v, "() => "+asked)
	asks()
	ask[bool](v, fmt.Sprintf("async before => { while (%s <= before) await new Promise(done => setTimeout(done, 20)); "+
		"return true }", asked), before)
}

// isTakenAlong waits for the page that this one leads to by itself when something happens.
func (v *shopper) isTakenAlong(what string, happens func()) {
	v.t.Helper()
	v.waits(what, chromedp.Func(func(context.Context, *chromedp.Target) error { happens(); return nil }))
}

// recorded is how long ago the shop recorded the last use, in seconds.
func (s *shop) recorded() float64 {
	s.t.Helper()
	return one[float64](s, "SELECT extract(epoch FROM now() - max(last_used))::float8 FROM sessions WHERE customer_id "+
		"IS NOT NULL")
}

// limits gives the sessions other limits, and the shopper a page that knows them, filled in as
// before.
func (c *clock) limits(idle, absolute string) {
	v := c.tabs[0]
	v.t.Helper()
	c.shop.change("UPDATE sessions SET idle = $1::interval, last_used = now(), absolute_end = now() + $2::interval "+
		"WHERE customer_id IS NOT NULL", idle, absolute)
	v.opens("/checkout/address")
	v.fillsInTheAddress()
}
