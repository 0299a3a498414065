package app_test

import (
	"net/http"
	"testing"

	"hookandtag.example/shop/dev/interop"
)

// The two ways of docs/operations.md: one replica that is restarted, and several that are restarted
// one by one while the others answer. The provider changes its signing key before each.
func TestRotatingSessionKeysAndProviderKeysSignsNobodyOut(t *testing.T) { // ASVS 13.3.4
	t.Parallel()
	for name, c := range map[string]struct {
		replicas int
		lists    [][]string
	}{
		"one replica":  {1, [][]string{{interop.NewKey, interop.OldKey}, {interop.NewKey}}},
		"two replicas": {2, [][]string{{interop.OldKey, interop.NewKey}, {interop.NewKey, interop.OldKey}, {interop.NewKey}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRotation(t, c.replicas)
			for _, keys := range c.lists {
				r.restart(keys)
			}
			r.customer.SignOut()
			if r.customer.SignedIn() {
				t.Error("the customer cannot sign out any more")
			}
		})
	}
}

func TestStartingWithOnlyANewKeySignsEveryoneOut(t *testing.T) {
	t.Parallel()
	r := newRotation(t, 1)
	r.shops[0].Stop()
	r.customer.Use(r.Replica(interop.NewKey))
	if r.customer.SignedIn() {
		t.Error("a tag that only a dropped key has signed still opens the session")
	}
}

// rotation is a shop whose keys change under a customer, a stranger with a cart, and others who are
// just signing in.
type rotation struct {
	*interop.Fixture
	shops              []*interop.Shop
	customer, stranger *interop.Visitor
	inCart             int
}

func newRotation(t *testing.T, replicas int) *rotation {
	t.Helper()
	w := interop.Open(t, developmentProvider)
	r := &rotation{Fixture: w, shops: []*interop.Shop{w.Shop}, customer: w.Visitor(), stranger: w.Visitor(), inCart: 1}
	for len(r.shops) < replicas {
		r.shops = append(r.shops, w.Replica(interop.OldKey))
	}
	r.customer.SignIn(interop.Alice, "/account")
	r.customer.Add(interop.Thing)
	r.stranger.Add(interop.Thing)
	r.check()
	return r
}

// restart starts every replica anew with these keys, one by one, while a form and a sign-in are
// open.
func (r *rotation) restart(keys []string) {
	r.Helper()
	r.Provider.RotateKeys()
	form := r.customer.Visit("/products/" + interop.Other)
	newcomer := r.Visitor()
	newcomer.Use(r.shops[0])
	callback := newcomer.AuthenticateUpTo(newcomer.Begin("/account"), interop.Bob)
	for i := range r.shops {
		r.shops[i].Stop()
		r.shops[i] = r.Replica(keys...)
		r.check()
	}
	r.customer.Use(r.shops[0])
	if page := form.SubmitTo("/cart/lines", nil, ""); page.Status != http.StatusOK ||
		r.customer.CartCount() != r.inCart+1 {
		r.Errorf("a form from before the restart ends with %d at %s", page.Status, page.URL)
	}
	r.inCart++
	newcomer.Use(r.shops[0])
	if page := newcomer.Open(callback, ""); page.URL.Path != "/account" {
		r.Errorf("a sign-in begun before the restart ends with %d at %s", page.Status, page.URL)
	}
}

// check looks at every replica whether customer and stranger still are who they are.
func (r *rotation) check() {
	r.Helper()
	for i, s := range r.shops {
		r.customer.Use(s)
		r.stranger.Use(s)
		if !r.customer.SignedIn() || r.customer.CartCount() != r.inCart {
			r.Fatalf("at replica %d the customer is signed in: %t, with %d things", i, r.customer.SignedIn(),
				r.customer.CartCount())
		}
		if n := r.stranger.CartCount(); n != 1 {
			r.Fatalf("at replica %d the stranger has %d things in the cart", i, n)
		}
	}
}
