package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func variables(pairs ...string) app.Environment {
	return func(name string) (string, bool) {
		for _, pair := range pairs {
			if n, value, _ := strings.Cut(pair, "="); n == name {
				return value, true
			}
		}
		return "", false
	}
}

// command runs one command line and returns what it printed.
func command(t *testing.T, env app.Environment, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(t.Context(), args, env, streams{&out, &out})
	return out.String(), err
}

func TestShopWithoutSettingsNamesThemAll(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"serve"}} {
		_, err := command(t, variables(), args...)
		if err == nil {
			t.Fatalf("shop %v started", args)
		}
		for _, name := range []string{"BASE_URL", "DATABASE_URL", "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET",
			"SESSION_KEYS", "go run ./cmd/dev"} {
			if !strings.Contains(err.Error(), name) {
				t.Errorf("shop %v does not name %s: %v", args, name, err)
			}
		}
	}
}

func TestDatabaseCommandsNameTheMissingAddress(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"migrate", "seed", "sessions list", "sessions end --all", "sessions sweep",
		"sessions stats", "customers list"} {
		if _, err := command(t, variables(), strings.Fields(line)...); err == nil ||
			!strings.Contains(err.Error(), "DATABASE_URL is missing") {
			t.Errorf("shop %s: %v", line, err)
		}
	}
}

func TestNoCommandTellsThePasswordOfAnAddressItCannotRead(t *testing.T) { // ASVS 13.3.1, 16.2.5
	t.Parallel()
	env := variables("DATABASE_URL=postgres://shop:s3c@r3t%zz@127.0.0.1/shop", "BASE_URL=http://localhost:8080",
		"OIDC_ISSUER=http://localhost:8081",
		"OIDC_CLIENT_ID=shop", "OIDC_CLIENT_SECRET=client-secret", "SESSION_KEYS=key-key-key-key-key-key-key-key-key-key",
		"LOG_FORMAT=json")
	for _, line := range []string{"serve", "migrate", "seed", "sessions list", "sessions end --all", "customers list"} {
		out, err := command(t, env, strings.Fields(line)...)
		if err == nil || !strings.Contains(err.Error(), "the database's address cannot be read") {
			t.Errorf("shop %s: %v, want that the address cannot be read", line, err)
		} else if text := out + err.Error(); strings.Contains(text, "s3c") || strings.Contains(text, "r3t") {
			t.Errorf("shop %s reveals the password: %s", line, text)
		}
	}
}

func TestMigrateThenSeedTwice(t *testing.T) {
	t.Parallel()
	env := variables("DATABASE_URL=" + postgrestest.Empty(t))
	if out, err := command(t, env, "seed"); err == nil {
		t.Errorf("seed on a database without tables says %q", out)
	}
	for range 2 {
		if out, err := command(t, env, "migrate"); err != nil || !strings.Contains(out, "every migration") {
			t.Errorf("migrate says %q (%v)", out, err)
		}
	}
	if out, err := command(t, env, "seed"); err != nil || strings.HasPrefix(out, "0 products") {
		t.Errorf("seed says %q (%v)", out, err)
	}
	if out, err := command(t, env, "seed"); err != nil || !strings.HasPrefix(out, "0 products") {
		t.Errorf("a second seed says %q (%v)", out, err)
	}
}

func TestMigrateUsesItsOwnAddress(t *testing.T) {
	t.Parallel()
	direct := postgrestest.Empty(t)
	if _, err := command(t, variables("DATABASE_URL=postgres://127.0.0.1:1/pooler", "MIGRATE_DATABASE_URL="+direct),
		"migrate"); err != nil {
		t.Fatal(err)
	}
	if _, err := command(t, variables("DATABASE_URL="+direct), "seed"); err != nil {
		t.Errorf("the direct address was not migrated: %v", err)
	}
}

func TestAWrongAddressOfTheOwnersIsCalledByItsName(t *testing.T) {
	t.Parallel()
	env := variables("DATABASE_URL=postgres://127.0.0.1:1/shop", "MIGRATE_DATABASE_URL=nonsense")
	for _, args := range []string{"migrate", "customers erase 1"} {
		_, err := command(t, env, strings.Fields(args)...)
		if err == nil || !strings.Contains(err.Error(), "- MIGRATE_DATABASE_URL: the database's address cannot be read") {
			t.Errorf("%s: got %v, want MIGRATE_DATABASE_URL to be named", args, err)
		}
	}
}

