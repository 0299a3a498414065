package postgrestest

import (
	"context"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) { Main(m) }

func tables(t *testing.T, pool *pgxpool.Pool) (n int) {
	t.Helper()
	err := pool.QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNewDatabaseIsMigrated(t *testing.T) {
	t.Parallel()
	began := time.Now()
	pool := New(t)
	if n := tables(t, pool); n < 2 {
		t.Errorf("%d tables, want those of the migrations", n)
	}
	t.Logf("a database took %v", time.Since(began))
}

func TestEmptyDatabaseHasNoTables(t *testing.T) {
	t.Parallel()
	if n := tables(t, open(t, Empty(t))); n != 0 {
		t.Errorf("%d tables, want none", n)
	}
}

func TestTwoDatabasesAreIndependent(t *testing.T) {
	t.Parallel()
	first, second := New(t), New(t)
	before := tables(t, second)
	if _, err := first.Exec(t.Context(), "CREATE TABLE only_here ()"); err != nil {
		t.Fatal(err)
	}
	if after := tables(t, second); after != before {
		t.Errorf("the second database has %d tables, had %d", after, before)
	}
}

func TestDatabaseGoesWithItsTest(t *testing.T) {
	t.Parallel()
	var name string
	outer := t
	t.Run("inner", func(t *testing.T) {
		pool, err := pgxpool.New(context.Background(), URL(t))
		if err != nil {
			t.Fatal(err)
		}
		outer.Cleanup(pool.Close) // an open connection must not keep the database
		if err := pool.QueryRow(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
	})
	c, err := sharedCluster()
	if err != nil {
		t.Fatal(err)
	}
	var there bool
	err = c.admin.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there)
	if err != nil || there {
		t.Errorf("database %s: there %t, %v", name, there, err)
	}
}

func TestHalfMadeTemplateIsMadeAgain(t *testing.T) {
	t.Parallel()
	c, err := sharedCluster()
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{"1_x.sql": {Data: []byte("-- +goose Up\nCREATE TABLE x ();\n")}}
	name, err := c.ensureTemplate(files)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { drop(t, c, name) })
	change := func(statement string) {
		t.Helper()
		if _, err := c.admin.Exec(t.Context(), "ALTER DATABASE "+name+" "+statement); err != nil {
			t.Fatal(err)
		}
	}
	change("IS_TEMPLATE false ALLOW_CONNECTIONS true")
	half := open(t, withDatabase(c.url, name))
	if _, err := half.Exec(t.Context(), "DROP TABLE x"); err != nil {
		t.Fatal(err)
	}
	if again, err := c.ensureTemplate(files); err != nil || again != name {
		t.Fatalf("got %s, %v; want %s", again, err, name)
	}
	change("IS_TEMPLATE false ALLOW_CONNECTIONS true")
	if n := tables(t, open(t, withDatabase(c.url, name))); n != 2 {
		t.Errorf("%d tables, want x and goose's own", n)
	}
}

func TestChangedMigrationsHaveAnotherName(t *testing.T) {
	t.Parallel()
	first, err := migrationsSum(fstest.MapFS{"1.sql": {Data: []byte("a")}})
	if err != nil {
		t.Fatal(err)
	}
	second, err := migrationsSum(fstest.MapFS{"1.sql": {Data: []byte("b")}})
	if err != nil {
		t.Fatal(err)
	}
	if first == second {
		t.Error("different migrations share a template")
	}
}

func TestEveryChangedRowIsReported(t *testing.T) {
	t.Parallel()
	pool := New(t)
	for _, sql := range []string{"CREATE TABLE first (a int, b text)", "CREATE TABLE second (a int)",
		"INSERT INTO first VALUES (1, 'x'), (2, 'y')"} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	before := AllRows(t, pool)
	if changes := before.Changes(AllRows(t, pool)); len(changes) != 0 {
		t.Errorf("nothing was done: got changes %q, want none", changes)
	}
	if _, err := pool.Exec(t.Context(),
		"UPDATE first SET b = 'z' WHERE a = 2; INSERT INTO second VALUES (3)"); err != nil {
		t.Fatal(err)
	}
	want := []string{`first had  {"a": 2, "b": "y"}`, `first has  {"a": 2, "b": "z"}`, `second has  {"a": 3}`}
	if got := before.Changes(AllRows(t, pool)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := before.Changes(AllRows(t, pool), "first"); !slices.Equal(got, want[2:]) {
		t.Errorf("but for the first table: got %q, want %q", got, want[2:])
	}
}
