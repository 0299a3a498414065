package postgrestest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Rows is what stands in a database at one moment: the rows of each table as JSON, sorted.
type Rows map[string][]string

// AllRows reads every column of every row of every table, so that a test can say what an action
// changed, or that it changed nothing.
func AllRows(t testing.TB, pool *pgxpool.Pool) Rows {
	t.Helper()
	rows := Rows{}
	for _, table := range texts(t, pool, "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'") {
		name := pgx.Identifier{table}.Sanitize()
		rows[table] = texts(t, pool, "SELECT to_jsonb(r)::text FROM "+name+" r ORDER BY 1")
	}
	return rows
}

// Changes returns what another moment has that this one had not, and the other way round: a line
// for each row. The tables named in except do not count.
func (before Rows) Changes(after Rows, except ...string) (lines []string) {
	for table, now := range after {
		if slices.Contains(except, table) {
			continue
		}
		for _, row := range before[table] {
			if !slices.Contains(now, row) {
				lines = append(lines, fmt.Sprintf("%s had  %s", table, row))
			}
		}
		for _, row := range now {
			if !slices.Contains(before[table], row) {
				lines = append(lines, fmt.Sprintf("%s has  %s", table, row))
			}
		}
	}
	slices.Sort(lines)
	return lines
}

func texts(t testing.TB, pool *pgxpool.Pool, sql string) []string {
	t.Helper()
	rows, _ := pool.Query(t.Context(), sql) // CollectRows returns its error
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return found
}
