package storefront

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront/page"
	"hookandtag.example/shop/internal/visitor"
)

// showLogin is the page before the sign-in: nobody is sent to the provider without pressing its
// button (ASVS 7.6.2).
func (s *Server) showLogin(w http.ResponseWriter, r *http.Request, v visit) error {
	returnTo := auth.LocalPath(r.Form.Get("return_to"))
	status, failure := problemOf(r.Form.Get("problem"))
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", seconds(retryAfter))
	}
	if v.signedIn() {
		if r.Form.Get("confirm") != "" {
			return s.render(w, r, status, s.reauthenticatePage(r, returnTo, failure))
		}
		redirect(w, orHome(returnTo))
		return nil
	}
	if failure != page.NoFailure {
		return s.render(w, r, status, &page.SignInProblem{
			Layout: s.layout(r, "Sign in"), Failure: failure, ReturnTo: returnTo, SafariHint: s.secureOverHTTP(),
			CreatesAccounts: s.config.Provider.CreatesAccounts(),
		})
	}
	if returnTo == "" {
		returnTo = s.cameFrom(r)
	}
	p := s.loginPage(r, returnTo)
	p.Ended = s.ended(v)
	s.clearEndedCookie(r)
	return s.render(w, r, http.StatusOK, p)
}

// cameFrom is the page for everyone whose link led to the sign-in; "" if it was none of ours.
func (s *Server) cameFrom(r *http.Request) string {
	from, err := url.Parse(r.Referer())
	if err != nil || from.Scheme+"://"+from.Host != s.origin() {
		return ""
	}
	if from.Path != "/cart" && from.Path != "/products" && !strings.HasPrefix(from.Path, "/products/") {
		return ""
	}
	return auth.LocalPath(from.RequestURI())
}

// loginPageOf is the page whose button began a sign-in that was refused before its form was read.
func (s *Server) loginPageOf(r *http.Request) string {
	from, err := url.Parse(r.Referer())
	if err != nil || from.Scheme+"://"+from.Host != s.origin() || from.Path != "/login" {
		return "/login"
	}
	asked := from.Query()
	if asked.Get("confirm") != "" {
		return reauthenticateAddress(auth.LocalPath(asked.Get("return_to")))
	}
	return loginAddress(asked.Get("return_to"))
}

func (s *Server) loginPage(r *http.Request, returnTo string) *page.Login {
	return &page.Login{
		Layout: s.layout(r, "Sign in"), ReturnTo: returnTo, CreatesAccounts: s.config.Provider.CreatesAccounts(),
	}
}

// intentCreate marks an attempt that began with *Create an account*.
const intentCreate = "create"

// beginSignIn makes no row: the attempt lives in a separate cookie.
func (s *Server) beginSignIn(w http.ResponseWriter, r *http.Request, v visit) error {
	begin := auth.Begin{ReturnTo: auth.LocalPath(r.PostForm.Get("return_to"))}
	if v.signedIn() {
		if r.PostForm.Get("confirm") != "" {
			return s.beginReauthentication(w, r, v, begin.ReturnTo)
		}
		redirect(w, orHome(begin.ReturnTo))
		return nil
	}
	switch {
	case r.PostForm.Get("create") != "" && s.config.Provider.CreatesAccounts():
		begin.Prompt, begin.Intent = "create", intentCreate
	case s.cookie(r, askCookie) != "":
		begin.Prompt = "login"
	}
	to, err := s.config.Provider.Begin(r.Context(), w, r, begin)
	if errors.Is(err, auth.ErrUnavailable) && !errors.Is(err, context.Canceled) {
		requestInfo(r.Context()).Err = err
		w.Header().Set("Retry-After", seconds(retryAfter))
		p := s.loginPage(r, begin.ReturnTo)
		p.Failure = page.ProviderDown
		return s.render(w, r, http.StatusServiceUnavailable, p)
	}
	if err != nil {
		return err
	}
	return s.leadToProvider(w, r, page.Redirect{To: to})
}

// leadToProvider answers with a page that refreshes to the provider, without scripts too. Chromium
// applies form-action to a redirect and to all that follow it, and a provider may redirect to any
// origin.
func (s *Server) leadToProvider(w http.ResponseWriter, r *http.Request, p page.Redirect) error {
	p.Layout = page.Layout{
		Title: "One moment", Path: r.URL.Path, NoIndex: true, RequestID: requestInfo(r.Context()).ID, Unknown: true,
	}
	return s.render(w, r, http.StatusOK, &p)
}

