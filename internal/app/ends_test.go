package app_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/internal/session"
)

// ends is how each reason comes about for which a session ends. A session past a limit is noticed
// when its tag comes again.
var ends = map[string]func(c *counter, v *visitor){
	"signed_out":   func(_ *counter, v *visitor) { v.submit("/logout", "") },
	"rotated":      func(_ *counter, v *visitor) { v.reauthenticate(rogue.Script{}) },
	"revoked":      func(c *counter, v *visitor) { c.signedIn(v.t).submit("/account/devices/end-others", "") },
	"excess":       func(c *counter, v *visitor) { c.signedIn(v.t); c.signedIn(v.t) },
	"back_channel": func(c *counter, v *visitor) { c.tell(v.t, c.op.LogoutToken("alice", "", rogue.Script{})) },
	"forgotten":    func(_ *counter, v *visitor) { v.post("/cart/forget", "") },
	"idle": func(c *counter, v *visitor) {
		c.change(v.t, `UPDATE sessions SET last_used = last_used - interval '31 minutes'`)
	},
	"absolute": func(c *counter, v *visitor) {
		c.change(v.t, `UPDATE sessions SET absolute_end = statement_timestamp()`)
	},
}

// ASVS 16.2.1, 16.3.1, CS-22: whatever ends a session, the log has one line of it, with the reason
// and the session's own name.
func TestEveryEndIsOneLineOfTheLogWithItsReason(t *testing.T) {
	t.Parallel()
	db := seeded(t)
	c := openCounter(t, db, nil).replica(t, db, "SESSION_MAX_PER_CUSTOMER=2")
	for reason, end := range ends {
		t.Run(reason, func(t *testing.T) {
			c.change(t, `DELETE FROM customers; DELETE FROM sessions; DELETE FROM carts; DELETE FROM logout_marks`)
			v := c.visitor(t)
			if v.post("/cart/lines", "sku=HAT-BOWLER&quantity=1"); reason != "forgotten" {
				v = c.signedIn(t)
			}
			var name string
			must(t, c.pool.QueryRow(t.Context(), `SELECT log_id FROM sessions WHERE ended IS NULL AND (customer_id IS NOT
				NULL OR $1 = 'forgotten')`, reason).Scan(&name))
			c.log.forget()
			end(c, v)
			if r := v.get("/account"); r.status != http.StatusSeeOther && reason != "rotated" {
				t.Errorf("the session goes on: %d", r.status)
			}
			var logged []string
			for line := range strings.Lines(c.log.String()) {
				var l struct{ Level, Event, Session, Reason string }
				must(t, json.Unmarshal([]byte(line), &l))
				if l.Event == session.EventEnded || l.Event == session.EventExpired {
					logged = append(logged, strings.Join([]string{l.Level, l.Event, l.Session, l.Reason}, " "))
				}
			}
			event := map[string]string{"idle": session.EventExpired, "absolute": session.EventExpired}[reason]
			if want := strings.Join([]string{"INFO", cmp.Or(event, session.EventEnded), name, reason}, " "); len(logged) != 1 ||
				logged[0] != want {
				t.Errorf("log: got %q, want %q alone", logged, want)
			}
		})
	}
}

// signedIn is a customer in a browser of their own.
func (c *counter) signedIn(t *testing.T) *visitor {
	t.Helper()
	c.op.Follow(rogue.Script{})
	v := c.visitor(t)
	v.signIn("/account")
	return v
}

// change changes rows behind the shop's back.
func (c *counter) change(t *testing.T, sql string) {
	t.Helper()
	_, err := c.pool.Exec(t.Context(), sql)
	must(t, err)
}
