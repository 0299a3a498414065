package storefront

import (
	"bytes"
	"net/http"

	"hookandtag.example/shop/internal/fetchmetadata"
	"hookandtag.example/shop/internal/storefront/page"
)

// layout fills what every page shows around its content, with the notices of the last press.
func (s *Server) layout(r *http.Request, title string) page.Layout {
	l := s.minimalLayout(r, title)
	l.Notices, l.NoticesTaken = s.notices(r), true
	return l
}

// minimalLayout leaves the notices for a page of the shop. Where the session has not been read, it
// is a new visitor's.
func (s *Server) minimalLayout(r *http.Request, title string) page.Layout {
	v, known := visitOf(r)
	l := page.Layout{
		Title: title, Path: r.URL.Path, NoIndex: true, RequestID: requestInfo(r.Context()).ID,
		Unknown: !known, Lessons: s.config.Lessons != nil,
	}
	if s.config.Lessons != nil {
		l.Ribbon = s.config.Lessons.Ribbon(r, known)
	}
	if v.signedIn() {
		l.SignedIn, l.CustomerName = true, v.Customer.Greeting()
	}
	l.CartUnits, l.FormToken = v.units, v.formToken
	l.CartUnknown = l.CartUnits == 0 && s.ended(v) != nil
	l.Warning = s.warning(r)
	return l
}

// socialCard is the picture of the shop that is shown with a shared link.
const socialCard = "social-card.png"

// indexable is the layout of a page that search engines may keep.
func (s *Server) indexable(r *http.Request, title, description string) page.Layout {
	l := s.layout(r, title)
	l.NoIndex, l.Description, l.Canonical = false, description, s.origin()+r.URL.EscapedPath()
	if card, err := s.config.Assets.URL(socialCard); err == nil {
		l.SocialCard = s.origin() + card
	}
	return l
}

// render is show for the end of a handler.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, p page.Page) error {
	s.show(w, r, status, p)
	return nil
}

// show answers with a page. When its template fails, the visitor gets the page made at the start.
func (s *Server) show(w http.ResponseWriter, r *http.Request, status int, p page.Page) {
	if status >= http.StatusInternalServerError {
		p.DropWarning() // such an answer records no use
	}
	if p.TakesNotices() && status < http.StatusInternalServerError {
		s.clearNotices(w, r)
	}
	err := s.config.Pages.Render(w, status, p)
	e := requestInfo(r.Context())
	if err == nil || e.Answered() {
		return
	}
	e.Err = err
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", noStore)
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write(s.lastResort) // the client has gone; there is no one to tell
}

func (s *Server) renderLastResort() ([]byte, error) {
	var kept bufferedResponse
	problem := &page.Problem{Layout: page.Layout{NoIndex: true, Unknown: true}, Status: http.StatusInternalServerError}
	err := s.config.Pages.Render(&kept, http.StatusInternalServerError, problem)
	return kept.Bytes(), err
}

// bufferedResponse is an http.ResponseWriter that keeps the body.
type bufferedResponse struct{ bytes.Buffer }

func (*bufferedResponse) Header() http.Header { return http.Header{} }
func (*bufferedResponse) WriteHeader(int)     {}

// ended is what a page says of a customer's session that has ended; nil when there is nothing to
// say.
func (s *Server) ended(v visit) *page.Ended {
	if !v.customerEnded() {
		return nil
	}
	return &page.Ended{Reason: string(v.ended.Reason), Limit: v.ended.Limit}
}

// clearEndedCookie clears the cookie of an ended session once a page has explained it to a person:
// not for HEAD, nor for a script.
func (s *Server) clearEndedCookie(r *http.Request) {
	if r.Method != http.MethodHead && fetchmetadata.TopLevel(r) {
		s.config.Sessions.ClearEnded(r.Context())
	}
}
