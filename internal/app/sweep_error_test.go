package app_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/app"
)

func TestASweepThatTheLimitEndsLogsWhatFailedBefore(t *testing.T) { // ASVS 14.2.7, 16.5.2
	t.Parallel()
	for deleting, want := range map[string]string{
		"RAISE EXCEPTION 'not today';": "not today",
		"NULL;":                        "",
	} {
		address := seeded(t)
		pool, err := pgxpool.New(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		for _, sql := range []string{
			`INSERT INTO sessions (id, handle, log_id, created, last_used, idle, absolute_end, sweep_after, ended, ended_reason)
				SELECT sha256('s'), 's', '', t, t, '30 minutes', t + interval '1 day', t, t, 'idle'
				FROM (SELECT now() - interval '30 hours' AS t) x`,
			`INSERT INTO carts (changed, sweep_after) SELECT now() - interval '2 days', now()`,
			`CREATE FUNCTION failing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ` + deleting + ` RETURN NULL; END $$`,
			`CREATE FUNCTION hanging() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$`,
			`CREATE TRIGGER failing AFTER DELETE ON sessions EXECUTE FUNCTION failing()`,
			`CREATE TRIGGER hanging AFTER DELETE ON carts FOR EACH ROW EXECUTE FUNCTION hanging()`,
		} {
			if _, err := pool.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
		var log lockedLog
		shop, err := app.Open(t.Context(), settings(t, address), app.Options{Log: slog.New(slog.NewJSONHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		shop.SweepOnce(t.Context(), time.Second)
		if line := log.String(); strings.Contains(line, `"msg":"sweep"`) != (want != "") || !strings.Contains(line, want) {
			t.Errorf("got the log %s, want %q of the sweep", line, want)
		}
		stopped, stop := context.WithCancel(t.Context())
		stop()
		if err := shop.Serve(stopped); err != nil {
			t.Error(err)
		}
	}
}
