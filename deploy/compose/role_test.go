//go:build compose

package compose

import (
	"os/exec"
	"strings"
	"testing"
)

// ask runs one statement in the database as a role, and returns what psql prints.
func ask(t *testing.T, role, statement string) (string, error) {
	t.Helper()
	psql := exec.CommandContext(t.Context(), "docker", "compose", "exec", "-T", "postgres",
		"psql", "--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", "-U", role, "-d", "shop", "-c", statement)
	psql.Dir = "../.."
	out, err := psql.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// Over the network comes the shop alone; what this file asks goes through the socket.
func TestTheRunningShopConnectsAsItsOwnRole(t *testing.T) {
	roles, err := ask(t, "owner", `SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'shop' AND client_addr
		IS NOT NULL`)
	if err != nil || roles != "shop" {
		t.Errorf("connected are %q (%v), want shop alone", roles, err)
	}
}

func TestTheShopsRoleMayReadRowsAndNotChangeTheSchema(t *testing.T) { // ASVS 13.2.2
	if out, err := ask(t, "shop", `SELECT count(*) > 0 FROM products`); err != nil || out != "t" {
		t.Errorf("reading: %s (%v)", out, err)
	}
	for _, statement := range []string{
		`DROP TABLE order_lines`, `TRUNCATE order_lines`, `ALTER TABLE products ADD colour text`, `CREATE TABLE mine (n int)`,
		`DELETE FROM products WHERE false`, `CREATE ROLE another`, `ALTER ROLE shop SUPERUSER`, `SET ROLE owner`,
	} {
		out, err := ask(t, "shop", "BEGIN; "+statement+"; ROLLBACK")
		if err == nil || !strings.Contains(out, "permission denied") && !strings.Contains(out, "must be owner") &&
			!strings.Contains(out, "must be superuser") {
			t.Errorf("%s: %s (%v), want a refusal", statement, out, err)
		}
	}
}
