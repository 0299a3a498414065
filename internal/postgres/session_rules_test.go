package postgres_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// Whatever writes a session, an operator's own SQL included, the row stays one that the shop can
// read.
func TestTheDatabaseRefusesSessionsThatCannotBe(t *testing.T) {
	t.Parallel()
	pool, _ := hangCustomers(t)
	exec(t, pool, `INSERT INTO carts DEFAULT VALUES`)
	for _, c := range []struct{ session, set, rule string }{
		{"nobody", `id = '\x01'`, "id is 32 bytes long"},
		{"nobody", `idle = '0'`, "idle is longer than nothing"},
		{"nobody", `idle = '-1 s'`, "idle is longer than nothing"},
		{"nobody", `created = '-infinity'`, "no time is infinite"},
		{"nobody", `last_used = 'infinity'`, "no time is infinite"},
		{"nobody", `absolute_end = 'infinity'`, "no time is infinite"},
		{"a1", `auth_time = '-infinity'`, "no time is infinite"},
		{"a1", `auth_time = now(), created = '-infinity'`, "no time is infinite"},
		{"a1", `issued = NULL`, "a customer's session has issued"},
		{"a1", `cart_id = (SELECT max(id) FROM carts)`, "a customer's session has issued, and no cart_id"},
		{"nobody", `customer_id = 1, issued = NULL`, "a customer's session has issued"},
		{"nobody", `ended = now()`, "ended and ended_reason come together"},
		{"nobody", `ended_reason = 'idle'`, "ended and ended_reason come together"},
		{"nobody", `ended = now(), ended_reason = 'lost'`, "ended_reason is one of those known"},
		{"nobody", `ended = now(), ended_reason = ''`, "ended_reason is one of those known"},
		{"nobody", `replaced_by = id`, "only an ended session has replaced_by"},
		{"nobody", `ended = now(), ended_reason = 'idle', data = '{"a": "b"}', id_token = NULL`,
			"an ended session has no data"},
		{"a1", `ended = now(), ended_reason = 'idle', data = '{}', id_token = 'x'`,
			"an ended session has no data and no id_token"},
	} {
		sql := `UPDATE sessions SET ` + c.set + ` WHERE handle = '` + c.session + `'`
		_, err := pool.Exec(t.Context(), sql)
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != "23514" || !strings.Contains(refused.Message, c.rule) ||
			refused.ConstraintName != "sessions_valid_check" || refused.TableName != "sessions" {
			t.Errorf("%s: got %v, want a check_violation that says %q", sql, err, c.rule)
		}
	}
	for _, set := range []string{`ended = now(), ended_reason = 'excess', data = '{}', id_token = NULL, replaced_by = id`,
		`auth_time = NULL`} {
		exec(t, pool, `UPDATE sessions SET `+set+` WHERE handle = 'a1'`)
	}
}
