package app

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
)

// Secret is a setting that is never printed: every way of formatting, logging or encoding it gives
// "(secret)", or nothing when it is empty. Only Reveal returns it.
type Secret string

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret from fmt.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(secret)"
}

// Format hides the secret from every verb of fmt, %#v and %x included.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue hides the secret from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the secret from encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the secret as it is, white space around it left out.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = Secret(strings.TrimSpace(string(text)))
	return nil
}

// secretFileLimit is the most bytes a secret's file may have.
const secretFileLimit = 16 << 10

// fill reads the secret from its file, when one is named, and reports what is wrong in a sentence
// that never holds the secret.
func (s *Secret) fill(name, file string) (problem string) {
	if file == "" {
		return ""
	}
	if *s != "" {
		return fmt.Sprintf("%s and %s_FILE are both given: give one.", name, name)
	}
	text, err := os.ReadFile(file)
	var cause *fs.PathError
	switch {
	case errors.As(err, &cause):
		return fmt.Sprintf("%s_FILE names %s, which cannot be read: %v.", name, file, cause.Err)
	case err != nil:
		return fmt.Sprintf("%s_FILE names %s, which cannot be read.", name, file)
	case len(text) > secretFileLimit:
		return fmt.Sprintf("%s_FILE names %s, which is larger than %d KiB.", name, file, secretFileLimit>>10)
	}
	s.UnmarshalText(text)
	if *s == "" {
		return fmt.Sprintf("%s_FILE names %s, which is empty.", name, file)
	}
	return ""
}
