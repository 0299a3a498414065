package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

func TestOutageTellsTheDatabaseFromOurMistakes(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	exec := func(sql string) error {
		_, err := pool.Exec(t.Context(), sql)
		return fmt.Errorf("do something: %w", err)
	}
	away, err := postgres.Open(t.Context(), "postgres://shop@127.0.0.1:1/shop")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(away.Close)
	refused, err := postgres.Open(t.Context(), pool.Config().ConnString()+"&role=nobody")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(refused.Close)
	late, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, lateErr := pool.Exec(late, "SELECT 1")
	_, goneErr := pool.Exec(gone, "SELECT 1")
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"nobody listens":      {away.Ping(t.Context()), true},
		"no way in":           {refused.Ping(t.Context()), true},
		"too late":            {lateErr, true},
		"statement timeout":   {exec("SET statement_timeout = 1; SELECT pg_sleep(5)"), true},
		"terminated":          {exec("SELECT pg_terminate_backend(pg_backend_pid())"), true},
		"the client has gone": {goneErr, false},
		"bad SQL":             {exec("SELEC"), false},
		"constraint":          {exec("INSERT INTO sessions (id) VALUES ('x')"), false},
		"another error":       {errors.New("no"), false},
		"no error":            {nil, false},
	} {
		if got := postgres.Outage(c.err); got != c.want {
			t.Errorf("%s: outage %t, want %t (%v)", name, got, c.want, c.err)
		}
	}
}
