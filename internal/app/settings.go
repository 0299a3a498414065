// Package app joins the shop's parts: it reads the settings, builds what they ask for and runs it.
package app

import "time"

// Settings holds every setting of the shop. Each is a flag and an environment variable of the same
// name; each secret can also be given as a file (DATABASE_URL_FILE and so on), as container
// platforms do.
//
// Secrets are of type Secret: no way of printing a Settings shows them.
type Settings struct {
	Listen   Listen   `embed:""`
	Database Database `embed:""`
	Provider Provider `embed:""`
	Sessions Sessions `embed:""`
	Lessons  Lessons  `embed:""`
	Rates    Rates    `embed:""`
	Logs     Logs     `embed:""`
	Traces   Traces   `embed:""`
}

// Listen says where the shop answers and under which address the world knows it.
type Listen struct {
	Addr           string `name:"addr" env:"ADDR" default:"localhost:8080" group:"Addresses" help:"Where the shop listens: host:port, or :port for every interface."`
	AdminAddr      string `name:"admin-addr" env:"ADMIN_ADDR" group:"Addresses" help:"Where /metrics and /debug/pprof listen, apart from the shop; empty means nowhere. Never open it to the world."`
	BaseURL        string `name:"base-url" env:"BASE_URL" group:"Addresses" placeholder:"URL" help:"The shop's address as browsers see it, without a path, such as https://shop.example."`
	TrustedProxies string `name:"trusted-proxies" env:"TRUSTED_PROXIES" group:"Addresses" placeholder:"NETWORK,..." help:"Whose X-Forwarded-For is believed: addresses or networks such as 10.0.0.0/8. Nobody's when empty."`
	InsecureHTTP   Switch `name:"insecure-http" env:"INSECURE_HTTP" group:"Addresses" help:"Allow plain http on other hosts than localhost, with a tag that is not Secure. Never for a real shop."`
}

// Database says where PostgreSQL is.
type Database struct {
	URL     Secret `name:"database-url" env:"DATABASE_URL" group:"Database" placeholder:"URL" help:"PostgreSQL 15 or newer, such as postgres://shop@localhost/shop."`
	URLFile string `name:"database-url-file" env:"DATABASE_URL_FILE" group:"Database" placeholder:"FILE" help:"A file that holds DATABASE_URL."`
}

// Migration says how to reach the database directly, with the right to change its schema.
type Migration struct {
	URL     Secret `name:"migrate-database-url" env:"MIGRATE_DATABASE_URL" group:"Database" placeholder:"URL" help:"The same database, reached directly and as its owner; DATABASE_URL when empty."`
	URLFile string `name:"migrate-database-url-file" env:"MIGRATE_DATABASE_URL_FILE" group:"Database" placeholder:"FILE" help:"A file that holds MIGRATE_DATABASE_URL."`
}

// Provider says who proves customers' identities: an OpenID Connect provider.
type Provider struct {
	Issuer           string        `name:"oidc-issuer" env:"OIDC_ISSUER" group:"Sign-in" placeholder:"URL" help:"The provider's issuer, letter for letter as its discovery document says it."`
	ClientID         string        `name:"oidc-client-id" env:"OIDC_CLIENT_ID" group:"Sign-in" placeholder:"ID" help:"The name under which the provider knows the shop."`
	ClientSecret     Secret        `name:"oidc-client-secret" env:"OIDC_CLIENT_SECRET" group:"Sign-in" placeholder:"SECRET" help:"The secret the provider gave the shop."`
	ClientSecretFile string        `name:"oidc-client-secret-file" env:"OIDC_CLIENT_SECRET_FILE" group:"Sign-in" placeholder:"FILE" help:"A file that holds OIDC_CLIENT_SECRET."`
	ClientKey        Secret        `name:"oidc-client-key" env:"OIDC_CLIENT_KEY" group:"Sign-in" placeholder:"PEM" help:"Instead of the secret: a private key; the provider knows its public half. Prefer OIDC_CLIENT_KEY_FILE."`
	ClientKeyFile    string        `name:"oidc-client-key-file" env:"OIDC_CLIENT_KEY_FILE" group:"Sign-in" placeholder:"FILE" help:"A file that holds OIDC_CLIENT_KEY; shop client-key prints what to tell the provider."`
	MaxAge           time.Duration `name:"oidc-max-age" env:"OIDC_MAX_AGE" default:"3h" type:"span" group:"Sign-in" help:"How long ago a customer may have proved who they are at the provider when signing in here. 0: do not ask, for a provider that does not tell."`
	SigningAlgs      string        `name:"oidc-signing-algs" env:"OIDC_SIGNING_ALGS" default:"RS256" group:"Sign-in" placeholder:"ALG,..." help:"Which algorithms may sign the provider's tokens, such as ES256, PS256 or EdDSA."`
	TrustedAudiences string        `name:"oidc-trusted-audiences" env:"OIDC_TRUSTED_AUDIENCES" group:"Sign-in" placeholder:"ID,..." help:"For whom tokens may be meant beside the shop, for a provider that adds a project or resource."`
	LogoutTokenLife  time.Duration `name:"oidc-logout-token-life" env:"OIDC_LOGOUT_TOKEN_LIFE" default:"10m" type:"span" group:"Sign-in" help:"How long a logout token may be good, and how old it may be."`
	LocalSignOut     Switch        `name:"oidc-local-sign-out" env:"OIDC_LOCAL_SIGN_OUT" group:"Sign-in" help:"Sign out at the shop alone, for a provider whose own sign-out page cannot be used."`
	PromptCreate     Switch        `name:"oidc-prompt-create" env:"OIDC_PROMPT_CREATE" group:"Sign-in" help:"Offer Create an account though the provider does not list prompt=create, for one that takes it all the same."`
	StepUpAge        time.Duration `name:"step-up-age" env:"STEP_UP_AGE" default:"5m" type:"span" group:"Sign-in" help:"How old a customer's authentication may be for what needs a recent sign-in."`
	StepUpTotal      string        `name:"step-up-total" env:"STEP_UP_TOTAL" default:"250.00" group:"Sign-in" placeholder:"EURO" help:"An order of so much or more needs a reauthentication; 0 for none."`
	LooseLogoutType  Switch        `name:"oidc-loose-logout-type" env:"OIDC_LOOSE_LOGOUT_TYPE" group:"Sign-in" help:"Take logout tokens whose typ is missing or JWT, too, for a provider that does not say logout+jwt."`
	AttemptLifetime  time.Duration `name:"attempt-lifetime" env:"ATTEMPT_LIFETIME" default:"10m" type:"span" group:"Sign-in" help:"How long one sign-in may take."`
}

