package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/interop"
	"hookandtag.example/shop/internal/app"
)

// RFC 9700 2.5: the shop authenticates by one method, configured in full or not at all.
func TestTheShopProvesItselfByASecretOrByAKey(t *testing.T) {
	t.Parallel()
	key, _ := interop.ClientKey(t)
	file := filepath.Join(t.TempDir(), "client-key.pem")
	if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		settings []string
		problem  string
	}{
		"neither": {[]string{"OIDC_CLIENT_SECRET="}, "OIDC_CLIENT_SECRET is missing"},
		"both": {[]string{"OIDC_CLIENT_KEY_FILE=" + file},
			"OIDC_CLIENT_SECRET and OIDC_CLIENT_KEY are both given"},
		"a key":        {[]string{"OIDC_CLIENT_SECRET=", "OIDC_CLIENT_KEY=" + key}, ""},
		"a key's file": {[]string{"OIDC_CLIENT_SECRET=", "OIDC_CLIENT_KEY_FILE=" + file}, ""},
		"no key": {[]string{"OIDC_CLIENT_SECRET=", "OIDC_CLIENT_KEY=correct-horse"},
			"OIDC_CLIENT_KEY: it is no private key"},
		"no such file": {[]string{"OIDC_CLIENT_SECRET=", "OIDC_CLIENT_KEY_FILE=" + file + "-not"},
			"OIDC_CLIENT_KEY_FILE names"},
		"a key cut short": {[]string{"OIDC_CLIENT_SECRET=", "OIDC_CLIENT_KEY=" + key[:100]},
			"OIDC_CLIENT_KEY: it is no private key"},
	} {
		p := problemsOf(t, variables(c.settings...))
		if c.problem == "" && len(p) == 0 {
			continue
		}
		if c.problem == "" || len(p) != 1 || !strings.HasPrefix(p[0], c.problem) || strings.Contains(p[0], "correct-horse") {
			t.Errorf("%s: %q, want %q", name, p, c.problem)
		}
	}
}

func TestPublishedSecretsServeThisMachineOnly(t *testing.T) { // ASVS 6.3.2, 13.3.1
	t.Parallel()
	compose, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range []string{"OIDC_CLIENT_SECRET", "SESSION_KEYS"} {
		_, rest, found := strings.Cut(string(compose), setting+":-")
		secret, _, _ := strings.Cut(rest, "}")
		if !found || secret == "" {
			t.Fatalf("docker-compose.yml does not set %s", setting)
		}
		if p := problemsOf(t, variables(setting+"="+secret)); len(p) != 1 || !strings.HasPrefix(p[0], setting) ||
			strings.Contains(p[0], secret) {
			t.Errorf("%s at shop.example: %q", setting, p)
		}
		if p := problemsOf(t, variables(setting+"="+secret, "BASE_URL=http://localhost:8080")); len(p) != 0 {
			t.Errorf("%s at localhost: %q", setting, p)
		}
	}
	if p := problemsOf(t, variables("SESSION_KEYS="+key+",development-only-key-known-to-all-the-world")); len(p) != 1 {
		t.Errorf("as the second key: %q", p)
	}
	for role, name := range map[string]string{"shop": "SHOP_DATABASE_PASSWORD", "owner": "POSTGRES_PASSWORD"} {
		_, rest, found := strings.Cut(string(compose), name+":-")
		password, _, _ := strings.Cut(rest, "}")
		if !found || password == "" {
			t.Fatalf("docker-compose.yml sets no %s", name)
		}
		for _, address := range []string{"postgres://" + role + ":" + password + "@db/shop?sslmode=verify-full",
			"host=db sslmode=verify-full password=" + password} {
			if p := problemsOf(t, variables("DATABASE_URL="+address)); len(p) != 1 || !strings.HasPrefix(p[0], "DATABASE_URL") ||
				strings.Contains(p[0], password) {
				t.Errorf("%s at shop.example: %q", name, p)
			}
			if p := problemsOf(t, variables("DATABASE_URL="+address, "BASE_URL=http://localhost:8080")); len(p) != 0 {
				t.Errorf("%s at localhost: %q", name, p)
			}
		}
	}
}

