package mallory

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// Middle is the result of one attempt by Mallory's proxy in the middle.
type Middle struct {
	Client    []string // what the customer's client saw, line by line
	Proxy     []string // what the proxy saw
	Stolen    bool     // Mallory read the session cookie
	Planted   bool     // the twin took the cookie that she planted
	Complaint string   // the client's error, such as x509's; "" if none
}

// Attack is something the proxy in the middle tries.
type Attack string

// The attacks of the proxy in the middle.
const (
	SwapCertificate Attack = "swap"      // answer with a certificate of Mallory's
	Downgrade       Attack = "downgrade" // keep the client on http, and speak https to the twin
	PlantCookie     Attack = "plant"     // answer one http request with a cookie of Mallory's
)

// line is one attack on a customer of lesson 4's exhibit: the customer, the proxy and the twin.
type line struct {
	twin   *Twin
	attack Attack
	victim *Customer
	direct *http.Transport   // to the twin, with nobody in between
	addr   map[string]string // where the proxy listens, by scheme
	cookie string            // the cookie's name
	plant  string            // Mallory's own session, for the attack that plants one
	result Middle
}

// InTheMiddle lets the proxy attack a customer, over real connections on this machine. The
// exhibit's switches say how careful customer and twin are.
func (t *Twin) InTheMiddle(ctx context.Context, attack Attack) (Middle, error) {
	state, err := t.State(ctx, 4)
	if err != nil {
		return Middle{}, err
	}
	n := &line{twin: t, attack: attack, addr: map[string]string{}, cookie: "sid"}
	if state.IsOn("prefix") {
		n.cookie = "__Host-sid"
	}
	if n.victim, err = t.Customer(ctx, 4); err != nil {
		return Middle{}, err
	}
	n.victim.scheme = "https"
	n.direct, _ = n.victim.client.Transport.(*http.Transport)
	for _, scheme := range []string{"http", "https"} {
		addr, stop, err := listen(n.proxy(), scheme, t.visitor.twin.base.Hostname())
		if err != nil {
			return Middle{}, err
		}
		defer stop()
		n.addr[scheme] = addr
	}
	if attack == PlantCookie {
		err = n.plantCookie(ctx)
	} else {
		err = n.listenIn(ctx, state.IsOn("verify"))
	}
	return n.result, err
}

// listen serves h on a port of this machine: http, or https with a certificate of Mallory's.
func listen(h http.Handler, scheme, host string) (addr string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	addr = listener.Addr().String()
	if scheme == "https" {
		leaf, err := SelfSigned("Mallory", host)
		if err != nil {
			return "", nil, err
		}
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{leaf}})
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: maxWait,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go func() { _ = server.Serve(listener) }()
	return addr, func() { _ = server.Close() }, nil
}

// listenIn signs the customer in with nobody in between, and then lets them open their account
// through the proxy: by https, or by a link that begins with http.
func (n *line) listenIn(ctx context.Context, verify bool) error {
	if _, err := n.victim.Press(ctx, "sign-in", url.Values{"name": {"Alice"}}); err != nil {
		return err
	}
	say(&n.result.Client, "first, with nobody in between: signed in over https\nthen, with Mallory in between:")
	scheme := map[Attack]string{SwapCertificate: "https", Downgrade: "http"}[n.attack]
	if *n.victim.heard && scheme == "http" {
		scheme = "https"
		say(&n.result.Client, "HSTS was heard before: http becomes https")
	}
	// With HSTS in mind there is no way past a bad certificate (RFC 6797 8.4).
	return n.open(ctx, scheme, "account", verify || *n.victim.heard)
}

// plantCookie answers one http page through the proxy, and then lets the customer open the twin
// undisturbed.
func (n *line) plantCookie(ctx context.Context) error {
	a, err := n.twin.visit(ctx, 4, "cart", "", url.Values{"sku": {"MITTENS"}})
	if err != nil {
		return err
	}
	n.plant = a.cookie(n.cookie)
	if err := n.open(ctx, "http", "", true); err != nil {
		return err
	}
	n.victim.client.Transport, n.victim.scheme = n.direct, "https"
	look, err := n.victim.Visit(ctx, "")
	n.result.Planted = look.Cart == 1
	holds := map[bool]string{true: "Mallory's mittens", false: "nothing"}[n.result.Planted]
	say(&n.result.Client, "then, with nobody in between: the cart holds %s", holds)
	return err
}

// open lets the customer open a page through the proxy, whatever host the page names. A certificate
// refused is a result, not an error.
func (n *line) open(ctx context.Context, scheme, page string, careful bool) error {
	through := n.direct.Clone()
	through.DialContext = dialing(n.addr[scheme])
	through.TLSClientConfig.InsecureSkipVerify = !careful
	n.victim.client.Transport, n.victim.scheme = through, scheme
	say(&n.result.Client, "GET %s://%s/%s", scheme, n.twin.visitor.twin.base.Host, page)
	look, err := n.victim.Visit(ctx, page)
	if refused, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		n.result.Complaint = refused.Error()
		say(&n.result.Client, "refused: %v", refused.Err)
		return nil
	}
	say(&n.result.Client, "%s", look.Exchange.Status)
	return err
}

func say(to *[]string, format string, args ...any) { *to = append(*to, fmt.Sprintf(format, args...)) }

// proxy reads along and passes everything on to the twin over https, whatever the client speaks.
func (n *line) proxy() http.Handler {
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "https", Host: n.twin.visitor.twin.base.Host})
		},
		Transport: n.direct,
		ModifyResponse: func(w *http.Response) error {
			if n.attack == PlantCookie {
				planted := &http.Cookie{Name: n.cookie, Value: n.plant, Path: "/", Secure: n.cookie != "sid"}
				w.Header["Set-Cookie"] = []string{planted.String()}
				say(&n.result.Proxy, "adds Set-Cookie: %s=%s", n.cookie, Shorten(n.plant))
			}
			return nil
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		say(&n.result.Proxy, "%s /%s, passed on over https", r.Method, strings.TrimPrefix(r.URL.Path, n.twin.Path(4)))
		if c, err := r.Cookie(n.cookie); err == nil {
			n.result.Stolen = true
			say(&n.result.Proxy, "Cookie: %s=%s", n.cookie, Shorten(c.Value))
		}
		forward.ServeHTTP(w, r)
	})
}

// OverTLS reports whether the shop itself speaks https, so that it can be attacked from the middle.
func (s *Shop) OverTLS() bool { return s.visitor.config.Shop.Roots != nil }

// SwapCertificate lets a careful customer open the shop while Mallory answers in its place, with a
// certificate she signed.
func (s *Shop) SwapCertificate(ctx context.Context) (m Middle, err error) {
	nothing := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	addr, stop, err := listen(nothing, "https", s.visitor.shop.base.Hostname())
	if err != nil {
		return m, err
	}
	defer stop()
	customer, err := newSite(Target{URL: s.visitor.shop.base.String(), Dial: addr, Roots: s.visitor.config.Shop.Roots})
	if err != nil {
		return m, err
	}
	m.Client = []string{"GET " + customer.base.String() + "/account"}
	_, err = customer.visit(ctx, call{path: "/account"})
	if refused, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		m.Complaint = refused.Error()
		m.Client = append(m.Client, "refused: "+refused.Err.Error())
		return m, nil
	}
	m.Stolen = err == nil // the customer would have sent the tag
	return m, err
}
