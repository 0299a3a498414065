package lab

import (
	"cmp"
	"net/http"

	"hookandtag.example/shop/internal/mallory"
)

var fixation = &lesson{
	number: 9, title: "Somebody else's tag",
	weakness: "The id stays the same at sign-in, may come in an address, and need not be one of ours.",
	defences: []mallory.Defence{
		{Key: "regenerate", Text: "Sign-in makes a new id, moves the cart and ends the old session"},
		{Key: "strict", Text: "Ids that were never issued are ignored"},
		{Key: "nourl", Text: "An id in an address is ignored"},
	},
	weaken: func(x *exhibit) {
		x.find, x.headers = x.findOrAdopt, x.keepIDFromAddress
		if x.on["strict"] || x.on["nourl"] {
			x.find = x.findIssued
		}
		if !x.on["regenerate"] {
			x.signIn = x.signInWithSameID
		}
	},
}

// signInWithSameID writes the customer into the session that is there.
func (x *exhibit) signInWithSameID(s *session, user string) *session {
	if s.id == "" {
		s = x.begin(x.newID())
	}
	s.user = user
	x.save(s)
	return s
}

// findOrAdopt takes an id from the address or the cookie, and makes a session for one that nobody
// issued.
func (x *exhibit) findOrAdopt(r *http.Request) *session {
	id := cmp.Or(idInAddress(r), x.sessionValue(r))
	s := x.liveRow(id)
	if s == nil && id != "" {
		s = x.begin(id)
	}
	return s
}

// idInAddress is ?sid=, unless it is longer than any of ours.
func idInAddress(r *http.Request) string {
	id := r.URL.Query().Get("sid")
	return id[:min(len(id), maxID)]
}

// findIssued leaves out what is switched off: ids in addresses, ids nobody issued.
func (x *exhibit) findIssued(r *http.Request) *session {
	id := x.sessionValue(r)
	if !x.on["nourl"] {
		id = cmp.Or(idInAddress(r), id)
	}
	s := x.liveRow(id)
	if s == nil && id != "" && !x.on["strict"] {
		s = x.begin(id)
	}
	return s
}

// keepIDFromAddress makes a planted id the browser's own.
func (x *exhibit) keepIDFromAddress(w http.ResponseWriter, r *http.Request, s *session) {
	if s != nil && s.id != x.sessionValue(r) {
		x.give(w, s)
		x.note(mallory.EventPlanted, "A browser took the id "+mallory.Shorten(s.id)+" from an address.")
	}
}
