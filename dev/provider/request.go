package provider

import (
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

var supportedScopes = []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail}

// authRequest is one authorization request and, once answered, by whom. It is op.AuthRequest.
type authRequest struct {
	id      string
	asked   oidc.AuthRequest
	hint    string // the subject that an id_token_hint named
	expires time.Time

	answered bool
	session  session // as it was when it answered
	taken    bool    // its code has been exchanged
}

func (r authRequest) GetID() string                      { return r.id }
func (r authRequest) GetACR() string                     { return "" }
func (r authRequest) GetAMR() []string                   { return []string{"pwd"} }
func (r authRequest) GetAudience() []string              { return []string{r.asked.ClientID} }
func (r authRequest) GetAuthTime() time.Time             { return r.session.authTime }
func (r authRequest) GetClientID() string                { return r.asked.ClientID }
func (r authRequest) GetNonce() string                   { return r.asked.Nonce }
func (r authRequest) GetRedirectURI() string             { return r.asked.RedirectURI }
func (r authRequest) GetResponseType() oidc.ResponseType { return oidc.ResponseTypeCode }
func (r authRequest) GetResponseMode() oidc.ResponseMode { return oidc.ResponseModeQuery }
func (r authRequest) GetState() string                   { return r.asked.State }
func (r authRequest) GetSubject() string                 { return r.session.person.Subject }
func (r authRequest) Done() bool                         { return r.answered }

// GetScopes are the asked scopes that exist here: the library lets others through, offline_access
// among them.
func (r authRequest) GetScopes() []string {
	return slices.DeleteFunc(slices.Clone([]string(r.asked.Scopes)), func(scope string) bool {
		return !slices.Contains(supportedScopes, scope)
	})
}

func (r authRequest) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.asked.CodeChallenge, Method: oidc.CodeChallengeMethodS256}
}

// silent says that no page may be shown.
func (r authRequest) silent() bool {
	return slices.Contains(r.asked.Prompt, oidc.PromptNone)
}

// promptCreate asks for the page on which a stranger makes an account. // OIDC Prompt Create 4.1
const promptCreate = "create"

// creates says that the request asks for a new account. A hint names somebody who has one.
func (r authRequest) creates() bool {
	return r.hint == "" && slices.Contains(r.asked.Prompt, promptCreate)
}

// satisfiedBy says whether s answers the request without asking for the password again
// (OpenID Connect Core 3.1.2.1: prompt, max_age, id_token_hint). The library has turned
// prompt=login into max_age=0.
func (r authRequest) satisfiedBy(s session, now time.Time) bool {
	if r.creates() || slices.Contains(r.asked.Prompt, oidc.PromptSelectAccount) {
		return false
	}
	if r.hint != "" && r.hint != s.person.Subject {
		return false
	}
	if r.asked.MaxAge == nil {
		return true
	}
	limit := *r.asked.MaxAge
	return limit > 0 && now.Sub(s.authTime).Seconds() <= float64(limit)
}
