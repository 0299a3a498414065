package learn_test

import (
	"strings"
	"testing"

	"hookandtag.example/shop/internal/learn"
)

func TestResetInTheMiddleStartsOver(t *testing.T) {
	every(t, func(v *walker, r *learn.Recipe) {
		for _, n := range []int{(len(r.Do) + 1) / 2, len(r.Do) - 1} {
			v.open(v.shop + "/learn/" + r.Slug)
			v.submit("/reset", nil)
			v.doSteps(r, n)
			v.open(v.shop + "/learn/" + r.Slug)
			v.submit("/reset", nil)
			for i := range r.Do {
				if attr(v.step(i+1), "class") == "done" || strings.Contains(textOf(v.step(i+1)), "'s exchange with") {
					v.t.Errorf("after Reset step %d is not as new: %s", i+1, textOf(v.step(i+1)))
				}
			}
		}
		v.doLesson(r)
	})
}

// Reset, like Give it back, ends what the learner did to the database.
func TestResetGivesTheDatabaseBack(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	r := lesson(t, "stores")
	v.doSteps(r, 5)
	if v.page.Status != 503 {
		t.Fatalf("with the database away the cart answers %d, want 503", v.page.Status)
	}
	v.open(v.shop + "/learn/stores")
	if said := v.ribbon(); !strings.Contains(said, "database is away") {
		t.Errorf("the ribbon says %q while the database is away", said)
	}
	v.submit("/reset", nil)
	if v.open(v.shop + "/cart"); v.page.Status != 200 {
		t.Errorf("after Reset the cart answers %d, want 200", v.page.Status)
	}
	if v.reference() == "" {
		t.Error("the session is gone after the outage")
	}
}

// Reset of lesson 9 leaves nothing of Mallory's: neither her tag nor the hat that came with it.
func TestResetTakesBackWhatMalloryPlanted(t *testing.T) {
	t.Parallel()
	r := lesson(t, "fixation")
	shop := openShop(t)
	for _, kept := range []bool{true, false} { // whether there is a cart of one's own
		v := newWalker(t, shop)
		if kept {
			fillCart(v)
		}
		own := v.reference()
		v.doSteps(r, 4)
		if got := v.reference(); got == own {
			t.Fatalf("the browser wears %q still, so this test proves nothing", got)
		}
		v.open(shop + "/learn/fixation")
		v.submit("/reset", nil)
		if got := v.ribbon(); kept && !strings.Contains(got, "Your browser has your own tag again.") {
			t.Errorf("after Reset the ribbon says %q", got)
		}
		if got := v.reference(); got != own {
			t.Errorf("a cart: %t. After Reset the browser wears %q, want %q", kept, got, own)
		}
	}
	v := newWalker(t, shop)
	v.signIn("bob")
	fillCart(v)
	v.doSteps(r, 4)
	v.signIn("bob")
	if v.open(shop + "/cart"); !strings.Contains(v.page.Body, `data-sku="HAT-BERET"`) {
		t.Fatal("Mallory's hat did not come along, so this test proves nothing")
	}
	v.open(shop + "/learn/fixation")
	v.submit("/reset", nil)
	v.open(shop + "/cart")
	if strings.Contains(v.page.Body, `data-sku="HAT-BERET"`) || !strings.Contains(v.page.Body, `data-sku="HOO-BRASS"`) {
		t.Errorf("after Reset the cart is not the learner's own:\n%s", textOf(v.document()))
	}
	v.open(shop + "/products/market-beret")
	v.submit("/cart/lines", nil)
	v.open(shop + "/learn/fixation")
	v.submit("/reset", nil)
	if v.open(shop + "/cart"); !strings.Contains(v.page.Body, `data-sku="HAT-BERET" data-quantity="1"`) {
		t.Error("a second Reset took a hat that is the learner's own")
	}
}

// What did not come along is the learner's own: a planted tag that was forgotten put nothing in the
// customer's cart.
func TestResetLeavesAHatThatMalloryDidNotBring(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	v.doSteps(lesson(t, "fixation"), 4)
	planted := v.reference()
	v.open(v.shop + "/learn/expiry")
	v.submit("/reset", nil)
	if got := v.reference(); got != planted {
		t.Errorf("after Reset of another lesson the browser wears %q, want Mallory's %q", got, planted)
	}
	v.open(v.shop + "/cart")
	v.submit("/cart/forget", nil)
	v.signIn("bob")
	v.open(v.shop + "/products/market-beret")
	v.submit("/cart/lines", nil)
	v.open(v.shop + "/learn/fixation")
	v.submit("/reset", nil)
	if v.open(v.shop + "/cart"); !strings.Contains(v.page.Body, `data-sku="HAT-BERET"`) {
		t.Error("Reset took a hat that is the learner's own")
	}
}

// Where somebody else has signed in since, Reset leaves their cart alone.
func TestResetTakesNothingOutOfAnotherCustomersCart(t *testing.T) {
	t.Parallel()
	shop := openShop(t)
	v := newWalker(t, shop)
	v.doSteps(lesson(t, "fixation"), 4)
	v.signIn("alice")
	v.open(shop + "/cart")
	if !strings.Contains(v.page.Body, `data-sku="HAT-BERET"`) {
		t.Fatal("Mallory's hat did not come along, so this test proves nothing")
	}
	v.submit("/logout", nil)
	v.signIn("bob")
	v.open(shop + "/products/market-beret")
	v.submit("/cart/lines", nil)
	v.open(shop + "/learn/fixation")
	v.submit("/reset", nil)
	if v.open(shop + "/cart"); !strings.Contains(v.page.Body, `data-sku="HAT-BERET"`) {
		t.Error("Reset took a hat that is Bob's")
	}
}
