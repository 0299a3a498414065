package provider

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

var supportedClaims = []string{
	"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "azp", "amr", "at_hash", "sid",
	"name", "given_name", "family_name", "email", "email_verified",
}

var (
	errUnknownClient = errors.New("unknown client")
	errUnknownKey    = errors.New("unknown client key")
	errWrongSecret   = errors.New("wrong client secret")
	errUnused        = errors.New("not supported by the development provider")
)

// storage answers the library's questions. It is op.Storage and op.CanSetUserinfoFromRequest.
//
// The Storage in it is nil: methods that no route of this provider reaches are missing, and would
// panic in a request. That is refresh tokens, revocation, introspection, the JWT profile grant, and
// the library's own login and logout handlers.
type storage struct {
	op.Storage
	client client
	keys   *keyStore
	memory *memory
}

func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != s.client.id {
		return nil, errUnknownClient
	}
	return s.client, nil
}

func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != s.client.id {
		return errUnknownClient
	}
	if !s.client.isSecret(secret) {
		return errWrongSecret
	}
	return nil
}

// GetKeyByIDAndClientID finds the key by which the shop proves itself.
func (s *storage) GetKeyByIDAndClientID(_ context.Context, key, client string) (*jose.JSONWebKey, error) {
	if client != s.client.id || s.client.keys == nil {
		return nil, errUnknownClient
	}
	found := s.client.keys.Key(key)
	if len(found) != 1 {
		return nil, errUnknownKey
	}
	return &found[0], nil
}

func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.memory.addCode(code, id)
	return nil
}

func (s *storage) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	return s.memory.takeCode(code)
}

// DeleteAuthRequest keeps the request: a replayed code must still be known as such until it
// expires.
func (s *storage) DeleteAuthRequest(context.Context, string) error { return nil }

func (s *storage) CreateAccessToken(_ context.Context, request op.TokenRequest) (string, time.Time, error) {
	r, ok := request.(authRequest)
	if !ok {
		return "", time.Time{}, errUnused
	}
	expires, err := s.memory.addGrant(r)
	return r.id, expires, err
}

// SetUserinfoFromScopes is called before SetUserinfoFromRequest and has nothing to add.
func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

// SetUserinfoFromRequest fills the ID token. The library takes sub from here, too.
func (s *storage) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, request op.IDTokenRequest,
	scopes []string) error {
	r, ok := request.(authRequest)
	if !ok {
		return errUnused
	}
	describe(info, r.session.person, scopes)
	info.AppendClaims("sid", r.session.sid)
	return nil
}

func (s *storage) SigningKey(context.Context) (op.SigningKey, error) { return s.keys.current(), nil }
func (s *storage) KeySet(context.Context) ([]op.Key, error)          { return s.keys.published(), nil }
func (s *storage) Health(context.Context) error                      { return nil }

func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

// describe returns the claims about p that the scopes allow.
func describe(info *oidc.UserInfo, p person, scopes []string) {
	info.Subject = p.Subject
	if slices.Contains(scopes, oidc.ScopeProfile) {
		info.Name, info.GivenName, info.FamilyName = p.Name, p.GivenName, p.Family
	}
	if slices.Contains(scopes, oidc.ScopeEmail) {
		info.Email, info.EmailVerified = p.Email, oidc.Bool(p.verified)
	}
}
