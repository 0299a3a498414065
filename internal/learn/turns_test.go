package learn_test

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hookandtag.example/shop/internal/learn"
)

// lesson is the recipe of a name.
func lesson(t *testing.T, slug string) *learn.Recipe {
	t.Helper()
	for _, r := range recipes(t) {
		if r.Slug == slug {
			return r
		}
	}
	t.Fatalf("there is no lesson %q", slug)
	return nil
}

// doSteps does the first n steps of a lesson.
func (v *walker) doSteps(r *learn.Recipe, n int) {
	v.t.Helper()
	for i, s := range r.Do[:n] {
		v.open(v.shop + "/learn/" + r.Slug)
		if s.Press != "" || s.Run != "" {
			v.submit(fmt.Sprintf("/do/%d", i+1), nil)
		}
		for _, line := range s.Try {
			v.try(r, line)
		}
	}
}

// thorough reports whether every lesson is taken every wrong turn; else two of them are.
func thorough() bool { return os.Getenv("THOROUGH") != "" }

// every does something in every lesson, each in a shop that no other test uses.
func every(t *testing.T, do func(v *walker, r *learn.Recipe)) {
	t.Parallel()
	for _, r := range recipes(t) {
		if r.Slug != "your-tag" && r.Slug != "stores" && !thorough() {
			continue
		}
		t.Run(r.Slug, func(t *testing.T) {
			t.Parallel()
			do(newWalker(t, openShop(t)), r)
		})
	}
}

func TestAnAttackThatFailsInTheTwinSaysWhatToDo(t *testing.T) {
	t.Parallel()
	v, r := newWalker(t, openShop(t)), lesson(t, "fixation")
	v.doSteps(r, 2)
	v.try(r, "press sign-out") // the page on screen is the twin's
	v.open(v.shop + "/learn/fixation")
	v.submit("/do/3", nil)
	const want = "The attack fails. What Mallory holds opens nothing at the twin any more"
	if got := textOf(v.document()); !strings.Contains(got, want) || strings.Contains(got, "signed in as .") {
		t.Errorf("got %s\nwant it to say why and what to do", got)
	}
}

func TestAWrongGuessIsExplainedOnceTheStepsAreDone(t *testing.T) {
	every(t, func(v *walker, r *learn.Recipe) {
		wrong := r.Guess.Right%len(r.Guess.Answers) + 1
		v.open(v.shop + "/learn/" + r.Slug)
		v.submit("/guess", url.Values{"choice": {fmt.Sprint(wrong)}})
		if text := textOf(v.document()); strings.Contains(text, "Not quite.") {
			v.t.Error("the lesson says that the guess is wrong before the steps show it")
		}
		v.doSteps(r, len(r.Do))
		v.open(v.shop + "/learn/" + r.Slug)
		text := textOf(v.document())
		for _, want := range []string{"Not quite.", "(your answer)", "Your guess was another: see why"} {
			if !strings.Contains(text, want) {
				v.t.Errorf("after a wrong guess the lesson does not say %q:\n%s", want, text)
			}
		}
	})
}

// A later step's button is not on the page; a press that comes anyway does nothing.
func TestStepsInTheWrongOrderDoNothing(t *testing.T) {
	every(t, func(v *walker, r *learn.Recipe) {
		last := len(r.Do)
		v.open(v.shop + "/learn/" + r.Slug)
		v.submit("/guess", url.Values{"choice": {"1"}})
		action := fmt.Sprintf("/learn/%s/do/%d", r.Slug, last)
		if strings.Contains(v.page.Body, action) {
			v.t.Errorf("the page offers step %d before step 1", last)
		}
		v.page.Body = strings.Replace(v.page.Body, "/learn/"+r.Slug+"/reset", action, 1)
		v.page = v.page.SubmitTo(action, nil, "")
		if v.isDone(r, last) {
			v.t.Errorf("step %d is done before step 1", last)
		}
		if got := attr(v.step(1), "class"); got != "open" {
			v.t.Errorf("step 1 is %q, want open", got)
		}
	})
}

// A learner who is signed in, with something in the cart, can do every lesson.
func TestSignedInBeforeTheLesson(t *testing.T) {
	every(t, func(v *walker, r *learn.Recipe) {
		v.signIn("alice")
		fillCart(v)
		v.doLesson(r)
	})
}

// With Back a learner sees an old page of a lesson and presses there again.
func TestAPressOnAPageFromBeforeDoesNoHarm(t *testing.T) {
	every(t, func(v *walker, r *learn.Recipe) {
		v.open(v.shop + "/learn/" + r.Slug)
		unguessed := v.page
		v.submit("/guess", url.Values{"choice": {"1"}})
		guessed := v.page
		v.doSteps(r, 1)
		v.page = unguessed
		v.submit("/guess", url.Values{"choice": {"2"}})
		if !v.isDone(r, 1) {
			v.t.Error("a guess on an old page undid a step")
		}
		if s := r.Do[0]; s.Press != "" || s.Run != "" {
			v.page = guessed
			v.submit("/do/1", nil)
			if !v.isDone(r, 1) {
				v.t.Error("pressing a step's button again undid it")
			}
		}
	})
}

