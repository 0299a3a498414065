package storefront

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"hookandtag.example/shop/internal/storefront/page"
)

// busyPage is the page of a request that finds no place, rendered once: past its limit the shop
// would otherwise spend more on refusals than on answers. It is what fail shows a new visitor, but
// that the bar marks no page as the current one.
type busyPage struct{ beforeLink, beforeID, rest string }

func (s *Server) renderBusy() (busyPage, error) {
	const link, id = "/link-of-the-busy-page", "id-of-the-busy-page"
	var kept bufferedResponse
	err := s.config.Pages.Render(&kept, http.StatusServiceUnavailable, &page.Problem{
		Layout: page.Layout{NoIndex: true, Unknown: true, RequestID: id}, Status: http.StatusServiceUnavailable,
		LinkURL: link, LinkText: tryAgain,
	})
	if err != nil {
		return busyPage{}, err
	}
	var b busyPage
	var linked, numbered bool
	b.beforeLink, b.rest, linked = strings.Cut(kept.String(), link)
	b.beforeID, b.rest, numbered = strings.Cut(b.rest, id)
	if !linked || !numbered {
		return busyPage{}, fmt.Errorf("the page of a busy shop lacks its link or its number")
	}
	return b, nil
}

// showBusy answers with the busy page: its link leads to the request's own page.
func (s *Server) showBusy(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusServiceUnavailable)
	link := template.HTMLEscapeString(s.tryAgainAt(r))
	text := s.busy.beforeLink + link + s.busy.beforeID + requestInfo(r.Context()).ID + s.busy.rest
	_, _ = w.Write([]byte(text)) // the client has gone; there is no one to tell
}
