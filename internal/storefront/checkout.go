package storefront

import (
	"net/http"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/storefront/page"
)

// checkoutAt loads what a step of the checkout shows. It returns nil when the visitor was led elsewhere: to the cart, if there is
// nothing to order, or to the first step that is not finished, with the reason.
func (s *Server) checkoutAt(w http.ResponseWriter, r *http.Request, at order.Step) (*page.Checkout, string, error) {
	c, _ := s.sessions.Customer(r.Context())
	saved, err := s.orders.Checkout(r.Context(), c.ID)
	if err != nil {
		return nil, "", err
	}
	contents, err := s.carts.Cart(r.Context(), s.owner(r))
	if err != nil {
		return nil, "", err
	}
	if contents.Empty() {
		s.note(r, "empty", "There is nothing to order yet. Put something in your cart first.")
		redirect(w, "/cart")
		return nil, "", nil
	}
	if to, why := missing(saved.Draft, at); to != "" {
		s.note(r, "step", why)
		redirect(w, to)
		return nil, "", nil
	}
	return &page.Checkout{Draft: saved.Draft, Cart: contents, Idle: s.told.limits.Idle, Change: r.Form.Get("change") != ""}, saved.Key, nil
}

// checkoutPath leads to the first step of the checkout that is not finished.
const checkoutPath = "/checkout"

func (s *Server) continueCheckout(w http.ResponseWriter, r *http.Request, c customer.Customer) error {
	saved, err := s.orders.Checkout(r.Context(), c.ID)
	if err != nil {
		return err
	}
	redirect(w, checkoutPath+"/"+string(saved.Draft.Next()))
	return nil
}

// missing says where a visitor has to go first who asks for a step too early, and why.
func missing(d order.Draft, at order.Step) (to, why string) {
	switch next := d.Next(); {
	case at == order.AddressStep || next == order.ReviewStep:
		return "", ""
	case next == order.AddressStep:
		return "/checkout/address", "First tell us where the order goes."
	case at == order.ReviewStep:
		return "/checkout/delivery", "First choose how you would like to get your order."
	}
	return "", ""
}

func (s *Server) showAddress(w http.ResponseWriter, r *http.Request, c customer.Customer) error {
	checkout, _, err := s.checkoutAt(w, r, order.AddressStep)
	if err != nil || checkout == nil {
		return err
	}
	if d, ok := s.draftOf(r, c); ok && d.Action == r.URL.Path {
		checkout.Draft, checkout.Resumed = addressOf(checkout.Draft, d.Fields.Get), true
	}
	return s.renderAddress(w, r, http.StatusOK, checkout)
}

func (s *Server) renderAddress(w http.ResponseWriter, r *http.Request, status int, checkout *page.Checkout) error {
	p := &page.CheckoutAddress{Layout: s.frame(r, "Where does it go?"), Checkout: *checkout}
	p.HasErrors = len(checkout.Errors) > 0
	return s.render(w, r, status, p)
}

func (s *Server) saveAddress(w http.ResponseWriter, r *http.Request, c customer.Customer) error {
	checkout, _, err := s.checkoutAt(w, r, order.AddressStep)
	if err != nil || checkout == nil {
		return err
	}
	checkout.Draft = addressOf(checkout.Draft, r.PostForm.Get).Clean()
	// What is wrong is kept too: a visitor who leaves now finds it again.
	if err := s.orders.SaveAddress(r.Context(), c.ID, checkout.Draft); err != nil {
		return err
	}
	if checkout.Errors = checkout.Draft.CheckAddress(); len(checkout.Errors) > 0 {
		return s.renderAddress(w, r, http.StatusUnprocessableEntity, checkout)
	}
	if checkout.Change {
		redirect(w, "/checkout/review")
		return nil
	}
	redirect(w, "/checkout/delivery")
	return nil
}

// addressOf is the draft with the address that a form holds.
func addressOf(d order.Draft, field func(string) string) order.Draft {
	d.Name, d.Street, d.Postcode = field("name"), field("street"), field("postcode")
	d.City, d.Country = field("city"), field("country")
	return d
}

func (s *Server) showDelivery(w http.ResponseWriter, r *http.Request, c customer.Customer) error {
	checkout, _, err := s.checkoutAt(w, r, order.DeliveryStep)
	if err != nil || checkout == nil {
		return err
	}
	if d, ok := s.draftOf(r, c); ok && d.Action == r.URL.Path {
		checkout.Draft.Delivery, checkout.Resumed = order.Delivery(d.Fields.Get("delivery")), true
	}
	return s.renderDelivery(w, r, http.StatusOK, checkout)
}

func (s *Server) renderDelivery(w http.ResponseWriter, r *http.Request, status int, checkout *page.Checkout) error {
	p := &page.CheckoutDelivery{Layout: s.frame(r, "How would you like to get it?"), Checkout: *checkout}
	p.HasErrors = len(checkout.Errors) > 0
	return s.render(w, r, status, p)
}

func (s *Server) saveDelivery(w http.ResponseWriter, r *http.Request, c customer.Customer) error {
	checkout, _, err := s.checkoutAt(w, r, order.DeliveryStep)
	if err != nil || checkout == nil {
		return err
	}
	checkout.Draft.Delivery = order.Delivery(r.PostForm.Get("delivery"))
	checkout.Draft = checkout.Draft.Clean()
	if checkout.Errors = checkout.Draft.CheckDelivery(); len(checkout.Errors) > 0 {
		return s.renderDelivery(w, r, http.StatusUnprocessableEntity, checkout)
	}
	if err := s.orders.SaveDelivery(r.Context(), c.ID, checkout.Draft.Delivery); err != nil {
		return err
	}
	redirect(w, "/checkout/review")
	return nil
}

func (s *Server) showReview(w http.ResponseWriter, r *http.Request, _ customer.Customer) error {
	p, err := s.reviewPage(w, r)
	if err != nil || p == nil {
		return err
	}
	return s.render(w, r, http.StatusOK, p)
}

// reviewPage is nil when the visitor was led elsewhere.
func (s *Server) reviewPage(w http.ResponseWriter, r *http.Request) (*page.CheckoutReview, error) {
	checkout, key, err := s.checkoutAt(w, r, order.ReviewStep)
	if err != nil || checkout == nil {
		return nil, err
	}
	if len(checkout.Cart.Blocked()) > 0 {
		s.note(r, "sold-out", "Something in your cart is no longer in stock. Change the marked lines, then continue.")
		redirect(w, "/cart")
		return nil, nil
	}
	return &page.CheckoutReview{Layout: s.frame(r, "Look it over"), Checkout: *checkout, OrderKey: key}, nil
}
