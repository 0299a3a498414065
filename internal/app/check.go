package app

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/postgres"
)

// SettingsError is everything that is missing or wrong in the settings, one sentence each.
type SettingsError []string

// Error lists the problems and says what sets everything up by itself.
func (p SettingsError) Error() string {
	return "these settings are missing or wrong:\n  - " + strings.Join(p, "\n  - ") +
		"\nEvery setting is explained by --help. To try the shop with everything set up for you: go run ./cmd/dev"
}

// Resolve returns the settings with their secrets read from files and addresses tidied, or
// SettingsError: all of them at once.
func (s Settings) Resolve() (Settings, error) {
	var p problems
	p.fill(&s.Database.URL, "DATABASE_URL", &s.Database.URLFile)
	p.fill(&s.Provider.ClientSecret, "OIDC_CLIENT_SECRET", &s.Provider.ClientSecretFile)
	p.fill(&s.Provider.ClientKey, "OIDC_CLIENT_KEY", &s.Provider.ClientKeyFile)
	p.fill(&s.Sessions.Keys, "SESSION_KEYS", &s.Sessions.KeysFile)
	s.Listen.BaseURL = strings.TrimSuffix(s.Listen.BaseURL, "/")
	p.checkSwitch("INSECURE_HTTP", s.Listen.InsecureHTTP)
	p.checkSwitch("OIDC_LOOSE_LOGOUT_TYPE", s.Provider.LooseLogoutType)
	p.checkSwitch("OIDC_LOCAL_SIGN_OUT", s.Provider.LocalSignOut)
	p.checkSwitch("OIDC_PROMPT_CREATE", s.Provider.PromptCreate)
	p.checkSwitch("TUTORIAL", s.Lessons.Tutorial)
	p.checkSwitch("RATE_LIMITS", s.Rates.Limits)
	s.Listen.check(&p)
	s.Database.check(&p)
	s.Provider.check(&p, s.Listen.InsecureHTTP == On)
	s.Sessions.check(&p)
	s.Rates.check(&p)
	s.checkPublished(&p)
	if age, whole := s.Provider.MaxAge, s.Sessions.Absolute; age > 0 && whole > 0 && age >= whole {
		p.addf("OIDC_MAX_AGE (%v) must be shorter than SESSION_ABSOLUTE (%v), or a new session could end immediately.",
			age, whole)
	}
	if f := s.Logs.Format; f != "json" && f != "text" {
		p.addf("LOG_FORMAT is %q: it must be json or text.", f)
	}
	return s, p.err()
}

// Resolve returns the database settings with the address read from its file, or SettingsError.
func (d Database) Resolve() (Database, error) {
	var p problems
	p.fill(&d.URL, "DATABASE_URL", &d.URLFile)
	d.check(&p)
	return d, p.err()
}

// Address returns the address that migrations use: MIGRATE_DATABASE_URL, or DATABASE_URL without
// it; or SettingsError.
func (m Migration) Address(d Database) (Secret, error) {
	var p problems
	p.fill(&m.URL, "MIGRATE_DATABASE_URL", &m.URLFile)
	if m.URL == "" {
		d, err := d.Resolve()
		return d.URL, err
	}
	p.database("MIGRATE_DATABASE_URL", m.URL)
	return m.URL, p.err()
}

// Warnings returns what should be said at every start, one sentence each.
func (s Settings) Warnings() []string {
	var w []string
	if s.Listen.InsecureHTTP == On {
		w = append(w, "INSECURE_HTTP is on: the tag is sent without Secure and plain http is accepted, so anyone on the "+
			"way can take a session over. Never use this for a real shop.")
	}
	if s.Lessons.Tutorial == On {
		w = append(w, "TUTORIAL is on: visitors may age their own sessions. Never use this for a real shop.")
	}
	if s.Rates.Limits == Off {
		w = append(w, "RATE_LIMITS is off: a machine may try tags, sign-ins and forms as fast as it likes. Never use this "+
			"for a real shop.")
	}
	if s.Provider.MaxAge == 0 {
		w = append(w, "OIDC_MAX_AGE is 0: the provider is not asked when it authenticated a customer, so SESSION_ABSOLUTE "+
			"counts from the sign-in here, and what needs a recent sign-in is refused unless the provider sends auth_time "+
			"unasked.")
	}
	if s.Database.URL != "" && !postgres.Verified(s.Database.URL.Reveal()) {
		w = append(w, "DATABASE_URL may lead over a network without TLS or to a server that has not proved its name: add "+
			"sslmode=verify-full, unless nobody else is on that network.")
	}
	return w
}

// Proxies returns the networks of TRUSTED_PROXIES; a single address is a network of one.
func (l Listen) Proxies() ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, text := range fields(l.TrustedProxies) {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			address, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("TRUSTED_PROXIES holds %q, which is neither an address nor a network such as 10.0.0.0/8",
					text)
			}
			network = netip.PrefixFrom(address, address.BitLen())
		}
		networks = append(networks, network)
	}
	return networks, nil
}

// On reports whether the tutorial is on. It returns an error for a TUTORIAL that is neither on nor
// off.
func (l Lessons) On() (bool, error) {
	return l.Tutorial == On, l.Tutorial.check("TUTORIAL")
}

