package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	josejson "github.com/go-jose/go-jose/v4/json"
)

const (
	// DefaultLogoutLife is how long a logout token may be good, and how long ago it may have been
	// issued, unless Config says otherwise.
	DefaultLogoutLife = 10 * time.Minute
	logoutEvent       = "http://schemas.openid.net/event/backchannel-logout"
)

// Logout is the content of a logout token: the provider ended a session (SID), or all of a
// customer's (only Subject). With both, it is the customer's sessions that began from that one at
// the provider, and those that name none.
type Logout struct {
	Issuer       string
	Subject, SID string    // at most 255 characters each; one may be ""
	TokenID      string    // jti: remember it until Expires, together with the issuer, and take it once
	IssuedAt     time.Time // with only a Subject, sessions that began later are not meant
	Expires      time.Time // at most Config.LogoutLife and twice the leeway from now
}

// VerifyLogout checks a back-channel logout token that anybody may have sent. It returns a
// *RefusedError, or ErrUnavailable when the provider's keys could not be fetched. Whether the token
// was here before is the caller's to find out. However many tokens come, they have the provider
// asked for its keys at most every 30 s, or as often as a fetch that fails is repeated.
// OIDC Back-Channel Logout 1.0 2.6, ASVS 10.5.5.
func (p *Provider) VerifyLogout(ctx context.Context, raw string) (Logout, error) {
	if raw == "" || len(raw) > maxToken {
		return Logout{}, refuse(CheckToken, "a logout token of %d characters", len(raw))
	}
	if _, err := p.current(ctx); err != nil {
		return Logout{}, err
	}
	verifier, judged := p.keys.verifier(p.config.Issuer, p.rules(), byAnyone)
	token, err := verifier.VerifyLogout(p.client(ctx), raw)
	if err != nil {
		return Logout{}, judged.verdict(err)
	}
	if typ := typeOf(raw); !p.isLogoutType(typ) {
		return Logout{}, refuse(CheckType, "typ %q in place of logout+jwt%s", typ, looser(typ))
	}
	var c logoutClaims
	if err := token.Claims(&c); err != nil {
		return Logout{}, refuse(CheckClaims, "%v", err)
	}
	if err := p.checkLogout(c, token); err != nil {
		return Logout{}, err
	}
	return Logout{
		Issuer: p.config.Issuer, Subject: c.Subject, SID: c.SID, TokenID: token.TokenID, IssuedAt: moment(*c.Issued),
		Expires: token.Expiry.Add(Leeway),
	}, nil
}

// logoutClaims are those of a logout token that go-oidc leaves to its callers.
type logoutClaims struct {
	claims
	Events events `json:"events"`
}

// events are the members of the events claim, by their exact names.
type events map[string]json.RawMessage

// UnmarshalJSON implements json.Unmarshaler.
func (e *events) UnmarshalJSON(text []byte) error {
	return josejson.Unmarshal(text, (*map[string]json.RawMessage)(e))
}

func (p *Provider) checkLogout(c logoutClaims, token *oidc.LogoutToken) error {
	switch {
	case !p.hasOnlyTrustedAudiences(token.Audience):
		return refuse(CheckParty, "further audiences")
	case !isObject(c.Events[logoutEvent]):
		return refuse(CheckEvent, "the event is not an object")
	case !isID(token.TokenID):
		return refuse(CheckTokenID, "too long or not ASCII (%d bytes)", len(token.TokenID))
	case (c.Subject != "" && !isID(c.Subject)) || (c.SID != "" && !isID(c.SID)):
		return refuse(CheckSubject, "sub or sid is too long or not ASCII")
	case token.Expiry.After(p.config.Now().Add(p.config.LogoutLife + Leeway)):
		return refuse(CheckTime, "good for more than %s, which OIDC_LOGOUT_TOKEN_LIFE allows", p.config.LogoutLife)
	}
	return p.checkTimes(c.claims, p.config.LogoutLife)
}

func (p *Provider) isLogoutType(typ string) bool {
	return strings.EqualFold(typ, "logout+jwt") || p.config.LooseLogoutType && isPlainType(typ)
}

func isPlainType(typ string) bool {
	return typ == "" || strings.EqualFold(typ, "JWT")
}

// looser names the setting that takes tokens of such a typ.
func looser(typ string) string {
	if isPlainType(typ) {
		return ": OIDC_LOOSE_LOGOUT_TYPE=1 takes it"
	}
	return ""
}

func isObject(text json.RawMessage) bool {
	return bytes.HasPrefix(bytes.TrimSpace(text), []byte("{"))
}
