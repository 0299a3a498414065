package storefront

import (
	"net/http"
	"net/url"
	"strings"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/fetchmetadata"
	"hookandtag.example/shop/internal/middleware"
	"hookandtag.example/shop/internal/storefront/page"
)

// keepFormOfEndedSession seals a form that was posted on a customer's ended session for that
// customer, does nothing with it, and leads to the sign-in, so that the idle limit costs nobody
// what they typed (ASVS 7.3.1).
func (s *Server) keepFormOfEndedSession(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v := knownVisit(r); r.Method == http.MethodPost && v.customerEnded() {
			redirect(w, loginAddress(afterSignIn(s.keepPendingForm(w, r, v.ended.Owner))))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// csrfToken lets a form through that this customer's own page carries (NIST 800-63B 5.1), and every
// form of those who are not signed in. A stale token on a form of ours costs one more click: the
// form is shown again with a new one.
func (s *Server) csrfToken(next http.Handler) http.Handler {
	return s.handle(func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodPost && !s.config.Sessions.CheckFormToken(r.Context(), r.PostForm.Get(formToken)) {
			return s.askAgain(w, r)
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// dropPostedForm forgets a customer's pending form when it is posted. It runs after csrfToken.
func (s *Server) dropPostedForm(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			if d, waits := s.pendingFormOf(r, knownVisit(r).Customer); waits && d.Action == r.URL.EscapedPath() {
				s.dropPendingForm(w, r)
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) askAgain(w http.ResponseWriter, r *http.Request) error {
	if !fetchmetadata.SameOrigin(r, s.origin()) {
		return errNoFormToken
	}
	if middleware.Route(r) == "/orders" { // only a review made since may place an order
		return s.reviewAgain(w, r, knownVisit(r), http.StatusUnprocessableEntity, func(p *page.CheckoutReview) {
			p.Notices = append(p.Notices, page.Notice{Kind: "late",
				Text: "This page had been open since before you signed in, so nothing was ordered yet. Please press once more."})
		})
	}
	p, err := s.resubmit(r, r.URL.EscapedPath(), r.PostForm)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusUnprocessableEntity, p)
}

// resubmit is the page that shows a posted form once more, with the name of the product it is
// about.
func (s *Server) resubmit(r *http.Request, action string, fields url.Values) (*page.Resubmit, error) {
	p := &page.Resubmit{Layout: s.layout(r, "Please press once more"), Action: action, Fields: fields}
	products, err := s.config.Catalog.Snapshot(r.Context())
	if err != nil {
		return nil, err
	}
	product, _ := products.ProductBySKU(skuOf(action, fields)) // of no product, it has no name
	p.Product = product.Name
	return p, nil
}

// skuOf is the product that a form on the cart is about: it names it in a field, or in its address.
func skuOf(action string, fields url.Values) string {
	if parts := strings.Split(action, "/"); len(parts) > 3 && parts[1] == "cart" {
		return parts[3]
	}
	return fields.Get("sku")
}

// requireSignIn lets customers in and sends everyone else to the sign-in, which leads back.
func (s *Server) requireSignIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v := knownVisit(r); v.signedIn() {
			next.ServeHTTP(w, r)
			return
		}
		returnTo := middleware.PathAndQuery(r)
		if !middleware.IsGetOrHead(r) {
			returnTo = afterSignIn(forms[middleware.Route(r)].page)
		}
		redirect(w, loginAddress(returnTo))
	})
}

// unplacedReview is where a sign-in leads that came between "Place order" and the order. Only the
// sign-in itself reads it: the link alone says nothing.
const unplacedReview = "/checkout/review?unplaced=1"

// afterSignIn returns where a form's sender comes back to.
func afterSignIn(formPage string) string {
	if formPage == "/checkout/review" {
		return unplacedReview
	}
	return formPage
}

// loginAddress is where a page sends a visitor who must sign in first. What is no local path is
// left out (ASVS 3.7.2).
func loginAddress(returnTo string) string {
	if returnTo = auth.LocalPath(returnTo); returnTo == "" || returnTo == "/" {
		return "/login"
	}
	return "/login?" + url.Values{"return_to": {returnTo}}.Encode()
}
