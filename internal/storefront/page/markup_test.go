package page

import (
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// document is a rendered page to ask questions about.
type document struct{ root *html.Node }

// documents are all samples, rendered and parsed once. Tests only read them.
var documents = sync.OnceValues(func() (map[string]document, error) {
	r, err := made()
	if err != nil {
		return nil, err
	}
	parsed := map[string]document{}
	for _, s := range samples() {
		w := httptest.NewRecorder()
		if err := r.Render(w, s.status, s.page); err != nil {
			return nil, err
		}
		root, err := html.Parse(w.Body)
		if err != nil {
			return nil, err
		}
		parsed[s.name] = document{root}
	}
	return parsed, nil
})

// eachSample runs a check on every page in every state.
func eachSample(t *testing.T, check func(t *testing.T, s sample, d document)) {
	parsed, err := documents()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) { check(t, s, parsed[s.name]) })
	}
}

// all are the elements for which match holds, in order.
func (d document) all(match func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for n := range d.root.Descendants() {
		if n.Type == html.ElementNode && match(n) {
			found = append(found, n)
		}
	}
	return found
}

func (d document) named(tags ...string) []*html.Node {
	return d.all(func(n *html.Node) bool { return slices.Contains(tags, n.Data) })
}

func (d document) having(attribute string) []*html.Node {
	return d.all(func(n *html.Node) bool { _, ok := attr(n, attribute); return ok })
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func value(n *html.Node, name string) string {
	v, _ := attr(n, name)
	return v
}

// text is the words of an element, the hidden ones too.
func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestEveryPageHasOneHeadlineLandmarksAndATitle(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, s sample, d document) {
		for _, tag := range []string{"h1", "main", "header", "footer", "title"} {
			if n := len(d.named(tag)); n != 1 {
				t.Errorf("%d %s, want 1", n, tag)
			}
		}
		title := text(d.named("title")[0])
		if !strings.HasSuffix(title, " – Hook & Tag") || len(title) < 16 {
			t.Errorf("title %q", title)
		}
		if strings.HasPrefix(title, "Error: ") != s.page.layout().HasErrors {
			t.Errorf("title %q, errors %v", title, s.page.layout().HasErrors)
		}
		if value(d.named("html")[0], "lang") != "en" || text(d.named("h1")[0]) == "" {
			t.Error("no language or an empty headline")
		}
		if skip := d.named("a")[0]; value(skip, "href") != "#main" || value(d.named("main")[0], "id") != "main" {
			t.Error("the first link does not skip to the content")
		}
	})
}

func TestHeadlinesSkipNoLevel(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, _ sample, d document) {
		last := 0
		for _, h := range d.named("h1", "h2", "h3", "h4") {
			if level := int(h.Data[1] - '0'); level > last+1 {
				t.Errorf("h%d after h%d: %s", level, last, text(h))
			} else {
				last = level
			}
		}
	})
}

func TestNothingOnAPageRunsOrStylesItself(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, s sample, d document) {
		if bad := d.named("style", "iframe", "img", "object", "base"); len(bad) > 0 {
			t.Errorf("<%s> on the page", bad[0].Data)
		}
		for _, n := range d.named("script") {
			if _, deferred := attr(n, "defer"); !strings.HasPrefix(value(n, "src"), "/static/shop.") &&
				!strings.HasPrefix(value(n, "src"), "/static/learn.") || !deferred || n.FirstChild != nil {
				t.Errorf("a script that is not the shop's own file: %v", n.Attr)
			}
		}
		d.all(func(n *html.Node) bool {
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
					t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
				}
				if strings.Contains(a.Val, "ZgotmplZ") {
					t.Errorf("<%s %s>: the template refused the value", n.Data, a.Key)
				}
			}
			return false
		})
		for _, n := range d.having("href") {
			_, toProvider := s.page.(*Redirect)
			if to := value(n, "href"); strings.HasPrefix(to, "http") && n.DataAtom != atom.Link && !toProvider {
				t.Errorf("a link leaves the shop: %s", to)
			}
		}
	})
}

func TestIDsAreUniqueAndReferencesLeadSomewhere(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, _ sample, d document) {
		ids := map[string]bool{}
		for _, n := range d.having("id") {
			if id := value(n, "id"); ids[id] || strings.ContainsAny(id, " \t") || id == "" {
				t.Errorf("id %q is there twice or no id", id)
			} else {
				ids[id] = true
			}
		}
		for _, name := range []string{"for", "aria-labelledby", "aria-describedby"} {
			for _, n := range d.having(name) {
				for _, id := range strings.Fields(value(n, name)) {
					if !ids[id] {
						t.Errorf("<%s %s=%q> leads nowhere", n.Data, name, id)
					}
				}
			}
		}
		for _, n := range d.all(func(n *html.Node) bool { return strings.HasPrefix(value(n, "href"), "#") }) {
			if !ids[value(n, "href")[1:]] {
				t.Errorf("link to %s leads nowhere", value(n, "href"))
			}
		}
		for _, n := range d.having("fill") {
			if id, ok := strings.CutPrefix(value(n, "fill"), "url(#"); ok && !ids[strings.TrimSuffix(id, ")")] {
				t.Errorf("weave %s is not defined", value(n, "fill"))
			}
		}
	})
}

func TestEveryFieldHasALabelAndEveryActionAName(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, _ sample, d document) {
		labelled := map[string]bool{}
		for _, l := range d.named("label") {
			labelled[value(l, "for")] = true
		}
		for _, n := range d.named("input", "select", "textarea") {
			if value(n, "type") != "hidden" && !labelled[value(n, "id")] && !inside(n, "label") {
				t.Errorf("field %s has no label", value(n, "name"))
			}
		}
		for _, n := range d.named("button", "a", "th", "option", "legend") {
			if text(n) == "" && value(n, "aria-hidden") != "true" {
				t.Errorf("a <%s> without a name", n.Data)
			}
		}
		for _, n := range d.named("svg") {
			if value(n, "aria-hidden") != "true" && value(n, "aria-label") == "" {
				t.Error("a drawing neither decorates nor has a name")
			}
		}
	})
}

func inside(n *html.Node, tag string) bool {
	for up := range n.Ancestors() {
		if up.Data == tag {
			return true
		}
	}
	return false
}

func TestHostileTextsAreShownAsText(t *testing.T) {
	t.Parallel()
	shown := 0
	eachSample(t, func(t *testing.T, s sample, d document) {
		shown += strings.Count(text(d.root), strings.Join(strings.Fields(hostile), " "))
	})
	if shown < 20 {
		t.Errorf("hostile texts are shown %d times only", shown)
	}
}
