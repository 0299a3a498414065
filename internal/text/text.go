// Package text makes one line of plain text out of what people and other systems send.
//
// Two things are left to the edges. Composing letters and accents (Unicode NFC) needs tables that
// the standard library lacks; internal/middleware does it to every form and query, internal/auth to
// every claim. Escaping is the template's.
package text

import (
	"strings"
	"unicode"
)

// Line returns s as one line of at most limit characters. Control characters, line breaks and
// invalid UTF-8 become a space, runs of space become one, and characters that show nothing or
// reorder other text (U+200B, U+202E) are dropped: two texts that look the same are then mostly
// equal, and an empty looking text is empty. Line(Line(s)) is Line(s).
func Line(s string, limit int) string {
	s = strings.ToValidUTF8(s, " ")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || r == unicode.ReplacementChar || r == blankBraille:
			return ' '
		case invisible(r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > limit {
		s = strings.TrimSpace(string(runes[:limit]))
	}
	return s
}

// blankBraille is the one character that looks like a space and is none to Unicode.
const blankBraille = '\u2800'

// invisible reports whether r shows nothing: format characters such as U+200B and U+202E, fillers,
// variation selectors (Unicode Default_Ignorable_Code_Point). Emoji joined by U+200D come apart;
// that is the price.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Readable reports whether s holds a letter or a digit: a name of dots alone is no name.
func Readable(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

// ASCII returns the printable ASCII characters of s, at most limit of them, with stand for each
// other one; a negative stand drops those. It is for what strangers send to the log, where no byte
// may break a line or move a cursor.
func ASCII(s string, limit int, stand rune) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return stand
		}
		return r
	}, s[:min(len(s), 4*limit)])
	return s[:min(len(s), limit)]
}
