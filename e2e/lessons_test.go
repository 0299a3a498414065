package e2e

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"hookandtag.example/shop/dev/shoptest"
	"hookandtag.example/shop/internal/learn"
	"hookandtag.example/shop/web"
)

// openShopWithLessons opens a shop in which the tutorial is on, with the lab twin beside it.
func openShopWithLessons(t *testing.T) *shop {
	t.Helper()
	return open(t, shoptest.Options{Lessons: true})
}

// inBrowser is the lesson whose steps need one most: the attack is a script in a review.
const inBrowser = "client-side"

// Lessons are done in a real browser as their recipes say. Package learn's tests do each without a
// browser, and so without scripts; a thorough run does all of them in a browser, with scripts and
// without. Where a script is the attack, only with.
func TestEachLessonIsDoneInABrowser(t *testing.T) {
	all, err := learn.ReadRecipes(web.Lessons())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if !thorough() && !picturesOfLessonsWanted() && os.Getenv("LOOKS") == "" && r.Slug != inBrowser {
			continue
		}
		for _, scripts := range []bool{true, false} {
			if !scripts && (r.Slug == "client-side" || !thorough()) {
				continue
			}
			t.Run(fmt.Sprintf("%s/scripts=%t", r.Slug, scripts), func(t *testing.T) {
				t.Parallel()
				s := openShopWithLessons(t)
				var v *shopper
				if scripts {
					v = newShopper(t, s)
				} else {
					v = withoutScripts(t, s)
				}
				pupil := &pupil{shopper: v}
				pupil.does(r)
				if scripts {
					pupil.keepsPictures(r)
					v.opens("/learn/" + r.Slug)
					v.looks("lesson-" + r.Slug)
					v.opens("/learn/inspector")
					v.looks("inspector-" + r.Slug)
				}
			})
		}
	}
}

func TestThePagesAroundTheLessonsFit(t *testing.T) {
	t.Parallel()
	v := newShopper(t, openShopWithLessons(t))
	for _, page := range []string{"", "/why", "/glossary", "/article", "/results", "/inspector"} {
		v.opens("/learn" + page)
		v.looks("learn" + strings.ReplaceAll(page, "/", "-"))
	}
	lessons, err := learn.ReadRecipes(web.Lessons())
	if err != nil {
		t.Fatal(err)
	}
	for _, lesson := range lessons {
		v.opens("/learn/" + lesson.Slug)
		v.looks("lesson-begun-" + lesson.Slug)
	}
}

// pupil is a shopper who does lessons.
type pupil struct {
	*shopper
	other  *shopper // a second tab
	aside  *shopper // the tab in which checks look at other pages
	device *pupil   // another browser
	left   bool     // the page went to the sign-in by itself
}

func (p *pupil) does(r *learn.Recipe) {
	p.t.Helper()
	p.opens("/learn/" + r.Slug)
	p.submits("/guess", url.Values{"choice": {fmt.Sprint(r.Guess.Right)}})
	for i, s := range r.Do {
		p.opens("/learn/" + r.Slug)
		if s.Press != "" || s.Run != "" {
			p.submits(fmt.Sprintf("/do/%d", i+1), nil)
		}
		for _, line := range s.Try {
			p.tries(r, line)
		}
		for _, see := range s.See {
			p.checks(r, i+1, see)
		}
		p.opens("/learn/" + r.Slug)
		if got := ask[string](p.shopper, "n => document.querySelector(`[data-step='${n}']`).className", i+1); got != "done" {
			p.t.Fatalf("step %d is %q, want done", i+1, got)
		}
	}
	p.opens("/learn/" + r.Slug)
	p.submits("/answer", url.Values{"choice": {fmt.Sprint(r.Ask.Right)}})
	p.sees("You did it", "· done")
}

func (p *pupil) tries(r *learn.Recipe, line string) {
	p.t.Helper()
	what, rest, _ := strings.Cut(line, " ")
	switch what {
	case "open":
		p.goes(p.shop.url + rest)
	case "press":
		action, fields, _ := strings.Cut(rest, " ")
		values, _ := url.ParseQuery(strings.ReplaceAll(fields, " ", "&"))
		if p.left { // the page has gone to the sign-in by itself, with what was typed
			p.left = false
			return
		}
		p.submits(action, values)
	case "sign-in":
		p.goes(p.shop.url + "/login")
		p.proves()
	case "other":
		if p.device == nil {
			p.device = &pupil{shopper: newShopper(p.t, p.shop)}
		}
		p.device.tries(r, rest)
	case "press-twice":
		p.pressesTwice()
	case "one-order":
		p.opens("/orders")
		if n := ask[int](p.shopper, `() => document.querySelectorAll("main a[href^='/orders/']").length`); n != 1 {
			p.t.Errorf("two presses made %d orders, want 1", n)
		}
	case "keep":
		p.other = p.shopper
		p.shopper = p.secondTab()
		p.opens("/learn/" + r.Slug)
	case "back":
		p.shopper, p.other = p.other, p.shopper
		if !p.scriptless {
			p.until("the page has noticed the end of the session", `() => location.pathname === "/login"`)
			p.left = true
		}
	case "type":
		if !p.scriptless {
			values, _ := url.ParseQuery(strings.ReplaceAll(rest, " ", "&"))
			p.typesInto(values)
		}
	case "twin":
		p.opens("/learn/" + r.Slug)
		p.goes(ask[string](p.shopper, "(n, w) => [...document.querySelectorAll('.todo a')].map(a => a.href)"+
			".filter(h => h.startsWith('http://127.0.0.1') && h.includes(`/${n}/`) && h.includes(w)).pop()", r.Number, rest))
	case "script": // the page's own runs by itself
		p.until("the page has loaded", "() => document.readyState === 'complete'")
		p.rests()
	default:
		p.t.Fatalf("the recipe says %q, which no test knows", line)
	}
}

