package app_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/dev/shoptest"
	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// settings returns those of a shop on a database, with a provider nobody runs.
func settings(t *testing.T, url string) app.Settings {
	t.Helper()
	s, err := app.Parse(variables("ADDR=127.0.0.1:0", "BASE_URL=http://localhost:8080", "OIDC_ISSUER=http://127.0.0.1:1",
		"DATABASE_URL="+url))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// running is a shop that serves until stop is called; stop returns what Serve did.
type running struct {
	*app.App
	url  string
	stop func() error
}

func run(t *testing.T, s app.Settings, o app.Options) running {
	t.Helper()
	a, stop := shoptest.Serve(t, s, o)
	return running{App: a, url: "http://" + a.Addr().String(), stop: stop}
}

// get asks the way a health check or a browser at BASE_URL does.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	status, body, err := ask(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return status, body
}

func ask(ctx context.Context, url string) (status int, body string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	r.Host = "localhost:8080"
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

func TestShopRunsWithoutItsProvider(t *testing.T) {
	t.Parallel()
	shop := run(t, settings(t, postgrestest.URL(t)), app.Options{})
	for _, path := range []string{"/healthz", "/readyz", "/", "/products", "/login"} {
		if status, body := get(t, shop.url+path); status != http.StatusOK {
			t.Errorf("%s answers %d: %s", path, status, body)
		}
	}
}

func TestShopIsNotReadyWithoutItsDatabase(t *testing.T) {
	t.Parallel()
	address := postgrestest.URL(t)
	shop := run(t, settings(t, address), app.Options{})
	pool, err := pgxpool.New(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), "DELETE FROM goose_db_version WHERE version_id > 1"); err != nil {
		t.Fatal(err)
	}
	if status, body := get(t, shop.url+"/readyz"); status != http.StatusServiceUnavailable ||
		!strings.Contains(body, "database: away") {
		t.Errorf("/readyz answers %d %q, want 503", status, body)
	}
	if status, _ := get(t, shop.url+"/healthz"); status != http.StatusOK {
		t.Errorf("/healthz answers %d: the process itself is well", status)
	}
}

