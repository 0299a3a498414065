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
	"net/http"
	"time"
)

// OverTLS reports whether the shop itself speaks https, so that it can be attacked from the middle.
func (s *Shop) OverTLS() bool { return s.visitor.config.Shop.Roots != nil }

// SwapCertificate lets a careful customer open the shop while Mallory answers in its place, with a
// certificate she signed.
func (s *Shop) SwapCertificate(ctx context.Context) (m Middle, err error) {
	leaf, err := selfSigned(s.visitor.shop.base.Hostname())
	if err != nil {
		return m, err
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{leaf}})
	if err != nil {
		return m, err
	}
	server := &http.Server{ReadHeaderTimeout: maxWait, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	customer, err := newSite(Target{URL: s.visitor.shop.base.String(), Dial: listener.Addr().String(),
		Roots: s.visitor.config.Shop.Roots})
	if err != nil {
		return m, err
	}
	m.Client = []string{"GET " + customer.base.String() + "/account"}
	_, err = customer.visit(ctx, call{path: "/account"})
	if refused, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		m.Stopped, m.Complaint = true, refused.Error()
		m.Client = append(m.Client, "refused: "+refused.Err.Error())
		return m, nil
	}
	m.Stolen = err == nil // the customer would have sent the tag
	return m, err
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
