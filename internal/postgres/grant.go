package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Grant lets a database role do what the running shop does, and no more (ASVS 13.2.2): read and write rows. It may not create, alter, drop or truncate a
// table, and only read the catalogue but for the stock. The role must exist; url is the owner's. Granting again changes nothing.
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
	name := pgx.Identifier{role}.Sanitize()
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, statement := range grants {
			if _, err := tx.Exec(ctx, fmt.Sprintf(statement, name)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("grant to %s: %w", role, err)
	}
	return nil
}

// grants are all the running shop needs; seeding and migrating are the owner's.
var grants = []string{
	`REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %s`,
	`GRANT USAGE ON SCHEMA public TO %s`,
	`GRANT SELECT ON ALL TABLES IN SCHEMA public TO %s`,
	`GRANT UPDATE (stock) ON products TO %s`,
	`GRANT INSERT, UPDATE ON customers, orders, order_lines TO %s`,
	`GRANT INSERT, UPDATE, DELETE ON carts, cart_lines, checkouts, sessions, used_attempts, used_logout_tokens, logout_marks TO %s`,
	`GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO %s`,
}