// Every secret of this project's files says that it is for development, or is the provider's.
func TestAnySecretThatSaysItIsForDevelopmentServesThisMachineOnly(t *testing.T) { // ASVS 6.3.2, 13.3.1
	t.Parallel()
	for _, secret := range []string{"development-only", "Development-Only", "my-development-only-secret"} {
		for _, setting := range []string{
			"OIDC_CLIENT_SECRET=" + secret, "SESSION_KEYS=" + key + "," + secret + "-with-enough-characters-1234",
			"DATABASE_URL=postgres://shop:" + secret + "@db/shop?sslmode=verify-full",
			"DATABASE_URL=postgres://shop:" + strings.ReplaceAll(secret, "-", "%2D") + "@db/shop?sslmode=verify-full",
			"DATABASE_URL=postgres://shop@db/shop?sslmode=verify-full&password=" + secret,
			"DATABASE_URL=host=db user=shop sslmode=verify-full password=" + secret,
		} {
			name, _, _ := strings.Cut(setting, "=")
			p := problemsOf(t, variables(setting))
			if len(p) != 1 || !strings.HasPrefix(p[0], name) || strings.Contains(p[0], secret) {
				t.Errorf("%s at shop.example: got %q, want one problem", setting, p)
			}
			for _, here := range []string{"http://localhost:8080", "https://localhost:8443", "http://shop.localhost"} {
				if p := problemsOf(t, variables(setting, "BASE_URL="+here)); len(p) != 0 {
					t.Errorf("%s at %s: got %q, want none", setting, here, p)
				}
			}
		}
	}
}

func TestAKeyOfTooFewDifferentCharactersServesThisMachineOnly(t *testing.T) { // ASVS 6.3.2, 11.5.1
	t.Parallel()
	for weak, wrong := range map[string]bool{
		strings.Repeat("k", 40): true, strings.Repeat("0123456", 6): true, key + "," + strings.Repeat("ab", 20): true,
		strings.Repeat("01234567", 4): false, "4d2f8a1c0b7e95364d2f8a1c0b7e9536": false,
	} {
		if p := problemsOf(t, variables("SESSION_KEYS="+weak)); (len(p) == 1 &&
			strings.HasPrefix(p[0], "SESSION_KEYS")) != wrong || len(p) > 1 {
			t.Errorf("%s at shop.example: %q", weak, p)
		}
		if p := problemsOf(t, variables("SESSION_KEYS="+weak, "BASE_URL=http://localhost:8080")); len(p) != 0 {
			t.Errorf("%s at localhost: %q", weak, p)
		}
	}
}

func TestSecretsComeFromFiles(t *testing.T) {
	t.Parallel()
	file := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	s, err := app.Parse(variables("DATABASE_URL=", "OIDC_CLIENT_SECRET=", "SESSION_KEYS=",
		"DATABASE_URL_FILE="+file("url", "postgres://elsewhere/shop\n"), "OIDC_CLIENT_SECRET_FILE="+
			file("secret", "from a file\n"),
		"SESSION_KEYS_FILE="+file("keys", key+"\nold-"+key+"\n")))
	if err != nil {
		t.Fatal(err)
	}
	if s, err = s.Resolve(); err != nil {
		t.Fatal(err)
	}
	if s.Database.URL.Reveal() != "postgres://elsewhere/shop" || s.Provider.ClientSecret.Reveal() != "from a file" {
		t.Error("a secret differs from its file")
	}
	if _, err := s.Sessions.Ring(); err != nil {
		t.Error(err)
	}
	p := problemsOf(t,
		variables("DATABASE_URL=", "SESSION_KEYS=", "DATABASE_URL_FILE="+t.TempDir()+"/none", "SESSION_KEYS_FILE="+
			file("empty", " \n"),
			"OIDC_CLIENT_SECRET_FILE="+file("both", "x")))
	want := []string{"which cannot be read: no such file", "OIDC_CLIENT_SECRET and OIDC_CLIENT_SECRET_FILE are both given",
		"which is empty"}
	for i, w := range want {
		if len(p) != len(want) || !strings.Contains(p[i], w) {
			t.Fatalf("problems are %q, want %q", p, want)
		}
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	s, err := app.Parse(variables("DATABASE_URL=postgres://shop:hunter2@db/shop", "OIDC_CLIENT_SECRET=hunter2",
		"SESSION_KEYS="+key+"hunter2"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb+verb, s, &s, s.Database.URL)
	}
	json.NewEncoder(&out).Encode(s)
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(handler).Info("settings", "all", s, "url", s.Database.URL)
	}
	for _, leak := range []string{"hunter2", fmt.Sprintf("%x", "hunter2")} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("a secret was printed: %s", out.String())
		}
	}
	if !strings.Contains(out.String(), "(secret)") {
		t.Error("nothing says that a secret is set")
	}
}

func TestWrongSecretsAreNotToldInTheMessage(t *testing.T) {
	t.Parallel()
	p := problemsOf(t, variables("SESSION_KEYS=hunter2", "OIDC_ISSUER=https://me:hunter2@id.example"))
	if len(p) != 2 || strings.Contains(p.Error(), "hunter2") {
		t.Errorf("the message is %v", p)
	}
}
