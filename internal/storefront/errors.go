package storefront

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/catalog"
	"hookandtag.example/shop/internal/fetchmetadata"
	"hookandtag.example/shop/internal/middleware"
	"hookandtag.example/shop/internal/order"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront/page"
)

// What can be wrong with a request before any rule of the shop has been asked.
var (
	errNotFound    = errors.New("no such page")
	errMethod      = errors.New("method not allowed here")
	errNoFormToken = errors.New("form token missing or wrong, and nothing says that one of our pages sent the form")
	errUnavailable = errors.New("the session could not be read or written")
)

// answer is what the visitor gets for an error.
type answer struct {
	status int
	text   string // replaces the page's own words for the status; never the error's
	link   string // a better way on than the home page, with its words
	words  string
	event  string // its name in the log
}

// tryAgain are the words of the link to the same page.
const tryAgain = "Try again"

// retryAfter is how long a client should wait when the store or the provider is away.
const retryAfter = 5 * time.Second

// answers is the one place that says which error gets which answer. What is not in it is 500 with a
// neutral page.
var answers = []struct {
	err error
	answer
}{
	{context.Canceled, answer{status: statusClientGone}}, // first: what failed because the client left is no outage
	{errNotFound, answer{status: http.StatusNotFound}},
	{catalog.ErrNotFound, answer{status: http.StatusNotFound}},
	{order.ErrNotFound, answer{status: http.StatusNotFound}},
	{errMethod, answer{status: http.StatusMethodNotAllowed}},
	{middleware.ErrHost, answer{status: http.StatusMisdirectedRequest}},
	{middleware.ErrProxyHost, answer{status: http.StatusMisdirectedRequest,
		text: "The shop is not set up right: it was reached under another name than the one you went to. " +
			"This is ours to mend. Please try again later."}},
	{middleware.ErrCrossOrigin, answer{status: http.StatusForbidden, event: EventForgedForm}},
	{errNoFormToken, answer{status: http.StatusForbidden, event: EventForgedForm}},
	{middleware.ErrEmbedded, answer{status: http.StatusForbidden, event: EventEmbedded}},
	{middleware.ErrSpeculative, answer{status: http.StatusServiceUnavailable}},
	{middleware.ErrMediaType, answer{status: http.StatusUnsupportedMediaType}},
	{middleware.ErrTooLarge, answer{status: http.StatusRequestEntityTooLarge}},
	{middleware.ErrUnreadable, answer{status: http.StatusUnprocessableEntity,
		text: "Something in what was sent cannot be read as text. Nothing was changed."}},
	{middleware.ErrRepeated, answer{status: http.StatusUnprocessableEntity,
		text: "The same field was sent twice, so we do not know which one you meant. Nothing was changed."}},
	{middleware.ErrTooMany, answer{status: http.StatusTooManyRequests, event: EventTooMany}},
	{middleware.ErrBusy, answer{status: http.StatusServiceUnavailable, event: EventOverloaded}},
	{errUnavailable, answer{status: http.StatusServiceUnavailable}},
	{cart.ErrClosed, outdated},
	{session.ErrReadOnly, outdated},
	{session.ErrEnded, outdated},
	{session.ErrForeign, answer{status: http.StatusServiceUnavailable,
		text: "We do not know your tag at the moment, so we could not sign you out. Please try again. If it does not help, " +
			"close the browser."}},
	{auth.ErrUnavailable, answer{status: http.StatusServiceUnavailable}},
	{context.DeadlineExceeded, answer{status: http.StatusServiceUnavailable}},
}

// outdated answers a change to a cart that was merged, or to a session that ended, after the page
// it was pressed on was made.
var outdated = answer{
	status: http.StatusConflict, link: "/cart", words: "Look at your cart",
	text: "You opened that page before you signed in or out. Your cart is as you left it: " +
		"press “Look at your cart” and try again there.",
}

// statusClientGone is never sent; it distinguishes an aborted request from our own failures in log
// and counters.
const statusClientGone = 499

func (s *Server) answerTo(err error) answer {
	for _, known := range answers {
		if errors.Is(err, known.err) {
			return known.answer
		}
	}
	if s.config.Outage(err) {
		return answer{status: http.StatusServiceUnavailable}
	}
	return answer{status: http.StatusInternalServerError}
}

