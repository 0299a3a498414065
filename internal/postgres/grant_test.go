package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// putRole makes a role of the database's own, without any right.
func putRole(t *testing.T, owner *pgxpool.Pool, what string) (role string) {
	t.Helper()
	if err := owner.QueryRow(t.Context(), `SELECT $1 || current_database()`, what).Scan(&role); err != nil {
		t.Fatal(err)
	}
	exec(t, owner, `CREATE ROLE `+role)
	t.Cleanup(func() {
		for _, sql := range []string{`DROP OWNED BY ` + role + ` CASCADE`, `DROP ROLE ` + role} {
			if _, err := owner.Exec(context.WithoutCancel(t.Context()), sql); err != nil {
				t.Error(err)
			}
		}
	})
	return role
}

// as is a database's address for a role.
func as(url, role string) string {
	if strings.Contains(url, "?") {
		return url + "&role=" + role
	}
	return url + "?role=" + role
}

// asRole is a seeded shop's database, seen by a role with the grants of the running shop, which
// once had all there are.
func asRole(t *testing.T) (pool, owner *pgxpool.Pool, role string) {
	t.Helper()
	url := postgrestest.URL(t)
	owner = openPool(t, url)
	if _, err := postgres.New(owner).Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	role = putRole(t, owner, "shop_")
	for _, all := range []string{`ALL TABLES IN SCHEMA public`, `ALL SEQUENCES IN SCHEMA public`, `SCHEMA public`} {
		exec(t, owner, `GRANT ALL ON `+all+` TO `+role)
	}
	for range 2 {
		if err := postgres.Grant(t.Context(), url, role); err != nil {
			t.Fatal(err)
		}
	}
	return openPool(t, as(url, role)), owner, role
}

// eachRight is every right that is granted, in the order of the alphabet.
func eachRight() []string { return slices.Sorted(slices.Values(postgres.EachRight())) }

// granted are the rights that the database knows a role to have, on tables, views and sequences, by
// itself or with everyone.
const granted = `
WITH kept AS (
    SELECT c.relname AS name, '' AS part, c.relacl AS acl FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT c.relname, ' (' || a.attname || ')', a.attacl FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace)
SELECT r.privilege_type || k.part || ' ON ' || k.name FROM kept k, aclexplode(k.acl) r
WHERE r.grantee IN (0, current_user::regrole)`

func TestTheShopsRoleHasWhatIsListedAndNothingElse(t *testing.T) { // ASVS 13.2.2
	t.Parallel()
	pool, _, _ := asRole(t)
	rows, err := pool.Query(t.Context(), granted)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	slices.Sort(got)
	if want := eachRight(); err != nil || !slices.Equal(got, want) {
		t.Errorf("granted\n%s (%v), want\n%s", strings.Join(got, "\n"), err, strings.Join(want, "\n"))
	}
}

func TestTheShopNeedsEachRightOfItsRole(t *testing.T) { // ASVS 13.2.2
	t.Parallel()
	pool, owner, role := asRole(t)
	exec(t, owner, `UPDATE products SET stock = 1000`)
	for i, right := range eachRight() {
		exec(t, owner, `REVOKE `+right+` FROM `+role)
		j := &journey{Store: postgres.New(pool), ctx: t.Context(), who: fmt.Sprint("customer", i)}
		var refused *pgconn.PgError
		if err := j.run(); !errors.As(err, &refused) || refused.Code != "42501" {
			t.Errorf("without %s: %v, want permission denied", right, err)
		}
		exec(t, owner, `GRANT `+right+` TO `+role)
	}
}

