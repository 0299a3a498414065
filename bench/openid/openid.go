// Package openid is the sign-in of the shops in Go that the benchmark compares ours with, as the
// documents of go-oidc and oauth2 show it.
package openid

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Client signs in at one provider.
type Client struct {
	oauth    oauth2.Config
	verifier *oidc.IDTokenVerifier
}

// New asks the provider in ISSUER for its addresses and keys.
func New(ctx context.Context) (*Client, error) {
	p, err := oidc.NewProvider(ctx, os.Getenv("ISSUER"))
	if err != nil {
		return nil, err
	}
	id := os.Getenv("CLIENT_ID")
	return &Client{
		oauth: oauth2.Config{
			ClientID: id, ClientSecret: os.Getenv("SECRET"), Endpoint: p.Endpoint(), Scopes: []string{oidc.ScopeOpenID},
			RedirectURL: "http://127.0.0.1:" + os.Getenv("PORT") + "/auth/callback",
		},
		verifier: p.Verifier(&oidc.Config{ClientID: id}),
	}, nil
}

// Begin returns the provider's address for a new attempt, and the attempt, which the browser's
// session must keep.
func (c *Client) Begin() (address, attempt string) {
	state, nonce, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	return c.oauth.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)),
		strings.Join([]string{state, nonce, verifier}, ".")
}

// Finish returns who has signed in.
func (c *Client) Finish(ctx context.Context, attempt, state, code string) (customer string, err error) {
	kept := strings.Split(attempt, ".")
	if len(kept) != 3 || kept[0] != state {
		return "", errors.New("another attempt")
	}
	token, err := c.oauth.Exchange(ctx, code, oauth2.VerifierOption(kept[2]))
	if err != nil {
		return "", err
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := c.verifier.Verify(ctx, raw)
	if err != nil {
		return "", err
	}
	if id.Nonce != kept[1] {
		return "", errors.New("another nonce")
	}
	return id.Subject, nil
}
