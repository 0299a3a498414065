package provider

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	logoutTokenLifetime = 2 * time.Minute
	notifyTimeout       = 3 * time.Second
	logoutEvent         = "http://schemas.openid.net/event/backchannel-logout"
)

// logoutToken is what OpenID Connect Back-Channel Logout 2.4 prescribes, with both sub and sid.
type logoutToken struct {
	Issuer   string              `json:"iss"`
	Subject  string              `json:"sub"`
	Audience string              `json:"aud"`
	IssuedAt int64               `json:"iat"`
	Expires  int64               `json:"exp"`
	ID       string              `json:"jti"`
	SID      string              `json:"sid"`
	Events   map[string]struct{} `json:"events"`
}

func newNotifier(roots *x509.CertPool) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	return &http.Client{
		Transport:     transport,
		Timeout:       notifyTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// notify sends the shop a logout token for s and waits for the answer, three seconds at most. A
// browser that goes away does not stop it.
func (p *Provider) notify(ctx context.Context, s session) error {
	if p.config.BackchannelURL == "" || !s.atShop {
		return nil
	}
	now := time.Now()
	token, err := p.keys.sign("logout+jwt", logoutToken{
		Issuer: p.config.Issuer, Subject: s.person.Subject, Audience: p.client.id,
		IssuedAt: now.Unix(), Expires: now.Add(logoutTokenLifetime).Unix(),
		ID: rand.Text(), SID: s.sid, Events: map[string]struct{}{logoutEvent: {}},
	})
	if err != nil {
		return fmt.Errorf("sign logout token: %w", err)
	}
	body := strings.NewReader(url.Values{"logout_token": {token}}.Encode())
	request, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodPost, p.config.BackchannelURL, body)
	if err != nil {
		return fmt.Errorf("back-channel logout: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := p.notifier.Do(request)
	if err != nil {
		return fmt.Errorf("back-channel logout: %w", err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	// 204 is no longer in the specification (2.8) but some frameworks turn an empty 200 into one.
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusNoContent {
		return fmt.Errorf("back-channel logout: the shop answered %s", response.Status)
	}
	p.log.Info("back-channel logout delivered")
	return nil
}
