package postgres

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Grant lets a database role do what the running shop does, and no more (ASVS 13.2.2), whatever it
// was allowed before. The role must exist; url is the owner's. Granting again changes nothing.
// Several processes may call it concurrently.
//
// It also keeps everyone but the owner from creating anything in the schema public, as databases do
// by themselves from PostgreSQL 15 on, and not those that were made before. Where the role may do
// more after all of this, it changes nothing and returns an error that is ErrExcess. What counts is
// the schema public and what may be created in the database: other schemas and databases hold
// nothing of the shop's, and temporary tables may stay everyone's.
func Grant(ctx context.Context, url, role string) error {
	return grantRights(ctx, url, role, rights)
}

// GrantWithLessons is Grant for a shop in which the tutorial is on.
func GrantWithLessons(ctx context.Context, url, role string) error {
	return grantRights(ctx, url, role, slices.Concat(rights, lessonRights))
}

func grantRights(ctx context.Context, url, role string, needed []privilege) error {
	config, err := parse(url)
	if err != nil {
		return err
	}
	speakUTF8(config.ConnConfig)
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return fmt.Errorf("grant: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := wantUTF8(conn); err != nil {
		return fmt.Errorf("grant: %w", err)
	}
	if err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return grant(ctx, tx, role, needed) }); err != nil {
		return fmt.Errorf("grant to %s: %w", role, err)
	}
	return nil
}

// grantLock is the advisory lock of the one that grants.
const grantLock = 0x6772616e

func grant(ctx context.Context, tx pgx.Tx, role string, needed []privilege) error {
	// PostgreSQL fails the second of two that change the same rights at once.
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, grantLock); err != nil {
		return err
	}
	name := pgx.Identifier{role}.Sanitize()
	statements := []string{
		`REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ` + name,
		`REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM ` + name,
		`REVOKE ALL ON SCHEMA public FROM ` + name,
		`REVOKE CREATE ON SCHEMA public FROM PUBLIC`,
		`GRANT USAGE ON SCHEMA public TO ` + name,
	}
	for _, r := range needed {
		statements = append(statements, `GRANT `+r.what+` ON `+r.table+` TO `+name)
	}
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return refuseExcess(ctx, tx, role, needed)
}

// ErrExcess is Grant's answer to a role that may do more all the same.
var ErrExcess = errors.New("the role may do more than the running shop needs")

const whence = "Taking it from the role does not help: it comes from another role that it is a member of, from a " +
	"grant to everyone (PUBLIC) or one that somebody else made, " +
	"or from what the role is, a superuser, an owner or one who creates roles. The owner of the schema public can say " +
	"REVOKE CREATE ON SCHEMA public FROM PUBLIC"

// refuseExcess checks the privileges that remain: REVOKE removes only what the owner granted to the
// role itself, and the rest is at most a warning to PostgreSQL.
func refuseExcess(ctx context.Context, tx pgx.Tx, role string, granted []privilege) error {
	rows, err := tx.Query(ctx, allowed, role)
	if err != nil {
		return err
	}
	excess, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	needed := eachRight(granted)
	excess = slices.DeleteFunc(excess, func(right string) bool { return slices.Contains(needed, right) })
	if len(excess) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s (%d in all). %s", ErrExcess, strings.Join(excess[:min(len(excess), 3)], ", "), len(excess),
		whence)
}

// allowed is what a role may do, by itself, with everyone, or as a role that it is a member of:
// every right that there is on the tables, views and sequences of the schema public, as a whole or,
// where not, by column; and whatever leads to more of them. Connecting and temporary tables, which
// everyone has, are left out.
const allowed = `
WITH who AS (SELECT oid, rolcreaterole FROM pg_roles WHERE pg_has_role($1, oid, 'MEMBER')),
thing AS (
    SELECT oid, relname AS name, relowner AS owner, CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char" AS kind
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')),
owned AS (
    SELECT owner, name FROM thing
    UNION ALL SELECT nspowner, 'SCHEMA public' FROM pg_namespace WHERE nspname = 'public'
    UNION ALL SELECT datdba, 'DATABASE ' || datname FROM pg_database WHERE datname = current_database())
SELECT p.privilege_type || ' ON ' || name FROM who, thing, aclexplode(acldefault(kind, owner)) p
WHERE CASE kind WHEN 's' THEN has_sequence_privilege(who.oid, thing.oid, p.privilege_type)
    ELSE has_table_privilege(who.oid, thing.oid, p.privilege_type) END
UNION SELECT p || ' (' || attname || ') ON ' || name FROM who, thing JOIN pg_attribute ON attrelid = thing.oid,
    unnest('{SELECT,INSERT,UPDATE,REFERENCES}'::text[]) p
WHERE has_column_privilege(who.oid, thing.oid, attnum, p) AND NOT has_table_privilege(who.oid, thing.oid, p)
UNION SELECT 'OWNERSHIP OF ' || name FROM who JOIN owned ON owner = who.oid
UNION SELECT 'CREATE ON SCHEMA public' FROM who WHERE has_schema_privilege(oid, 'public', 'CREATE')
UNION SELECT 'CREATE ON DATABASE ' || current_database() FROM who WHERE has_database_privilege(oid,
    current_database(), 'CREATE')
UNION SELECT 'CREATEROLE' FROM who WHERE rolcreaterole
ORDER BY 1`

// rights are what the statements of the running shop and of its operators' commands need, table by
// table; seeding and migrating are the owner's. What is not among the columns to update is written
// once, when the row is: whose a session is, when it ends at the latest, what an order has cost.
var rights = []privilege{
	{"goose_db_version", "SELECT"},
	{"products", "SELECT, UPDATE (stock)"},
	{"customers", "SELECT, INSERT, UPDATE (name, email, email_verified, last_sign_in, disabled, auth_not_before)"},
	{"carts", "SELECT, INSERT, UPDATE (closed, changed, undo, sweep_after, products, quantities, prices, added, " +
		"saved_products, saved_quantities, saved_prices, saved_added), DELETE"},
	{"cart_lines", "SELECT"},
	{"checkouts", "SELECT, INSERT, UPDATE (order_key, name, street, postcode, city, country, delivery, changed), DELETE"},
	{"orders", "SELECT, INSERT, UPDATE (status)"},
	{"order_lines", "SELECT, INSERT"},
	{"sessions", "SELECT, INSERT, UPDATE (data, last_used, sweep_after, cart_id, id_token, user_agent, ended, " +
		"ended_reason, replaced_by), DELETE"},
	{"used_attempts", "SELECT, INSERT, DELETE"},
	{"used_logout_tokens", "SELECT, INSERT, DELETE"},
	{"logout_marks", "SELECT, INSERT, DELETE"},
}

type privilege struct{ table, what string }

var aRight = regexp.MustCompile(`([A-Z]+)(?: \(([^)]*)\))?`)

// eachRight is every right by itself, as "UPDATE (stock) ON products".
func eachRight(all []privilege) (each []string) {
	for _, r := range all {
		for _, one := range aRight.FindAllStringSubmatch(r.what, -1) {
			for column := range strings.SplitSeq(one[2], ", ") {
				each = append(each, strings.Replace(one[1]+" ("+column+") ON "+r.table, " ()", "", 1))
			}
		}
	}
	return each
}
