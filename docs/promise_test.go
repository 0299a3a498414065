package docs_test

import (
	"regexp"
	"strings"
	"testing"
)

// keeps reports whether what came out is what was promised, line by line. In a promise … stands for
// anything within a line, and alone for any number of lines. Empty lines count on neither side, nor
// does how long a run of blanks or dashes is: tables are as wide as what is in them.
func keeps(promise, got string) bool {
	return follow(tidy(promise), tidy(got))
}

func follow(promised, got []string) bool {
	if len(promised) == 0 {
		return len(got) == 0
	}
	if promised[0] == "…" {
		for skipped := range len(got) + 1 {
			if follow(promised[1:], got[skipped:]) {
				return true
			}
		}
		return false
	}
	return len(got) > 0 && fits(promised[0], got[0]) && follow(promised[1:], got[1:])
}

func fits(promised, got string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(promised), "…", ".*")
	return regexp.MustCompile("^" + pattern + "$").MatchString(got)
}

var (
	blanks = regexp.MustCompile(`\s+`)
	dashes = regexp.MustCompile(`-{2,}`)
)

func tidy(text string) (lines []string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(blanks.ReplaceAllString(dashes.ReplaceAllString(line, "-"), " "))
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestAPromiseIsKeptOnlyByWhatItSays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		promise, got string
		kept         bool
	}{
		"the same":                   {"0\n0 new rows\n", "0\n0 new rows\n", true},
		"another number":             {"0 new rows", "1 new rows", false},
		"a number that begins alike": {"0 new rows", "0 new rows too many", false},
		"a line too few":             {"a\nb", "a", false},
		"a line too many":            {"a", "a\nb", false},
		"nothing promised":           {"", "bash: no such command", false},
		"nothing at all":             {"", "\n", true},
		"anything within a line":     {"token: … (43 characters)", "token: k7Qm (43 characters)", true},
		"not across lines":           {"a…b", "a\nb", false},
		"any lines":                  {"first\n…\nlast", "first\nx\ny\nlast", true},
		"no line where any may be":   {"first\n…\nlast", "first\nlast", true},
		"the end after any lines":    {"first\n…\nlast", "first\nlast\nmore", false},
		"a table of another width":   {"a | b\n-+-\n1 | \n", "  a  |   b\n-----+-----\n 1   |\n", true},
		"a table of another value":   {"a | b\n-+-\n1 | 2\n", " a | b\n---+---\n 1 | 3\n", false},
		"a dot is a dot":             {"HTTP/1.1 303", "HTTP/1x1 303", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if keeps(c.promise, c.got) != c.kept {
				t.Errorf("promised %q, got %q: kept is %v", c.promise, c.got, !c.kept)
			}
		})
	}
}
