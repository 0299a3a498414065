package app_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/dev/rogue"
	"hookandtag.example/shop/dev/shoptest"
)

// The README's query shows what a reader can find again: the row of the cookie they have, by the
// reference in the ribbon and the name in the log, and the hat before and after a sign-in.
func TestTheReadmesQueryMatchesCookieRibbonAndLog(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```sql\n")
	query, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("README.md has no query")
	}
	db := seeded(t)
	c := openCounter(t, db, nil).replica(t, db, "TUTORIAL=on")
	c.op.Follow(rogue.Script{Subject: "reader"})
	v := c.visitor(t)
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=2")
	c.wantReadmeRow(v, c.rows(t, query)[0], "", "2")
	v.signIn("/cart")
	rows := c.rows(t, query)
	c.wantReadmeRow(v, rows[0], "", "2")
	if old := rows[1]; old["ended_reason"] != "rotated" || old["pieces"] != "" || old["id"] == rows[0]["id"] {
		t.Errorf("the row before the sign-in: got %v, want it rotated, without a cart", old)
	}
}

// rows are what a query finds, each by the names of its columns, NULL as "".
func (c *counter) rows(t *testing.T, query string) (found []map[string]string) {
	t.Helper()
	rows, err := c.pool.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToMap)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range all {
		texts := map[string]string{}
		for name, value := range row {
			if value != nil {
				texts[name] = fmt.Sprint(value)
			}
		}
		found = append(found, texts)
	}
	return found
}

func (c *counter) wantReadmeRow(v *visitor, row map[string]string, reason, pieces string) {
	v.t.Helper()
	page := v.get("/cart").body
	hash := sha256.Sum256([]byte(strings.Split(v.cookies["__Host-tag"], ".")[1]))
	switch {
	case row["id"] != hex.EncodeToString(hash[:4]):
		v.t.Errorf("id %q is not how the SHA-256 of the cookie's middle part begins, %x", row["id"], hash[:4])
	case !strings.Contains(page, `data-ref="`+row["id"]+`"`):
		v.t.Errorf("the ribbon does not show %s", row["id"])
	case row["ended_reason"] != reason || row["pieces"] != pieces:
		v.t.Errorf("got %v, want ended_reason %q and %s pieces", row, reason, pieces)
	}
	shoptest.Eventually(v.t, "the log names the session "+row["log_id"], func() bool { // once the page has gone
		return strings.Contains(c.log.String(), `"session":"`+row["log_id"]+`"`)
	})
}
