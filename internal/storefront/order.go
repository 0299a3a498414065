package storefront

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"hookandtag.example/shop/internal/money"
	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/storefront/page"
)

// justPlaced is the kind of the notice that makes the order's page a confirmation.
const justPlaced = "placed"

// placeOrder is a press on "place order": the key makes any number of presses one order, and the
// total is the one the customer saw.
func (s *Server) placeOrder(w http.ResponseWriter, r *http.Request, v visit) error {
	placing, again := readOrder(r.PostForm, v)
	if again != nil { // nothing was ordered and nothing is lost
		return s.reviewAgain(w, r, v, http.StatusUnprocessableEntity, again)
	}
	if s.needsReauthentication(r, placing.Total) {
		redirect(w, reauthenticateAddress(unplacedReview))
		return nil
	}
	placed, err := s.config.Orders.PlaceOrder(r.Context(), placing)
	if err != nil {
		return s.explainOrder(w, r, v, err)
	}
	s.addNotice(w, r, notice{code: codePlaced})
	redirect(w, "/orders/"+placed.Number)
	return nil
}

// paymentFails is the choice of a test payment that the bank refuses.
const paymentFails = "decline"

// readOrder reads the form of the review. If it cannot be ordered with, again says so on the
// review's page.
func readOrder(form url.Values, v visit) (placing order.Placing, again func(*page.CheckoutReview)) {
	total, err := money.Parse(form.Get("total"))
	key, payment := form.Get("order_key"), form.Get("payment")
	switch {
	case err != nil || !order.ValidKey(key) || payment != "approve" && payment != paymentFails:
		return order.Placing{}, func(p *page.CheckoutReview) {
			p.HasErrors = true
			p.Errors = []order.FieldProblem{{Field: "payment",
				Text: "Choose whether the payment succeeds, then place the order."}}
		}
	case payment == paymentFails:
		return order.Placing{}, func(p *page.CheckoutReview) { p.Declined = true }
	}
	return order.Placing{CustomerID: v.Customer.ID, Session: v.session.Handle, Key: key, Total: total}, nil
}

// explainOrder answers an order that was refused. Nothing was ordered.
func (s *Server) explainOrder(w http.ResponseWriter, r *http.Request, v visit, err error) error {
	var changed *order.TotalChangedError
	var soldOut *order.SoldOutError
	switch {
	case errors.As(err, &changed):
		return s.reviewAgain(w, r, v, http.StatusConflict,
			func(p *page.CheckoutReview) { p.ChangedFrom = changed.Shown })
	case errors.As(err, &soldOut):
		return s.showSoldOut(w, r, v, soldOut)
	case errors.Is(err, order.ErrEmpty):
		return &redirectError{"/cart", codeCartEmpty}
	case errors.Is(err, order.ErrUnfinished), errors.Is(err, order.ErrStaleKey):
		return &redirectError{"/checkout/review", codeCheckoutChanged}
	case errors.Is(err, order.ErrSignedOut):
		redirect(w, loginAddress(unplacedReview))
		return nil
	}
	return err
}

// showSoldOut shows the cart with the lines marked that someone else bought first.
func (s *Server) showSoldOut(w http.ResponseWriter, r *http.Request, v visit, e *order.SoldOutError) error {
	p, err := s.cartPage(r, v)
	if err != nil {
		return err
	}
	var names []string
	for _, l := range e.Lines {
		names = append(names, l.Product.Name)
	}
	text := "Someone else got there first, so nothing was ordered. Not enough is left of: " +
		strings.Join(names, ", ") + "."
	p.Notices = append(p.Notices, page.Notice{Kind: "sold-out", Text: text})
	return s.render(w, r, http.StatusConflict, p)
}

func (s *Server) listOrders(w http.ResponseWriter, r *http.Request, v visit) error {
	orders, err := s.config.Orders.Orders(r.Context(), v.Customer.ID)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, &page.Orders{Layout: s.layout(r, "Your orders"), Orders: orders})
}

// showOrder answers 404 for another customer's order, as for one that does not exist (ASVS 8.2.2).
func (s *Server) showOrder(w http.ResponseWriter, r *http.Request, v visit) error {
	number := chi.URLParam(r, "number")
	if !order.ValidNumber(number) {
		return order.ErrNotFound
	}
	o, err := s.config.Orders.Order(r.Context(), v.Customer.ID, number)
	if err != nil {
		return err
	}
	p := &page.Order{Layout: s.layout(r, "Order "+o.Number), Order: o}
	p.Notices = slices.DeleteFunc(p.Notices, func(n page.Notice) bool {
		p.JustPlaced = p.JustPlaced || n.Kind == justPlaced
		return n.Kind == justPlaced
	})
	return s.render(w, r, http.StatusOK, p)
}