func TestShopRefusesToStartOnADatabaseThatIsNotMigrated(t *testing.T) {
	t.Parallel()
	_, err := app.Open(t.Context(), settings(t, postgrestest.Empty(t)), app.Options{Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "run shop migrate") {
		t.Errorf("got %v", err)
	}
}

func TestShopSaysWhenItsDatabaseIsAway(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 600*time.Millisecond) // instead of the 10 s a starting shop waits
	defer cancel()
	_, err := app.Open(ctx, settings(t, "postgres://shop:hunter2@127.0.0.1:1/shop"),
		app.Options{Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "DATABASE_URL") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestShopSaysAllThatIsWrongBeforeItStartsAnything(t *testing.T) {
	t.Parallel()
	var problems app.SettingsError
	if err := app.Run(t.Context(), app.Settings{}, app.Options{}); !errors.As(err, &problems) || len(problems) < 6 {
		t.Errorf("got %v", err)
	}
}

func TestShopNamesATakenAddress(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s := settings(t, postgrestest.URL(t))
	s.Listen.AdminAddr = taken.Addr().String()
	_, err = app.Open(t.Context(), s, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.HasPrefix(err.Error(), "ADMIN_ADDR: another program listens on "+taken.Addr().String()) {
		t.Errorf("got %v", err)
	}
}

func TestMetricsAndProfilesAreOnTheirOwnListener(t *testing.T) { // ASVS 13.4.2, 13.4.5
	t.Parallel()
	s := settings(t, postgrestest.URL(t))
	s.Listen.AdminAddr = "127.0.0.1:0"
	var mu sync.Mutex
	var statements int
	shop := run(t, s,
		app.Options{Version: "1.2.3", Watch: func(postgres.Statement) { mu.Lock(); statements++; mu.Unlock() }})
	get(t, shop.url+"/products")
	admin := "http://" + shop.AdminAddr().String()
	for _, line := range []string{`shop_http_request_seconds_count{method="GET",route="/products",status="2xx"} 1`,
		`shop_build_info{version="1.2.3"} 1`, "shop_database_connections_max ", "shop_provider_known 0",
		`shop_database_statement_seconds_count{result="ok",statement=`} {
		wantMetric(t, admin, line)
	}
	if status, _ := get(t, admin+"/debug/pprof/"); status != http.StatusOK {
		t.Errorf("/debug/pprof/ answers %d on the admin listener", status)
	}
	for _, path := range []string{"/metrics", "/debug/pprof", "/debug/pprof/heap", "/debug/vars"} {
		if status, _ := get(t, shop.url+path); status != http.StatusNotFound {
			t.Errorf("%s answers %d on the shop's own port, want 404", path, status)
		}
	}
	if mu.Lock(); statements == 0 {
		t.Error("got no statement, want at least one")
	}
	mu.Unlock()
}

func TestRefusedRequestsAreCountedByCause(t *testing.T) {
	t.Parallel()
	s := settings(t, postgrestest.URL(t))
	s.Listen.AdminAddr = "127.0.0.1:0"
	shop := run(t, s, app.Options{})
	ring, err := s.Sessions.Ring()
	if err != nil {
		t.Fatal(err)
	}
	forged := ring.Sign(keyring.FormToken, "guessed") // by the shop's key, and not for a tag
	for _, header := range []http.Header{{"Cookie": {"__Host-tag=" + forged}},
		{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, shop.url+"/cart/undo", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Host, r.Header = "localhost:8080", header
		response, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	for _, line := range []string{`shop_refused_total{cause="tag forged"} 1`,
		`shop_refused_total{cause="malicious_csrf"} 1`} {
		wantMetric(t, "http://"+shop.AdminAddr().String(), line)
	}
}

// wantMetric waits for a line of /metrics: a request is counted just after its answer has left.
func wantMetric(t *testing.T, admin, line string) {
	t.Helper()
	var status int
	var body string
	shoptest.Eventually(t, "/metrics has "+line, func() bool {
		status, body = get(t, admin+"/metrics")
		return status == http.StatusOK && strings.Contains(body, line)
	})
}

func TestShopWarnsOfInsecureHTTPAtEveryStart(t *testing.T) {
	t.Parallel()
	s := settings(t, postgrestest.URL(t))
	s.Listen.InsecureHTTP = app.On
	var out bytes.Buffer
	shop := run(t, s, app.Options{Log: app.NewLog(&out, "json")})
	if err := shop.stop(); err != nil || !strings.Contains(out.String(), `"level":"WARN","msg":"INSECURE_HTTP is on`) {
		t.Errorf("ended with %v and logged %s", err, out.String())
	}
}

func TestEndedSessionsAreSwept(t *testing.T) {
	t.Parallel()
	address := postgrestest.URL(t)
	pool, err := pgxpool.New(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for _, sql := range []string{
		"INSERT INTO used_attempts (state_hash, expires) VALUES (sha256('x'), now() - interval '1 hour')",
		`INSERT INTO sessions (id, handle, log_id, created, last_used, idle, absolute_end, sweep_after)
			SELECT sha256('s'), 's', 'the-log-id', t, t, '30 minutes', t + interval '1 day', t
			    FROM (SELECT now() - interval '1 hour' AS t) x`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	var log lockedLog
	swept := make(chan struct{}, 1)
	run(t, settings(t, address),
		app.Options{Sweep: time.Millisecond, Log: slog.New(slog.NewJSONHandler(&log, nil)),
			Watch: func(s postgres.Statement) {
				if strings.Contains(s.SQL, "DELETE FROM logout_marks") { // the last step of a sweep
					select {
					case swept <- struct{}{}:
					default:
					}
				}
			}})
	select {
	case <-swept:
	case <-time.After(30 * time.Second):
		t.Fatal("nobody swept")
	}
	var left int
	if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM used_attempts").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d rows left (%v)", left, err)
	}
	if line := log.String(); !strings.Contains(line, `"event":"session_expired","session":"the-log-id","reason":"idle"`) {
		t.Errorf("the log does not follow the session to its end: %s", line)
	}
}

// lockedLog is a log that may be read while it is written.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
