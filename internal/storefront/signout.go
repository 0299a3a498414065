package storefront

import (
	"crypto/rand"
	"net/http"
	"time"

	"hookandtag.example/shop/internal/storefront/page"
)

// askLifetime is how long we remember that the provider has to ask: a sign-out did not reach it,
// its authentication is too old, or this browser has ended another one's session.
const askLifetime = 30 * 24 * time.Hour

// signOut ends the session before anything else, then leads to the provider's own sign-out. The
// answer clears the browser's copies of our pages (ASVS 14.3.1), the tag, the notices, the pending
// form and the open sign-ins. Until the provider has redirected back, the next sign-in asks for the
// password.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request, v visit) error {
	// The provider may still know the customer where the session has ended before, as when the answer
	// to a first press was lost, and where nobody can say whose the tag was.
	maybeKnown := v.signedIn() || v.customerEnded() || s.config.Sessions.TagRefusal(r.Context()) != ""
	var idToken string
	if maybeKnown {
		var err error
		if idToken, err = s.config.Sessions.SignOut(r.Context()); err != nil {
			return err
		}
	}
	s.config.Sessions.ClearEnded(r.Context())
	s.dropPendingForm(w, r)
	s.clearNotices(w, r)
	s.config.Provider.Drop(w, r)
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	if !maybeKnown {
		redirect(w, "/signed-out")
		return nil
	}
	state := rand.Text()
	s.setCookie(w, askCookie, state, askLifetime)
	to, ok := s.config.Provider.EndSession(r.Context(), idToken, state)
	if !ok {
		to = "/signed-out"
	}
	return s.leadToProvider(w, r, page.Redirect{To: to, SigningOut: true})
}

// showSignedOut is where the provider redirects to. Only the state that went out with the sign-out
// proves that the provider ended its own session; without it the next sign-in asks for the password
// again (WSTG-SESS-06). Anyone may open this page; it changes no session.
func (s *Server) showSignedOut(w http.ResponseWriter, r *http.Request, v visit) error {
	asked := s.cookie(r, askCookie)
	if asked != "" && asked == r.Form.Get("state") {
		s.setCookie(w, askCookie, "", 0)
		asked = ""
	}
	if !v.signedIn() { // the page that signed out is in the back/forward cache only now
		w.Header().Set("Clear-Site-Data", `"cache"`)
	}
	p := &page.SignedOut{Layout: s.layout(r, "Signed out"), Ended: s.ended(v), StillAtProvider: asked != ""}
	s.clearEndedCookie(r)
	return s.render(w, r, http.StatusOK, p)
}

// askNextTime makes the provider ask at the next sign-in of this browser: what it remembers is from
// before the customer's sessions were revoked, and would be refused.
func (s *Server) askNextTime(w http.ResponseWriter) {
	s.setCookie(w, askCookie, rand.Text(), askLifetime)
}
