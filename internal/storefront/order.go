package storefront

import (
	"errors"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/money"
	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/storefront/page"
)

// justPlaced is the kind of the notice that makes the order's page a confirmation.
const justPlaced = "placed"

// placeOrder is a press on "place order": the key makes any number of presses one order, and the total is the one the customer
// saw.
func (s *Server) placeOrder(w http.ResponseWriter, r *http.Request, c customer.Customer) error {
	key := r.PostForm.Get("order_key")
	shown, err := money.Parse(r.PostForm.Get("total"))
	payment := r.PostForm.Get("payment")
	if err != nil || !order.ValidKey(key) || payment != "approve" && payment != "decline" {
		return s.reviewAgain(w, r, func(p *page.CheckoutReview) {
			p.Errors, p.HasErrors = []order.FieldError{{Field: "payment", Text: "Choose whether the payment succeeds, then place the order."}}, true
		})
	}
	if payment == "decline" {
		return s.reviewAgain(w, r, func(p *page.CheckoutReview) { p.Declined = true })
	}
	if s.needsProof(r, shown) {
		redirect(w, confirmAddress("/checkout/review"))
		return nil
	}
	placed, err := s.orders.PlaceOrder(r.Context(), order.Placing{CustomerID: c.ID, Key: key, Total: shown})
	if err != nil {
		return s.explainOrder(w, r, err)
	}
	s.note(r, justPlaced, "")
	redirect(w, "/orders/"+placed.Number)
	return nil
}

// reviewAgain shows the review once more, with 422 and what was wrong. Nothing was ordered and nothing is lost.
func (s *Server) reviewAgain(w http.ResponseWriter, r *http.Request, why func(*page.CheckoutReview)) error {
	p, err := s.reviewPage(w, r)
	if err != nil || p == nil {
		return err
	}
	why(p)
	return s.render(w, r, http.StatusUnprocessableEntity, p)
}

// explainOrder answers an order that was refused. Nothing was ordered.
func (s *Server) explainOrder(w http.ResponseWriter, r *http.Request, err error) error {
	var changed *order.TotalChangedError
	var soldOut *order.SoldOutError
	switch {
	case errors.As(err, &changed):
		p, err := s.reviewPage(w, r)
		if err != nil || p == nil {
			return err
		}
		p.ChangedFrom = changed.Shown
		return s.render(w, r, http.StatusConflict, p)
	case errors.As(err, &soldOut):
		return s.showSoldOut(w, r, soldOut)
	case errors.Is(err, order.ErrEmpty):
		s.note(r, "empty", "There is nothing to order: your cart is empty.")
		redirect(w, "/cart")
	case errors.Is(err, order.ErrUnfinished), errors.Is(err, order.ErrStaleKey):
		s.note(r, "step", "Your checkout has changed, so nothing was ordered. Please check it once more.")
		redirect(w, "/checkout/review")
	default:
		return err
	}
	return nil
}

// showSoldOut shows the cart with the lines marked that someone else bought first.
func (s *Server) showSoldOut(w http.ResponseWriter, r *http.Request, e *order.SoldOutError) error {
	p, err := s.cartPage(r)
	if err != nil {
		return err
	}
	text := "Someone else got there first, so nothing was ordered. Not enough is left of:"
	for i, l := range e.Lines {
		if i > 0 {
			text += ","
		}
		text += " " + l.Product.Name
	}
	p.Notices = append(p.Notices, page.Notice{Kind: "sold-out", Text: text + "."})
	return s.render(w, r, http.StatusConflict, p)
}

func (s *Server) listOrders(w http.ResponseWriter, r *http.Request, c customer.Customer) error {
	orders, err := s.orders.Orders(r.Context(), c.ID)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, &page.Orders{Layout: s.frame(r, "Your orders"), Orders: orders})
}

// showOrder answers 404 for another customer's order just as for one that is none (ASVS 8.2.2).
func (s *Server) showOrder(w http.ResponseWriter, r *http.Request, c customer.Customer) error {
	number := chi.URLParam(r, "number")
	if !order.ValidNumber(number) {
		return order.ErrNotFound
	}
	o, err := s.orders.Order(r.Context(), c.ID, number)
	if err != nil {
		return err
	}
	p := &page.Order{Layout: s.frame(r, "Order "+o.Number), Order: o}
	p.Notices = slices.DeleteFunc(p.Notices, func(n page.Notice) bool {
		p.JustPlaced = p.JustPlaced || n.Kind == justPlaced
		return n.Kind == justPlaced
	})
	return s.render(w, r, http.StatusOK, p)
}
