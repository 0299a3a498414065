package mallory

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"strings"
	"time"
)

// OverTLS reports whether the shop itself speaks https, so that it can be attacked from the middle.
func (s *Shop) OverTLS() bool { return s.visitor.config.Shop.Roots != nil }

// OnThisMachine reports whether browsers know the shop as localhost.
func (s *Shop) OnThisMachine() bool { return s.visitor.shop.base.Hostname() == "localhost" }

// InTheMiddle lets a careful customer open the shop while Mallory answers in its place: with a
// certificate of her own (SwapCertificate), or in clear (Downgrade). The customer has seen the shop
// before, undisturbed.
func (s *Shop) InTheMiddle(ctx context.Context, attack Attack) (m Middle, err error) {
	tag, e, err := s.MakeTag(ctx)
	if err != nil {
		return m, err
	}
	m = Middle{Attack: attack, Client: []string{"earlier, undisturbed: POST /cart/lines"}, Proxy: []string{}}
	secure := attack == SwapCertificate
	for _, line := range e.Got {
		if strings.HasPrefix(line, "Strict-Transport-Security: ") {
			m.Client = append(m.Client, line)
			secure = true // RFC 6797 8.3: the browser turns http into https by itself
		}
	}
	status, stolen, err := s.answeredByMallory(ctx, tag, secure)
	m.Client = append(m.Client, "GET "+
		map[bool]string{true: "https://", false: "http://"}[secure]+s.visitor.shop.base.Host+
		"/account")
	var refused *tls.CertificateVerificationError
	if errors.As(err, &refused) {
		m.Stopped, m.Complaint = true, refused.Error()
		m.Client = append(m.Client, "refused: "+refused.Err.Error())
		return m, nil
	}
	m.Stolen, m.Client = stolen, append(m.Client, status)
	return m, err
}

// answeredByMallory lets a customer open the account where Mallory answers, and reports whether she
// was sent the tag.
func (s *Shop) answeredByMallory(ctx context.Context, tag string, secure bool) (status string, stolen bool, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", false, err
	}
	scheme, through := "http", listener.Addr().String()
	if secure {
		leaf, err := selfSigned(s.visitor.shop.base.Hostname())
		if err != nil {
			return "", false, errors.Join(err, listener.Close())
		}
		scheme, listener = "https", tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{leaf}})
	}
	read := make(chan bool, 1)
	server := &http.Server{ReadHeaderTimeout: patience, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { read <- len(r.Cookies()) > 0 })}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	status, err = s.customer(ctx, scheme+"://"+s.visitor.shop.base.Host+"/account", tag, through)
	if err == nil {
		stolen = <-read
	}
	return status, stolen, err
}

// customer makes one request over a line that ends at through, trusting whom the shop's customers
// trust.
func (s *Shop) customer(ctx context.Context, address, tag, through string) (status string, err error) {
	cookie, err := pair(s.visitor.config.TagName, tag)
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return "", err
	}
	r.Header.Set("User-Agent", UserAgent)
	r.Header.Set("Cookie", cookie)
	transport := &http.Transport{DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{RootCAs: s.visitor.config.Shop.Roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, through)
		}}
	w, err := transport.RoundTrip(r)
	if err != nil {
		return "", err
	}
	return w.Status, w.Body.Close()
}

// selfSigned is a certificate for a host that no authority has signed.
func selfSigned(host string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