// finishSignIn handles the provider's callback. It answers 303, so that the code does not stay in
// the address, but for an error that nobody expects. Only the middleware (database away, too many
// callbacks) answers there: the code is unspent then, and a reload continues.
func (s *Server) finishSignIn(w http.ResponseWriter, r *http.Request, v visit) error {
	authn, err := s.config.Provider.Finish(r.Context(), w, r)
	if err != nil {
		return s.explainSignIn(w, r, authn, err)
	}
	c, joined, err := visitor.SignIn(r.Context(), s.config.Sessions, session.Authentication{
		ProviderSID: authn.SID, IssuedAt: authn.IssuedAt, AuthTime: authn.AuthTime,
		Begun: authn.Begun, IDToken: authn.IDToken,
	}, visitor.Work{Identity: authn.Identity, From: signedInFrom(authn.ReturnTo)})
	if err != nil {
		return s.explainSignIn(w, r, authn, err)
	}
	requestInfo(r.Context()).Event = EventSignedIn
	if _, theirs := s.pendingFormOf(r, c); !theirs {
		s.dropPendingForm(w, r)
	}
	if authn.Reauthenticated && s.cookie(r, askCookie) != "" {
		s.setCookie(w, askCookie, "", 0)
	}
	if undo := joined.Cart.Undo; undo != nil && authn.ReturnTo != "/cart" {
		code := codeMerged
		if undo.OnlyLowered() {
			code = codeLowered
		}
		s.addNotice(w, r, notice{code, []count{{n: len(undo.Changes)}}})
	}
	if authn.ReturnTo == unplacedReview {
		code := codeUnplaced
		if authn.Intent == intentReauthenticate {
			code = codeConfirmed
		}
		s.addNotice(w, r, notice{code: code})
		authn.ReturnTo = "/checkout/review"
	}
	redirect(w, orHome(authn.ReturnTo))
	return nil
}

// merged is the kind of the notice about a merge; the cart page itself shows it.
const merged = "merged"

// signedInFrom returns what the visitor was doing. From the checkout nothing is added to the order
// on screen.
func signedInFrom(returnTo string) cart.From {
	if returnTo == "/checkout" || strings.HasPrefix(returnTo, "/checkout/") {
		return cart.CheckingOut
	}
	return cart.Browsing
}

// failures says what a visitor sees of a sign-in that did not work, and with which status.
var failures = []struct {
	err     error
	status  int
	failure page.Failure
}{
	{auth.ErrCancelled, http.StatusOK, page.SignInCancelled},
	{auth.ErrNotAdmitted, http.StatusForbidden, page.NotAdmitted},
	{auth.ErrExpired, http.StatusBadRequest, page.SignInExpired},
	{auth.ErrNoAttempt, http.StatusBadRequest, page.AttemptMissing},
	{auth.ErrUnavailable, http.StatusServiceUnavailable, page.ProviderDown},
	{customer.ErrDisabled, http.StatusForbidden, page.CustomerDisabled},
	{session.ErrLoggedOut, http.StatusForbidden, page.SignedOutDuringSignIn},
	{session.ErrSignedOut, http.StatusForbidden, page.SignedOutDuringSignIn},
	{session.ErrStaleAuthentication, http.StatusForbidden, page.StaleAuthentication},
}

// explainSignIn answers a callback that did not sign in. A visitor who is already signed in and
// revisits an old callback is redirected onward. One who left during the callback is no failure.
func (s *Server) explainSignIn(w http.ResponseWriter, r *http.Request, authn auth.Authentication, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	if errors.Is(err, session.ErrOvertaken) { // the browser has, or is about to get, the cookie of the other one
		redirect(w, orHome(authn.ReturnTo))
		return nil
	}
	failure := failureOf(err, authn.Intent)
	if failure == page.NoFailure && s.config.Outage(err) {
		failure = page.ProviderDown
	}
	if failure == page.NoFailure {
		return err
	}
	e, v := requestInfo(r.Context()), knownVisit(r)
	e.Err, e.Unavailable = err, failure == page.ProviderDown
	if v.signedIn() && (failure == page.AttemptMissing || failure == page.AttemptRepeated) {
		redirect(w, orHome(authn.ReturnTo))
		return nil
	}
	e.Event = EventSignInFailed
	if failure == page.StaleAuthentication {
		s.askNextTime(w)
	}
	redirect(w, problemAddress(failure, authn.ReturnTo, v.signedIn() && authn.Intent == intentReauthenticate))
	return nil
}

// problemAddress is where a failed sign-in is explained. A failed reauthentication leaves the
// session as it was, and the pending form kept.
func problemAddress(failure page.Failure, returnTo string, confirm bool) string {
	query := url.Values{"problem": {string(failure)}}
	if returnTo = auth.LocalPath(returnTo); returnTo != "" {
		query.Set("return_to", returnTo)
	}
	if confirm {
		query.Set("confirm", "1")
	}
	return "/login?" + query.Encode()
}

// refusals are the failures that stand for more than one error.
var refusals = []page.Failure{page.AttemptRepeated, page.SignInRefused, page.NotConfirmed, page.NotCreated}

// problemOf returns the failure with that name and its status; page.NoFailure and 200 for any other
// name.
func problemOf(name string) (status int, failure page.Failure) {
	if t := page.Failure(name); slices.Contains(refusals, t) {
		return http.StatusBadRequest, t
	}
	for _, t := range failures {
		if name != "" && name == string(t.failure) {
			return t.status, t.failure
		}
	}
	return http.StatusOK, page.NoFailure
}

func failureOf(err error, intent string) page.Failure {
	if _, ok := errors.AsType[auth.RepeatedError](err); ok {
		return page.AttemptRepeated
	}
	if refused, ok := errors.AsType[*auth.RefusedError](err); ok {
		switch {
		case refused.Check == auth.CheckAge && intent == intentReauthenticate:
			return page.NotConfirmed
		case intent == intentCreate && (refused.Check == auth.CheckAge || refused.Check == auth.CheckResponse):
			return page.NotCreated
		}
		return page.SignInRefused
	}
	for _, t := range failures {
		if errors.Is(err, t.err) {
			return t.failure
		}
	}
	return page.NoFailure
}

func orHome(path string) string {
	if path == "" {
		return "/"
	}
	return path
}
