package provider

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// token exchanges a code. The client proves itself by its secret or its key before anything else
// is checked, so a stranger cannot even use up a code.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	if err := p.authenticate(r); err != nil {
		w.Header().Set("WWW-Authenticate", `Basic realm="token"`)
		p.tokenError(w, http.StatusUnauthorized, oidc.ErrInvalidClient())
		return
	}
	if r.PostFormValue("grant_type") != string(oidc.GrantTypeCode) {
		p.tokenError(w, http.StatusBadRequest, oidc.ErrUnsupportedGrantType())
		return
	}
	asked, err := op.ParseAccessTokenRequest(r, p.op.Decoder())
	if err != nil {
		p.tokenError(w, http.StatusBadRequest, err)
		return
	}
	request, client, err := op.ValidateAccessTokenRequest(r.Context(), asked, p.op)
	if err != nil {
		p.tokenError(w, http.StatusBadRequest, err)
		return
	}
	response, err := op.CreateTokenResponse(r.Context(), request, client, p.op, true, asked.Code, "")
	if err != nil {
		p.tokenError(w, http.StatusBadRequest, oidc.ErrInvalidGrant().WithParent(err))
		return
	}
	p.writeJSON(w, http.StatusOK, response)
}

// authenticate takes client_secret_basic, or private_key_jwt from a client with keys. An assertion
// is not remembered: repeating one needs a code and its verifier, too.
func (p *Provider) authenticate(r *http.Request) error {
	if p.client.keys == nil {
		_, err := op.ClientBasicAuth(r, p.op.Storage())
		return err
	}
	assertion := oidc.ClientAssertionParams{ClientAssertion: r.PostFormValue("client_assertion"),
		ClientAssertionType: r.PostFormValue("client_assertion_type")}
	if assertion.ClientAssertionType != oidc.ClientAssertionTypeJWTAssertion {
		return op.ErrNoClientCredentials
	}
	_, err := op.ClientJWTAuth(r.Context(), assertion, p.op)
	return err
}

func (p *Provider) tokenError(w http.ResponseWriter, status int, err error) {
	problem := oidc.DefaultToServerError(err, "")
	if problem.ErrorType == oidc.ServerError {
		status = http.StatusInternalServerError
	}
	p.log.Info("token request refused", "error", string(problem.ErrorType), "description", problem.Description)
	p.writeJSON(w, status, problem)
}

// userinfo answers with the claims of the access token's owner (OpenID Connect Core 5.3). The token
// comes in the header.
func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	info, err := p.describeToken(r)
	if err != nil {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	p.writeJSON(w, http.StatusOK, info)
}

func (p *Provider) describeToken(r *http.Request) (*oidc.UserInfo, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, errBadToken
	}
	// The library's bearer tokens are "id:subject", sealed.
	opened, err := p.op.Crypto().Decrypt(token)
	if err != nil {
		return nil, errBadToken
	}
	id, subject, _ := strings.Cut(opened, ":")
	grant, err := p.memory.findGrant(id, subject)
	if err != nil {
		return nil, err
	}
	who, ok := p.memory.bySubject(grant.subject)
	if !ok {
		return nil, errBadToken
	}
	info := &oidc.UserInfo{}
	describe(info, who, grant.scopes)
	return info, nil
}

// metadata is the library's discovery document and what it has no field for.
type metadata struct {
	*oidc.DiscoveryConfiguration
	// RFC 9207 3.
	IssParameterSupported bool     `json:"authorization_response_iss_parameter_supported"`
	PromptValuesSupported []string `json:"prompt_values_supported"`
}

// discovery serves the metadata without what the library announces but this provider does not do.
func (p *Provider) discovery(w http.ResponseWriter, r *http.Request) {
	document := op.CreateDiscoveryConfig(r.Context(), p.op, p.op.Storage())
	document.IntrospectionEndpoint, document.RevocationEndpoint, document.DeviceAuthorizationEndpoint = "", "", ""
	document.IntrospectionEndpointAuthMethodsSupported, document.IntrospectionEndpointAuthSigningAlgValuesSupported = nil,
		nil
	document.RevocationEndpointAuthMethodsSupported, document.RevocationEndpointAuthSigningAlgValuesSupported = nil, nil
	document.ResponseTypesSupported = []string{string(oidc.ResponseTypeCode)}
	document.ResponseModesSupported = []string{string(oidc.ResponseModeQuery)}
	document.GrantTypesSupported = []oidc.GrantType{oidc.GrantTypeCode}
	document.TokenEndpointAuthMethodsSupported = []oidc.AuthMethod{p.client.AuthMethod()}
	if p.client.keys != nil {
		document.TokenEndpointAuthSigningAlgValuesSupported = []string{string(jose.ES256), string(jose.RS256),
			string(jose.PS256)}
	}
	p.writeJSON(w, http.StatusOK, metadata{
		DiscoveryConfiguration: document, IssParameterSupported: true,
		PromptValuesSupported: []string{oidc.PromptNone, oidc.PromptLogin, oidc.PromptSelectAccount, promptCreate},
	})
}

func (p *Provider) writeJSON(w http.ResponseWriter, status int, content any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(content); err != nil {
		p.log.Debug("answer not written", "error", err)
	}
}
