package page

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/order"
)

const month = 30 * 24 * time.Hour

// samples are all pages in all their states.
func samples() []sample {
	return slices.Concat(homeSamples(), catalogueSamples(), productSamples(), cartSamples(), signInSamples(),
		checkoutSamples(), orderSamples(), accountSamples(), problemSamples(), informationSamples())
}

func homeSamples() []sample {
	hello := signedIn("/")
	hello.NoIndex, hello.Canonical, hello.Description = false, "https://shop.example/", "Hats and hooks."
	hello.Notices = []Notice{{Kind: "added", Text: "Rain Bowler is in your cart."}, {Kind: "late", Text: hostile},
		{Kind: "elsewhere", Text: "Your account was also signed in on another browser.", LinkURL: "/account/devices",
			LinkText: "See where you are signed in"}}
	hello.CustomerName = hostile
	return []sample{
		{"home-stranger", 200, &Home{stranger("/"), things()[:8]}},
		{"home-signed-in", 200, &Home{hello, things()[:8]}},
	}
}

func catalogueSamples() []sample {
	all, room := catalog.Search{}, catalog.Search{Room: catalog.Hats}
	narrow := catalog.Search{Query: hostile, Room: catalog.Hats, Min: 1000, Max: 5050, InStock: true,
		Sort: catalog.PriceDown, Page: 2}
	narrow.Colours = catalog.SetOf[catalog.Colour]("red", "blue")
	narrow.Materials = catalog.SetOf(catalog.Materials()...)
	none := found(catalog.Search{Query: "galoshes", InStock: true}, 0, nil)
	none.Suggestions = things()[:3]
	return []sample{
		{"catalogue", 200, &Catalogue{Layout: stranger("/products"), Result: found(all, 32, things())}},
		{"catalogue-room", 200, &Catalogue{Layout: stranger("/products"), Result: found(room, 3, things()[:3])}},
		{"catalogue-narrow", 200, &Catalogue{Layout: signedIn("/products"), Result: found(narrow, 90, things())}},
		{"catalogue-none", 200, &Catalogue{Layout: stranger("/products"), Result: none}},
		{"catalogue-wrong", 422, wrongFilters()},
		{"catalogue-bad-page", 404,
			&Catalogue{Layout: stranger("/products"), Result: found(catalog.Search{Page: 999}, 32, nil)}},
	}
}

// wrongFilters is a list asked for with five filters that make no sense.
func wrongFilters() *Catalogue {
	p := &Catalogue{Layout: stranger("/products"), Result: found(catalog.Search{}, 32, things()),
		Errors: map[string]string{}, Typed: map[string]string{"min": hostile}}
	p.HasErrors = true
	for _, field := range []string{"min", "room", "sort", "colour", "material"} {
		p.Errors[field] = "Enter an amount in euro, such as 25 or 25.50."
	}
	return p
}

func productSamples() []sample {
	refusal := &Refusal{SKU: beanie().SKU, Typed: "7",
		Err: &cart.LimitError{Product: beanie(), Asked: 7, InCart: 1, Most: 3}}
	wrong := signedIn("/products/harbour-beanie")
	wrong.HasErrors = true
	return []sample{
		{"product", 200, &Product{Layout: stranger("/products/rain-bowler"), Product: bowler(), Related: things()[:4]}},
		{"product-few", 200, &Product{Layout: stranger("/products/x"), Product: beanie()}},
		{"product-last", 200, &Product{Layout: signedIn("/products/x"), Product: lastOne(), InCart: 1}},
		{"product-sold-out", 200, &Product{Layout: stranger("/products/x"), Product: soldOut(), Related: things()[:4]}},
		{"product-reduced", 200, &Product{Layout: signedIn("/products/x"), Product: reduced(), InCart: 2}},
		{"product-long", 200, &Product{Layout: stranger("/products/x"), Product: longName()}},
		{"product-hostile", 200, &Product{Layout: stranger("/products/x"), Product: hostileThing()}},
		{"product-refused", 422, &Product{Layout: wrong, Product: beanie(), InCart: 1, Refusal: refusal}},
		{"product-refused-words", 422,
			&Product{Layout: wrong, Product: beanie(), Refusal: &Refusal{Typed: hostile, Err: cart.ErrQuantity}}},
	}
}

