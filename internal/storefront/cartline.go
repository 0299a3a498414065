package storefront

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront/page"
)

func (s *Server) setCartLine(w http.ResponseWriter, r *http.Request, v visit) error {
	n, ok := quantity(r.PostForm.Get("quantity"))
	return s.changeLine(w, r, v, func(o cart.Owner, sku string) (code string, err error) {
		switch {
		case !ok:
			return "", cart.ErrQuantity
		case n == 0:
			return "", s.config.Carts.SetLine(r.Context(), o, sku, 0) // the cart itself says so, beside Undo
		}
		return codeLine, s.config.Carts.SetLine(r.Context(), o, sku, n)
	})
}

func (s *Server) saveCartLine(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.changeLine(w, r, v, func(o cart.Owner, sku string) (code string, err error) {
		return codeSaved, s.config.Carts.SaveLine(r.Context(), o, sku)
	})
}

func (s *Server) restoreCartLine(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.changeLine(w, r, v, func(o cart.Owner, sku string) (code string, err error) {
		return codeRestored, s.config.Carts.RestoreLine(r.Context(), o, sku)
	})
}

func (s *Server) discardCartLine(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.changeLine(w, r, v, func(o cart.Owner, sku string) (code string, err error) {
		return "", s.config.Carts.DiscardLine(r.Context(), o, sku) // the cart itself says so, beside Undo
	})
}

// codeLine stands for no notice: the cart opens at the line, which shows its new number.
const codeLine = "line"

// lineChange changes the line of one product, and returns the code of the notice about it, if there
// is to be one.
type lineChange func(o cart.Owner, sku string) (code string, err error)

// changeLine does one thing to the line that the address names and leads back to the cart. What the
// visitor can correct is shown at the line, with 422.
func (s *Server) changeLine(w http.ResponseWriter, r *http.Request, v visit, change lineChange) error {
	sku := chi.URLParam(r, "sku")
	if !catalog.ValidSKU(sku) {
		return errNotFound
	}
	if v.late() {
		return session.ErrReadOnly
	}
	if v.Cart.IsZero() {
		redirect(w, "/cart")
		return nil
	}
	code, err := change(v.Cart, sku)
	if errors.Is(err, cart.ErrNoLine) {
		code, err = codeLineGone, nil
	}
	if err != nil {
		return s.refuseChange(w, r, v, sku, err)
	}
	to := "/cart"
	switch {
	case code == codeLine:
		to += "#" + sku
	case lineNotices[code] != "":
		s.addNotice(w, r, notice{code, []count{{1, sku}}})
	case code != "":
		s.addNotice(w, r, notice{code: code})
	}
	redirect(w, to)
	return nil
}

func (s *Server) refuseChange(w http.ResponseWriter, r *http.Request, v visit, sku string, refused error) error {
	refusal := refusalOf(refused, sku, r.PostForm.Get("quantity"))
	if refusal == nil {
		return refused
	}
	p, err := s.cartPage(r, v)
	if err != nil {
		return err
	}
	// The number is for the whole line, so what it already holds is not named separately.
	if limit, ok := errors.AsType[*cart.LimitError](refused); ok {
		whole := *limit
		whole.InCart = 0
		refusal.Err = &whole
	}
	p.HasErrors = true
	if _, shown := p.Cart.Line(sku); shown && r.PostForm.Has("quantity") {
		p.Refusal = refusal
	} else { // there is no field to show it at
		p.Notices = append(p.Notices, page.Notice{Kind: "capped", Text: refusal.Text()})
	}
	return s.render(w, r, http.StatusUnprocessableEntity, p)
}
