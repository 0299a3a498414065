package browser

import (
	"net/http"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// refresh is the content of a meta element that redirects immediately. // HTML, shared declarative
// refresh steps
var refresh = regexp.MustCompile(`(?i)^\s*0\s*;\s*url=(.*)$`)

// Onward returns the absolute address that a browser goes to by itself from an answer, without
// scripts: where a redirect leads, or a page with an instant refresh. It is "" where the browser
// stays.
func Onward(answer *http.Response, body string) string {
	to := ""
	switch {
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		to = answer.Header.Get("Location")
	case strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html"):
		to = refreshOf(body)
	}
	if to == "" {
		return ""
	}
	address, err := answer.Request.URL.Parse(to)
	if err != nil {
		return ""
	}
	return address.String()
}

func refreshOf(body string) string {
	head := html.NewTokenizer(strings.NewReader(body)) // the whole page takes long to parse
	for kind := head.Next(); kind != html.ErrorToken; kind = head.Next() {
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		tag := head.Token()
		if tag.Data == "body" {
			break
		}
		node := &html.Node{Attr: tag.Attr}
		if tag.Data != "meta" || !strings.EqualFold(Attribute(node, "http-equiv"), "refresh") {
			continue
		}
		if found := refresh.FindStringSubmatch(Attribute(node, "content")); found != nil {
			return found[1]
		}
	}
	return ""
}

// Attribute returns the value of an element's attribute, or "".
func Attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
