package app

import "testing"

func TestAStatementIsNamedByWhatItDoesAndItsTable(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"begin":    "begin",
		"SELECT 1": "select",
		"\nSELECT s.id, extract(epoch FROM s.idle), (SELECT sum(q) FROM cart_lines l)\nFROM sessions s\nLEFT JOIN " +
			"customers c ON true": "select sessions",
		"WITH a AS (\n UPDATE sessions SET ended = now() RETURNING id)\nINSERT INTO orders (id) SELECT 1": "insert orders",
		"\nWITH due AS (SELECT id FROM carts FOR UPDATE SKIP LOCKED), gone AS (\n DELETE FROM carts WHERE id IN " +
			"(SELECT 1))\nSELECT (SELECT count(*) FROM due), '{}'": "delete carts",
		"WITH gone AS (\n    DELETE FROM used_attempts RETURNING 1)\nSELECT count(*) FROM gone": "delete used_attempts",
		"UPDATE sessions s SET a = (SELECT 1 FROM carts) WHERE true":                            "update sessions",
		"DELETE FROM carts WHERE id IN (SELECT id FROM sessions)":                               "delete carts",
		"SELECT FROM carts c WHERE id = $1 FOR UPDATE":                                          "select carts",
	} {
		for range 2 { // the second time the name is known
			if got := statementName(sql); got != want {
				t.Errorf("%q is named %q, want %q", sql, got, want)
			}
		}
	}
}
