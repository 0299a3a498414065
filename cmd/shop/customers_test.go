package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// withCustomer is a database with customer 1, who has two live sessions, and customer 2, who has
// one.
func withCustomer(t *testing.T) (*pgxpool.Pool, app.Environment) {
	t.Helper()
	url := postgrestest.URL(t)
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	for _, sql := range []string{
		`INSERT INTO customers (issuer, subject) VALUES ('https://id.example', 'ann'), ('https://id.example', 'bob')`,
		`INSERT INTO sessions (id, handle, log_id, customer_id, auth_time, issued, idle, absolute_end, sweep_after)
			SELECT sha256(convert_to(h, 'UTF8')), h, 'log-of-' || h, c, now(), now(), '30 minutes', now() + interval '1 day',
			    now() FROM (VALUES ('a1', 1), ('a2', 1), ('b1', 2)) v (h, c)`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return pool, variables("DATABASE_URL=" + url)
}

func liveSessions(t *testing.T, pool *pgxpool.Pool) (n int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM sessions s WHERE live(s)`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDisabledCustomerLosesEverySession(t *testing.T) { // ASVS 7.4.2
	t.Parallel()
	pool, env := withCustomer(t)
	out, err := command(t, env, "customers", "disable", "1", "--by", "Olga")
	if err != nil || !strings.Contains(out, "2 sessions ended") || liveSessions(t, pool) != 1 {
		t.Fatalf("%v\n%s%d live sessions, want bob's alone", err, out, liveSessions(t, pool))
	}
	if out, _ = command(t, env, "customers", "list"); !strings.Contains(out, "ann") || strings.Count(out, "Z") < 3 {
		t.Errorf("the list does not tell it:\n%s", out)
	}
	if out, err = command(t, env, "customers", "list", "--limit", "1"); err != nil || !strings.Contains(out, "--after 2") {
		t.Errorf("the newest alone: got %v and %q, want what follows it", err, out)
	}
	if out, err = command(t, env, "customers", "list", "--limit", "0", "--after", "1"); err != nil ||
		strings.Contains(out, "--after") {
		t.Errorf("after the oldest: got %v and %q, want an empty list", err, out)
	}
	if _, err = command(t, env, "customers", "enable", "1"); err != nil {
		t.Fatal(err)
	}
	if _, err = command(t, env, "customers", "disable", "99"); err == nil ||
		!strings.Contains(err.Error(), "no such customer") {
		t.Errorf("an unknown customer: %v", err)
	}
}

// auditLine is what the log has of something that an operator did.
type auditLine struct {
	Level, Event, By, Handle, Session string
	Customer, Ended                   int
	Whole, All                        bool
}

func TestEveryChangeByAnOperatorIsWrittenDown(t *testing.T) { // ASVS 7.4.5, 16.2.1
	t.Parallel()
	_, env := withCustomer(t)
	for _, c := range []struct {
		command string
		want    auditLine
	}{
		{"sessions end --handle a1", auditLine{Event: eventRevoked, Handle: "a1", Session: "log-of-a1", Customer: 1, Ended: 1,
			Whole: true}},
		{"sessions end --customer 2", auditLine{Event: eventRevoked, Customer: 2, Ended: 1, Whole: true}},
		{"sessions end --all", auditLine{Event: eventRevoked, All: true, Ended: 1, Whole: true}},
		{"customers disable 1", auditLine{Event: eventDisabled, Customer: 1}},
		{"customers enable 1", auditLine{Event: eventEnabled, Customer: 1}},
		{"customers erase 1", auditLine{Event: eventErased, Customer: 1}},
	} {
		out, err := command(t, env, append(strings.Fields(c.command), "--by", "Olga")...)
		if err != nil {
			t.Fatal(err)
		}
		var line auditLine
		first, _, _ := strings.Cut(out, "\n")
		c.want.Level, c.want.By = "WARN", "Olga"
		if err := json.Unmarshal([]byte(first), &line); err != nil || line != c.want || strings.Count(out, `"event"`) != 1 {
			t.Errorf("%s: printed %q (%v), want one line with %+v", c.command, out, err, c.want)
		}
	}
	if out, err := command(t, env, "customers", "disable", "99"); err == nil || strings.Contains(out, `"event"`) {
		t.Errorf("nothing was changed, %v, and printed is %q", err, out)
	}
}

// ASVS 16.3.1: the end of a session is logged no matter who sweeps.
func TestASweepByHandNamesTheSessionsItEnds(t *testing.T) {
	t.Parallel()
	pool, env := withCustomer(t)
	if _, err := pool.Exec(t.Context(), `UPDATE sessions SET log_id = 'log-of-b1', last_used = now() - interval '1 hour',
		sweep_after = now() WHERE handle = 'b1'`); err != nil {
		t.Fatal(err)
	}
	out, err := command(t, env, "sessions", "sweep")
	if err != nil || !strings.Contains(out, `"event":"session_expired","session":"log-of-b1","reason":"idle"`) {
		t.Errorf("got %q (%v), want a line that names the session and why it ended", out, err)
	}
}

// ASVS 7.4.5, 16.2.1: sessions end two hundred customers at a time
func TestWhatAnOperatorEndedBeforeATroubleIsWrittenDown(t *testing.T) {
	t.Parallel()
	pool, env := withCustomer(t)
	for _, sql := range []string{
		`INSERT INTO customers (issuer, subject) SELECT 'https://id.example', 'h' || n FROM generate_series(1, 250) n`,
		`INSERT INTO sessions (id, handle, log_id, customer_id, auth_time, issued, idle, absolute_end, sweep_after)
			SELECT sha256(subject::bytea), subject, '', id, now(), now(), '30 minutes', now() + interval '1 day', now()
			FROM customers WHERE subject LIKE 'h%'`,
		`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no more'; END $$`,
		`CREATE TRIGGER refuse BEFORE UPDATE ON sessions FOR EACH ROW WHEN (NEW.handle = 'h250') EXECUTE FUNCTION refuse()`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	before := liveSessions(t, pool)
	out, err := command(t, env, "sessions", "end", "--all", "--by", "Olga")
	ended := before - liveSessions(t, pool)
	if err == nil || !strings.Contains(err.Error(), "no more") || ended < 200 || ended == before {
		t.Fatalf("got %v, %d of %d sessions ended; want the trouble reported and the first batch ended", err, ended, before)
	}
	var line struct {
		Event, By string
		Ended     int
		Whole     bool
	}
	if err := json.Unmarshal([]byte(out), &line); err != nil || line.Event != eventRevoked || line.By != "Olga" ||
		line.Ended != ended || line.Whole {
		t.Errorf("printed %q, %v; want one audit line, of %d sessions and not the whole of them", out, err, ended)
	}
}
