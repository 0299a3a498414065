package app

import (
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// NewLog returns the shop's log: one JSON object per line, with lengths of time in seconds, or
// readable text when the format is "text".
//
// No part of the shop logs tokens, codes, cookies or e-mail addresses. Should one slip through, the
// log masks it: by the attribute's name, and in values that look like one (ASVS 16.2.5).
func NewLog(out io.Writer, format string) *slog.Logger {
	if format == "text" {
		return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{ReplaceAttr: redact}))
	}
	return slog.New(slog.NewJSONHandler(out,
		&slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			return inSeconds(redact(groups, a))
		}}))
}

// inSeconds makes a length of time a number of seconds, which needs no explaining, instead of
// nanoseconds.
func inSeconds(a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		return slog.Float64(a.Key, a.Value.Duration().Seconds())
	}
	return a
}

// masked replaces a secret in the log.
const masked = "(masked)"

// secretWords are the words that make an attribute's name suspicious.
var secretWords = map[string]bool{
	"authorization": true, "code": true, "cookie": true, "cookies": true, "email": true, "key": true, "keys": true,
	"mail":  true,
	"nonce": true, "password": true, "secret": true, "state": true, "tag": true, "token": true, "tokens": true,
	"verifier": true,
}

// secretValues are what secrets look like inside other text: a JSON Web Token, a named parameter, a
// password in an address, an e-mail address, and a tag.
var secretValues = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+(\.[\w-]*)?` +
	`|(?i:\b(?:code|code_verifier|state|nonce|token|id_token|access_token|refresh_token|id_token_hint|logout_token|client_secret|password)=)[^&\s"']+` +
	`|(?i:\bBearer |\bBasic )[\w.~+/=-]+` +
	`|://[^/\s@]+@` +
	`|[\w.+-]+@[\w-]+(?:\.[\w-]+)+` +
	`|\b[0-9a-f]{8}\.[\w-]{43}\.[\w-]{43}`)

func redact(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindGroup {
		return a
	}
	hidden, known := suspiciousNames.Load(a.Key)
	if !known {
		hidden = suspicious(a.Key)
		suspiciousNames.Store(a.Key, hidden)
	}
	if hidden.(bool) {
		return slog.String(a.Key, masked)
	}
	switch a.Value.Kind() {
	case slog.KindString:
		return slog.String(a.Key, mask(a.Value.String()))
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok {
			return slog.String(a.Key, mask(err.Error()))
		}
	}
	return a
}

// suspiciousNames holds what suspicious has found of the shop's own names of attributes.
var suspiciousNames sync.Map

// suspicious reports whether a word of the name is a secret one: words end at capitals and at
// everything that is no letter.
func suspicious(name string) bool {
	var spaced strings.Builder
	lower := false
	for _, c := range name {
		if !unicode.IsLetter(c) || (unicode.IsUpper(c) && lower) {
			spaced.WriteByte(' ')
		}
		if lower = unicode.IsLower(c); unicode.IsLetter(c) {
			spaced.WriteRune(unicode.ToLower(c))
		}
	}
	for _, word := range strings.Fields(spaced.String()) {
		if secretWords[word] {
			return true
		}
	}
	return false
}

func mask(text string) string {
	if !mayHoldSecret(text) {
		return text
	}
	return secretValues.ReplaceAllString(text, masked)
}

// shortestTag is the length of a tag: the name of its key, a token and a signature.
const shortestTag = 8 + 1 + 43 + 1 + 43

// mayHoldSecret is a look that spares most values the search, which costs more than writing the
// line: whatever secretValues finds is as long as a tag or holds one of these marks.
func mayHoldSecret(text string) bool {
	return len(text) >= shortestTag || strings.ContainsAny(text, "=@ ") || strings.Contains(text, "eyJ") ||
		strings.Contains(text, "://")
}
