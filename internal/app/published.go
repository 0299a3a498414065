package app

import (
	"net/url"
	"strings"

	"hookandtag.example/shop/internal/keyring"
)

// isPublished reports whether a secret is one of this project's own files, which are for trying it
// out: each holds the words "development-only", but for the provider's.
func isPublished(secret string) bool {
	if plain, err := url.PathUnescape(secret); err == nil { // a password in an address
		secret = plain
	}
	return secret == "shop-secret" || strings.Contains(strings.ToLower(secret), "development-only")
}

// minVariety is how many different characters a session key needs: the random ones that openssl
// prints have far more.
const minVariety = 8

// checkPublished lets published and guessable secrets pass on this machine only (ASVS 13.3.1,
// 6.3.2).
func (s Settings) checkPublished(p *problems) {
	u, err := url.Parse(s.Listen.BaseURL)
	if err != nil || isLoopback(u.Hostname()) {
		return
	}
	if isPublished(s.Provider.ClientSecret.Reveal()) {
		p.addf("OIDC_CLIENT_SECRET is one from this project's files, which all the world knows: have the provider make " +
			"another.")
	}
	if isPublished(s.Database.URL.Reveal()) {
		p.addf("DATABASE_URL holds a password from this project's files, which all the world knows: give the role " +
			"another with ALTER ROLE.")
	}
	for _, k := range fields(s.Sessions.Keys.Reveal()) {
		if isPublished(k) {
			p.addf("SESSION_KEYS holds the key from this project's files, which all the world knows: make one with openssl " +
				"rand -base64 32.")
		} else if len(k) >= keyring.MinKeyLength && variety(k) < minVariety { // a shorter one is named already
			p.addf("SESSION_KEYS holds a key of fewer than %d different characters, which can be guessed: make one with "+
				"openssl rand -base64 32.", minVariety)
		}
	}
}

func variety(text string) int {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return len(seen)
}
