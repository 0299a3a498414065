package provider

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// authorize takes an authorization request. An error in client or redirect_uri is shown
// here; every other error goes to the client (RFC 6749 4.1.2.1).
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	asked, err := op.ParseAuthorizeRequest(r, p.op.Decoder())
	if err != nil {
		p.fail(w, "The shop's request could not be read.")
		return
	}
	if asked.ClientID != p.client.id {
		p.fail(w, "This provider does not know the application that sent you here.")
		return
	}
	if !slices.Contains(p.client.redirectURIs, asked.RedirectURI) {
		p.fail(w, "The application asked to be called back at an address that is not registered.")
		return
	}
	var hint string // the subject that an id_token_hint names
	if err = requireMore(asked); err == nil {
		hint, err = op.ValidateAuthRequestClient(r.Context(), asked, p.client, p.op.IDTokenHintVerifier(r.Context()))
	}
	if err != nil {
		p.refuse(w, r, asked, err)
		return
	}
	request := p.memory.addRequest(authRequest{asked: *asked, hint: hint})
	http.Redirect(w, r, loginAddress(request.id), http.StatusSeeOther)
}

// requireMore checks what the library leaves optional, and response_type, for which it would not
// answer at an http address.
func requireMore(asked *oidc.AuthRequest) error {
	if asked.ResponseType != oidc.ResponseTypeCode {
		return &oidc.Error{ErrorType: "unsupported_response_type", Description: "response_type must be code"}
	}
	if asked.CodeChallenge == "" {
		return oidc.ErrInvalidRequest().WithDescription("code_challenge is missing: PKCE is required")
	}
	if asked.CodeChallengeMethod != oidc.CodeChallengeMethodS256 {
		return oidc.ErrInvalidRequest().WithDescription("code_challenge_method must be S256")
	}
	if !slices.Contains(asked.Scopes, oidc.ScopeOpenID) {
		return oidc.ErrInvalidScope().WithDescription("scope must contain openid")
	}
	if asked.ResponseMode != "" && asked.ResponseMode != oidc.ResponseModeQuery {
		return oidc.ErrInvalidRequest().WithDescription("response_mode must be query")
	}
	if asked.RequestParam != "" {
		return oidc.ErrRequestNotSupported()
	}
	return nil
}

// refuse sends the browser to the client with an authorization error, and logs it.
func (p *Provider) refuse(w http.ResponseWriter, r *http.Request, asked *oidc.AuthRequest, err error) {
	problem := oidc.DefaultToServerError(err, "")
	p.log.Info("authorization request refused", "error", string(problem.ErrorType), "description", problem.Description)
	answer := url.Values{"error": {string(problem.ErrorType)}}
	if problem.Description != "" {
		answer.Set("error_description", problem.Description)
	}
	p.callBack(w, r, asked, answer)
}

// callBack sends the browser to the client with the answer, its state, and who answers (RFC 9207
// 2). asked.RedirectURI has been checked.
func (p *Provider) callBack(w http.ResponseWriter, r *http.Request, asked *oidc.AuthRequest, answer url.Values) {
	if asked.State != "" {
		answer.Set("state", asked.State)
	}
	answer.Set("iss", p.config.Issuer)
	http.Redirect(w, r, asked.RedirectURI+"?"+answer.Encode(), http.StatusSeeOther)
}
