package storefront

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/money"
	"hookandtag.example/shop/internal/storefront/page"
)

// Reauthentication says when a customer who is signed in must prove once more who they are (ASVS
// 7.5.2, 7.5.3).
type Reauthentication struct {
	Age   time.Duration // an authentication at the provider older than this must be repeated
	Total money.Amount  // an order of at least this needs a reauthentication; 0: none does
}

// intentReauthenticate marks an attempt as a reauthentication.
const intentReauthenticate = "confirm"

// requireReauthentication passes requests of customers whose authentication is recent. Other forms
// are kept, and nothing is done before the reauthentication.
func (s *Server) requireReauthentication(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.config.Sessions.AuthenticatedWithin(r.Context(), s.config.Reauthentication.Age) {
			next.ServeHTTP(w, r)
			return
		}
		redirect(w, reauthenticateAddress(s.keepPendingForm(w, r, knownVisit(r).Customer.ID)))
	})
}

// needsReauthentication reports whether an order of this total must wait for a reauthentication.
func (s *Server) needsReauthentication(r *http.Request, total money.Amount) bool {
	needed := s.config.Reauthentication
	return needed.Total > 0 && total >= needed.Total && !s.config.Sessions.AuthenticatedWithin(r.Context(), needed.Age)
}

func reauthenticateAddress(returnTo string) string {
	return "/login?" + url.Values{"confirm": {"1"}, "return_to": {returnTo}}.Encode()
}

// beginReauthentication sends a customer who is signed in to the provider to prove once more who
// they are: the provider must ask (prompt=login), the authentication must be new (max_age), and
// nobody else may come back.
func (s *Server) beginReauthentication(w http.ResponseWriter, r *http.Request, v visit, returnTo string) error {
	if !s.config.Sessions.CheckFormToken(r.Context(), r.PostForm.Get(formToken)) {
		return s.render(w, r, http.StatusUnprocessableEntity, s.reauthenticatePage(r, returnTo, page.NoFailure))
	}
	to, err := s.config.Provider.Begin(r.Context(), w, r, auth.Begin{
		ReturnTo: returnTo, Intent: intentReauthenticate, Prompt: "login", MaxAge: s.config.Reauthentication.Age,
		ExpectSubject: v.Customer.Identity,
	})
	if errors.Is(err, auth.ErrUnavailable) && !errors.Is(err, context.Canceled) {
		requestInfo(r.Context()).Err = err
		w.Header().Set("Retry-After", seconds(retryAfter))
		return s.render(w, r, http.StatusServiceUnavailable, s.reauthenticatePage(r, returnTo, page.ProviderDown))
	}
	if err != nil {
		return err
	}
	return s.leadToProvider(w, r, page.Redirect{To: to})
}

func (s *Server) reauthenticatePage(r *http.Request, returnTo string, failure page.Failure) *page.Confirm {
	return &page.Confirm{Layout: s.layout(r, "Confirm it's you"), ReturnTo: returnTo, Failure: failure,
		Age: s.config.Reauthentication.Age}
}
