package storefront

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/middleware"
	"hookandtag.example/shop/internal/session"
)

// backChannelPath is where the provider sends logouts. The sender is a server, which may use any
// name it knows us by.
const backChannelPath = "/auth/backchannel-logout"

var errLogoutToken = errors.New("logout token refused")

// endByProvider takes a logout token from the provider, server to server (OIDC Back-Channel Logout
// 1.0, 2.5 to 2.8). It answers exactly 200 or 400, or says that this is not the way to ask. 200
// means that the sessions are over on every replica, also when there were none; a store or a
// provider that is away is 400 too, so that the provider may try again.
func (s *Server) endByProvider(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", noStore)
	raw, err := logoutToken(r)
	if errors.Is(err, errLogoutToken) {
		return s.refuseForged(w, r, err)
	}
	if err != nil {
		return err
	}
	logout, err := s.config.Provider.VerifyLogout(r.Context(), raw)
	if err != nil {
		return s.refuseForged(w, r, err)
	}
	_, err = s.config.Sessions.EndByProvider(r.Context(), session.Logout{
		Issuer: logout.Issuer, Subject: logout.Subject, SID: logout.SID, TokenID: logout.TokenID,
		IssuedAt: logout.IssuedAt, Keep: logout.Expires.Sub(s.config.Now()) + time.Minute,
	})
	if err != nil {
		return s.refuseLogout(w, r, err)
	}
	requestInfo(r.Context()).Event = EventProviderLogout
	w.WriteHeader(http.StatusOK)
	return nil
}

// refuseForged answers 429 to an address that keeps guessing. What the provider signed is not
// counted, nor what could not be judged: the provider is one address, may send everyone's logout at
// once, and retries after a 400.
func (s *Server) refuseForged(w http.ResponseWriter, r *http.Request, err error) error {
	if !errors.Is(err, auth.ErrUnavailable) && s.refusals.Exceeded(w, r, middleware.ClientKey(r)) {
		return middleware.ErrTooMany
	}
	return s.refuseLogout(w, r, err)
}

// refuseLogout answers 400 and does not reveal which check failed. A sender that has left gets no
// answer and is not logged as refused.
func (s *Server) refuseLogout(w http.ResponseWriter, r *http.Request, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	e := requestInfo(r.Context())
	e.Err, e.Event = err, EventProviderLogoutRefused
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_, err = io.WriteString(w, `{"error":"invalid_request"}`)
	return err
}

// logoutToken reads the one logout_token of the form. Other parameters are ignored (2.5).
func logoutToken(r *http.Request) (string, error) {
	form, err := middleware.ReadForm(r, "logout_token")
	if errors.Is(err, middleware.ErrMediaType) || errors.Is(err, middleware.ErrTooLarge) {
		return "", err
	}
	if err != nil || !form.Has("logout_token") {
		return "", errLogoutToken
	}
	return form.Get("logout_token"), nil
}