func TestRunningShopMayNotTouchTheSchemaOrThePrices(t *testing.T) {
	t.Parallel()
	pool, _, _ := asRole(t)
	for _, sql := range []string{
		`DROP TABLE sessions`, `ALTER TABLE sessions ADD x int`, `CREATE TABLE x ()`, `TRUNCATE sessions`,
		`DELETE FROM customers`, `DELETE FROM orders`,
		`UPDATE products SET price = 1`, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)`,
		`UPDATE orders SET total = 1`, `UPDATE order_lines SET price = 1`, `UPDATE sessions SET customer_id = 1`,
		`UPDATE sessions SET absolute_end = 'infinity'`,
		`UPDATE customers SET subject = 'bob'`, `UPDATE carts SET customer_id = 1`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "42501") {
			t.Errorf("%s: %v, want permission denied", sql, err)
		}
	}
}

func TestNobodyMayCreateInADatabaseFromBeforePostgreSQL15(t *testing.T) { // ASVS 13.2.2: there everyone may
	t.Parallel()
	url := postgrestest.URL(t)
	owner := openPool(t, url)
	exec(t, owner, `GRANT CREATE ON SCHEMA public TO PUBLIC`)
	role := putRole(t, owner, "shop_")
	if err := postgres.Grant(t.Context(), url, role); err != nil {
		t.Fatal(err)
	}
	if n := number(t, owner, `SELECT has_schema_privilege($1, 'public', 'CREATE')::int`, role); n != 0 {
		t.Error("the role may still create tables, by everyone's right")
	}
}

// beyond are ways in which a role may do more than is listed that revoking from the role does not
// reach: how it comes, how it goes, and what the error names.
var beyond = []struct{ give, take, names string }{
	{`GRANT pg_write_all_data TO shop`, `REVOKE pg_write_all_data FROM shop`, "DELETE ON customers"},
	{`ALTER ROLE shop NOINHERIT; GRANT pg_write_all_data TO shop`,
		`REVOKE pg_write_all_data FROM shop; ALTER ROLE shop INHERIT`, "DELETE ON customers"},
	{`GRANT pg_read_all_data TO shop`, `REVOKE pg_read_all_data FROM shop`, "SELECT ON carts_id_seq"},
	{`GRANT UPDATE ON products TO PUBLIC`, `REVOKE UPDATE ON products FROM PUBLIC`, "UPDATE ON products (1 in all)"},
	{`GRANT UPDATE (price, stock) ON products TO PUBLIC`, `REVOKE UPDATE (price, stock) ON products FROM PUBLIC`,
		"UPDATE (price) ON products (1 in all)"},
	{`GRANT TRUNCATE ON sessions TO friends`, `REVOKE TRUNCATE ON sessions FROM friends`,
		"TRUNCATE ON sessions (1 in all)"},
	{`GRANT REFERENCES ON orders TO friends`, `REVOKE REFERENCES ON orders FROM friends`,
		"REFERENCES ON orders (1 in all)"},
	{`GRANT SELECT ON dear TO PUBLIC`, `REVOKE SELECT ON dear FROM PUBLIC`, "SELECT ON dear (1 in all)"},
	{`GRANT USAGE ON SEQUENCE orders_id_seq TO PUBLIC`, `REVOKE USAGE ON SEQUENCE orders_id_seq FROM PUBLIC`,
		"USAGE ON orders_id_seq (1 in all)"},
	{`GRANT UPDATE ON orders TO lender WITH GRANT OPTION; SET ROLE lender; GRANT UPDATE ON orders TO shop; RESET ROLE`,
		`REVOKE UPDATE ON orders FROM lender CASCADE`, "UPDATE ON orders (1 in all)"},
	{`ALTER VIEW dear OWNER TO shop`, `ALTER VIEW dear OWNER TO CURRENT_USER`, "OWNERSHIP OF dear"},
	{`ALTER SCHEMA public OWNER TO shop`, `ALTER SCHEMA public OWNER TO CURRENT_USER`, "OWNERSHIP OF SCHEMA public"},
	{`GRANT CREATE ON SCHEMA public TO friends`, `REVOKE CREATE ON SCHEMA public FROM friends`,
		"CREATE ON SCHEMA public (1 in all)"},
	{`GRANT CREATE ON DATABASE here TO shop`, `REVOKE CREATE ON DATABASE here FROM shop`,
		"CREATE ON DATABASE here (1 in all)"},
	{`GRANT CREATE ON DATABASE here TO PUBLIC`, `REVOKE CREATE ON DATABASE here FROM PUBLIC`,
		"CREATE ON DATABASE here (1 in all)"},
	{`ALTER ROLE shop CREATEROLE`, `ALTER ROLE shop NOCREATEROLE`, "CREATEROLE (1 in all)"},
}

func TestAGrantToARoleThatMayDoMoreIsRefused(t *testing.T) { // ASVS 13.2.2
	t.Parallel()
	_, owner, role := asRole(t)
	friends, lender := putRole(t, owner, "friends_"), putRole(t, owner, "lender_")
	exec(t, owner, `GRANT `+friends+` TO `+role+`; CREATE VIEW dear AS SELECT * FROM products`)
	url := owner.Config().ConnString()
	names := strings.NewReplacer("shop", role, "friends", friends, "lender", lender, "here",
		owner.Config().ConnConfig.Database)
	for _, b := range beyond {
		exec(t, owner, names.Replace(b.give)+`; REVOKE INSERT ON orders FROM `+role)
		err := postgres.Grant(t.Context(), url, role)
		if !errors.Is(err, postgres.ErrExcess) || !strings.Contains(err.Error(), names.Replace(b.names)) {
			t.Errorf("after %s: %v, want ErrExcess that names %s", b.give, err, b.names)
		}
		exec(t, owner, names.Replace(b.take))
		if number(t, owner, `SELECT has_table_privilege($1, 'orders', 'INSERT')::int`, role) != 0 {
			t.Errorf("after %s: refused, and granted all the same", b.give)
		}
		if err := postgres.Grant(t.Context(), url, role); err != nil {
			t.Errorf("after %s: %v, want none", b.take, err)
		}
	}
}

func TestAGrantThatCouldNotKeepTheRoleFromCreatingIsRefused(t *testing.T) { // ASVS 13.2.2
	t.Parallel()
	url := postgrestest.URL(t)
	super := openPool(t, url)
	owner, role := putRole(t, super, "owner_"), putRole(t, super, "shop_")
	exec(t, super, `DO $$ DECLARE c regclass; BEGIN
		FOR c IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') LOOP EXECUTE format('ALTER TABLE %s OWNER TO `+owner+`', c); END LOOP; END $$`)
	exec(t, super, `ALTER SCHEMA public OWNER TO CURRENT_USER`) // as before PostgreSQL 15
	exec(t, super, `GRANT CREATE ON SCHEMA public TO PUBLIC`)
	if err := postgres.Grant(t.Context(), as(url, owner), role); !errors.Is(err, postgres.ErrExcess) {
		t.Errorf("the schema is somebody else's: %v, want ErrExcess", err)
	}
	exec(t, super, `REVOKE CREATE ON SCHEMA public FROM PUBLIC`)
	if err := postgres.Grant(t.Context(), as(url, owner), role); err != nil {
		t.Errorf("the schema's owner has done it: %v", err)
	}
	if err := postgres.Grant(t.Context(), url, super.Config().ConnConfig.User); !errors.Is(err, postgres.ErrExcess) {
		t.Errorf("to a superuser: %v, want ErrExcess", err)
	}
	exec(t, super, `ALTER SCHEMA public OWNER TO `+owner)
	exec(t, super, `GRANT `+owner+` TO `+role)
	if err := postgres.Grant(t.Context(), as(url, owner), role); !errors.Is(err, postgres.ErrExcess) {
		t.Errorf("to one of the owner's: %v, want ErrExcess", err)
	}
	exec(t, super, `ALTER SCHEMA public OWNER TO CURRENT_USER`)
}

// As replicas do that start together.
func TestFourGrantsAtOnce(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	role := putRole(t, openPool(t, url), "four_")
	for range 10 {
		var all errgroup.Group
		for range 4 {
			all.Go(func() error { return postgres.Grant(t.Context(), url, role) })
		}
		if err := all.Wait(); err != nil {
			t.Fatal(err)
		}
	}
}
