package mallory

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Exchange is one request and its answer, shortened to be read. No cookie's value stands in it in
// full unless it is as short as a number.
type Exchange struct {
	Request string   // "GET /account"
	Sent    []string // header lines Mallory sent
	Status  string   // "303 See Other"
	Got     []string // header lines that matter to sessions
	Body    []string // the page's first lines, as text
}

// answer is what came back from a site.
type answer struct {
	exchange Exchange
	status   int
	location string
	cookies  []*http.Cookie
	policy   string // Content-Security-Policy
	body     []byte
	data     map[string]string // the data- attributes of the page's body and cart link
}

// telling are the headers of an answer that matter to sessions.
var telling = []string{
	"Location", "Set-Cookie", "Cache-Control", "Strict-Transport-Security", "Retry-After", "Clear-Site-Data",
}

func newAnswer(c call, r *http.Request, w *http.Response, body []byte) *answer {
	a := &answer{status: w.StatusCode, location: w.Header.Get("Location"), cookies: w.Cookies(), body: body,
		policy: w.Header.Get("Content-Security-Policy")}
	a.exchange = Exchange{Request: r.Method + " " + c.path, Status: strings.TrimSpace(w.Status)}
	for _, name := range []string{"Origin", "Sec-Fetch-Site"} {
		if value := r.Header.Get(name); value != "" {
			a.exchange.Sent = append(a.exchange.Sent, name+": "+value)
		}
	}
	if len(c.cookies) > 0 {
		short := make([]string, len(c.cookies))
		for i, cookie := range c.cookies {
			short[i] = shortPair(cookie)
		}
		a.exchange.Sent = append(a.exchange.Sent, "Cookie: "+strings.Join(short, "; "))
	}
	if c.form != nil {
		a.exchange.Sent = append(a.exchange.Sent, "", c.form.Encode())
	}
	for _, name := range telling {
		for _, value := range w.Header.Values(name) {
			if name == "Set-Cookie" {
				value = shortPair(value)
			}
			a.exchange.Got = append(a.exchange.Got, clip(name+": "+value))
		}
	}
	if strings.HasPrefix(w.Header.Get("Content-Type"), "text/html") {
		a.exchange.Body, a.data = readPage(body)
	} else {
		a.exchange.Body = firstLines(strings.Split(string(body), "\n"))
	}
	return a
}

// cookie returns the value the answer sets for a name, the last one if there are several; "" if
// none.
func (a *answer) cookie(name string) string {
	for _, c := range slices.Backward(a.cookies) {
		if c.Name == name && c.MaxAge >= 0 {
			return c.Value
		}
	}
	return ""
}

// shortPair shortens the value in "name=value" or "name=value; Attribute".
func shortPair(text string) string {
	name, rest, _ := strings.Cut(text, "=")
	value, attributes, more := strings.Cut(rest, ";")
	text = name + "=" + Shorten(value)
	if more {
		text += ";" + attributes
	}
	return text
}

// Shorten returns enough of a cookie's value to recognize it, and never enough to use it: at most 6
// characters of each part between dots. Values of up to 12 characters stay whole: only the twin
// makes such.
func Shorten(value string) string {
	if len(value) <= 12 {
		return value
	}
	parts := strings.Split(value, ".")
	for i, part := range parts {
		if len(part) > 6 {
			parts[i] = part[:6] + "…"
		}
	}
	return strings.Join(parts, ".")
}

// readPage returns the first lines of a page's main part as text, and the data- attributes of its
// body and cart link.
func readPage(page []byte) (lines []string, data map[string]string) {
	data = map[string]string{}
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, data
	}
	var text strings.Builder
	over := false
	var walk func(n *html.Node, inMain bool)
	walk = func(n *html.Node, inMain bool) {
		switch {
		case n.Type == html.TextNode && inMain && !over:
			text.WriteString(n.Data)
		case n.Type == html.ElementNode:
			inMain = inMain || n.Data == "main"
			for _, a := range n.Attr {
				if a.Key == "data-excerpt" { // what matters of the page
					text.Reset()
					defer func() { over = true }()
				}
				if name, ok := strings.CutPrefix(a.Key, "data-"); ok && (n.Data == "body" || name == "cart-count") {
					data[name] = a.Val
				}
			}
			if n.Data == "script" || n.Data == "style" || n.Data == "svg" || n.Data == "template" {
				return
			}
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			walk(child, inMain)
		}
	}
	walk(root, false)
	return firstLines(strings.Split(text.String(), "\n")), data
}

func firstLines(all []string) (lines []string) {
	for _, line := range all {
		if line = strings.Join(strings.Fields(line), " "); line == "" {
			continue
		}
		if len(lines) == maxLines {
			break
		}
		lines = append(lines, clip(line))
	}
	return lines
}

func clip(line string) string {
	if short := []rune(line); len(short) > maxColumns {
		return fmt.Sprintf("%s…", string(short[:maxColumns]))
	}
	return line
}