func cartSamples() []sample {
	anonymous := stranger("/cart")
	anonymous.CartUnits = 4
	wrong := signedIn("/cart")
	wrong.HasErrors = true
	refusal := &Refusal{SKU: beanie().SKU, Typed: "7",
		Err: &cart.LimitError{Product: beanie(), Asked: 7, InCart: 5, Most: 3}}
	idle := &Ended{"idle", 30 * time.Minute}
	waiting := stranger("/cart")
	waiting.CartUnknown = true
	return []sample{
		{"cart-empty", 200, &Cart{Layout: stranger("/cart"), KeptFor: month}},
		{"cart-empty-removed", 200, &Cart{Layout: signedIn("/cart"), Cart: removedFrom(cart.Cart{})}},
		{"cart-anonymous", 200, &Cart{Layout: anonymous, Cart: fullCart(), KeptFor: month}},
		{"cart-small", 200, &Cart{Layout: signedIn("/cart"), Cart: removedFrom(smallCart())}},
		{"cart-discarded", 200, &Cart{Layout: signedIn("/cart"), Cart: discardedFrom(smallCart())}},
		{"cart-merged", 200, &Cart{Layout: signedIn("/cart"), Cart: mergedCart()}},
		{"cart-troubled", 200, &Cart{Layout: signedIn("/cart"), Cart: troubledCart()}},
		{"cart-refused", 422, &Cart{Layout: wrong, Cart: troubledCart(), Refusal: refusal}},
		{"cart-waiting", 200, &Cart{Layout: waiting, Waiting: idle, KeptFor: month}},
		{"cart-waiting-more", 200, &Cart{Layout: anonymous, Cart: smallCart(), Waiting: idle, KeptFor: month}},
		{"cart-cookies-refused", 200, &Cart{Layout: stranger("/cart"), CookiesRefused: true, KeptFor: month}},
		{"cart-cookies-refused-http", 200,
			&Cart{Layout: stranger("/cart"), CookiesRefused: true, SafariHint: true, KeptFor: month}},
	}
}

func signInSamples() []sample {
	withCart := stranger("/login")
	withCart.CartUnits = 3
	all := []sample{
		{"login", 200, &Login{Layout: stranger("/login")}},
		{"login-cart", 200, &Login{Layout: withCart, ReturnTo: "/cart"}},
		{"login-checkout", 200, &Login{Layout: withCart, ReturnTo: "/checkout/address"}},
		{"login-create", 200, &Login{Layout: withCart, ReturnTo: "/checkout/address", CreatesAccounts: true}},
		{"login-hostile", 200, &Login{Layout: withCart, ReturnTo: "/" + hostile}},
		{"redirect", 200, &Redirect{Layout: stranger("/login"), To: "https://id.example/authorize?scope=openid&state=x"}},
		{"redirect-signing-out", 200, &Redirect{Layout: stranger("/logout"), To: "https://id.example/end", SigningOut: true}},
		{"redirect-signed-out", 200, &Redirect{Layout: stranger("/logout"), To: "/signed-out", SigningOut: true}},
		{"signed-out", 200, &SignedOut{Layout: stranger("/signed-out")}},
		{"signed-out-half", 200, &SignedOut{Layout: stranger("/signed-out"), StillAtProvider: true}},
		{"signed-out-not", 200, &SignedOut{Layout: signedIn("/signed-out")}},
	}
	for _, reason := range []string{"idle", "absolute", "signed_out", "revoked", "excess", "back_channel", "rotated",
		"forgotten"} {
		e := &Ended{reason, 24 * time.Hour}
		all = append(all,
			sample{"login-" + reason, 200, &Login{Layout: stranger("/login"), Ended: e, ReturnTo: "/orders/HT-7KQM-2XWD"}},
			sample{"signed-out-" + reason, 200, &SignedOut{Layout: stranger("/signed-out"), Ended: e}})
	}
	for _, t := range []Failure{ProviderDown, SignInCancelled, SignInRefused, CustomerDisabled} {
		all = append(all, sample{"login-" + string(t), 200, &Login{Layout: withCart, Failure: t}})
	}
	all = append(all, sample{"problem-sign-in-not-created", 400,
		&SignInProblem{Layout: stranger("/login"), Failure: NotCreated, ReturnTo: "/cart", CreatesAccounts: true}})
	for _, t := range []Failure{AttemptMissing, AttemptRepeated, SignInRefused, StaleAuthentication, NotAdmitted,
		SignInExpired,
		NotConfirmed} {
		all = append(all,
			sample{"problem-sign-in-" + string(t), 400,
				&SignInProblem{Layout: stranger("/auth/callback"), Failure: t, ReturnTo: "/cart"}})
	}
	return all
}

