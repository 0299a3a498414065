// Package fetchmetadata reads what a browser says about where a request comes from and what it is
// for (W3C Fetch Metadata Request Headers). A client that sends none of these headers counts as one
// that goes to the page on purpose; it is not known to be from our own pages.
package fetchmetadata

import (
	"net/http"
	"strings"
)

// Speculative reports whether the browser loads the page before anyone asked for it.
func Speculative(r *http.Request) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Moz"} { // today's name and two older ones
		if strings.Contains(strings.ToLower(r.Header.Get(name)), "prefetch") {
			return true
		}
	}
	return false
}

// TopLevel reports whether the whole window goes to the page, rather than a frame, an image or a
// script.
func TopLevel(r *http.Request) bool {
	site, mode, dest := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Sec-Fetch-Mode"), r.Header.Get("Sec-Fetch-Dest")
	return site+mode+dest == "" || mode == "navigate" && dest == "document"
}

// SameOrigin reports whether a page of origin itself sent the request. A browser without
// Sec-Fetch-Site is judged by the Origin header; a request with neither header is not known to be
// from there.
func SameOrigin(r *http.Request, origin string) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	return strings.EqualFold(r.Header.Get("Origin"), origin)
}

// Embedded reports whether another site's page, not a person going there, asks for this one.
func Embedded(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return false
	}
	return !TopLevel(r)
}
