package providertest

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hookandtag.example/shop/dev/browser"
)

// Browser keeps cookies and follows redirects and instant refreshes one by one.
type Browser struct {
	UserAgent string // sent with each request; net/http's own when empty

	t      testing.TB
	client *http.Client
	routes sync.Map // host and port to where they lead instead
}

// NewBrowser is a browser nobody has used yet.
func NewBrowser(t testing.TB) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &Browser{t: t, client: Client()}
	b.client.Jar = trustingJar{jar}
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	transport := b.client.Transport.(*http.Transport)
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if to, ok := b.routes.Load(address); ok {
			address = to.(string)
		}
		return dial(ctx, network, address)
	}
	return b
}

// Route makes what the browser sends to host, which has a port, arrive at address from now on, as
// another answer of the name service would. Cookies and the Host header stay those of host.
func (b *Browser) Route(host, address string) {
	b.routes.Store(host, address)
	b.client.CloseIdleConnections()
}

// Client is an HTTP client that finds *.localhost at the loopback address, as browsers do.
func Client() *http.Client {
	return &http.Client{Transport: browser.Transport.Clone(), Timeout: 30 * time.Second}
}

// Page is where a browser arrived: a document, or an address of the relying party's that it
// was sent to but did not open.
type Page struct {
	URL    *url.URL
	Status int // 0 when the page was not opened
	Header http.Header
	Body   string

	browser *Browser
}

// Open follows address and where it leads by itself to a page, or to the first address that starts
// with stop, which it does not open. An empty stop follows everything.
func (b *Browser) Open(address, stop string) *Page {
	b.t.Helper()
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.follow(request, stop)
}

// Submit fills in the page's first form with values, which may name a button, and follows it as
// Open does. Hidden fields and preset values go along.
func (p *Page) Submit(values url.Values, stop string) *Page {
	p.browser.t.Helper()
	return p.submit("", values, stop)
}

// SubmitTo is Submit for the first form that is sent to action, letter for letter as the page says
// it.
func (p *Page) SubmitTo(action string, values url.Values, stop string) *Page {
	p.browser.t.Helper()
	return p.submit(action, values, stop)
}

func (p *Page) submit(action string, values url.Values, stop string) *Page {
	p.browser.t.Helper()
	form, ok := firstForm(p.Body, action)
	if !ok {
		p.browser.t.Fatalf("no form to %q on %s (status %d):\n%s", action, p.URL, p.Status, p.Body)
	}
	maps.Copy(form.values, values)
	target, err := p.URL.Parse(form.action)
	if err != nil {
		p.browser.t.Fatal(err)
	}
	request, err := http.NewRequest(form.method, target.String(), strings.NewReader(form.values.Encode()))
	if err != nil {
		p.browser.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", p.URL.Scheme+"://"+p.URL.Host)
	return p.browser.follow(request, stop)
}

// Cookies are the ones the browser would send to address.
func (b *Browser) Cookies(address string) []*http.Cookie {
	b.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.client.Jar.Cookies(u)
}

func (b *Browser) follow(request *http.Request, stop string) *Page {
	b.t.Helper()
	for range 10 {
		page, onward := b.fetch(request)
		if onward == "" {
			return page
		}
		next, err := http.NewRequest(http.MethodGet, onward, nil)
		if err != nil {
			b.t.Fatal(err)
		}
		if stop != "" && strings.HasPrefix(onward, stop) {
			return &Page{URL: next.URL, browser: b}
		}
		request = next
	}
	b.t.Fatalf("more than ten redirects, now at %s", request.URL)
	return nil
}

// fetch returns the answer, and where it leads by itself; "" when it does not.
func (b *Browser) fetch(request *http.Request) (page *Page, onward string) {
	b.t.Helper()
	if b.UserAgent != "" {
		request.Header.Set("User-Agent", b.UserAgent)
	}
	response, err := b.client.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 4<<20))
	if err != nil {
		b.t.Fatal(err)
	}
	return &Page{request.URL, response.StatusCode, response.Header, string(body), b},
		browser.Onward(response, string(body))
}

// trustingJar sends Secure cookies over plain http, as browsers do for localhost.
type trustingJar struct{ *cookiejar.Jar }

func (j trustingJar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.Jar.SetCookies(overTLS(u), cookies)
}

func (j trustingJar) Cookies(u *url.URL) []*http.Cookie {
	return j.Jar.Cookies(overTLS(u))
}

func overTLS(u *url.URL) *url.URL {
	secure := *u
	secure.Scheme = "https"
	return &secure
}

type form struct {
	action, method string
	values         url.Values
}

// firstForm reads the first form that is sent to action, or to anywhere when that is empty.
func firstForm(body, action string) (form, bool) {
	document, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return form{}, false
	}
	for node := range document.Descendants() {
		if node.Type == html.ElementNode && node.Data == "form" &&
			(action == "" || browser.Attribute(node, "action") == action) {
			return readForm(node), true
		}
	}
	return form{}, false
}

func readForm(node *html.Node) form {
	f := form{browser.Attribute(node, "action"), strings.ToUpper(browser.Attribute(node, "method")), url.Values{}}
	for input := range node.Descendants() {
		name := browser.Attribute(input, "name")
		kind := browser.Attribute(input, "type")
		if input.Data == "input" && name != "" && kind != "submit" && kind != "checkbox" {
			f.values.Set(name, browser.Attribute(input, "value"))
		}
	}
	return f
}
