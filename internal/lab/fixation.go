package lab

import (
	"net/http"

	"hookandtag.example/shop/internal/mallory"
)

var fixation = &lesson{
	number: 9, title: "Fixation and regeneration",
	weakness: "The id stays the same at sign-in, may come in an address, and need not be one of ours.",
	defences: []mallory.Defence{
		{Key: "regenerate", Text: "Sign-in makes a new id, moves the cart and ends the old session"},
		{Key: "strict", Text: "Ids that were never issued are ignored"},
		{Key: "nourl", Text: "An id in an address is ignored"},
	},
	weaken: func(x *exhibit) {
		x.find, x.headers = x.findAnyID, x.keepIDFromAddress
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

// findAnyID takes an id from the address or the cookie, and adopts one that nobody issued.
func (x *exhibit) findAnyID(r *http.Request) *session {
	id := x.offeredID(r)
	s := x.row(id)
	if s == nil && id != "" && !x.on["strict"] {
		s = x.begin(id)
	}
	if s == nil || !x.live(s) {
		return nil
	}
	return s
}

// offeredID prefers the address to the cookie.
func (x *exhibit) offeredID(r *http.Request) string {
	id := r.URL.Query().Get("sid")
	if id == "" || x.on["nourl"] || len(id) > maxID {
		id = x.sessionValue(r)
	}
	return id
}

// keepIDFromAddress makes a planted id the browser's own.
func (x *exhibit) keepIDFromAddress(w http.ResponseWriter, r *http.Request, s *session) {
	if s != nil && s.id != x.sessionValue(r) {
		x.give(w, s)
	}
}
