package text_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"hookandtag.example/shop/internal/text"
)

func TestLineKeepsWhatCanBeSeen(t *testing.T) {
	for raw, want := range map[string]string{
		"Ann Hook":                  "Ann Hook",
		"  Ann \t\n Hook ":          "Ann Hook",
		"Ann\u00a0Hook":             "Ann Hook",
		"Ann\u2028Hook":             "Ann Hook",
		"Ann\x00Hook":               "Ann Hook",
		"\xff\xfeAnn":               "Ann",
		"Ann\ufffdHook":             "Ann Hook",
		"\u200b":                    "", // zero width space
		"\u200b\u2060 \ufeff":       "",
		"A\u00adnn":                 "Ann",      // soft hyphen
		"\u202eknaH":                "knaH",     // right-to-left override
		"\u2066Ann\u2069":           "Ann",      // isolates
		"Ann\u200fHook":             "AnnHook",  // right-to-left mark
		"\u3164\u115f\uffa0":        "",         // Hangul fillers
		"\u2800\u2800":              "",         // blank braille
		"Ann\ufe0f \U000e0041Hook":  "Ann Hook", // variation selector, tag letter
		"محمد":                      "محمد",
		"Łódź, Gdańska 1":           "Łódź, Gdańska 1",
		"D\u2019Arcy \u2013 Böll":   "D\u2019Arcy \u2013 Böll",
		"\u200bAnn\u200b \u200bBo ": "Ann Bo",
	} {
		if got := text.Line(raw, 100); got != want {
			t.Errorf("Line(%+q): got %+q, want %+q", raw, got, want)
		}
	}
	if got := text.Line("ab cd", 3); got != "ab" {
		t.Errorf("cut at a space: got %q, want %q", got, "ab")
	}
	if got := text.Line(strings.Repeat("\u200b", 5000)+"Ann", 3); got != "Ann" {
		t.Errorf("name after 5000 invisible characters: got %q, want %q", got, "Ann")
	}
}

func TestAnythingBecomesOneShortLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.OneOf(rapid.String(),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "raw")
		limit := rapid.IntRange(1, 40).Draw(t, "limit")
		line := text.Line(raw, limit)
		if !utf8.ValidString(line) || utf8.RuneCountInString(line) > limit || line != strings.TrimSpace(line) ||
			strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
			t.Fatalf("Line(%+q, %d): got %+q", raw, limit, line)
		}
		if again := text.Line(line, limit); again != line {
			t.Fatalf("Line twice: got %+q, want %+q", again, line)
		}
	})
}

func TestReadableNeedsALetterOrDigit(t *testing.T) {
	for s, want := range map[string]bool{"": false, "...": false, "- '": false, "\u0301": false, "Ö": true, "7": true,
		"王": true} {
		if got := text.Readable(s); got != want {
			t.Errorf("Readable(%+q): got %v, want %v", s, got, want)
		}
	}
}

func TestASCIIBreaksNoLogLine(t *testing.T) {
	for _, c := range []struct {
		raw   string
		stand rune
		want  string
	}{
		{"plain text", -1, "plain text"},
		{"a\nb\x1b[31mc", -1, "ab[31mc"},
		{"a\nbü", '?', "a?b?"},
		{strings.Repeat("x", 200), -1, strings.Repeat("x", 20)},
		{strings.Repeat("ü", 200) + "x", '?', strings.Repeat("?", 20)},
	} {
		if got := text.ASCII(c.raw, 20, c.stand); got != c.want {
			t.Errorf("ASCII(%q): got %q, want %q", c.raw, got, c.want)
		}
	}
}
