package app

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/money"
)

// check names what keeps the shop from signing anybody in at the provider.
func (o Provider) check(p *problems, insecure bool) {
	switch u, err := url.Parse(o.Issuer); {
	case o.Issuer == "":
		p.addf("OIDC_ISSUER is missing: the address of the OpenID Connect provider, such as https://id.example/realms/shop.")
	case err != nil || !isWeb(u) || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		p.addf("OIDC_ISSUER must be an http or https address without query, fragment or password.")
	case u.Scheme == "http" && !isLoopback(u.Hostname()) && !insecure:
		p.addf("OIDC_ISSUER is plain http on %s, where anyone on the way can sign in as anybody: use https, or say "+
			"INSECURE_HTTP=1 if that is acceptable.", u.Hostname())
	}
	if o.ClientID == "" {
		p.addf("OIDC_CLIENT_ID is missing: the name under which the provider knows the shop.")
	}
	o.checkClient(p)
	if o.MaxAge != 0 {
		p.span("OIDC_MAX_AGE", o.MaxAge)
	}
	p.span("OIDC_LOGOUT_TOKEN_LIFE", o.LogoutTokenLife)
	for _, a := range fields(o.SigningAlgs) {
		if !slices.Contains(auth.Algorithms, a) {
			p.addf("OIDC_SIGNING_ALGS holds %q: it may hold %s.", a, strings.Join(auth.Algorithms, ", "))
		}
	}
	p.span("ATTEMPT_LIFETIME", o.AttemptLifetime)
	p.span("STEP_UP_AGE", o.StepUpAge)
	if _, err := o.stepUpTotal(); err != nil {
		p.addf("STEP_UP_TOTAL is %q: it must be an amount in euro, such as 250.00, or 0.", o.StepUpTotal)
	}
}

// checkClient wants one client credential, not two: which of them counts would be the provider's
// choice.
func (o Provider) checkClient(p *problems) {
	switch {
	case o.ClientSecret == "" && o.ClientKey == "":
		p.addf("OIDC_CLIENT_SECRET is missing: the secret the provider gave the shop. (Or OIDC_CLIENT_KEY_FILE: a private " +
			"key of the shop's own.)")
	case o.ClientSecret != "" && o.ClientKey != "":
		p.addf("OIDC_CLIENT_SECRET and OIDC_CLIENT_KEY are both given: give one.")
	}
	if _, err := o.key(); err != nil {
		p.addf("OIDC_CLIENT_KEY: %v. Make one with openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256.", err)
	}
}

// PublicKeys is what a provider is to know of a shop that has a client key, as a JSON Web Key Set;
// nil without one.
func (o Provider) PublicKeys() ([]byte, error) {
	var p problems
	p.fill(&o.ClientKey, "OIDC_CLIENT_KEY", &o.ClientKeyFile)
	key, err := o.key()
	if err := errors.Join(p.err(), err); err != nil || key == nil {
		return nil, err
	}
	return auth.JWKS(key)
}

// key reads OIDC_CLIENT_KEY; nil when it is empty.
func (o Provider) key() (*auth.ClientKey, error) {
	if o.ClientKey == "" || o.ClientKey == standIn {
		return nil, nil
	}
	return auth.ParseClientKey(o.ClientKey.Reveal())
}

// stepUpTotal reads STEP_UP_TOTAL; empty is 0.
func (o Provider) stepUpTotal() (money.Amount, error) {
	if o.StepUpTotal == "" {
		return 0, nil
	}
	return money.Parse(o.StepUpTotal)
}
