package storefront

import (
	"bytes"
	"net/http"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront/page"
)

// frame fills what every page of the shop shows around its content, and takes what was kept to be said on the next one.
func (s *Server) frame(r *http.Request, title string) page.Layout {
	l := s.bareFrame(r, title)
	l.Notices = s.notices(r)
	return l
}

// bareFrame leaves what was kept to be said for a page of the shop. Where the session may not be asked, it is a stranger's.
func (s *Server) bareFrame(r *http.Request, title string) page.Layout {
	e := exchangeOf(r.Context())
	l := page.Layout{Title: title, Path: r.URL.Path, NoIndex: true, RequestID: e.id, Unknown: !e.inSession, Lessons: s.lessons != nil}
	if l.Unknown {
		return l
	}
	if s.lessons != nil {
		l.Ribbon = s.lessons.Ribbon(r)
	}
	if c, ok := s.sessions.Customer(r.Context()); ok {
		l.SignedIn, l.CustomerName = true, c.Greeting()
	}
	_, l.CartUnits = s.sessions.Cart(r.Context())
	l.CartUnknown = l.CartUnits == 0 && s.ended(r) != nil
	l.FormToken = s.sessions.FormToken(r.Context())
	l.Warning = s.warning(r)
	return l
}

// indexable is a frame for a page that search engines may keep.
func (s *Server) indexable(r *http.Request, title, description string) page.Layout {
	l := s.frame(r, title)
	l.NoIndex, l.Description, l.Canonical = false, description, s.origin()+r.URL.EscapedPath()
	return l
}

// notices takes what was kept for this visitor's next page. Who asks for the header only has not seen it.
func (s *Server) notices(r *http.Request) []page.Notice {
	if r.Method == http.MethodHead {
		return nil
	}
	var shown []page.Notice
	for _, n := range s.sessions.Notices(r.Context()) {
		told := page.Notice{Kind: n.Kind, Text: n.Text}
		if n.Kind == session.Elsewhere {
			told.Text = "Your account was also signed in on another browser. If that was not you, sign that browser out."
			if r.URL.Path != devicesPath {
				told.LinkURL, told.LinkText = devicesPath, "See where you are signed in"
			}
		}
		shown = append(shown, told)
	}
	return shown
}

func (s *Server) note(r *http.Request, kind, text string) {
	s.sessions.AddNotice(r.Context(), session.Notice{Kind: kind, Text: text})
}

// render is show for the end of a handler.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, p page.Page) error {
	s.show(w, r, status, p)
	return nil
}

// show answers with a page. When its template fails, the visitor gets the page made at the start.
func (s *Server) show(w http.ResponseWriter, r *http.Request, status int, p page.Page) {
	if status >= http.StatusInternalServerError {
		p.Unwarned() // such an answer records no use
	}
	err := s.pages.Render(w, status, p)
	e := exchangeOf(r.Context())
	if err == nil || e.answered() {
		return
	}
	e.err = err
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", noStore)
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write(s.lastResort) // the client has gone; there is no one to tell
}

func (s *Server) renderLastResort() ([]byte, error) {
	var kept memory
	problem := &page.Problem{Layout: page.Layout{NoIndex: true, Unknown: true}, Status: http.StatusInternalServerError}
	err := s.pages.Render(&kept, http.StatusInternalServerError, problem)
	return kept.Bytes(), err
}

// memory is an http.ResponseWriter that keeps the body.
type memory struct{ bytes.Buffer }

func (*memory) Header() http.Header { return http.Header{} }
func (*memory) WriteHeader(int)     {}

// owner says whose cart this request means.
func (s *Server) owner(r *http.Request) cart.Owner {
	if c, ok := s.sessions.Customer(r.Context()); ok {
		return cart.Owner{CustomerID: c.ID}
	}
	id, _ := s.sessions.Cart(r.Context())
	return cart.Owner{CartID: id}
}

// stranger reports whether the page holds nothing that is this visitor's own.
func (s *Server) stranger(r *http.Request) bool {
	_, live := s.sessions.Info(r.Context())
	_, over := s.sessions.Ended(r.Context())
	return !live && !over
}

// ended is what a page says of a customer's session that has ended; nil when there is nothing to say (it was an anonymous
// one, or it went on under a new tag).
func (s *Server) ended(r *http.Request) *page.Ended {
	e, over := s.sessions.Ended(r.Context())
	if !over || e.CustomerID == 0 || e.Reason == session.Rotated {
		return nil
	}
	told := &page.Ended{Reason: string(e.Reason)}
	switch e.Reason {
	case session.Idle:
		told.Limit = s.told.limits.Idle
	case session.Absolute:
		told.Limit = s.told.limits.Absolute
	}
	return told
}

// said lets the tag of an ended session go, because this page says why it ended. Who asks for the header only has not seen it.
func (s *Server) said(r *http.Request) {
	if r.Method != http.MethodHead {
		s.sessions.ClearEnded(r.Context())
	}
}
