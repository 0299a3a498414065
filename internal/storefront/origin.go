package storefront

import (
	"net/http"
	"strings"
)

// crossOrigin refuses what another site makes a browser send (ASVS 3.5.1). It stands before everything that reads the
// session: a refused request touches none and gets no cookie. No origin and no path is exempt from it.
//
// net/http's protection lets a request pass that has neither Sec-Fetch-Site nor Origin (not a browser, or a very old one);
// a signed-in customer's form then still needs its token. One thing is stricter here: without Sec-Fetch-Site the whole
// origin must be ours, scheme included.
func (s *Server) crossOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := protection.Check(r); err != nil || s.otherScheme(r) {
			s.fail(w, r, errCrossOrigin)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) otherScheme(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	return !isSafe(r) && r.Header.Get("Sec-Fetch-Site") == "" && origin != "" && !strings.EqualFold(origin, s.origin())
}

// isSafe mirrors what net/http's protection calls safe.
func isSafe(r *http.Request) bool { return isRead(r) || r.Method == http.MethodOptions }

// fromOurPage reports whether the browser itself says that one of our own pages sent this form.
func (s *Server) fromOurPage(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	return strings.EqualFold(r.Header.Get("Origin"), s.origin())
}

// isolated lets pages be read by our own pages and by someone who goes there, and not by another site that embeds or
// fetches them (ASVS 3.2.1, 3.5.8). A browser that sends no Sec-Fetch-Site is let through: SameSite=Lax holds for it.
func (s *Server) isolated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isRead(r) && isSpeculative(r) && r.Header.Get("Cookie") != "" {
			s.fail(w, r, errSpeculative)
			return
		}
		if isRead(r) && embedded(r) {
			s.fail(w, r, errEmbedded)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func embedded(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return false
	}
	return !goesThere(r)
}

// goesThere reports whether the whole window goes to the page.
func goesThere(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}

// isSpeculative reports whether the browser fetches the page in case someone might go there. Such a request must count as
// no use of a session, so one with cookies is declined; the browser asks again when the visitor really goes.
func isSpeculative(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch") || strings.EqualFold(r.Header.Get("Purpose"), "prefetch")
}

// topLevel lets only the whole window come here, not a frame, an image or a script. A browser that says nothing about
// where it goes passes.
func (s *Server) topLevel(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said := r.Header.Get("Sec-Fetch-Site") + r.Header.Get("Sec-Fetch-Mode") + r.Header.Get("Sec-Fetch-Dest")
		if isSpeculative(r) || said != "" && !goesThere(r) {
			s.fail(w, r, errEmbedded)
			return
		}
		next.ServeHTTP(w, r)
	})
}
