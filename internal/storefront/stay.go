package storefront

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/middleware"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront/page"
)

// stayPath answers a page's script with the time left (GET) and lets a customer stay signed in
// (POST).
const stayPath = "/account/stay"

// timeLeft is the answer to a page's script, in whole seconds, rounded down.
type timeLeft struct {
	SignedIn     bool   `json:"signed_in"`
	IdleLeft     int64  `json:"idle_left"`
	AbsoluteLeft int64  `json:"absolute_left"`
	Ended        string `json:"ended,omitempty"` // why a customer's session ended, while the browser has its tag
}

// warning is what a page needs to warn its customer before the session ends (CS-25, WCAG 2.2.1);
// nil without a customer, and on the pages of the sign-in itself, where the customer is about to do
// what the warning asks for.
func (s *Server) warning(r *http.Request) *page.Warning {
	v := knownVisit(r)
	if !v.signedIn() || !v.live || middleware.Route(r) == "/login" {
		return nil
	}
	here := s.pageOf(r)
	return &page.Warning{
		IdleLeft: v.session.IdleLeft, AbsoluteLeft: v.session.AbsoluteLeft, Before: page.WarnBefore(v.session.Idle),
		Every: v.session.Absolute,
		Here:  here, SignIn: loginAddress(here), Confirm: reauthenticateAddress(here),
	}
}

// pageOf returns the page that a visitor who has signed in once more comes back to from this one.
// An address of the sign-in never is one (LocalPath): it may hold a code.
func (s *Server) pageOf(r *http.Request) string {
	if !middleware.IsGetOrHead(r) { // perhaps one that was refused before it had a route
		return forms[s.router.Find(chi.NewRouteContext(), r.Method, r.URL.EscapedPath())].page
	}
	return auth.LocalPath(middleware.PathAndQuery(r))
}

// tryAgainAt is where a visitor goes on whose request was refused for now.
func (s *Server) tryAgainAt(r *http.Request) string {
	if !middleware.IsGetOrHead(r) && r.URL.Path == "/login" {
		return s.loginPageOf(r)
	}
	return s.pageOf(r)
}

// showTimeLeft answers with the time left. A script asks for it, so it does not extend the session.
func (s *Server) showTimeLeft(w http.ResponseWriter, r *http.Request, v visit) error {
	s.config.Sessions.Passive(r.Context())
	return writeLeft(w, http.StatusOK, s.remaining(r, v))
}

// stay extends the session because its customer asks for more time. The answer gives a
// script what is left now, or leads back to the page. Where nothing is left it says so (401), or
// leads to the sign-in.
func (s *Server) stay(w http.ResponseWriter, r *http.Request, v visit) error {
	err := session.ErrEnded
	if v.signedIn() {
		err = s.config.Sessions.Extend(r.Context())
	}
	script := strings.Contains(r.Header.Get("Accept"), "application/json")
	returnTo := auth.LocalPath(r.PostForm.Get("return_to"))
	switch {
	case errors.Is(err, session.ErrEnded) && script:
		return writeLeft(w, http.StatusUnauthorized, timeLeft{Ended: endedAs(v)})
	case errors.Is(err, session.ErrEnded):
		redirect(w, loginAddress(returnTo))
	case err != nil:
		return err
	case script:
		return writeLeft(w, http.StatusOK, s.remaining(r, v))
	default:
		redirect(w, orHome(returnTo))
	}
	return nil
}

// remaining asks the session again: staying has moved its limit.
func (s *Server) remaining(r *http.Request, v visit) timeLeft {
	i, _ := s.config.Sessions.Info(r.Context())
	if !v.signedIn() {
		return timeLeft{Ended: endedAs(v)}
	}
	return timeLeft{SignedIn: true, IdleLeft: int64(max(i.IdleLeft, 0) / time.Second),
		AbsoluteLeft: int64(max(i.AbsoluteLeft, 0) / time.Second)}
}

func endedAs(v visit) string {
	if v.customerEnded() {
		return string(v.ended.Reason)
	}
	return ""
}

func writeLeft(w http.ResponseWriter, status int, l timeLeft) error {
	body, err := json.Marshal(l)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has gone; there is no one to tell
	return nil
}
