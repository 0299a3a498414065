package mallory

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
)

// CustomerAgent is what a Customer's browser says of itself.
const CustomerAgent = "Customer"

// Customer is an honest customer of the twin, run by the server where a lesson needs one: one who
// trusts the twin's throw-away certificate, for example. It keeps cookies as browsers do on a host
// that is not this machine, so a Secure cookie never travels over http.
type Customer struct {
	twin   *Twin
	lesson int
	scheme string
	client *http.Client
	jar    *cookiejar.Jar
	heard  *bool // HSTS
}

// Customer returns a customer at an exhibit, without cookies, on http.
func (t *Twin) Customer(ctx context.Context, lesson int) (*Customer, error) {
	certificate, err := t.visitor.twin.visit(ctx, call{path: "/certificate.pem"})
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(certificate.body) {
		return nil, errors.New("mallory: the twin has no certificate")
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	mallorys, _ := t.visitor.twin.client.Transport.(*http.Transport)
	transport := mallorys.Clone()
	transport.TLSClientConfig, transport.DisableKeepAlives = &tls.Config{RootCAs: roots}, true
	client := &http.Client{Transport: transport, Timeout: maxWait, CheckRedirect: t.visitor.twin.client.CheckRedirect}
	return &Customer{twin: t, lesson: lesson, scheme: "http", client: client, jar: jar, heard: new(bool)}, nil
}

// OverTLS returns the same customer, with the same cookies, at the twin's https address.
func (c *Customer) OverTLS() *Customer {
	secure := *c
	secure.scheme = "https"
	return &secure
}

// Visit opens a page of the exhibit: "" for the shelf, "account" for the account.
func (c *Customer) Visit(ctx context.Context, page string) (Look, error) {
	return c.send(ctx, page, nil)
}

// Press sends a form of the exhibit, such as "sign-in" with a name.
func (c *Customer) Press(ctx context.Context, form string, values url.Values) (Look, error) {
	return c.send(ctx, form, values)
}

// Cookie is the value of the exhibit's cookie, "" if the customer has none.
func (c *Customer) Cookie() string {
	for _, cookie := range c.jar.Cookies(remembered("https", c.twin.Path(c.lesson))) {
		return cookie.Value
	}
	return ""
}

// maxRedirects is how often a customer is led on.
const maxRedirects = 3

// send makes a request and follows redirects within the twin. The look is at the last page.
func (c *Customer) send(ctx context.Context, page string, form url.Values) (Look, error) {
	scheme, path := c.scheme, c.twin.Path(c.lesson)+page
	for range maxRedirects {
		a, err := c.request(ctx, scheme, path, form)
		if err != nil {
			return Look{}, err
		}
		to, err := url.Parse(a.location)
		if a.status != http.StatusSeeOther || err != nil {
			return a.look(), nil
		}
		if to.Scheme != "" {
			scheme = to.Scheme
		}
		path, form = to.Path, nil
	}
	return Look{}, errors.New("mallory: too many redirects")
}

func (c *Customer) request(ctx context.Context, scheme, path string, form url.Values) (*answer, error) {
	to := site{base: &url.URL{Scheme: scheme, Host: c.twin.visitor.twin.base.Host}, client: c.client}
	at := remembered(scheme, path)
	request := call{path: path, form: form, header: map[string]string{"User-Agent": CustomerAgent}}
	for _, cookie := range c.jar.Cookies(at) {
		request.cookies = append(request.cookies, cookie.Name+"="+cookie.Value)
	}
	a, err := to.visit(ctx, request)
	if err == nil {
		*c.heard = *c.heard || scheme == "https" && a.saysHSTS()
		refused := func(cookie *http.Cookie) bool { return !mayBeSet(cookie, scheme) }
		c.jar.SetCookies(at, slices.DeleteFunc(a.cookies, refused))
	}
	return a, err
}

func (a *answer) saysHSTS() bool {
	return slices.ContainsFunc(a.exchange.Got, func(line string) bool {
		return strings.HasPrefix(line, "Strict-Transport-Security: ")
	})
}

// mayBeSet reports whether a browser takes a cookie: a Secure one from https only, a __Host- one
// only if it is Secure, for all paths and without Domain (RFC 6265bis 4.1.3.2).
func mayBeSet(c *http.Cookie, scheme string) bool {
	prefixed := strings.HasPrefix(c.Name, "__Host-")
	return (scheme == "https" || !c.Secure) && (!prefixed || c.Secure && c.Path == "/" && c.Domain == "")
}

// remembered is the address under which a jar keeps cookies: Go's would send Secure ones over http
// to this machine.
func remembered(scheme, path string) *url.URL {
	path, query, _ := strings.Cut(path, "?")
	return &url.URL{Scheme: scheme, Host: "twin.example", Path: path, RawQuery: query}
}