func checkoutSamples() []sample {
	at := func(d order.Details, c cart.Cart) Checkout {
		return Checkout{Details: d, Cart: c, Idle: 30 * time.Minute}
	}
	bad := order.Details{Name: hostile, Street: "", Postcode: "1", City: hostile, Country: "DE"}
	wrong := signedIn("/checkout/address")
	wrong.HasErrors = true
	badAddress, badDelivery, again := at(bad, fullCart()), at(bad, smallCart()), at(address(), smallCart())
	badAddress.Errors, badDelivery.Errors = bad.CheckAddress(), bad.CheckDelivery()
	again.Change, again.Resumed = true, true
	hostileAddress := address()
	hostileAddress.Name, hostileAddress.Street = hostile, hostile
	return []sample{
		{"checkout-address", 200, &CheckoutAddress{signedIn("/checkout/address"), at(order.Details{}, fullCart())}},
		{"checkout-address-errors", 422, &CheckoutAddress{wrong, badAddress}},
		{"checkout-address-again", 200, &CheckoutAddress{signedIn("/checkout/address"), again}},
		{"checkout-delivery", 200, &CheckoutDelivery{signedIn("/checkout/delivery"), at(order.Details{}, smallCart())}},
		{"checkout-delivery-errors", 422, &CheckoutDelivery{wrong, badDelivery}},
		{"checkout-delivery-again", 200, &CheckoutDelivery{signedIn("/checkout/delivery"), again}},
		{"checkout-review", 200,
			&CheckoutReview{Layout: signedIn("/checkout/review"), Checkout: at(address(), fullCart()), OrderKey: "order-key"}},
		{"checkout-review-changed", 409,
			&CheckoutReview{Layout: wrong, Checkout: at(hostileAddress, fullCart()), OrderKey: "order-key",
				ChangedFrom: euro(9990)}},
		{"checkout-review-declined", 422,
			&CheckoutReview{Layout: wrong, Checkout: at(address(), smallCart()), OrderKey: "order-key", Declined: true}},
		{"checkout-review-sold-out", 409,
			&CheckoutReview{Layout: wrong, Checkout: at(address(), troubledCart()), OrderKey: "order-key"}},
	}
}

func orderSamples() []sample {
	collected, cancelled := bought(), bought()
	collected.Address.Delivery, cancelled.Status = order.Collect, order.Cancelled
	cancelled.Number = "HT-ABCD-EFGH"
	fresh := bought()
	fresh.CancelLeft = 29*time.Minute + 50*time.Second
	return []sample{
		{"order-placed", 200, &Order{signedIn("/orders/HT-7KQM-2XWD"), bought(), true}},
		{"order-placed-collect", 200, &Order{signedIn("/orders/HT-7KQM-2XWD"), collected, true}},
		{"order-collect", 200, &Order{signedIn("/orders/HT-7KQM-2XWD"), collected, false}},
		{"order-fresh", 200, &Order{signedIn("/orders/HT-7KQM-2XWD"), fresh, false}},
		{"order", 200, &Order{signedIn("/orders/HT-7KQM-2XWD"), bought(), false}},
		{"order-cancelled", 200, &Order{signedIn("/orders/HT-7KQM-2XWD"), cancelled, false}},
		{"orders", 200, &Orders{signedIn("/orders"), []order.Order{bought(), cancelled}}},
		{"orders-none", 200, &Orders{signedIn("/orders"), nil}},
	}
}

