package main

import (
	"fmt"
	"io"
	"os"

	"hookandtag.example/shop/internal/auth"
)

type clientKeyCommand struct {
	Files []string `arg:"" help:"The private key in PEM, as OIDC_CLIENT_KEY_FILE names it; while one takes the place of another, both."`
}

// Run prints the public keys as one JSON Web Key Set, as providers take it. Nothing of the private
// ones is printed, whatever the files hold.
func (c *clientKeyCommand) Run(out io.Writer) error {
	var keys []*auth.ClientKey
	for _, file := range c.Files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		key, err := auth.ParseClientKey(string(text))
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		keys = append(keys, key)
	}
	set, err := auth.JWKS(keys...)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", set)
	return err
}
