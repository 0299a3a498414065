package mutation

import (
	"go/ast"
	"regexp"
	"strings"
)

var (
	// word is what a SQL statement is read by: a quoted text, a comment, a bracket, a word, or any
	// other character.
	word = regexp.MustCompile(`'(?:[^']|'')*'|--[^\n]*|[()]|[A-Za-z_@$%.][A-Za-z0-9_@$%.]*|\S`)
	// before and after say between which words a condition of a statement stands.
	before = words("WHERE ON AND HAVING")
	after  = words(
		"AND OR GROUP ORDER RETURNING LIMIT FOR UNION LEFT JOIN CROSS WHERE HAVING SET DO WHEN THEN ELSE END ON")
	// open are words a condition cannot end with: the rest of it stands in another text.
	open = words("= < > | - + * / AND OR NOT IN IS LIKE BETWEEN")
)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

var lock = regexp.MustCompile(`\bFOR (UPDATE|SHARE|NO KEY UPDATE|KEY SHARE)\b`)

// statement takes the conditions and the locks of a SQL statement out.
func (s *source) statement(n *ast.BasicLit) {
	from, to := s.span(n)
	text := s.text[from+1 : to-1]
	if !strings.Contains(text, "WHERE") && !strings.Contains(text, " ON ") && !lock.MatchString(text) {
		return
	}
	at := word.FindAllStringIndex(text, -1)
	for i, w := range at {
		if !before[text[w[0]:w[1]]] || between(text, at[:i]) {
			continue
		}
		if end := conditionEnd(text, at[i+1:]); end > w[1] {
			start := w[1] + len(text[w[1]:]) - len(strings.TrimLeft(text[w[1]:], " \n\t"))
			s.add(from+1+start, from+1+end, "always", "("+text[start:end]+" OR true)")
		}
	}
	for _, l := range lock.FindAllStringIndex(text, -1) {
		s.add(from+1+l[0], from+1+l[1], "left out", "")
	}
}

// between reports whether the AND that follows belongs to a BETWEEN.
func between(text string, earlier [][]int) bool {
	for i := len(earlier) - 1; i >= 0 && i >= len(earlier)-2; i-- {
		if text[earlier[i][0]:earlier[i][1]] == "BETWEEN" {
			return true
		}
	}
	return false
}

// conditionEnd returns where the condition that begins with the first of the words ends; 0 when it
// does not end in this text, or is no condition.
func conditionEnd(text string, rest [][]int) int {
	depth, end, last, pair := 0, 0, "", false
	for _, w := range rest {
		this := text[w[0]:w[1]]
		if this == "CONFLICT" && end == 0 {
			return 0
		}
		if depth == 0 && pair && this == "AND" {
			pair = false
		} else if depth == 0 && (after[this] || this == ")" || this == ";" || this == "," || this == "`") {
			break
		}
		switch this {
		case "BETWEEN":
			pair = true
		case "(":
			depth++
		case ")":
			depth--
		}
		if !strings.HasPrefix(this, "--") {
			end, last = w[1], this
		}
	}
	if depth != 0 || open[last] || last == "" {
		return 0
	}
	return end
}
