package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pool is a pgxpool.Pool that retries once, on another connection, what cannot have run because its
// connection was dead: a statement of which nothing was sent and the begin of a transaction; and a
// SELECT, which changes nothing.
type pool struct{ *pgxpool.Pool }

// Exec is pgxpool.Pool.Exec.
func (p pool) Exec(ctx context.Context, sql string, args ...any) (done pgconn.CommandTag, err error) {
	err = repeatOnce(ctx, undone, func() error {
		done, err = p.Pool.Exec(ctx, sql, args...)
		return err
	})
	return done, err
}

// Query is pgxpool.Pool.Query. An error after its first row is not repeated.
func (p pool) Query(ctx context.Context, sql string, args ...any) (rows pgx.Rows, err error) {
	err = repeatOnce(ctx, repeatable(sql), func() error {
		rows, err = p.Pool.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		ahead := &aheadRows{Rows: rows, next: rows.Next()}
		rows = ahead
		if ahead.next {
			return nil
		}
		return rows.Err()
	})
	return rows, err
}

// QueryRow is pgxpool.Pool.QueryRow.
func (p pool) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return rowFunc(func(into ...any) error {
		return repeatOnce(ctx, repeatable(sql), func() error { return p.Pool.QueryRow(ctx, sql, args...).Scan(into...) })
	})
}

// BeginTx is pgxpool.Pool.BeginTx.
func (p pool) BeginTx(ctx context.Context, o pgx.TxOptions) (tx pgx.Tx, err error) {
	err = repeatOnce(ctx, lost, func() error {
		tx, err = p.Pool.BeginTx(ctx, o)
		return err
	})
	return tx, err
}

// rowFunc is a pgx.Row.
type rowFunc func(into ...any) error

// Scan implements pgx.Row.
func (f rowFunc) Scan(into ...any) error { return f(into...) }

// aheadRows are rows whose first has been read.
type aheadRows struct {
	pgx.Rows
	next, asked bool
}

// Next implements pgx.Rows.
func (r *aheadRows) Next() bool {
	if !r.asked {
		r.asked = true
		return r.next
	}
	return r.Rows.Next()
}

// repeatOnce runs f, and once more if it failed in a way that again allows.
func repeatOnce(ctx context.Context, again func(error) bool, f func() error) error {
	err := f()
	if err != nil && ctx.Err() == nil && again(err) {
		return f()
	}
	return err
}

// repeatable says when a statement may be repeated: a SELECT always, for no function of the schema
// changes anything; others only when they were not sent.
func repeatable(sql string) func(error) bool {
	if strings.HasPrefix(strings.TrimSpace(sql), "SELECT") {
		return lost
	}
	return undone
}

// undone reports whether an error arose before anything was sent.
func undone(err error) bool { return pgconn.SafeToRetry(err) }

// lost reports whether a connection broke, so that what was sent on it may or may not have been
// done. It is false for a server that cannot be reached or does not answer in time: asking again
// would only take longer.
func lost(err error) bool {
	var connect *pgconn.ConnectError
	var refused *pgconn.PgError
	var network *net.OpError
	switch {
	case errors.As(err, &connect):
		return false
	case errors.As(err, &refused):
		return strings.HasPrefix(refused.Code, "08") || refused.Code == "57P01" || refused.Code == "57P02"
	case errors.As(err, &network):
		return !network.Timeout()
	}
	return undone(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}
