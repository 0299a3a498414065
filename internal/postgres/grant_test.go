package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

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

// asRole is a seeded shop's database, seen by a role with the grants of the running shop, which once had all there are.
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

// eachRight is every right that is granted, as "UPDATE (stock) ON products", in the order of the alphabet.
func eachRight() (each []string) {
	postgres.Rights(func(table, rights string) {
		for _, r := range regexp.MustCompile(`([A-Z]+)(?: \(([^)]*)\))?`).FindAllStringSubmatch(rights, -1) {
			for column := range strings.SplitSeq(r[2], ", ") {
				each = append(each, strings.Replace(r[1]+" ("+column+") ON "+table, " ()", "", 1))
			}
		}
	})
	slices.Sort(each)
	return each
}

// granted are the rights that the database knows a role to have, on tables, views and sequences, by itself or with everyone.
const granted = `
WITH kept AS (
    SELECT c.relname AS name, '' AS part, c.relacl AS acl FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT c.relname, ' (' || a.attname || ')', a.attacl FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace)
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
		if right == "UPDATE (merged_into) ON carts" {
			continue // the version before needs it
		}
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
		`DROP TABLE sessions`, `ALTER TABLE sessions ADD x int`, `CREATE TABLE x ()`, `TRUNCATE sessions`, `DELETE FROM customers`, `DELETE FROM orders`,
		`UPDATE products SET price = 1`, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)`,
		`UPDATE orders SET total = 1`, `UPDATE order_lines SET price = 1`, `UPDATE sessions SET customer_id = 1`, `UPDATE sessions SET absolute_end = 'infinity'`,
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

func TestAGrantThatCouldNotKeepTheRoleFromCreatingIsRefused(t *testing.T) { // ASVS 13.2.2
	t.Parallel()
	url := postgrestest.URL(t)
	super := openPool(t, url)
	owner, role := putRole(t, super, "owner_"), putRole(t, super, "shop_")
	exec(t, super, `DO $$ DECLARE c regclass; BEGIN
		FOR c IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP EXECUTE format('ALTER TABLE %s OWNER TO `+owner+`', c); END LOOP; END $$`)
	exec(t, super, `ALTER SCHEMA public OWNER TO CURRENT_USER`) // as before PostgreSQL 15
	exec(t, super, `GRANT CREATE ON SCHEMA public TO PUBLIC`)
	if err := postgres.Grant(t.Context(), as(url, owner), role); !errors.Is(err, postgres.ErrMaker) {
		t.Errorf("the schema is somebody else's: %v, want ErrMaker", err)
	}
	exec(t, super, `REVOKE CREATE ON SCHEMA public FROM PUBLIC`)
	if err := postgres.Grant(t.Context(), as(url, owner), role); err != nil {
		t.Errorf("the schema's owner has done it: %v", err)
	}
	if err := postgres.Grant(t.Context(), url, super.Config().ConnConfig.User); !errors.Is(err, postgres.ErrMaker) {
		t.Errorf("to a superuser: %v, want ErrMaker", err)
	}
	exec(t, super, `ALTER SCHEMA public OWNER TO `+owner)
	exec(t, super, `GRANT `+owner+` TO `+role)
	if err := postgres.Grant(t.Context(), as(url, owner), role); !errors.Is(err, postgres.ErrMaker) {
		t.Errorf("to one of the owner's: %v, want ErrMaker", err)
	}
	exec(t, super, `ALTER SCHEMA public OWNER TO CURRENT_USER`)
}
