package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"hookandtag.example/shop/internal/mallory"
)

var middle = &lesson{
	number: 4, title: "The proxy in between",
	weakness: "The customer's client takes every certificate, begins with http, and any host may set our cookie.",
	defences: []mallory.Defence{
		{Key: "verify", Text: "The client checks certificates"},
		{Key: "hsts", Text: "The twin says HSTS over TLS, and the client remembers it"},
		{Key: "prefix", Text: "The cookie is called __Host-sid: only https and only this host may set it"},
	},
	weaken: func(x *exhibit) {
		x.cookie = x.cookieWithPlainName
		if x.on["hsts"] {
			x.headers = sayHSTS
		}
		if x.on["prefix"] {
			x.cookie = x.cookieWithPrefix
		}
	},
}

// cookieWithPlainName has a name that anyone in the middle can set over http.
func (x *exhibit) cookieWithPlainName(s *session) *http.Cookie {
	return &http.Cookie{Name: "sid", Value: s.id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

func (x *exhibit) cookieWithPrefix(s *session) *http.Cookie {
	c := x.cookieWithPlainName(s)
	c.Name, c.Secure = "__Host-sid", true
	return c
}

// sayHSTS makes the client stay on https, where it may believe that (RFC 6797 7.2).
func sayHSTS(w http.ResponseWriter, r *http.Request, _ *session) {
	if r.TLS != nil {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// line is one run of lesson 4: a customer's client, Mallory's proxy, and the twin behind it.
type line struct {
	lab    *Lab
	x      *exhibit
	attack mallory.Attack
	result mallory.Middle
	victim *client
	proxy  string // where the proxy listens
	cookie string // the cookie's name
	plant  string // Mallory's own session, for the attack that plants one
}

// runMiddle runs one attack of the proxy in the middle, with real connections on this machine.
func (l *Lab) runMiddle(w http.ResponseWriter, r *http.Request, x *exhibit) {
	attack := mallory.Attack(r.PostFormValue("attack"))
	run, found := map[mallory.Attack]func(*line, context.Context) error{
		mallory.SwapCertificate: (*line).swapCertificate,
		mallory.Downgrade:       (*line).downgrade,
		mallory.PlantCookie:     (*line).plantCookie,
	}[attack]
	if !found {
		http.Error(w, "No such attack.", http.StatusUnprocessableEntity)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	n, stop, err := l.newLine(ctx, x, attack)
	if err == nil {
		defer stop()
		err = run(n, ctx)
	}
	if err != nil {
		l.config.Log.ErrorContext(ctx, "lab: the proxy in the middle", "err", err)
		http.Error(w, "The proxy in the middle did not run.", http.StatusInternalServerError)
		return
	}
	n.result.Stopped = !n.result.Stolen && !n.result.Planted
	x.mu.Lock()
	defer x.mu.Unlock()
	x.note(mallory.EventWire, fmt.Sprintf("The proxy in the middle tried %q: stopped is %t.", attack, n.result.Stopped))
	answerJSON(w, n.result)
}

func (l *Lab) newLine(ctx context.Context, x *exhibit, attack mallory.Attack) (*line, func(), error) {
	other, err := newAuthority("Mallory's authority", l.base.Hostname())
	if err != nil {
		return nil, nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	x.mu.Lock()
	n := &line{lab: l, x: x, attack: attack, proxy: listener.Addr().String(), cookie: x.cookie(&session{}).Name}
	n.victim = newClient(l.authority.pool, x.on["verify"])
	x.mu.Unlock()
	n.result = mallory.Middle{Attack: attack, Client: []string{}, Proxy: []string{}}
	return n, serveBoth(ctx, listener, n.proxyHandler(), other.leaf), nil
}

// address is the exhibit's under a scheme.
func (n *line) address(scheme, page string) string {
	return scheme + "://" + n.lab.base.Host + n.x.path + page
}

// swapCertificate lets a signed-in customer open the https address through the proxy.
func (n *line) swapCertificate(ctx context.Context) error {
	if err := n.arrive(ctx); err != nil {
		return err
	}
	return n.open(ctx, n.address("https", "account"), n.proxy)
}

// downgrade lets the customer follow a link that begins with http.
func (n *line) downgrade(ctx context.Context) error {
	if err := n.arrive(ctx); err != nil {
		return err
	}
	return n.open(ctx, n.address("http", "account"), n.proxy)
}

// plantCookie answers one http page through the proxy, and then lets the customer open the twin
// undisturbed.
func (n *line) plantCookie(ctx context.Context) error {
	n.x.mu.Lock()
	own := n.x.begin(n.x.newID())
	own.mallory, own.cart["MITTENS"], n.plant = true, 1, own.id
	n.x.mu.Unlock()
	if err := n.open(ctx, n.address("http", ""), n.proxy); err != nil {
		return err
	}
	page, _, err := n.victim.get(ctx, n.address("https", ""), n.lab.address())
	n.result.Planted = strings.Contains(page, `data-cart-count="1"`)
	holds := map[bool]string{true: "Mallory's mittens", false: "nothing"}[n.result.Planted]
	n.say(&n.result.Client, "then, with nobody in between: the cart holds %s", holds)
	return err
}

// arrive signs the customer in over https, with nobody in between.
func (n *line) arrive(ctx context.Context) error {
	err := n.victim.post(ctx, n.address("https", "sign-in"), n.lab.address(), url.Values{"name": {"Alice"}})
	n.say(&n.result.Client, "first, with nobody in between: signed in over https\nthen, with Mallory in between:")
	return err
}

// open lets the customer open a page. A certificate refused is a result, not an error.
func (n *line) open(ctx context.Context, page, through string) error {
	if n.victim.remembersHSTS {
		page = strings.Replace(page, "http://", "https://", 1)
		n.say(&n.result.Client, "HSTS was heard before: http becomes https")
	}
	n.say(&n.result.Client, "GET %s", strings.Replace(page, n.x.path, "/", 1))
	_, status, err := n.victim.get(ctx, page, through)
	var refused *tls.CertificateVerificationError
	if errors.As(err, &refused) {
		n.result.Complaint = refused.Error()
		n.say(&n.result.Client, "refused: %v", refused.Err)
		return nil
	}
	n.say(&n.result.Client, "%s", status)
	return err
}

func (n *line) say(to *[]string, format string, args ...any) {
	*to = append(*to, fmt.Sprintf(format, args...))
}

// proxyHandler reads along and passes everything on to the twin over https, whatever the client
// speaks.
func (n *line) proxyHandler() http.Handler {
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "https", n.lab.base.Host, n.lab.base.Host
		},
		Transport: dialing(n.lab.address(), &tls.Config{RootCAs: n.lab.authority.pool}),
		ModifyResponse: func(w *http.Response) error {
			if n.attack == mallory.PlantCookie {
				planted := &http.Cookie{Name: n.cookie, Value: n.plant, Path: "/"}
				planted.Secure = strings.HasPrefix(n.cookie, "__Host-")
				w.Header["Set-Cookie"] = []string{planted.String()}
				n.say(&n.result.Proxy, "adds Set-Cookie: %s=%s", n.cookie, mallory.Shorten(n.plant))
			}
			return nil
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.say(&n.result.Proxy, "%s /%s, passed on over https", r.Method, strings.TrimPrefix(r.URL.Path, n.x.path))
		if c, err := r.Cookie(n.cookie); err == nil {
			n.result.Stolen = true
			n.say(&n.result.Proxy, "Cookie: %s=%s", n.cookie, mallory.Shorten(c.Value))
		}
		forward.ServeHTTP(w, r)
	})
}

// address is where the twin listens.
func (l *Lab) address() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.self
}