// typesInto fills fields as a hand does, so that the page's script hears of it.
func (p *pupil) typesInto(values url.Values) {
	p.t.Helper()
	ask[bool](p.shopper, `values => {
		for (const [name, [value]] of Object.entries(values)) {
			const field = document.querySelector("main [name='" + name + "']")
			field.value = value
			field.dispatchEvent(new Event("input", {bubbles: true}))
			field.dispatchEvent(new Event("change", {bubbles: true}))
		}
		return true
	}`, values)
}

// pressesTwice presses Place order with a double click.
func (p *pupil) pressesTwice() {
	p.t.Helper()
	at := ask[[]float64](p.shopper, `() => {
		const button = document.querySelector("#place button")
		button.scrollIntoView({block: "center", behavior: "instant"})
		const box = button.getBoundingClientRect()
		return [box.left + box.width / 2, box.top + box.height / 2]
	}`)
	p.waits("press twice", chromedp.MouseClickXY(at[0], at[1], chromedp.ClickCount(2)))
}

// proves signs Alice in from the page on screen. The provider may still know her.
func (p *pupil) proves() {
	p.t.Helper()
	p.submits("/login", nil)
	asked := false
	shoptest.Eventually(p.t, "the provider asks who it is, or the shop knows", func() bool {
		at := p.address()
		asked = strings.HasPrefix(at, p.shop.issuer+"/login")
		return asked || !strings.HasPrefix(at, p.shop.url+"/login") && !strings.HasPrefix(at, p.shop.issuer)
	})
	if asked {
		p.shopper.proves(alice)
	}
}

// rests waits for the requests of a script in a review, which the twin answers immediately.
func (p *pupil) rests() {
	p.t.Helper()
	ask[bool](p.shopper, "() => new Promise(done => setTimeout(() => done(true), 300))")
}

// submits fills in the form whose action ends with end and presses its button, with a mouse.
func (p *pupil) submits(end string, values url.Values) {
	p.t.Helper()
	at := ask[[]float64](p.shopper, `(end, values) => {
		const form = [...document.querySelectorAll("form[method=post]")].find(f => f.getAttribute("action").endsWith(end))
		if (!form) return []
		let button = form.querySelector("button")
		for (const [name, [value]] of Object.entries(values ?? {})) {
			const pressed = form.querySelector("button[name='" + name + "'][value='" + value + "']")
			if (pressed) button = pressed
			else form.elements[name].value = value
		}
		button.scrollIntoView({block: "center", behavior: "instant"})
		const box = button.getBoundingClientRect()
		return [box.left + box.width / 2, box.top + box.height / 2]
	}`, end, values)
	if len(at) != 2 {
		p.t.Fatalf("%s has no form to …%s:\n%s", p.address(), end, p.text())
	}
	click := chromedp.MouseClickXY(at[0], at[1])
	if end == "/cart/lines" && !p.scriptless {
		p.shopper.does(click)
		p.until("the product is in the cart", `() => Boolean(document.querySelector(".toast"))`)
		return
	}
	p.waits("submit "+end, click)
}

// looksAside opens a page in a tab kept for that, so that the page on screen stays.
func (p *pupil) looksAside(path string) *shopper {
	p.t.Helper()
	if p.aside == nil {
		p.aside = p.secondTab()
	}
	p.aside.opens(path)
	return p.aside
}

// checks that what a step promises is to be seen.
func (p *pupil) checks(r *learn.Recipe, step int, s learn.See) {
	p.t.Helper()
	in := p.shopper
	if s.In == "other" {
		p.device.opens("/account")
		p.device.sees(s.Text)
		return
	}
	selector := map[string]string{"ribbon": ".tag-ribbon", "ribbon-more": ".tag-ribbon",
		"page": "body", "inspector": "body",
		"report": fmt.Sprintf("[data-step='%d'] .report", step)}[s.In]
	switch s.In {
	case "inspector":
		in = p.looksAside("/learn/inspector")
	case "report":
		in = p.looksAside("/learn/" + r.Slug)
	}
	in.until(fmt.Sprintf("%q in the %s", s.Text, s.In), fmt.Sprintf(
		`() => document.querySelector(%q)?.textContent.replace(/\s+/g, " ").includes(%q)`, selector, s.Text))
}
