package main

import (
	"fmt"
	"io"
	"os"

	"hookandtag.example/shop/internal/auth"
)

type clientKeyCommand struct {
	File string `arg:"" help:"The private key in PEM, as OIDC_CLIENT_KEY_FILE names it."`
}

// Run prints the public key as a JSON Web Key Set, as providers take it. Nothing of the private one is printed, whatever the file holds.
func (c *clientKeyCommand) Run(out io.Writer) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	key, err := auth.ParseClientKey(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	set, err := key.JWKS()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", set)
	return err
}
