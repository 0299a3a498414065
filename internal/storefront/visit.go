package storefront

import (
	"context"
	"errors"
	"net/http"

	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

// visit is a visitor and the session of their browser, as the request began. The middleware
// withSession finds it out once; it does not change when the handler signs somebody in or fills a
// cart, after which a handler redirects.
type visit struct {
	visitor.Visitor
	units     int           // in their cart
	formToken string        // goes into a customer's forms; "" where nobody is signed in
	session   session.Info  // counts if live
	live      bool          // a session is live, anonymous or a customer's
	ended     session.Ended // how the session of the browser's cookie ended; counts if over
	over      bool
}

func (s *Server) newVisit(ctx context.Context) visit {
	v := visit{Visitor: visitor.Of(ctx, s.config.Sessions)}
	v.session, v.live = s.config.Sessions.Info(ctx)
	v.ended, v.over = s.config.Sessions.Ended(ctx)
	v.formToken = s.config.Sessions.FormToken(ctx)
	if len(v.Glance.Lines) > 0 {
		// On an error all pieces count; a page that needs products reports it.
		products, _ := s.products(ctx, v)
		v.units = v.Glance.Units(products)
	}
	return v
}

// limits returns the limits of sessions that begin now, but for a visitor's own session, which
// keeps what it began with.
func (s *Server) limits(v visit) session.Limits {
	l := s.config.Limits
	switch {
	case v.live && v.signedIn():
		l.Idle, l.Absolute = v.session.Idle, v.session.Absolute
	case v.live:
		l.AnonymousIdle, l.AnonymousAbsolute = v.session.Idle, v.session.Absolute
	}
	return l
}

func (v visit) signedIn() bool { return v.Customer.ID != 0 }

// isNewVisitor reports whether nothing on a page is this visitor's own.
func (v visit) isNewVisitor() bool { return !v.live && !v.over }

// late reports whether the session ended moments ago, while this request was on its way. A late
// form is refused.
func (v visit) late() bool { return v.over && v.ended.Late }

// customerEnded reports whether the session that ended was a customer's.
func (v visit) customerEnded() bool { return v.over && v.ended.Owner != 0 }

type visitKey struct{}

// visitOf returns the visit; ok is false where the session has not been read, or could not be.
func visitOf(r *http.Request) (v visit, ok bool) {
	v, ok = r.Context().Value(visitKey{}).(visit)
	return v, ok
}

// knownVisit returns the visit, a new visitor's where it is unknown.
func knownVisit(r *http.Request) visit {
	v, _ := visitOf(r)
	return v
}

// withSession gives a request its session and its visit, and the log the session's name.
func (s *Server) withSession(next http.Handler) http.Handler {
	inside := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := requestInfo(r.Context())
		defer func() {
			if i, ok := s.config.Sessions.Info(r.Context()); ok { // a sign-in has begun another one
				e.SessionID = i.LogID
			}
		}()
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitKey{}, s.newVisit(r.Context()))))
	})
	return s.config.Sessions.Handler(s.throttleGuesses(inside))
}

// visitHandler is a page or an action for a visitor. It returns an error unless its own page says
// what went wrong.
type visitHandler func(w http.ResponseWriter, r *http.Request, v visit) error

// visit makes a visitHandler one of net/http's.
func (s *Server) visit(h visitHandler) http.HandlerFunc {
	return s.handle(func(w http.ResponseWriter, r *http.Request) error {
		v, ok := visitOf(r)
		if !ok {
			return errNoVisit
		}
		return h(w, r, v)
	})
}

// errNoVisit is a mistake in routes.go: a page that needs the visit is outside withSession.
var errNoVisit = errors.New("route without a session")

// redirectError redirects to another page, which shows why: a code of plainNotices.
type redirectError struct{ to, code string }

func (e *redirectError) Error() string { return "leads to " + e.to + ": " + e.code }
