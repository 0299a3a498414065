package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"

	"golang.org/x/oauth2"
	"golang.org/x/text/unicode/norm"

	"hookandtag.example/shop/internal/text"
)

const (
	maxName  = 100 // characters
	maxEmail = 254 // bytes; RFC 5321 4.5.3.1.3
)

// person is what the shop shows of a customer. None of it identifies anyone, so a strange value is
// left out and never a reason to refuse.
type person struct {
	Name          claimText    `json:"name"`
	Email         claimText    `json:"email"`
	EmailVerified boolOrString `json:"email_verified"`
}

// claimText is a text claim; empty when the claim is of another kind.
type claimText string

// UnmarshalJSON implements json.Unmarshaler.
func (t *claimText) UnmarshalJSON(text []byte) error {
	var s string
	_ = json.Unmarshal(text, &s) // what is no text leaves none
	*t = claimText(s)
	return nil
}

// shown returns the text without what is invisible or would turn other text around, cut to at most
// so many characters.
func (t claimText) shown(most int) string {
	return text.Line(norm.NFC.String(string(t)), most)
}

// address returns the text as an e-mail address, or "" when they are too long for one: cut, they
// would be somebody else's.
func (t claimText) address() string {
	if shown := t.shown(maxEmail + 1); len(shown) <= maxEmail {
		return shown
	}
	return ""
}

// boolOrString is a boolean claim that some providers send as a string.
type boolOrString bool

// UnmarshalJSON implements json.Unmarshaler.
func (l *boolOrString) UnmarshalJSON(text []byte) error {
	*l = boolOrString(bytes.Equal(bytes.Trim(text, `"`), []byte("true")))
	return nil
}

// addUserInfo asks the userinfo endpoint for the name and e-mail that an ID token lacks. Nobody is
// signed in by the answer, so its failure only leaves the customer without a name; but an answer
// about somebody else ends the sign-in (OIDC Core 5.3.2, NIST 800-63C 4.7).
func (p *Provider) addUserInfo(ctx context.Context, m *metadata, token *oauth2.Token, c *claims) error {
	if m.userInfo == nil || (c.Name != "" && c.Email != "") {
		return nil
	}
	text, err := p.askUserInfo(ctx, m.userInfo.String(), token)
	if err != nil {
		p.config.Log.WarnContext(ctx, "userinfo left out", "error", loggable(err))
		return nil
	}
	var answer struct {
		Subject  string          `json:"sub"`
		Issuer   string          `json:"iss"`
		Audience json.RawMessage `json:"aud"`
		person
	}
	switch err := json.Unmarshal(text, &answer); {
	case err != nil:
		return refuse(CheckUserInfo, "it is no JSON object, or a claim is of another kind")
	case !same(answer.Subject, c.Subject):
		return refuse(CheckUserInfo, "sub is not the ID token's")
	case answer.Issuer != "" && answer.Issuer != p.config.Issuer, !p.audienceNamesUs(answer.Audience):
		return refuse(CheckUserInfo, "it is from another provider or for another client")
	}
	if c.Name == "" {
		c.Name = answer.Name
	}
	if c.Email == "" {
		c.Email, c.EmailVerified = answer.Email, answer.EmailVerified
	}
	return nil
}

// askUserInfo returns the exact claims of the endpoint's answer, whose signature is checked if it
// has one (OIDC Core 5.3.1, 5.3.2).
func (p *Provider) askUserInfo(ctx context.Context, endpoint string, token *oauth2.Token) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, nil)
	if err != nil {
		return nil, err
	}
	token.SetAuthHeader(request)
	response, err := p.config.HTTP.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return nil, errors.Join(err, errors.New(response.Status))
	}
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind == "application/jwt" {
		if body, _, err = p.keys.verify(ctx, string(body), byProvider); err != nil {
			return nil, err
		}
	}
	return exact(body)
}

// audienceNamesUs reports whether an audience, where there is one, as in a signed answer, names the
// shop.
func (p *Provider) audienceNamesUs(audience json.RawMessage) bool {
	var one string
	var many []string
	_ = json.Unmarshal(audience, &one) // what is no text names nobody
	return audience == nil || one == p.config.ClientID ||
		(json.Unmarshal(audience, &many) == nil && slices.Contains(many, p.config.ClientID))
}

// loggable returns an error's text if it cannot hold what the endpoint answered, which may be an
// e-mail.
func loggable(err error) string {
	if call, ok := errors.AsType[*url.Error](err); ok {
		return printable(call.Error())
	}
	return "no usable answer"
}