// Ring makes the key ring of SESSION_KEYS.
func (s Sessions) Ring() (*keyring.Ring, error) {
	return keyring.New(fields(s.Keys.Reveal())...)
}

func (l Listen) check(p *problems) {
	p.address("ADDR", l.Addr)
	if l.AdminAddr != "" {
		p.address("ADMIN_ADDR", l.AdminAddr)
	}
	if l.AdminAddr == l.Addr && l.Addr != "" && !strings.HasSuffix(l.Addr, ":0") {
		p.addf("ADMIN_ADDR and ADDR are the same: /metrics and /debug/pprof need an address of their own.")
	}
	if _, err := l.Proxies(); err != nil {
		p.addf("%v.", err)
	}
	switch u, err := url.Parse(l.BaseURL); {
	case l.BaseURL == "":
		p.addf("BASE_URL is missing: the shop's address as browsers see it, such as https://shop.example.")
	case err != nil || !isWeb(u) || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		p.addf("BASE_URL must be http or https, a host, perhaps a port, and nothing more, such as https://shop.example.")
	case u.Scheme == "http" && !isLoopback(u.Hostname()) && l.InsecureHTTP != On:
		p.addf("BASE_URL is plain http on %s, where anyone on the way can take a session over: use https, or say "+
			"INSECURE_HTTP=1 if that is acceptable.", u.Hostname())
	}
}

func (d Database) check(p *problems) {
	if d.URL == "" {
		p.addf("DATABASE_URL is missing: where PostgreSQL is, such as postgres://shop@localhost/shop.")
		return
	}
	p.database("DATABASE_URL", d.URL)
}

// maxCookieAge is how long browsers keep a cookie at most (RFC 6265bis 5.5).
const maxCookieAge = 400 * 24 * time.Hour

func (s Sessions) check(p *problems) {
	if s.Keys == "" {
		p.addf("SESSION_KEYS is missing: a secret of at least %d characters, such as openssl rand -base64 32 prints.",
			keyring.MinKeyLength)
	} else if _, err := s.Ring(); err != nil {
		p.addf("SESSION_KEYS: %v.", err)
	}
	idle := p.span("SESSION_IDLE", s.Idle)
	if absolute := p.span("SESSION_ABSOLUTE", s.Absolute); idle && absolute && s.Idle > s.Absolute {
		p.addf("SESSION_IDLE (%v) must not be longer than SESSION_ABSOLUTE (%v).", s.Idle, s.Absolute)
	}
	idle = p.span("SESSION_ANONYMOUS_IDLE", s.AnonymousIdle)
	if absolute := p.span("SESSION_ANONYMOUS_ABSOLUTE", s.AnonymousAbsolute); idle && absolute &&
		s.AnonymousIdle > s.AnonymousAbsolute {
		p.addf("SESSION_ANONYMOUS_IDLE (%v) must not be longer than SESSION_ANONYMOUS_ABSOLUTE (%v).", s.AnonymousIdle,
			s.AnonymousAbsolute)
	}
	if idle && s.AnonymousIdle > maxCookieAge {
		p.addf("SESSION_ANONYMOUS_IDLE must not be longer than 400 days: browsers keep no cookie for longer.")
	}
	if s.MaxPerCustomer < 1 || s.MaxPerCustomer > 1000 {
		p.addf("SESSION_MAX_PER_CUSTOMER must be a whole number from 1 to 1000.")
	}
}

// problems gathers sentences.
type problems SettingsError

// fill reads a secret from the file that is named for it, if one is. Where that fails, the secret
// gets a stand-in, so that it is not called missing as well.
func (p *problems) fill(s *Secret, name string, file *string) {
	if problem := s.fill(name, *file); problem != "" {
		*p = append(*p, problem)
		*s = standIn
	}
	*file = ""
}

// standIn takes the place of a secret whose file could not be read. Resolve fails then, so that
// it is never used.
const standIn = Secret("stand-in-for-a-secret-that-could-not-be-read")

func (p *problems) addf(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return SettingsError(p)
}

// span wants a length of time from one second to ten years: the smallest unit of a limit, and the
// most that makes sense.
func (p *problems) span(name string, d time.Duration) (ok bool) {
	if d >= time.Second && d <= 10*365*24*time.Hour {
		return true
	}
	p.addf("%s must be a length of time from one second to ten years, such as 90s, 30m, 24h or 30d.", name)
	return false
}

func (p *problems) database(name string, address Secret) {
	if err := postgres.CheckAddress(address.Reveal()); err != nil && address != standIn {
		p.addf("%s: %v.", name, err)
	}
}

func (p *problems) address(name, addr string) {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		p.addf("%s is %q: it must be host:port, such as localhost:8080, or :8080 for every interface.", name, addr)
	}
}

// fields splits a list at commas and white space.
func fields(list string) []string {
	return strings.FieldsFunc(list,
		func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
}

func isWeb(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// isLoopback reports whether browsers resolve that host to this machine, so that plain http to it
// is as good as https.
func isLoopback(host string) bool {
	host = strings.ToLower(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "127.0.0.1" || host == "::1"
}
