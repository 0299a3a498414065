package lab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
)

// client is a customer's browser, as far as lesson 4 needs one: certificates, HSTS and the prefixes
// of cookies' names.
type client struct {
	jar           *cookiejar.Jar
	trusted       *x509.CertPool
	verify        bool
	remembersHSTS bool
}

func newClient(trusted *x509.CertPool, verify bool) *client {
	jar, _ := cookiejar.New(nil) // which cannot fail without options
	return &client{jar: jar, trusted: trusted, verify: verify}
}

func (c *client) get(ctx context.Context, page, through string) (body, status string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, page, http.NoBody)
	if err != nil {
		return "", "", err
	}
	return c.send(r, through)
}

func (c *client) post(ctx context.Context, page, through string, form url.Values) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, page, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	_, _, err = c.send(r, through)
	return err
}

// send makes one request over a line that ends at through, whatever host the page names: the
// network is Mallory's.
func (c *client) send(r *http.Request, through string) (body, status string, err error) {
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, cookie := range c.jar.Cookies(elsewhere(r.URL)) {
		r.AddCookie(cookie)
	}
	// With HSTS in mind there is no way past a bad certificate (RFC 6797 8.4).
	careless := !c.verify && !c.remembersHSTS
	transport := dialing(through, &tls.Config{RootCAs: c.trusted, InsecureSkipVerify: careless})
	w, err := transport.RoundTrip(r)
	if err != nil {
		return "", "", err
	}
	defer w.Body.Close()
	c.take(r.URL, w)
	read, err := io.ReadAll(io.LimitReader(w.Body, 1<<20))
	return string(read), w.Status, err
}

// take keeps what a browser would keep: HSTS from https only, __Host- cookies from https, Secure,
// without Domain and with Path=/ only (RFC 6265bis 4.1.3.2).
func (c *client) take(from *url.URL, w *http.Response) {
	secure := from.Scheme == "https"
	c.remembersHSTS = c.remembersHSTS || secure && w.Header.Get("Strict-Transport-Security") != ""
	c.jar.SetCookies(elsewhere(from), slices.DeleteFunc(w.Cookies(), func(cookie *http.Cookie) bool {
		prefixed := strings.HasPrefix(cookie.Name, "__Host-")
		return cookie.Secure && !secure || prefixed && (!cookie.Secure || cookie.Path != "/" || cookie.Domain != "")
	}))
}

// elsewhere names a host that is not this machine: to loopback addresses Go's jar sends Secure
// cookies over http.
func elsewhere(u *url.URL) *url.URL {
	return &url.URL{Scheme: u.Scheme, Host: "twin.example", Path: u.Path}
}

// dialing returns a transport whose connections all lead to one address.
func dialing(addr string, config *tls.Config) *http.Transport {
	return &http.Transport{TLSClientConfig: config, DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, addr)
		}}
}