func TestOperatorsLookAfterSessions(t *testing.T) {
	t.Parallel()
	address := postgrestest.URL(t)
	env := variables("DATABASE_URL=" + address)
	pool, err := pgxpool.New(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for _, sql := range []string{
		`INSERT INTO customers (issuer, subject, email) VALUES ('https://id.example', E'alice\x1b[31m', 'alice@example.test')`,
		`INSERT INTO sessions (id, handle, log_id, customer_id, auth_time, issued, idle, absolute_end, sweep_after)
		 VALUES (sha256('1'), 'first', 'log', 1, now(), now(), '30 minutes', now() + interval '1 day', now()),
		        (sha256('2'), 'second', 'log', 1, now(), now(), '30 minutes', now() + interval '1 day', now())`,
		`INSERT INTO sessions (id, handle, log_id, idle, absolute_end, sweep_after) VALUES (sha256('3'), 'stranger',
			'log', '30 days', now() + interval '90 days', now())`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct{ line, want, without string }{
		{"sessions list", "first", "revoked"},
		{"sessions list --customer=1", "signed in", "anonymous"},
		{"customers list", "https://id.example", "\x1b"},
		{"customers list", "DISABLED", "alice@example.test"},
		{"sessions end --handle=first", "1 sessions ended", ""},
		{"sessions list --ended", "revoked", ""},
		{"sessions end --customer=1", "1 sessions ended", ""},
		{"sessions end --all", "0 sessions ended", ""},
		{"sessions stats", "revoked", ""},
		{"sessions list", "stranger", "first"},
		{"sessions sweep", "0 ended sessions", ""},
	} {
		out, err := command(t, env, strings.Fields(step.line)...)
		if err != nil || !strings.Contains(out, step.want) || step.without != "" && strings.Contains(out, step.without) {
			t.Errorf("shop %s: want %q, not %q in (%v)\n%s", step.line, step.want, step.without, err, out)
		}
	}
}

func TestEndingSessionsNeedsToKnowWhose(t *testing.T) {
	t.Parallel()
	env := variables("DATABASE_URL=" + postgrestest.URL(t))
	for _, line := range []string{"sessions end", "sessions end --all --customer=1", "sessions end --handle=x --all"} {
		if _, err := command(t, env, strings.Fields(line)...); err == nil {
			t.Errorf("shop %s did something", line)
		}
	}
}

func TestHealthcheckAsksTheShop(t *testing.T) {
	t.Parallel()
	status := map[string]int{"/healthz": http.StatusOK, "/readyz": http.StatusServiceUnavailable}
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status[r.URL.Path])
	}))
	defer shop.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(shop.URL, "http://"), ":")
	for _, addr := range []string{":" + port, "0.0.0.0:" + port, "127.0.0.1:" + port} {
		env := variables("ADDR=" + addr)
		if _, err := command(t, env, "healthcheck"); err != nil {
			t.Errorf("%s: %v", addr, err)
		}
		if _, err := command(t, env, "healthcheck", "--ready"); err == nil {
			t.Errorf("%s: a shop that is not ready passes for ready", addr)
		}
	}
	if _, err := command(t, variables("ADDR=127.0.0.1:1"), "healthcheck"); err == nil {
		t.Error("a shop that does not run passes for well")
	}
}

func TestHelpNamesEveryVariable(t *testing.T) {
	t.Parallel()
	out, err := command(t, variables(), "serve", "--help")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"$ADDR", "$BASE_URL", "$DATABASE_URL_FILE", "$SESSION_KEYS", "$OIDC_MAX_AGE"} {
		if !strings.Contains(out, name) {
			t.Errorf("%s is missing in the help", name)
		}
	}
}

func TestVersionIsTold(t *testing.T) {
	t.Parallel()
	if out, err := command(t, variables(), "version"); err != nil || !strings.HasPrefix(out, "shop ") ||
		len(strings.Fields(out)) < 2 {
		t.Errorf("got %q (%v)", out, err)
	}
}

func TestToldToStopWhileStartingIsNoError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	env := variables("ADDR=127.0.0.1:0", "BASE_URL=http://localhost", "DATABASE_URL=postgres://127.0.0.1:1/away",
		"OIDC_ISSUER=http://idp.localhost:1",
		"OIDC_CLIENT_ID=shop", "OIDC_CLIENT_SECRET=secret", "SESSION_KEYS=a-secret-key-of-more-than-32-characters")
	if err := run(ctx, nil, env, streams{&bytes.Buffer{}, &bytes.Buffer{}}); err != nil {
		t.Error(err)
	}
}
