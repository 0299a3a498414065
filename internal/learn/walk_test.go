package learn_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hookandtag.example/shop/dev/provider/providertest"
	"hookandtag.example/shop/internal/learn"
)

// walker is a learner with a browser of their own that runs no scripts.
type walker struct {
	t       *testing.T
	shop    string
	browser *providertest.Browser
	page    *providertest.Page
	kept    *providertest.Page // in another tab
	other   *walker            // on another device
	orders  int                // made so far
}

func (v *walker) open(address string) {
	v.t.Helper()
	v.page = v.browser.Open(address, "")
}

// submit presses a button of the form whose action ends with end.
func (v *walker) submit(end string, values url.Values) {
	v.t.Helper()
	for node := range v.document().Descendants() {
		if action := attr(node, "action"); node.Data == "form" && attr(node, "method") == "post" &&
			strings.HasSuffix(action, end) {
			v.page = v.page.SubmitTo(action, values, "")
			return
		}
	}
	v.t.Fatalf("no form to …%s on %s (status %d):\n%s", end, v.page.URL, v.page.Status, textOf(v.document()))
}

func (v *walker) signIn(name string) {
	v.t.Helper()
	v.open(v.shop + "/login")
	if strings.HasPrefix(v.page.URL.Path, "/login") { // else they are signed in already
		v.proveTo(name)
	}
}

// proveTo signs in from the page on screen.
func (v *walker) proveTo(name string) {
	v.t.Helper()
	v.submit("/login", nil)
	if strings.HasPrefix(v.page.URL.String(), v.shop) {
		return // the provider still knows them
	}
	v.page = v.page.Submit(url.Values{"email": {name + "@example.test"}, "password": {"password"}, "action": {"sign-in"}},
		"")
}

// try does one line of a recipe.
func (v *walker) try(r *learn.Recipe, line string) {
	v.t.Helper()
	what, rest, _ := strings.Cut(line, " ")
	switch what {
	case "open":
		v.open(v.shop + rest)
	case "press":
		action, fields, _ := strings.Cut(rest, " ")
		values, err := url.ParseQuery(strings.ReplaceAll(fields, " ", "&"))
		if err != nil {
			v.t.Fatal(err)
		}
		v.submit(action, values)
	case "sign-in":
		v.signIn(rest)
	case "other":
		if v.other == nil {
			v.other = newWalker(v.t, v.shop)
		}
		v.other.try(r, rest)
	case "press-twice": // faster than the first answer comes
		page := v.page
		action, fields, _ := strings.Cut(rest, " ")
		values, err := url.ParseQuery(fields)
		if err != nil {
			v.t.Fatal(err)
		}
		v.submit(action, values)
		first := v.page.URL.String()
		v.page = page
		v.submit(action, values)
		if second := v.page.URL.String(); second != first {
			v.t.Errorf("the second press leads to %s, the first to %s", second, first)
		}
	case "one-order":
		v.open(v.shop + "/orders")
		n := strings.Count(v.page.Body, `href="/orders/`)
		if n != v.orders+1 {
			v.t.Errorf("two presses made %d orders, want 1", n-v.orders)
		}
		v.orders = n
	case "type": // typed, not sent; a page without scripts knows nothing of it
	case "keep":
		v.kept = v.page
	case "back":
		v.page = v.kept
	case "script":
		v.runScript()
	case "twin":
		v.open(v.shop + "/learn/" + r.Slug)
		v.open(v.link(r, rest))
	case "twin-itself": // without what the lesson adds to the address
		v.open(v.shop + "/learn/" + r.Slug)
		at, _, _ := strings.Cut(v.link(r, ""), "?")
		v.open(at)
	default:
		v.t.Fatalf("the recipe says %q, which no test knows", line)
	}
}