func accountSamples() []sample {
	when := time.Date(2026, 11, 23, 9, 41, 0, 0, time.UTC)
	unnamed := customer.Customer{Identity: customer.Identity{Email: hostile}}
	return []sample{
		{"account", 200,
			&Account{signedIn("/account"), alice(), when, false, 30 * time.Minute, 21*time.Hour + 40*time.Minute}},
		{"account-unnamed", 200, &Account{signedIn("/account"), unnamed, when, false, 30 * time.Minute, time.Hour}},
		{"account-undated", 200, &Account{signedIn("/account"), alice(), when, true, 30 * time.Minute, time.Hour}},
		{"resubmit-cart", 422,
			&Resubmit{Layout: signedIn("/cart/lines"), Action: "/cart/lines", Product: "Brass Hook",
				Fields: fields("sku", "SKU-1", "quantity", "2")}},
		{"resubmit-address", 422,
			&Resubmit{Layout: signedIn("/checkout/address"), Action: "/checkout/address", Waited: true,
				Fields: fields("name", hostile, "country", "DE", "note", hostile)}},
		{"resubmit-reauthenticated", 422,
			&Resubmit{Layout: signedIn("/resume"), Action: "/account/devices/end-others", Reauthenticated: true}},
		{"devices", 200, &Devices{Layout: signedIn("/account/devices"), Devices: devices(when), Most: 10}},
		{"devices-one", 200,
			&Devices{Layout: signedIn("/account/devices"), Devices: devices(when)[:1], Most: 10, RecentSignIn: true}},
		{"confirm", 200, &Confirm{Layout: signedIn("/login"), ReturnTo: "/resume", Age: 5 * time.Minute}},
		{"confirm-cancelled", 200,
			&Confirm{Layout: signedIn("/login"), ReturnTo: "/resume", Age: 5 * time.Minute, Failure: SignInCancelled}},
		{"lesson", 200, &Lesson{Layout: withLessons(stranger("/learn")), Main: `<h1>Your tag</h1>`}},
		{"cookies", 200,
			&Cookies{Layout: stranger("/cookies"), TagName: "__Host-tag", NoticeName: "__Host-notice", Notice: time.Minute,
				AttemptName: "__Host-attempt-", PendingFormName: "__Host-pending", AskName: "__Host-ask",
				Idle: 30 * time.Minute, Absolute: 24 * time.Hour, AnonymousIdle: month, AnonymousAbsolute: 3 * month,
				Attempt: 10 * time.Minute, PendingForm: 30 * time.Minute, Ask: month}},
	}
}

func informationSamples() []sample {
	var all []sample
	for _, topic := range Topics() {
		all = append(all,
			sample{string(topic), 200, &Information{Layout: stranger("/" + string(topic)), Topic: topic, AnonymousIdle: month}})
	}
	return all
}

func devices(when time.Time) []Device {
	return []Device{
		{Handle: "this", Browser: BrowserName("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"),
			Since: when, LastUsed: when, Current: true},
		{Handle: "phone", Browser: BrowserName("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) " +
			"AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1"), Since: when, LastUsed: when},
		{Handle: "other", Browser: BrowserName(hostile), Since: when, LastUsed: when},
	}
}

func problemSamples() []sample {
	var all []sample
	unknown := stranger("/x")
	unknown.Unknown = true
	for _, status := range []int{400, 403, 404, 405, 409, 410, 413, 415, 418, 421, 422, 429, 500, 503, 507} {
		all = append(all, sample{"problem-" + strconv.Itoa(status), status, &Problem{Layout: stranger("/x"), Status: status}})
	}
	return append(all,
		sample{"problem-own-words", 422,
			&Problem{Layout: signedIn("/x"), Status: http.StatusUnprocessableEntity, Text: hostile, LinkURL: "/cart",
				LinkText: "Go to your cart"}},
		sample{"problem-away", 503,
			&Problem{Layout: unknown, Status: http.StatusServiceUnavailable, LinkURL: "/x", LinkText: "Try again"}},
		sample{"problem-bare", 500, &Problem{Status: http.StatusInternalServerError}})
}

func withLessons(l Layout) Layout {
	l.Lessons, l.Ribbon = true, `<aside class="tag-ribbon" aria-label="Your tag"></aside>`
	return l
}
