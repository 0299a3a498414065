package storefront

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront/page"
)

// showCart builds the page from what was read with the session and the catalogue in memory.
func (s *Server) showCart(w http.ResponseWriter, r *http.Request, v visit) error {
	contents, err := s.glancedCart(r, v)
	if err != nil {
		return err
	}
	p := s.cartPageOf(r, v, contents)
	p.CookiesRefused = r.Form.Get("added") != "" && v.isNewVisitor()
	p.SafariHint = s.secureOverHTTP()
	s.clearEndedCookie(r)
	return s.render(w, r, http.StatusOK, p)
}

// glancedCart is the visitor's cart as it was read with the session.
func (s *Server) glancedCart(r *http.Request, v visit) (cart.Cart, error) {
	if v.Cart.IsZero() {
		return cart.Cart{}, nil
	}
	if !v.live { // an anonymous session that goes on under a new tag
		return s.config.Carts.Cart(r.Context(), v.Cart)
	}
	products, err := s.products(r.Context(), v)
	if err != nil {
		return cart.Cart{}, err
	}
	return v.Glance.Cart(v.Cart.CartID, products), nil
}

// cartPage is the cart as it is now, after something was refused.
func (s *Server) cartPage(r *http.Request, v visit) (*page.Cart, error) {
	contents, err := s.config.Carts.Cart(r.Context(), v.Cart)
	if err != nil {
		return nil, err
	}
	return s.cartPageOf(r, v, contents), nil
}

// cartPageOf is the page of a cart. When this browser's customer was signed out it says that their
// cart is waiting.
func (s *Server) cartPageOf(r *http.Request, v visit, contents cart.Cart) *page.Cart {
	p := &page.Cart{Layout: s.layout(r, "Your cart"), Cart: contents, Waiting: s.ended(v),
		KeptFor: s.limits(v).AnonymousIdle}
	if v.Cart.IsZero() {
		return p
	}
	p.CartUnits = p.Cart.Units()
	if p.Cart.Undo != nil && p.Cart.Undo.Kind == cart.MergeUndone { // the page itself lists it, line by line
		p.Notices = slices.DeleteFunc(p.Notices, func(n page.Notice) bool { return n.Kind == merged })
	}
	return p
}

func (s *Server) addCartLine(w http.ResponseWriter, r *http.Request, v visit) error {
	sku, typed := r.PostForm.Get("sku"), r.PostForm.Get("quantity")
	if !catalog.ValidSKU(sku) {
		return catalog.ErrNotFound
	}
	if v.late() {
		return session.ErrReadOnly
	}
	n, ok := 1, true
	if typed != "" {
		n, ok = quantity(typed)
	}
	if !ok {
		return s.refuseAdd(w, r, v, sku, cart.ErrQuantity)
	}
	pieces, err := s.addLine(r.Context(), v, sku, n)
	if err != nil {
		return s.refuseAdd(w, r, v, sku, err)
	}
	s.addNotice(w, r, notice{codeAdded, []count{{pieces, sku}}})
	if v.Cart.IsZero() {
		redirect(w, "/cart?added=1")
		return nil
	}
	redirect(w, "/cart")
	return nil
}

// addLine returns how many pieces of the product the cart now holds. A stranger's first product
// begins the session in the same statement.
func (s *Server) addLine(ctx context.Context, v visit, sku string, n int) (pieces int, err error) {
	if v.Cart.IsZero() && !v.live {
		err = s.config.Sessions.Begin(ctx, func(ctx context.Context, record session.NewRecord) (cartID int64, err error) {
			cartID, pieces, err = s.config.Carts.AddFirstLine(ctx, record, sku, n)
			return cartID, err
		})
		return pieces, err
	}
	add := s.config.Carts.AddLine
	if s.held(ctx, v, sku) {
		add = s.config.Carts.AddToLine
	}
	cartID, pieces, err := add(ctx, v.Cart, sku, n)
	if err != nil {
		return 0, err
	}
	return pieces, s.config.Sessions.KeepRef(ctx, cartID)
}

// held reports whether the cart held the product when it was read with the session.
func (s *Server) held(ctx context.Context, v visit, sku string) bool {
	products, err := s.products(ctx, v)
	if err != nil {
		return false
	}
	product, err := products.ProductBySKU(sku)
	return err == nil && v.Glance.Pieces(product.ID) > 0
}

// refuseAdd shows the product again with what was typed and the number that would be accepted. Any
// other error is returned.
func (s *Server) refuseAdd(w http.ResponseWriter, r *http.Request, v visit, sku string, err error) error {
	refusal := refusalOf(err, sku, cmp.Or(r.PostForm.Get("quantity"), "1")) // lists send no number
	if refusal == nil {
		return err
	}
	products, err := s.config.Catalog.Newest(r.Context())
	if err != nil {
		return err
	}
	product, err := products.ProductBySKU(sku)
	if err != nil {
		return err
	}
	p := s.productPage(r, v, products, product)
	p.HasErrors, p.NoIndex, p.Refusal = true, true, refusal
	return s.render(w, r, http.StatusUnprocessableEntity, p)
}

// setAside saves for later every line that keeps the cart from being ordered, and leads on to the
// checkout.
func (s *Server) setAside(w http.ResponseWriter, r *http.Request, v visit) error {
	if v.late() {
		return session.ErrReadOnly
	}
	if v.Cart.IsZero() {
		redirect(w, "/cart")
		return nil
	}
	contents, err := s.glancedCart(r, v)
	if err != nil {
		return err
	}
	for _, line := range contents.Blocked() {
		sku := line.Product.SKU
		err := s.config.Carts.SaveLine(r.Context(), v.Cart, sku)
		if err != nil && !errors.Is(err, cart.ErrNoLine) {
			return s.refuseChange(w, r, v, sku, err)
		}
	}
	redirect(w, checkoutPath)
	return nil
}

func (s *Server) undoCart(w http.ResponseWriter, r *http.Request, v visit) error {
	if v.late() {
		return session.ErrReadOnly
	}
	if v.Cart.IsZero() {
		redirect(w, "/cart")
		return nil
	}
	err := s.config.Carts.UndoCart(r.Context(), v.Cart)
	switch {
	case errors.Is(err, cart.ErrNothingToUndo):
		s.addNotice(w, r, notice{code: codeUndoGone})
	case err != nil:
		return err
	default:
		s.addNotice(w, r, notice{code: codeUndone})
	}
	redirect(w, "/cart")
	return nil
}

// forgetCart ends an anonymous visitor's session immediately, for a shared computer. The session
// goes first: a session whose cart is closed would refuse every product. A customer's cart is kept;
// they sign out instead.
func (s *Server) forgetCart(w http.ResponseWriter, r *http.Request, v visit) error {
	if v.Cart.IsZero() || v.Cart.CustomerID != 0 {
		redirect(w, "/cart")
		return nil
	}
	if _, err := s.config.Sessions.SignOut(r.Context()); err != nil {
		return err
	}
	if err := s.config.Carts.ForgetCart(r.Context(), v.Cart); err != nil && !errors.Is(err, cart.ErrClosed) {
		return err
	}
	s.setCookie(w, noticeCookie, notice{code: codeForgotten}.String(), noticeLifetime) // replaces a notice not shown yet
	redirect(w, "/cart")
	return nil
}