// Sessions says how long sessions live. docs/security.md gives the reasons for the
// defaults.
type Sessions struct {
	Keys              Secret        `name:"session-keys" env:"SESSION_KEYS" group:"Sessions" placeholder:"KEY,..." help:"Secret keys of at least 32 characters each: the first signs, all of them verify."`
	KeysFile          string        `name:"session-keys-file" env:"SESSION_KEYS_FILE" group:"Sessions" placeholder:"FILE" help:"A file that holds SESSION_KEYS, with commas or new lines between them."`
	Idle              time.Duration `name:"session-idle" env:"SESSION_IDLE" default:"30m" type:"span" group:"Sessions" help:"A signed-in session ends after so long without use."`
	Absolute          time.Duration `name:"session-absolute" env:"SESSION_ABSOLUTE" default:"24h" type:"span" group:"Sessions" help:"A signed-in session ends so long after the customer's authentication at the provider, used or not."`
	AnonymousIdle     time.Duration `name:"session-anonymous-idle" env:"SESSION_ANONYMOUS_IDLE" default:"30d" type:"span" group:"Sessions" help:"A session without sign-in ends after so long without use."`
	AnonymousAbsolute time.Duration `name:"session-anonymous-absolute" env:"SESSION_ANONYMOUS_ABSOLUTE" default:"90d" type:"span" group:"Sessions" help:"A session without sign-in gets a new tag after so long, used or not."`
	MaxPerCustomer    int           `name:"session-max-per-customer" env:"SESSION_MAX_PER_CUSTOMER" default:"10" type:"count" group:"Sessions" help:"So many signed-in sessions may a customer have; one more ends the oldest."`
}

// Lessons says whether the shop teaches, and where the weak twin is that its lessons need.
type Lessons struct {
	LabURL   string `name:"lab-url" env:"LAB_URL" default:"http://127.0.0.1:8082" group:"Lessons" placeholder:"URL" help:"The weak twin's address as browsers see it."`
	LabDial  string `name:"lab-dial" env:"LAB_DIAL" group:"Lessons" placeholder:"HOST:PORT" help:"Where the shop reaches the twin, if not at LAB_URL."`
	Tutorial Switch `name:"tutorial" env:"TUTORIAL" group:"Lessons" help:"Show the lessons at /learn and let visitors age their own sessions. Never for a real shop."`
}

// Rates say how often one client address may do something, in times per minute. Every replica
// counts by itself.
type Rates struct {
	Limits   Switch `name:"rate-limits" env:"RATE_LIMITS" default:"on" group:"Limits" help:"off sets no limit at all, for trying out and measuring."`
	Posts    int    `name:"rate-posts" env:"RATE_POSTS" default:"600" type:"count" group:"Limits" help:"Forms of all kinds but the sign-out's, a minute and address."`
	Search   int    `name:"rate-search" env:"RATE_SEARCH" default:"240" type:"count" group:"Limits" help:"Searches for products, a minute and address."`
	SignIn   int    `name:"rate-sign-in" env:"RATE_SIGN_IN" default:"60" type:"count" group:"Limits" help:"Sign-ins begun, a minute and address."`
	Callback int    `name:"rate-callback" env:"RATE_CALLBACK" default:"60" type:"count" group:"Limits" help:"Returns from the provider, a minute and address."`
	NewCart  int    `name:"rate-new-cart" env:"RATE_NEW_CART" default:"120" type:"count" group:"Limits" help:"Carts begun, a minute and address."`
	Guesses  int    `name:"rate-guesses" env:"RATE_GUESSES" default:"60" type:"count" group:"Limits" help:"Requests whose tag has a wrong signature, a minute and address."`
	Reports  int    `name:"rate-reports" env:"RATE_REPORTS" default:"30" type:"count" group:"Limits" help:"Browsers' reports of the content policy, a minute and address."`
	Logout   int    `name:"rate-logout" env:"RATE_LOGOUT" default:"300" type:"count" group:"Limits" help:"Refused logout tokens, a minute and address; good ones are always taken."`
}

// Logs says how the log is written.
type Logs struct {
	Format string `name:"log-format" env:"LOG_FORMAT" default:"json" group:"Log" placeholder:"json|text" help:"json for machines, text for people."`
}

// Traces says where spans are sent.
type Traces struct {
	Endpoint string `name:"otel-exporter-otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" group:"Log" placeholder:"URL" help:"An OpenTelemetry collector that takes OTLP over HTTP, such as http://localhost:4318. No traces when empty."`
}
