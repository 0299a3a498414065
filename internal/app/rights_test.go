package app_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/postgres"
)

// asRole is the address of a database for a shop that has the rights of a running shop and no
// others, the name of its role, and what the owner of the database does.
func asRole(t *testing.T, db string) (address, role string, owner func(sql string)) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), db)
	must(t, err)
	t.Cleanup(pool.Close)
	owner = func(sql string) {
		_, err := pool.Exec(context.WithoutCancel(t.Context()), sql)
		must(t, err)
	}
	must(t, pool.QueryRow(t.Context(), `SELECT 'right_' || current_database()`).Scan(&role))
	owner(`CREATE ROLE ` + role)
	t.Cleanup(func() {
		owner(`DROP OWNED BY ` + role)
		owner(`DROP ROLE ` + role)
	})
	must(t, postgres.Grant(t.Context(), db, role))
	separator := "?"
	if strings.Contains(db, "?") {
		separator = "&"
	}
	return db + separator + "role=" + role, role, owner
}

// ASVS 16.5.2, 16.5.3, 15.4.2: a shop that may not write down that an attempt has come back lets
// nobody in by it, and does not use up their code: with its right back, the same return signs in,
// once. Nor does it take a logout that it cannot write down.
func TestWhatCountsOnceNeedsTheRightToBeWrittenDown(t *testing.T) {
	t.Parallel()
	db := seeded(t)
	address, role, owner := asRole(t, db)
	c := openCounter(t, address, nil)
	v := c.newcomer(t, "alice")
	back, _ := v.comeBack("return_to=/cart")
	before := v.belongings()
	c.op.Forget()

	owner(`REVOKE INSERT ON used_attempts FROM ` + role)
	for range 2 {
		r := v.get(back)
		if r.status != http.StatusServiceUnavailable || r.header.Get("Retry-After") == "" ||
			strings.Contains(r.body, "permission denied") || strings.Contains(r.body, role) {
			t.Errorf("answered %d, Retry-After %q, want 503 and nothing of the inside:\n%s", r.status,
				r.header.Get("Retry-After"), r.body)
		}
	}
	v.wantAsBefore(before)
	if asked := len(c.op.Requests(rogue.TokenPath)); asked != 0 ||
		!strings.Contains(c.log.String(), "permission denied for table used_attempts") {
		t.Errorf("%d codes were presented, want none, and a log that says why:\n%s", asked, c.log)
	}
	owner(`GRANT INSERT ON used_attempts TO ` + role)
	if r := v.get(back); r.status != http.StatusSeeOther {
		t.Errorf("with the right back, the same return is answered %d", r.status)
	}
	v.wantIn("alice")

	token := c.op.LogoutToken("alice", "", rogue.Script{})
	for _, table := range []string{"used_logout_tokens", "logout_marks"} {
		owner(`REVOKE INSERT ON ` + table + ` FROM ` + role)
		if r := c.tell(t, token); r.status != http.StatusBadRequest || v.get("/account").status != http.StatusOK {
			t.Errorf("without the right to write %s a logout is answered %d, and /account %d; want 400 and 200", table, r.status,
				v.get("/account").status)
		}
		owner(`GRANT INSERT ON ` + table + ` TO ` + role)
	}
	if r := c.tell(t, token); r.status != http.StatusOK || v.get("/account").status != http.StatusSeeOther {
		t.Errorf("with its rights back a logout is answered %d, and /account %d; want 200 and 303", r.status,
			v.get("/account").status)
	}
}