// handler answers requests that have nothing to do with a visitor. It returns an error that has no
// page to itself.
type handler func(w http.ResponseWriter, r *http.Request) error

// handle makes a handler one of net/http's.
func (s *Server) handle(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		var to *redirectError
		switch {
		case errors.As(err, &to):
			s.addNotice(w, r, notice{code: to.code})
			redirect(w, to.to)
		case err != nil:
			s.fail(w, r, err)
		}
	}
}

// fail answers an error with its page and leaves it to the log line of the request.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	a := s.answerTo(err)
	e := requestInfo(r.Context())
	e.Err, e.Event = err, a.event
	w.Header().Set("Cache-Control", noStore)
	retry := a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests
	if retry && w.Header().Get("Retry-After") == "" {
		w.Header().Set("Retry-After", seconds(retryAfter))
	}
	if errors.Is(err, middleware.ErrSpeculative) {
		w.WriteHeader(a.status)
		return
	}
	if errors.Is(err, middleware.ErrBusy) && s.config.Lessons == nil {
		s.showBusy(w, r)
		return
	}
	problem := &page.Problem{
		Layout: s.minimalLayout(r, ""), Status: a.status, Text: a.text, LinkURL: a.link, LinkText: a.words,
	}
	if retry {
		problem.LinkURL, problem.LinkText = s.tryAgainAt(r), tryAgain
	}
	if a.status == http.StatusConflict {
		problem.Notices = append(problem.Notices, page.Notice{Kind: "late", Text: "Nothing was changed."})
	}
	s.show(w, r, a.status, problem)
}

// Unavailable answers a request whose session could not be read or written: 503, the tag as it was.
// It is never "signed out", never "anonymous", never an empty cart.
func (s *Server) Unavailable(w http.ResponseWriter, r *http.Request, err error) {
	middleware.ClearHeader(w.Header())
	s.fail(w, r, fmt.Errorf("%w: %w", errUnavailable, err))
}

// notFound answers an address without a route.
func (s *Server) notFound(w http.ResponseWriter, r *http.Request) { s.notFoundPage(w, r, errNotFound) }

// methodNotAllowed answers 405 and says what is allowed (RFC 9110 15.5.6). A reader who opens an
// address that only a form is sent to, as from a restored tab, is led to the page of that form.
func (s *Server) methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	if form := s.pageOfForm(r); form != "" {
		redirect(w, form)
		return
	}
	if allowed := s.allowed(r); len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
	}
	s.notFoundPage(w, r, errMethod)
}

// pageOfForm is the nearest page above an address that only takes forms; "" when there is none but
// the home page, or the request is no visit to a page.
func (s *Server) pageOfForm(r *http.Request) string {
	if !middleware.IsGetOrHead(r) || !fetchmetadata.TopLevel(r) {
		return ""
	}
	for at := path.Dir(r.URL.Path); at != "/" && at != "."; at = path.Dir(at) {
		if s.router.Match(chi.NewRouteContext(), http.MethodGet, at) {
			return (&url.URL{Path: at}).EscapedPath()
		}
	}
	return ""
}

// notFoundPage answers someone whom no route answers. A visitor who went there sees the page with
// their own name and cart; a script or an image that was linked wrongly costs nothing.
func (s *Server) notFoundPage(w http.ResponseWriter, r *http.Request, err error) {
	answer := s.handle(func(http.ResponseWriter, *http.Request) error { return err })
	if middleware.IsGetOrHead(r) && fetchmetadata.TopLevel(r) {
		s.admit(s.withSession(answer)).ServeHTTP(w, r)
		return
	}
	answer(w, r)
}

func (s *Server) allowed(r *http.Request) []string {
	at := r.URL.EscapedPath()
	if r.URL.RawPath == "" {
		at = r.URL.Path
	}
	var allowed []string
	if s.router.Match(chi.NewRouteContext(), http.MethodGet, at) {
		allowed = append(allowed, http.MethodGet, http.MethodHead)
	}
	if s.router.Match(chi.NewRouteContext(), http.MethodPost, at) {
		allowed = append(allowed, http.MethodPost)
	}
	return allowed
}
