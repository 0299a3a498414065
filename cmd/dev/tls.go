package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

const (
	defaultAddr    = "localhost:8080"
	defaultTLSAddr = "localhost:8443"

	authorityLifetime = 10 * 365 * 24 * time.Hour
	leafLifetime      = 90 * 24 * time.Hour // Apple refuses more than 825 days
)

// authority signs the certificates of the shop on this machine. Its name constraints let it speak
// for no other host (RFC 5280 4.2.1.10), so that trusting it is no risk elsewhere.
type authority struct {
	file string // its certificate, for people to trust
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// openAuthority returns the authority kept in dir, made at the first call.
func openAuthority(dir string) (*authority, error) {
	a := &authority{file: filepath.Join(dir, "authority.pem")}
	kept, err := os.ReadFile(a.keyFile())
	if errors.Is(err, fs.ErrNotExist) {
		return a, a.create()
	}
	if err != nil {
		return nil, fmt.Errorf("read the certificate authority: %w", err)
	}
	return a, a.read(kept)
}

func (a *authority) keyFile() string { return a.file + ".key" }

func (a *authority) read(key []byte) error {
	certificate, err := os.ReadFile(a.file)
	if err != nil {
		return fmt.Errorf("read the certificate authority: %w", err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return fmt.Errorf("read the certificate authority in %s: %w", a.file, err)
	}
	var ok bool
	a.cert = pair.Leaf
	if a.key, ok = pair.PrivateKey.(*ecdsa.PrivateKey); !ok {
		return fmt.Errorf("read the certificate authority in %s: not an ECDSA key", a.file)
	}
	return nil
}

func (a *authority) create() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	now := time.Now()
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "Hook & Tag, this machine only"}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.Add(authorityLifetime),
		IsCA:     true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: []string{"localhost"},
		PermittedIPRanges: []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	a.key = key
	return a.keep(der)
}

// keep writes the key last: where it is, the certificate is too.
func (a *authority) keep(der []byte) error {
	key, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(a.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		return fmt.Errorf("keep the certificate authority: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	if err := os.WriteFile(a.keyFile(), text, 0o600); err != nil {
		return fmt.Errorf("keep the certificate authority: %w", err)
	}
	return nil
}

// serving returns a TLS configuration with a new certificate for host.
func (a *authority) serving(host string) (*tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: host}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(leafLifetime),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	leaf := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{leaf}}, nil
}

// pool is what a client on this machine trusts to reach the shop.
func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// howToTrust is the command that makes browsers on a system believe the authority.
func (a *authority) howToTrust(system string) string {
	if system == "darwin" {
		return "security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db " + a.file
	}
	return "sudo cp " + a.file + " /usr/local/share/ca-certificates/hookandtag.crt && sudo update-ca-certificates"
}

func (a *authority) trustSentence() string {
	return fmt.Sprintf("Trust it with: %s\n              Firefox: Settings, Certificates, Authorities, Import %s",
		a.howToTrust(runtime.GOOS), a.file)
}

// listen takes the shop's port, a free one where ADDR asks for any, and fills in the address
// browsers see. Whether the port was taken is reported after the database: if our earlier start has
// it, that is the better answer.
func (d *development) listen() (taken error) {
	s := &d.settings.Listen
	scheme := "http://"
	if d.tls != nil {
		scheme = "https://"
		if s.Addr == defaultAddr {
			s.Addr = defaultTLSAddr
		}
	}
	listener, err := listen(s.Addr)
	if err != nil {
		taken = explainAddr("ADDR", s.Addr, err)
	} else {
		d.listener, s.Addr = listener, withPortOf(s.Addr, listener)
	}
	if s.BaseURL == "" {
		s.BaseURL = scheme + publicHost(s.Addr)
	}
	if d.tls != nil && taken == nil {
		return d.encrypt()
	}
	return taken
}

// encrypt makes the shop's listener speak TLS, with a certificate for the host of its address.
func (d *development) encrypt() error {
	base, err := url.Parse(d.settings.Listen.BaseURL)
	if err != nil {
		return fmt.Errorf("BASE_URL: %w", err)
	}
	config, err := d.tls.serving(base.Hostname())
	if err != nil {
		return err
	}
	d.listener = tls.NewListener(d.listener, config)
	return nil
}

// roots is what the provider trusts when it sends the shop a logout; nil without --tls.
func (d *development) roots() *x509.CertPool {
	if d.tls == nil {
		return nil
	}
	return d.tls.pool()
}