// The page on which a step is done counts it already.
func TestTheRibbonShowsTheStepThatIsNext(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	v.doSteps(lesson(t, "your-tag"), 1)
	for i, want := range []string{"step 2, 1 of 3", "step 2, 2 of 3", "step 3"} { // step 2 is to look at three pages
		v.open(v.shop + "/products?page=" + fmt.Sprint(i+1))
		if got := v.ribbon(); !strings.HasSuffix(got, want) {
			t.Errorf("on page %d the ribbon says %q, want %s", i+1, got, want)
		}
	}
	v.open(v.shop + "/learn/your-tag")
	v.submit("/reset", nil)
	v.doSteps(lesson(t, "your-tag"), 1)
	v.open(v.shop + "/products")
	v.open(v.shop + "/learn/your-tag")
	if got := textOf(v.step(2)); !strings.Contains(got, "1 of 3 so far.") {
		t.Errorf("after one of three pages step 2 says %q", got)
	}
	v.open(v.shop + "/learn/secret")
	if got := v.ribbon(); !strings.HasSuffix(got, "Lesson 6 step 1") {
		t.Errorf("on the page of lesson 6 the ribbon says %q", got)
	}
}

func TestTheInspectorSaysThatTheCookieIsGone(t *testing.T) {
	t.Parallel()
	for _, lookedBefore := range []bool{false, true} {
		v := newWalker(t, openShop(t))
		v.doSteps(lesson(t, "your-tag"), 3)
		if lookedBefore {
			v.open(v.shop + "/learn/inspector")
		}
		v.open(v.shop + "/learn/your-tag")
		v.submit("/do/4", nil)
		v.open(v.shop + "/learn/inspector")
		if text := textOf(v.document()); !strings.Contains(text, "cookie in your browser") ||
			!strings.Contains(text, "→now none") {
			t.Errorf("looked before: %t. The inspector does not say that the cookie is gone:\n%s", lookedBefore, text)
		}
	}
}

// The last look is what the next one is compared with, also where no live tag was carried.
func TestTheInspectorComparesWithTheLastLook(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	changes := func() string {
		v.open(v.shop + "/learn/inspector")
		return textOf(find(v.document(), func(n *html.Node) bool { return attr(n, "aria-labelledby") == "h-changes" }))
	}
	v.doSteps(lesson(t, "your-tag"), 4)
	changes() // the row of lesson 1 stays live
	v.doSteps(lesson(t, "expiry"), 6)
	if got := changes(); !strings.Contains(got, "now ended: not used for too long") {
		t.Errorf("after the row has ended: %s", got)
	}
	if got := changes(); !strings.Contains(got, "Nothing since you last looked.") {
		t.Errorf("after a look without a tag: %s", got)
	}
	v.signIn("alice")
	if got := changes(); !strings.Contains(got, "now live") || !strings.Contains(got, "none →now "+v.reference()) {
		t.Errorf("after signing in again: %s", got)
	}
}

// A tag whose row has ended is still in the browser, and the ribbon does not deny it.
func TestTheRibbonShowsADeadTag(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	fillCart(v)
	reference := v.reference()
	v.open(v.shop + "/learn/inspector")
	v.submit("/inspector/age", url.Values{"by": {"31d"}})
	if got, want := v.ribbon(), reference+" opens nothing"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want it to begin with %q", got, want)
	}
}

// After a sign-in the last page reached still says what happened, to the page's script too.
func TestTheRibbonKeepsItsSentenceWhenTheWindowGetsTheFocus(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	v.doSteps(lesson(t, "fixation"), 5)
	v.open(v.shop + "/learn/glossary") // as the script does
	if got, want := v.ribbon(), "is closed (went on under a new tag)"; !strings.Contains(got, want) {
		t.Errorf("got %q, want %q in it", got, want)
	}
}

// What a step does not ask for does not tick it.
func TestAStepTicksOnlyWhenItIsDone(t *testing.T) {
	t.Parallel()
	shop := openShop(t)
	for _, c := range []struct {
		lesson string
		before int // steps done as the recipe says
		loose  []string
	}{
		{"your-tag", 1, []string{"open /products", "open /products", "open /products", "open /no-such-page", "open /gone"}},
		{"client-side", 0, []string{"twin", "press sign-in name=Bob"}},
		{"client-side", 4, []string{"twin", "script", "twin"}},
		{"client-side", 4, []string{"twin", "press sign-in name=Alice", "twin", "press cart sku=HOOK"}},
		{"secret", 0, []string{"open /products/brass-hook", "press /cart/lines quantity=99"}},
		{"fixation", 1, []string{"twin ?sid=", "press sign-in name=Bob"}},
		{"fixation", 1, []string{"twin ?sid=", "press sign-in name=Bob", "press sign-out", "twin-itself",
			"press sign-in name=Alice"}},
		{"fixation", 1, []string{"twin-itself", "press sign-in name=Alice"}},
		{"sign-out", 0, []string{"twin", "press sign-in name=Mallory"}},
		{"checkout", 2, []string{"open /account", "press /logout", "open /checkout/address"}},
		{"checkout", 4, []string{"open /account", "sign-in alice"}},
		{"checkout", 7, []string{"open /orders"}},
	} {
		v, r := newWalker(t, shop), lesson(t, c.lesson)
		v.doSteps(r, c.before)
		v.open(shop + "/learn/" + c.lesson)
		for _, line := range c.loose {
			v.try(r, line)
		}
		if v.isDone(r, c.before+1) {
			t.Errorf("%s: %q ticks step %d", c.lesson, c.loose, c.before+1)
		}
	}
}

// Two steps done in one visit to the twin both tick.
func TestTwoStepsInOneVisitToTheTwin(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	r := lesson(t, "sign-out")
	v.open(v.shop + "/learn/sign-out")
	v.submit("/guess", url.Values{"choice": {"1"}})
	for _, line := range []string{"twin", "press sign-in name=Alice", "press sign-out"} {
		v.try(r, line)
	}
	if !v.isDone(r, 2) {
		t.Error("signing out in the same visit does not tick step 2")
	}
	if got := v.ribbon(); !strings.HasSuffix(got, "step 3") {
		t.Errorf("got %q, want step 3", got)
	}
}
