package app_test

import (
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/app"
)

const key = "a-secret-key-of-more-than-32-characters"

// variables returns an environment that a shop could start with, changed by name=value pairs.
func variables(changes ...string) app.Environment {
	env := map[string]string{
		"BASE_URL": "https://shop.example", "DATABASE_URL": "postgres://shop@db.example/shop?sslmode=verify-full",
		"OIDC_ISSUER":    "https://id.example",
		"OIDC_CLIENT_ID": "shop", "OIDC_CLIENT_SECRET": "the-client-secret", "SESSION_KEYS": key,
	}
	for _, change := range changes {
		name, value, _ := strings.Cut(change, "=")
		env[name] = value
	}
	return func(name string) (string, bool) { value, set := env[name]; return value, set }
}

func problemsOf(t *testing.T, env app.Environment) app.SettingsError {
	t.Helper()
	s, err := app.Parse(env)
	if err != nil {
		t.Fatal(err)
	}
	var p app.SettingsError
	if _, err = s.Resolve(); err != nil && !errors.As(err, &p) {
		t.Fatalf("Ready gave %v, which is no SettingsError", err)
	}
	return p
}

func TestSettingsHaveTheDocumentedDefaults(t *testing.T) {
	t.Parallel()
	s, err := app.Parse(variables())
	if err != nil {
		t.Fatal(err)
	}
	if s, err = s.Resolve(); err != nil {
		t.Fatal(err)
	}
	got := []any{s.Listen.Addr, s.Listen.AdminAddr, s.Listen.InsecureHTTP, s.Logs.Format, s.Provider.MaxAge,
		s.Provider.AttemptLifetime,
		s.Sessions.Idle, s.Sessions.Absolute, s.Sessions.AnonymousIdle, s.Sessions.AnonymousAbsolute,
		s.Sessions.MaxPerCustomer}
	day := 24 * time.Hour
	want := []any{"localhost:8080", "", app.Off, "json", 3 * time.Hour, 10 * time.Minute, 30 * time.Minute, day, 30 * day,
		90 * day, 10}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("defaults are %v, want %v", got, want)
	}
}

func TestEverySettingIsAFlagAndAVariableOfTheSameName(t *testing.T) {
	t.Parallel()
	for _, group := range reflect.VisibleFields(reflect.TypeFor[app.Settings]()) {
		for _, f := range reflect.VisibleFields(group.Type) {
			flag := f.Tag.Get("name")
			if want := strings.ToUpper(strings.ReplaceAll(flag, "-", "_")); flag == "" || f.Tag.Get("env") != want {
				t.Errorf("%s has flag %q and variable %q", f.Name, flag, f.Tag.Get("env"))
			}
			if f.Type == reflect.TypeFor[app.Secret]() {
				if file, ok := group.Type.FieldByName(f.Name + "File"); !ok || file.Tag.Get("env") != f.Tag.Get("env")+"_FILE" {
					t.Errorf("%s cannot be given as a file", f.Tag.Get("env"))
				}
			}
		}
	}
}

func TestFlagsWinOverVariables(t *testing.T) {
	t.Parallel()
	s, err := app.Parse(variables("SESSION_IDLE=10m", "ADDR="), "--session-idle=5m")
	if err != nil || s.Sessions.Idle != 5*time.Minute || s.Listen.Addr != "localhost:8080" {
		t.Errorf("got idle %v, address %q (%v)", s.Sessions.Idle, s.Listen.Addr, err)
	}
}

func TestTheProcessEnvironmentIsNotReadBehindOurBack(t *testing.T) {
	t.Setenv("ADDR", "example.test:1")
	if s, err := app.Parse(variables()); err != nil || s.Listen.Addr != "localhost:8080" {
		t.Errorf("got %q (%v)", s.Listen.Addr, err)
	}
}

func TestAllThatIsMissingIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	p := problemsOf(t, func(string) (string, bool) { return "", false })
	for _, name := range []string{"BASE_URL", "DATABASE_URL", "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET",
		"SESSION_KEYS"} {
		if !slices.ContainsFunc(p, func(s string) bool { return strings.HasPrefix(s, name+" is missing") }) {
			t.Errorf("%s is not called missing in %q", name, p)
		}
	}
	if len(p) != 6 || !strings.Contains(p.Error(), "go run ./cmd/dev") {
		t.Errorf("the message is %v", p)
	}
}

func TestAllThatIsWrongIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	p := problemsOf(t,
		variables("ADDR=8080", "BASE_URL=shop.example", "OIDC_ISSUER=ftp://id.example", "SESSION_KEYS=short",
			"SESSION_IDLE=soon",
			"SESSION_MAX_PER_CUSTOMER=many", "TRUSTED_PROXIES=10.0.0.0/8,nearby", "LOG_FORMAT=xml", "ATTEMPT_LIFETIME=-1m",
			"DATABASE_URL=postgres://shop:hunter2@db:port/shop", "INSECURE_HTTP=maybe", "OIDC_LOOSE_LOGOUT_TYPE=2",
			"RATE_POSTS=lots", "RATE_LOGOUT=0", "RATE_LIMITS=none", "TUTORIAL=maybe"))
	for _, name := range []string{"ADDR", "BASE_URL", "OIDC_ISSUER", "SESSION_KEYS", "SESSION_IDLE",
		"SESSION_MAX_PER_CUSTOMER", "TRUSTED_PROXIES", "LOG_FORMAT", "ATTEMPT_LIFETIME",
		"DATABASE_URL", "INSECURE_HTTP", "OIDC_LOOSE_LOGOUT_TYPE", "RATE_POSTS", "RATE_LOGOUT", "RATE_LIMITS", "TUTORIAL"} {
		if !slices.ContainsFunc(p, func(s string) bool { return strings.HasPrefix(s, name) }) {
			t.Errorf("%s is not named in %q", name, p)
		}
	}
	if len(p) != 16 || strings.Contains(p.Error(), "hunter2") {
		t.Errorf("%d problems, want 16 and no password: %v", len(p), p)
	}
}

// The Max-Age of a visitor's cookie is the idle limit, and browsers cut a longer one.
func TestAVisitorsIdleLimitIsNoLongerThanBrowsersKeepACookie(t *testing.T) { // RFC 6265bis 5.5
	t.Parallel()
	for idle, wrong := range map[string]bool{"400d": false, "401d": true, "9601h": true} {
		p := problemsOf(t, variables("SESSION_ANONYMOUS_IDLE="+idle, "SESSION_ANONYMOUS_ABSOLUTE=800d"))
		if got := len(p) == 1 && strings.Contains(p[0], "400 days"); got != wrong || len(p) > 1 {
			t.Errorf("%s: got %q, want a problem: %t", idle, p, wrong)
		}
	}
}

func TestEachWrongSettingIsReported(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ change, problem string }{
		{"SESSION_IDLE=25h", "SESSION_IDLE (25h0m0s) must not be longer"},
		{"SESSION_IDLE=24h", ""},
		{"SESSION_ANONYMOUS_IDLE=91d", "SESSION_ANONYMOUS_IDLE"},
		{"SESSION_ANONYMOUS_IDLE=90d", ""},
		{"OIDC_MAX_AGE=24h", "OIDC_MAX_AGE (24h0m0s) must be shorter"},
		{"OIDC_MAX_AGE=23h59m59s", ""},
		{"OIDC_MAX_AGE=0", ""},
		{"OIDC_MAX_AGE=0s", ""},
		{"OIDC_MAX_AGE=500ms", "OIDC_MAX_AGE must be"},
		{"OIDC_MAX_AGE=never", "OIDC_MAX_AGE must be"},
		{"OIDC_MAX_AGE=-1s", "OIDC_MAX_AGE must be"},
		{"ATTEMPT_LIFETIME=0", "ATTEMPT_LIFETIME must be"},
		{"OIDC_SIGNING_ALGS=ES256, ES384,PS256 EdDSA", ""},
		{"OIDC_SIGNING_ALGS=RS256,HS256", `OIDC_SIGNING_ALGS holds "HS256"`},
		{"OIDC_SIGNING_ALGS=none", `OIDC_SIGNING_ALGS holds "none"`},
		{"OIDC_SIGNING_ALGS=rs256", `OIDC_SIGNING_ALGS holds "rs256"`},
		{"OIDC_TRUSTED_AUDIENCES=123, 456", ""},
		{"OIDC_LOGOUT_TOKEN_LIFE=15m", ""},
		{"OIDC_LOGOUT_TOKEN_LIFE=soon", "OIDC_LOGOUT_TOKEN_LIFE must be"},
		{"OIDC_LOCAL_SIGN_OUT=1", ""},
		{"OIDC_LOCAL_SIGN_OUT=perhaps", "OIDC_LOCAL_SIGN_OUT must be"},
		{"OIDC_PROMPT_CREATE=1", ""},
		{"OIDC_PROMPT_CREATE=perhaps", "OIDC_PROMPT_CREATE must be"},
		{"SESSION_ABSOLUTE=999999999d", "SESSION_ABSOLUTE must be"},
		{"SESSION_MAX_PER_CUSTOMER=0", "SESSION_MAX_PER_CUSTOMER"},
		{"SESSION_MAX_PER_CUSTOMER=1000", ""},
		{"SESSION_MAX_PER_CUSTOMER=1001", "SESSION_MAX_PER_CUSTOMER"},
		{"LOG_FORMAT=text", ""},
		{"SESSION_KEYS=" + key + "," + key, "SESSION_KEYS: key 2 is in the list twice"},
		{"SESSION_KEYS=" + key + ",old-" + key, ""},
		{"BASE_URL=http://shop.example", "BASE_URL is plain http on shop.example"},
		{"BASE_URL=http://localhost:8080", ""},
		{"BASE_URL=http://shop.localhost", ""},
		{"BASE_URL=http://127.0.0.1:8080", ""},
		{"BASE_URL=http://[::1]:8080", ""},
		{"BASE_URL=http://localhost.evil.example", "BASE_URL is plain http"},
		{"BASE_URL=http://evillocalhost", "BASE_URL is plain http"},
		{"BASE_URL=https://shop.example/", ""},
		{"BASE_URL=https://shop.example/sub", "BASE_URL must be"},
		{"BASE_URL=https://me:pw@shop.example", "BASE_URL must be"},
		{"BASE_URL=https://shop.example?a=b", "BASE_URL must be"},
		{"BASE_URL=https://shop.example#a", "BASE_URL must be"},
		{"BASE_URL=https://:443", "BASE_URL must be"},
		{"BASE_URL=javascript:alert(1)", "BASE_URL must be"},
		{"OIDC_ISSUER=http://id.example", "OIDC_ISSUER is plain http on id.example"},
		{"OIDC_ISSUER=https://id.example?a=b", "OIDC_ISSUER must be"},
		{"OIDC_ISSUER=https://id.example#a", "OIDC_ISSUER must be"},
		{"OIDC_ISSUER=https://me:pw@id.example", "OIDC_ISSUER must be"},
		{"OIDC_ISSUER=http://idp.localhost:8081/realms/shop", ""},
		{"ADMIN_ADDR=localhost:8080", "ADMIN_ADDR and ADDR are the same"},
		{"ADMIN_ADDR=localhost", "ADMIN_ADDR is"},
		{"TRUSTED_PROXIES=10.0.0.0/8, 192.0.2.1 ::1", ""},
		{"TRUSTED_PROXIES=10.0.0.0/8\n192.0.2.1\r\n::1\t192.0.2.2\n", ""},
	} {
		t.Run(c.change, func(t *testing.T) {
			t.Parallel()
			p := problemsOf(t, variables(c.change))
			if c.problem == "" && len(p) == 0 {
				return
			}
			if c.problem == "" || len(p) != 1 || !strings.HasPrefix(p[0], c.problem) {
				t.Errorf("got %q, want %q", p, c.problem)
			}
		})
	}
}

