package learn

import (
	"cmp"
	"fmt"
	"html/template"
	"regexp"
	"strings"
	"time"

	"hookandtag.example/shop/internal/storefront/page"
)

// functions are what the tutorial's templates may call.
var functions = template.FuncMap{"left": left, "clock": clock, "counted": counted, "dict": dict,
	"marked": marked, "code": code,
	"inc": func(i int) int { return i + 1 }, "dec": func(i int) int { return i - 1 }}

// left is what is left of a limit, as a person would say it: "29:12 min", "23:40 h", "29 days 23
// h". The fraction of a second that passes between the database's answer and the page does not
// show.
func left(d time.Duration) string {
	d = max(d, 0).Round(time.Second)
	switch {
	case d >= 48*time.Hour:
		d = d.Round(time.Minute)
		text := counted(int(d/(24*time.Hour)), "day")
		if hours := int(d.Hours()) % 24; hours > 0 {
			text += fmt.Sprintf(" %d h", hours)
		}
		return text
	case d >= time.Hour:
		return fmt.Sprintf("%d:%02d h", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d:%02d min", int(d.Minutes()), int(d.Seconds())%60)
}

// clock is a moment in the time zone of the shop's pages.
func clock(t time.Time) string { return page.InZone(t).Format("2 Jan 15:04:05") }

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

var cookieLine = regexp.MustCompile(`(?m)^(?:Set-)?Cookie: .*$`)

// marked is the text of an exchange, with the lines marked that carry a cookie.
func marked(text string) template.HTML {
	return template.HTML(cookieLine.ReplaceAllString(template.HTMLEscapeString(text), "<mark>$0</mark>"))
}

// code is source in which a line that has to be wrapped keeps its indentation.
func code(text string) template.HTML {
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		tabs := (len(line) - len(strings.TrimLeft(line, " "))) / 4
		fmt.Fprintf(&b, "<span class=\"line in%d\">%s</span>", min(tabs, 4), template.HTMLEscapeString(cmp.Or(line, " ")))
	}
	return template.HTML(b.String())
}

// dict gathers names and values for a partial that takes more than one.
func dict(pairs ...any) (map[string]any, error) {
	d := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		d[name] = pairs[i+1]
	}
	return d, nil
}
