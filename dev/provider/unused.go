package provider

import (
	"context"
	"errors"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

var errUnused = errors.New("not supported by the development provider")

// unused refuses the parts of op.Storage that no route of this provider reaches: refresh tokens,
// revocation, introspection, the JWT profile grant, and the library's own login and logout
// handlers.
type unused struct{}

func (unused) CreateAuthRequest(context.Context, *oidc.AuthRequest, string) (op.AuthRequest, error) {
	return nil, errUnused
}

func (unused) AuthRequestByID(context.Context, string) (op.AuthRequest, error) {
	return nil, errUnused
}

func (unused) CreateAccessAndRefreshTokens(context.Context, op.TokenRequest, string) (string, string, time.Time,
	error) {
	return "", "", time.Time{}, errUnused
}

func (unused) TokenRequestByRefreshToken(context.Context, string) (op.RefreshTokenRequest, error) {
	return nil, errUnused
}

func (unused) TerminateSession(context.Context, string, string) error {
	return errUnused
}

func (unused) RevokeToken(context.Context, string, string, string) *oidc.Error {
	return oidc.ErrServerError().WithParent(errUnused)
}

func (unused) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", op.ErrInvalidRefreshToken
}

// SetUserinfoFromScopes is called before SetUserinfoFromRequest and has nothing to add.
func (unused) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

func (unused) SetUserinfoFromToken(context.Context, *oidc.UserInfo, string, string, string) error {
	return errUnused
}

func (unused) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errUnused
}

func (unused) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, errUnused
}

func (unused) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errUnused
}