// What a .env file may set arrives in the shop that compose starts.
func TestComposePassesEverySettingOn(t *testing.T) {
	t.Parallel()
	compose, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(example)) {
		name, _, found := strings.Cut(strings.TrimPrefix(line, "#"), "=")
		if !found || strings.ContainsAny(name, " -") || strings.HasSuffix(name, "_FILE") ||
			slices.Contains([]string{"ADDR", "ADMIN_ADDR", "GRANT_TO"}, name) {
			continue // compose itself says where the shop listens and what its role is called
		}
		if !strings.Contains(string(compose), "${"+name+":-") {
			t.Errorf("docker-compose.yml does not pass %s on", name)
		}
	}
}

func TestInsecureHTTPIsAllowedOnlyInWordsAndWarnsEachTime(t *testing.T) {
	t.Parallel()
	s, err := app.Parse(variables("BASE_URL=http://shop.example", "OIDC_ISSUER=http://id.example", "INSECURE_HTTP=1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Resolve(); err != nil {
		t.Error(err)
	}
	if w := s.Warnings(); len(w) != 1 || !strings.Contains(w[0], "INSECURE_HTTP") {
		t.Errorf("warnings are %q", w)
	}
	if s, _ := app.Parse(variables()); len(s.Warnings()) != 0 {
		t.Errorf("a secure shop warns of %q", s.Warnings())
	}
}

func TestEachWeakSettingIsWarnedOf(t *testing.T) {
	t.Parallel()
	for change, want := range map[string]string{
		"TUTORIAL=on": "TUTORIAL is on", "TUTORIAL=1": "TUTORIAL is on",
		"RATE_LIMITS=off": "RATE_LIMITS is off", "OIDC_MAX_AGE=0": "OIDC_MAX_AGE is 0",
		"DATABASE_URL=postgres://shop@db.example/shop": "DATABASE_URL may lead over a network without TLS",
	} {
		s, err := app.Parse(variables(change))
		if err != nil {
			t.Fatal(err)
		}
		if w := s.Warnings(); len(w) != 1 || !strings.HasPrefix(w[0], want) {
			t.Errorf("%s: got %q, want %q", change, w, want)
		}
	}
}

func TestMigrationsHaveAnAddressOfTheirOwn(t *testing.T) {
	t.Parallel()
	d := app.Database{URL: "postgres://pooled/shop"}
	for want, m := range map[string]app.Migration{
		"postgres://pooled/shop": {},
		"postgres://direct/shop": {URL: "postgres://direct/shop"},
	} {
		if got, err := m.Address(d); err != nil || got.Reveal() != want {
			t.Errorf("got %q (%v), want %q", got.Reveal(), err, want)
		}
	}
	if _, err := (app.Migration{}).Address(app.Database{}); err == nil ||
		!strings.Contains(err.Error(), "DATABASE_URL is missing") {
		t.Errorf("without any address: %v", err)
	}
}