// link is the address of the link to a lesson's exhibit on the page, which has with in it.
func (v *walker) link(r *learn.Recipe, with string) string {
	v.t.Helper()
	for node := range v.document().Descendants() {
		if href := attr(node, "href"); node.Data == "a" && strings.Contains(href, fmt.Sprintf("/%d/", r.Number)) &&
			strings.HasPrefix(href, "http://127.0.0.1") && strings.Contains(href, with) {
			return href
		}
	}
	v.t.Fatalf("no link to the twin with %q on %s", with, v.page.URL)
	return ""
}

// runScript does what the script in the last review on the page would do in a browser that runs
// scripts.
func (v *walker) runScript() {
	v.t.Helper()
	here := v.page
	if mailbox := regexp.MustCompile(`src = "([^"]*)"`).FindStringSubmatch(here.Body); mailbox != nil {
		cookie := v.browser.Cookies(here.URL.String())[0]
		v.page = v.browser.Open(mailbox[1]+url.QueryEscape(cookie.Name+"="+cookie.Value), "")
	}
	if strings.Contains(here.Body, `fetch("`) {
		v.fetch(http.MethodPost, here.URL.JoinPath("cart").String(), url.Values{"sku": {"FEDORA"}})
	}
	v.page = here
}

// fetch makes a request as a script of the page on screen does.
func (v *walker) fetch(method, address string, form url.Values) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Dest": {"empty"},
		"Sec-Fetch-Site": {"same-origin"}}
	for _, c := range v.browser.Cookies(address) {
		r.AddCookie(c)
	}
	w, err := providertest.Client().Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	w.Body.Close()
}

func (v *walker) document() *html.Node {
	v.t.Helper()
	document, err := html.Parse(strings.NewReader(v.page.Body))
	if err != nil {
		v.t.Fatal(err)
	}
	return document
}

// sees checks what a step promises. It may open another page.
func (v *walker) sees(r *learn.Recipe, step int, s learn.See) {
	v.t.Helper()
	text := ""
	switch s.In {
	case "ribbon", "ribbon-more":
		text = v.ribbon()
	case "other":
		v.other.open(v.shop + "/account")
		text = textOf(v.other.document())
	case "page":
		text = textOf(v.document())
	case "inspector":
		v.open(v.shop + "/learn/inspector")
		text = textOf(v.document())
	case "report":
		v.open(v.shop + "/learn/" + r.Slug)
		text = textOf(find(v.step(step), func(n *html.Node) bool { return strings.HasPrefix(attr(n, "class"), "report") }))
	default:
		v.t.Fatalf("step %d promises something in %q, which no test knows", step, s.In)
	}
	if !strings.Contains(text, s.Text) {
		v.t.Errorf("step %d: %q is not in the %s:\n%s", step, s.Text, s.In, text)
	}
}

// ribbon is what the ribbon on screen says of now: all but the list of what was before.
func (v *walker) ribbon() string {
	v.t.Helper()
	ribbon := find(v.document(), isRibbon)
	if log := find(ribbon, func(n *html.Node) bool { return attr(n, "class") == "ribbon-log" }); log.Parent != nil {
		log.Parent.RemoveChild(log)
	}
	return textOf(ribbon)
}

// step is the step of the lesson's page on screen.
func (v *walker) step(n int) *html.Node {
	v.t.Helper()
	want := strconv.Itoa(n)
	return find(v.document(), func(node *html.Node) bool { return attr(node, "data-step") == want })
}

func (v *walker) isDone(r *learn.Recipe, n int) bool {
	v.t.Helper()
	v.open(v.shop + "/learn/" + r.Slug)
	return attr(v.step(n), "class") == "done"
}

func isRibbon(n *html.Node) bool { return attr(n, "class") == "tag-ribbon" }

func find(in *html.Node, match func(*html.Node) bool) *html.Node {
	for node := range in.Descendants() {
		if node.Type == html.ElementNode && match(node) {
			return node
		}
	}
	return &html.Node{}
}

func textOf(node *html.Node) string {
	var b strings.Builder
	for n := range node.Descendants() {
		if n.Type == html.TextNode && (n.Parent == nil || n.Parent.Data != "script") {
			b.WriteString(n.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func attr(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
