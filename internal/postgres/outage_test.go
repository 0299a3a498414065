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
	raise := func(code string) error {
		return exec("DO $$ BEGIN RAISE 'on purpose' USING ERRCODE = '" + code + "'; END $$")
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
		"read only":           {exec("BEGIN READ ONLY; CREATE TABLE x ()"), true},
		"serialization":       {raise("40001"), true},
		"deadlock":            {raise("40P01"), true},
		"end unknown":         {raise("40003"), true},
		"shutting down":       {raise("57P01"), true},
		"crashed":             {raise("57P02"), true},
		"starting up":         {raise("57P03"), true},
		"no connection free":  {raise("53300"), true},
		"disk full":           {raise("53100"), true},
		"connection failure":  {raise("08006"), true},
		"statement forgotten": {exec("EXECUTE nothing"), true},
		"changed result type": {staleError(t), true},
		"a missing feature":   {raise("0A000"), false},
		"a failed statement":  {raise("25P02"), false},
		"no such table":       {exec("SELECT FROM nothing"), false},
		"another encoding":    {fmt.Errorf("x: %w", postgres.ErrEncoding), true},
	} {
		if got := postgres.Outage(c.err); got != c.want {
			t.Errorf("%s: outage %t, want %t (%v)", name, got, c.want, c.err)
		}
	}
}

// staleError is what a prepared statement gets once a migration has changed what it returns.
func staleError(t *testing.T) error {
	t.Helper()
	conn, err := openPool(t, postgrestest.URL(t)).Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	exec := func(sql string, args ...any) error {
		_, err := conn.Exec(t.Context(), sql, args...)
		return err
	}
	const read = "SELECT price FROM cheap WHERE price > $1"
	made, first := exec("CREATE TABLE cheap (price integer)"), exec(read, 0)
	altered, second := exec("ALTER TABLE cheap ALTER price TYPE numeric"), exec(read, 0)
	if made != nil || first != nil || altered != nil || second == nil {
		t.Fatalf("got %v, %v, %v, %v; want an error of the last one only", made, first, altered, second)
	}
	return second
}
