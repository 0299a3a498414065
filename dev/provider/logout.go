package provider

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

var errBadHint = errors.New("id_token_hint is not one of this provider's ID tokens for the shop")

// endSession is RP-initiated logout. With a valid hint, expired or not, the session it names ends
// and so does the browser's, if it is the same person's. Otherwise the person is asked first
// (OpenID Connect RP-Initiated Logout 2).
func (p *Provider) endSession(w http.ResponseWriter, r *http.Request) {
	asked, err := op.ParseEndSessionRequest(r, p.op.Decoder())
	if err != nil {
		p.fail(w, "The request to sign out could not be read.")
		return
	}
	hint, hintErr := p.hint(r, asked.IdTokenHint)
	if hintErr == nil {
		if asked.ClientID != "" && asked.ClientID != p.client.id {
			p.fail(w, "The request to sign out contradicts itself.")
			return
		}
		asked.ClientID = p.client.id
	}
	target := p.afterLogout(w, asked)
	if target == "" {
		return
	}
	s, signedIn := p.session(r)
	if signedIn && (hintErr != nil || s.person.Subject != hint.Subject) {
		p.show(w, http.StatusOK, "logout.html", logoutView{s.person.Name, asked})
		return
	}
	if signedIn {
		p.endInBrowser(w, r, s)
	}
	if hintErr == nil {
		p.endBySID(r, hint.SessionID)
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// confirmedEnd takes the posted confirmation: it ends the browser's session, or all of that
// person's.
func (p *Provider) confirmedEnd(w http.ResponseWriter, r *http.Request) {
	asked := &oidc.EndSessionRequest{
		ClientID:              r.PostFormValue("client_id"),
		PostLogoutRedirectURI: r.PostFormValue("post_logout_redirect_uri"),
		State:                 r.PostFormValue("state"),
	}
	target := p.afterLogout(w, asked)
	if target == "" {
		return
	}
	if s, signedIn := p.session(r); signedIn {
		p.endInBrowser(w, r, s)
		if r.PostFormValue("everywhere") != "" {
			for _, sid := range p.memory.sessionsOf(s.person.Email) {
				p.endBySID(r, sid)
			}
		}
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// hint reads an id_token_hint. Past its exp it is as good as before.
func (p *Provider) hint(r *http.Request, token string) (*oidc.IDTokenClaims, error) {
	claims, err := op.VerifyIDTokenHint[*oidc.IDTokenClaims](r.Context(), token, p.op.IDTokenHintVerifier(r.Context()))
	if err != nil && !errors.As(err, &op.IDTokenHintExpiredError{}) {
		return nil, errBadHint
	}
	if claims.AuthorizedParty != p.client.id || !slices.Contains(claims.Audience, p.client.id) {
		return nil, errBadHint
	}
	return claims, nil
}

// afterLogout returns where the browser goes: to the shop, if the shop is named and the address is
// registered, else to the provider's own page. An unregistered address it refuses, and returns "".
func (p *Provider) afterLogout(w http.ResponseWriter, asked *oidc.EndSessionRequest) string {
	to := asked.PostLogoutRedirectURI
	switch {
	case to == "":
		return signedOutPath
	case op.ValidateEndSessionPostLogoutRedirectURI(to, p.client) != nil:
		p.fail(w, "The application asked to return to an address that is not registered. You are still signed in.")
		return ""
	case asked.ClientID != p.client.id:
		return signedOutPath
	case asked.State != "":
		return to + "?" + url.Values{"state": {asked.State}}.Encode()
	}
	return to
}

func (p *Provider) endInBrowser(w http.ResponseWriter, r *http.Request, s session) {
	p.setCookie(w, "")
	p.endBySID(r, s.sid)
}

func (p *Provider) endBySID(r *http.Request, sid string) {
	if s, ok := p.memory.endSession(sid); ok {
		p.tellShop(r, s)
	}
}

// tellShop sends the logout token and lets a failure be the log's business only.
func (p *Provider) tellShop(r *http.Request, s session) {
	if err := p.notify(r.Context(), s); err != nil {
		p.log.Warn("back-channel logout not delivered", "error", err)
	}
}
