package postgres_test

import (
	"testing"

	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// unindexed are the references without an index, and why none is needed.
var unindexed = map[string]string{
	"order_lines.product_id": "the shop deletes no product; an index would cost every order something",
}

// references are those that do something when what they refer to is deleted, and whether an index
// finds the rows: one that begins with the column and holds every row that has a value there.
const references = `
SELECT c.conrelid::regclass || '.' || a.attname, EXISTS (
    SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indisvalid AND i.indkey[0] = a.attnum
      AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = '(' || a.attname || ' IS NOT NULL)'))
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.confdeltype NOT IN ('a', 'r')`

func TestDeletingARowSearchesNoWholeTable(t *testing.T) {
	t.Parallel()
	rows, err := postgrestest.New(t).Query(t.Context(), references)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var column string
		var indexed bool
		if err := rows.Scan(&column, &indexed); err != nil {
			t.Fatal(err)
		}
		if why := unindexed[column]; indexed == (why != "") {
			t.Errorf("%s has an index: %t; reason to have none: %q", column, indexed, why)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
