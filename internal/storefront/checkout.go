package storefront

import (
	"net/http"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/storefront/page"
)

// checkoutPath leads to the first step of the checkout that is not finished.
const checkoutPath = "/checkout"

func (s *Server) continueCheckout(w http.ResponseWriter, r *http.Request, v visit) error {
	saved, err := s.config.Orders.Checkout(r.Context(), v.Customer.ID)
	if err != nil {
		return err
	}
	redirect(w, checkoutPath+"/"+string(saved.Details.Next()))
	return nil
}

// checkoutAt loads what a step of the checkout shows, and the key of the order that it leads to.
// With nothing to order, or too early for this step, the error leads elsewhere.
func (s *Server) checkoutAt(r *http.Request, v visit, at order.Step) (page.Checkout, string, error) {
	contents, err := s.glancedCart(r, v)
	if err != nil {
		return page.Checkout{}, "", err
	}
	return s.checkoutOf(r, v, at, contents)
}

// checkoutOf is checkoutAt for a cart.
func (s *Server) checkoutOf(r *http.Request, v visit, at order.Step, contents cart.Cart) (page.Checkout, string,
	error) {
	if contents.Empty() {
		return page.Checkout{}, "", &redirectError{"/cart", codeNothingToOrder}
	}
	saved, err := s.config.Orders.Checkout(r.Context(), v.Customer.ID)
	if err != nil {
		return page.Checkout{}, "", err
	}
	if first := missing(saved.Details, at); first != nil {
		return page.Checkout{}, "", first
	}
	checkout := page.Checkout{
		Details: saved.Details, Cart: contents, Idle: s.limits(v).Idle, Change: r.Form.Get("change") != "",
	}
	return checkout, saved.Key, nil
}

// missing leads a visitor who asks for a step too early to the one that comes first; nil when it is
// not too early.
func missing(d order.Details, at order.Step) error {
	switch next := d.Next(); {
	case at == order.AddressStep || next == order.ReviewStep:
		return nil
	case next == order.AddressStep:
		return &redirectError{"/checkout/address", codeNeedAddress}
	case at == order.ReviewStep:
		return &redirectError{"/checkout/delivery", codeNeedDelivery}
	}
	return nil
}

func (s *Server) showAddress(w http.ResponseWriter, r *http.Request, v visit) error {
	checkout, _, err := s.checkoutAt(r, v, order.AddressStep)
	if err != nil {
		return err
	}
	if d, ok := s.pendingFormOf(r, v.Customer); ok && d.Action == r.URL.Path {
		checkout.Details, checkout.Resumed = addressOf(checkout.Details, d.Fields.Get), true
		checkout.Change = checkout.Change || d.Fields.Has("change")
	} else if checkout.Details.Name == "" && checkout.Details.Street == "" {
		checkout.Details.Name = v.Customer.Name
	}
	return s.renderAddress(w, r, checkout)
}

// renderAddress answers 422 where a field is wrong.
func (s *Server) renderAddress(w http.ResponseWriter, r *http.Request, checkout page.Checkout) error {
	p := &page.CheckoutAddress{Layout: s.layout(r, "Where does it go?"), Checkout: checkout}
	p.HasErrors = len(checkout.Errors) > 0
	return s.render(w, r, statusOf(checkout.Errors), p)
}

func statusOf(wrong []order.FieldProblem) int {
	if len(wrong) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

func (s *Server) saveAddress(w http.ResponseWriter, r *http.Request, v visit) error {
	address := addressOf(order.Details{}, r.PostForm.Get).Clean()
	// What is wrong is kept too: a visitor who leaves now finds it again.
	if err := s.config.Orders.SaveAddress(r.Context(), v.Customer.ID, address); err != nil {
		return err
	}
	if wrong := address.CheckAddress(); len(wrong) > 0 {
		checkout, _, err := s.checkoutAt(r, v, order.AddressStep)
		if err != nil {
			return err
		}
		checkout.Details, checkout.Errors = addressOf(checkout.Details, r.PostForm.Get).Clean(), wrong
		return s.renderAddress(w, r, checkout)
	}
	if r.Form.Get("change") != "" {
		redirect(w, "/checkout/review")
		return nil
	}
	redirect(w, "/checkout/delivery")
	return nil
}

// addressOf is the details with the address that a form holds.
func addressOf(d order.Details, field func(string) string) order.Details {
	d.Name, d.Street, d.Postcode = field("name"), field("street"), field("postcode")
	d.City, d.Country = field("city"), field("country")
	return d
}

func (s *Server) showDelivery(w http.ResponseWriter, r *http.Request, v visit) error {
	checkout, _, err := s.checkoutAt(r, v, order.DeliveryStep)
	if err != nil {
		return err
	}
	if d, ok := s.pendingFormOf(r, v.Customer); ok && d.Action == r.URL.Path {
		checkout.Details.Delivery, checkout.Resumed = order.Delivery(d.Fields.Get("delivery")), true
		checkout.Change = checkout.Change || d.Fields.Has("change")
	}
	return s.renderDelivery(w, r, checkout)
}

// renderDelivery answers 422 where nothing was chosen.
func (s *Server) renderDelivery(w http.ResponseWriter, r *http.Request, checkout page.Checkout) error {
	p := &page.CheckoutDelivery{Layout: s.layout(r, "How would you like to get it?"), Checkout: checkout}
	p.HasErrors = len(checkout.Errors) > 0
	return s.render(w, r, statusOf(checkout.Errors), p)
}

func (s *Server) saveDelivery(w http.ResponseWriter, r *http.Request, v visit) error {
	checkout, _, err := s.checkoutAt(r, v, order.DeliveryStep)
	if err != nil {
		return err
	}
	checkout.Details.Delivery = order.Delivery(r.PostForm.Get("delivery"))
	checkout.Details = checkout.Details.Clean()
	if checkout.Errors = checkout.Details.CheckDelivery(); len(checkout.Errors) > 0 {
		return s.renderDelivery(w, r, checkout)
	}
	if err := s.config.Orders.SaveDelivery(r.Context(), v.Customer.ID, checkout.Details.Delivery); err != nil {
		return err
	}
	redirect(w, "/checkout/review")
	return nil
}

// showReview shows the last step before the order.
func (s *Server) showReview(w http.ResponseWriter, r *http.Request, v visit) error {
	contents, err := s.glancedCart(r, v)
	if err != nil {
		return err
	}
	p, err := s.reviewPage(r, v, contents)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, p)
}

// reviewAgain answers a press that ordered nothing with the review as it is now, and explain adds
// why.
func (s *Server) reviewAgain(
	w http.ResponseWriter, r *http.Request, v visit, status int, explain func(*page.CheckoutReview),
) error {
	// What was refused may be newer than what was read with the session.
	contents, err := s.config.Carts.Cart(r.Context(), v.Cart)
	if err != nil {
		return err
	}
	p, err := s.reviewPage(r, v, contents)
	if err != nil {
		return err
	}
	p.Declines = r.PostForm.Get("payment") == paymentFails
	explain(p)
	return s.render(w, r, status, p)
}

func (s *Server) reviewPage(r *http.Request, v visit, contents cart.Cart) (*page.CheckoutReview, error) {
	checkout, key, err := s.checkoutOf(r, v, order.ReviewStep, contents)
	if err != nil {
		return nil, err
	}
	if len(checkout.Cart.Blocked()) > 0 {
		return nil, &redirectError{"/cart", codeOutOfStock}
	}
	return &page.CheckoutReview{Layout: s.layout(r, "Look it over"), Checkout: checkout, OrderKey: key}, nil
}
