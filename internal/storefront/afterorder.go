package storefront

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/order"
)

// cancelOrder cancels an order shortly after it was placed. Pressing twice does no harm.
func (s *Server) cancelOrder(w http.ResponseWriter, r *http.Request, v visit) error {
	number := chi.URLParam(r, "number")
	err := s.config.Orders.CancelOrder(r.Context(), v.Customer.ID, number)
	switch {
	case errors.Is(err, order.ErrTooLate):
		s.addNotice(w, r, notice{code: codeCancelLate})
	case err != nil:
		return err
	}
	redirect(w, "/orders/"+number)
	return nil
}

// orderAgain puts what was bought into the cart once more, as far as it is available, and names the
// rest. The cart then holds at least as many of each as the order did, so a later press adds none;
// of two presses at once, each may.
func (s *Server) orderAgain(w http.ResponseWriter, r *http.Request, v visit) error {
	bought, err := s.config.Orders.Order(r.Context(), v.Customer.ID, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	contents, err := s.glancedCart(r, v)
	if err != nil {
		return err
	}
	var missing []count
	for _, l := range bought.Lines {
		held, _ := contents.Line(l.SKU)
		added, err := s.addUpTo(r, v, l.SKU, l.Quantity-held.Quantity)
		if err != nil {
			return err
		}
		if rest := l.Quantity - held.Quantity - added; rest > 0 {
			missing = append(missing, count{rest, l.SKU})
		}
	}
	if len(missing) == 0 {
		s.addNotice(w, r, notice{code: codeAllAdded})
	} else {
		s.addNotice(w, r, notice{codeNotAllAdded, missing})
	}
	redirect(w, "/cart")
	return nil
}

// addUpTo adds n pieces of a product to the cart, or as many as are available, and returns how
// many.
func (s *Server) addUpTo(r *http.Request, v visit, sku string, n int) (added int, err error) {
	add := s.config.Carts.AddLine
	if s.held(r.Context(), v, sku) {
		add = s.config.Carts.AddToLine
	}
	for n > 0 {
		_, _, err := add(r.Context(), v.Cart, sku, n)
		var limit *cart.LimitError
		switch {
		case err == nil:
			return n, nil
		case errors.Is(err, catalog.ErrNotFound), errors.Is(err, cart.ErrTooManyLines):
			return 0, nil
		case !errors.As(err, &limit):
			return 0, err
		}
		n = min(limit.More(), n-1)
	}
	return 0, nil
}
