package learn_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// A session that ended too early opens the step again that gets another.
func TestASessionThatIsOverOpensItsStepAgain(t *testing.T) {
	t.Parallel()
	v, r := newWalker(t, openShop(t)), lesson(t, "expiry")
	v.doSteps(r, 3)
	v.open(v.shop + "/learn/expiry")
	v.submit("/do/3", nil) // 20 minutes more make 40, and the limit is 30
	if got := attr(v.step(2), "class"); got != "open" ||
		!strings.Contains(textOf(v.step(2)), "Your session is over, so this step is open again.") {
		t.Errorf("step 2 is %q: %s; want it open, and why", got, textOf(v.step(2)))
	}
	v.signIn("alice")
	v.open(v.shop + "/account")
	if !v.isDone(r, 2) {
		t.Error("signing in again does not tick the step")
	}
}

// The same customer as before is asked for by name, where another did the step at the twin.
func TestAStepSaysWhichCustomerItWants(t *testing.T) {
	t.Parallel()
	shop := openShop(t)
	for _, c := range []struct {
		lesson string
		step   int
		try    []string
	}{
		{"client-side", 1, []string{"twin", "press sign-in name=Bob"}},
		{"fixation", 2, []string{"twin ?sid=", "press sign-in name=Bob"}},
		{"sign-out", 1, []string{"twin", "press sign-in name=Bob"}},
	} {
		v, r := newWalker(t, shop), lesson(t, c.lesson)
		v.doSteps(r, c.step-1)
		for _, line := range c.try {
			v.try(r, line)
		}
		v.open(shop + "/learn/" + c.lesson)
		if got := textOf(v.step(c.step)); !strings.Contains(got, "that was Bob, and this step wants Alice") {
			t.Errorf("%s: step %d does not say whom it wants: %s", c.lesson, c.step, got)
		}
	}
}

// Each lesson that has a twin leads to it, and both have one title.
func TestEachLessonLeadsToItsTwin(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	for _, r := range recipes(t) {
		v.open(v.shop + "/learn/" + r.Slug)
		twin := find(v.document(), func(n *html.Node) bool { return textOf(n) == "This lesson's weak twin" })
		if has := r.Number > 1 && r.Number < 13; has != (twin.Data == "a") {
			t.Errorf("lesson %d has a link to its twin: %t, want %t", r.Number, !has, has)
			continue
		}
		if twin.Data != "a" {
			continue
		}
		v.open(attr(twin, "href"))
		h1 := textOf(find(v.document(), func(n *html.Node) bool { return n.Data == "h1" }))
		if want := fmt.Sprintf("%d. %s", r.Number, r.Title); h1 != want {
			t.Errorf("the twin of lesson %d is called %q, want %q", r.Number, h1, want)
		}
	}
}

// A defence that the learner switched on stays on when Mallory tries again, and stops her.
func TestADefenceSwitchedOnStaysOn(t *testing.T) {
	t.Parallel()
	shop := openShop(t)
	for _, c := range []struct{ lesson, defence string }{
		{"sniffing", "secure"}, {"sniffing", "tls"}, {"middle", "verify"},
	} {
		v, r := newWalker(t, shop), lesson(t, c.lesson)
		v.open(shop + "/learn/" + c.lesson)
		v.open(v.link(r, ""))
		at := v.page.URL.String()
		v.page = v.page.SubmitTo(v.page.URL.JoinPath("switch").Path, url.Values{"defence": {c.defence}, "on": {"true"}}, "")
		if v.page.Status != http.StatusOK {
			t.Errorf("%s: with %s on, the browser gets %d at the twin", c.lesson, c.defence, v.page.Status)
		}
		v.open(shop + "/learn/" + c.lesson)
		v.submit("/do/1", nil)
		if got := textOf(v.step(1)); !strings.Contains(got, "The attack fails. A defence of the twin is on: ") {
			t.Errorf("%s with %s on: %s", c.lesson, c.defence, got)
		}
		v.open(at)
		if !strings.Contains(textOf(v.document()), "On ") {
			t.Errorf("%s: %s is off after the attack", c.lesson, c.defence)
		}
	}
}

// What a script of a page pressed is over on the next page the visitor opens.
func TestTheRibbonForgetsAScriptsPress(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	fillCart(v)
	v.fetch(http.MethodPost, v.shop+"/cart/lines", url.Values{"sku": {"HOO-BRASS"}, "quantity": {"1"}})
	v.open(v.shop + "/products")
	if got := v.ribbon(); !strings.Contains(got, "you only looked") {
		t.Errorf("got %q, want it to say that this was only a look", got)
	}
}

// Of a long id only the end is another in a guess, so the end is shown.
func TestAGuessShowsWhereItDiffers(t *testing.T) {
	t.Parallel()
	v, r := newWalker(t, openShop(t)), lesson(t, "prediction")
	v.doSteps(r, 1)
	v.open(v.shop + "/learn/prediction")
	v.open(v.link(r, ""))
	v.page = v.page.SubmitTo(v.page.URL.JoinPath("switch").Path,
		url.Values{"defence": {"random"}, "on": {"true"}}, "")
	v.open(v.shop + "/learn/prediction")
	v.submit("/do/2", nil)
	own := regexp.MustCompile(`Set-Cookie: sid=(\S+?);`).FindStringSubmatch(textOf(v.step(2)))
	guess := regexp.MustCompile(`[^-]Cookie: sid=(\S+)`).FindStringSubmatch(textOf(v.step(2)))
	if own == nil || guess == nil || own[1] == guess[1] {
		t.Errorf("Mallory's cookie is %q and her guess %q, want two that differ: %s", own, guess, textOf(v.step(2)))
	}
}

// Where Alice sends, the box is hers.
func TestABoxIsHeadedByTheOneWhoSends(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	v.doSteps(lesson(t, "sniffing"), 3)
	v.open(v.shop + "/learn/sniffing")
	if got := textOf(v.step(3)); !strings.Contains(got, "Alice's exchange with the shop") ||
		strings.Contains(got, "Mallory's exchange with the shop") {
		t.Errorf("step 3 has no box of Alice's: %s", got)
	}
}
