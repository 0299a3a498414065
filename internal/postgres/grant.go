package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Grant lets a database role do what the running shop does, and no more (ASVS 13.2.2), whatever it was allowed before. The role must exist; url is the
// owner's. Granting again changes nothing.
//
// It also keeps everyone but the owner from creating anything in the schema public, as databases do by themselves from PostgreSQL 15 on, and not those
// that were made before. It refuses, and changes nothing, where the schema is somebody else's who has not done so, and for a role that is the owner.
func Grant(ctx context.Context, url, role string) error {
	config, err := parse(url)
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return fmt.Errorf("grant: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return grant(ctx, tx, role) }); err != nil {
		return fmt.Errorf("grant to %s: %w", role, err)
	}
	return nil
}

func grant(ctx context.Context, tx pgx.Tx, role string) error {
	name := pgx.Identifier{role}.Sanitize()
	statements := []string{
		`REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ` + name,
		`REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM ` + name,
		`REVOKE ALL ON SCHEMA public FROM ` + name,
		`REVOKE CREATE ON SCHEMA public FROM PUBLIC`,
		`GRANT USAGE ON SCHEMA public TO ` + name,
	}
	for _, r := range rights {
		statements = append(statements, `GRANT `+r.what+` ON `+r.table+` TO `+name)
	}
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return refuseMaker(ctx, tx, role)
}

// ErrMaker is Grant's answer to a role that may create tables all the same.
var ErrMaker = errors.New("the role may create tables in the schema public: it is a superuser, the owner, or one of the owner's, " +
	"or the schema is somebody else's, who has to say REVOKE CREATE ON SCHEMA public FROM PUBLIC")

// refuseMaker looks at what has come of it all: revoking what somebody else has granted is a warning to PostgreSQL, not an error.
func refuseMaker(ctx context.Context, tx pgx.Tx, role string) error {
	var may bool
	if err := tx.QueryRow(ctx, `SELECT has_schema_privilege($1, 'public', 'CREATE')`, role).Scan(&may); err != nil {
		return err
	}
	if may {
		return ErrMaker
	}
	return nil
}

// rights are what the statements of the running shop and of its operators' commands need, table by table; seeding and migrating are the owner's. What is
// not among the columns to update is written once, when the row is: whose a session is, when it ends at the latest, what an order has cost.
var rights = []struct{ table, what string }{
	{"goose_db_version", "SELECT"},
	{"products", "SELECT, UPDATE (stock)"},
	{"customers", "SELECT, INSERT, UPDATE (name, email, email_verified, last_sign_in, disabled, proof_after)"},
	{"carts", "SELECT, INSERT, UPDATE (closed, changed, undo, merged_into), DELETE"}, // merged_into is the version before's, while replicas are replaced
	{"cart_lines", "SELECT, INSERT, UPDATE (quantity, price_added, added, position), DELETE"},
	{"checkouts", "SELECT, INSERT, UPDATE (order_key, name, street, postcode, city, country, delivery, changed), DELETE"},
	{"orders", "SELECT, INSERT"},
	{"order_lines", "SELECT, INSERT"},
	{"sessions", "SELECT, INSERT, UPDATE (data, last_used, sweep_after, cart_id, id_token, user_agent, ended, ended_reason), DELETE"},
	{"used_attempts", "SELECT, INSERT, DELETE"},
	{"used_logout_tokens", "SELECT, INSERT, DELETE"},
	{"logout_marks", "SELECT, INSERT, DELETE"},
}
