package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Statement is one statement as it was sent to the database, without its arguments.
type Statement struct {
	SQL  string
	Took time.Duration
	Err  error // nil unless it failed
	// Trip reports whether it began a round trip: it was sent alone, or first in its batch.
	Trip bool
	// Others are the contexts of further requests that it answered.
	Others []context.Context
}

// watcher calls a function after every statement, those of batches one by one.
type watcher struct {
	watch func(context.Context, Statement)
}

type (
	statementKey struct{}
	othersKey    struct{}
)

type statement struct {
	sql     string
	started time.Time
	batched int
}

// TraceQueryStart implements pgx.QueryTracer.
func (w watcher) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, statementKey{}, &statement{sql: q.SQL, started: time.Now()})
}

// TraceQueryEnd implements pgx.QueryTracer.
func (w watcher) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryEndData) {
	if s, ok := ctx.Value(statementKey{}).(*statement); ok {
		others, _ := ctx.Value(othersKey{}).([]context.Context)
		w.watch(ctx, Statement{SQL: s.sql, Took: time.Since(s.started), Err: q.Err, Trip: true, Others: others})
	}
}

// TraceBatchStart implements pgx.BatchTracer.
func (w watcher) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return context.WithValue(ctx, statementKey{}, &statement{started: time.Now()})
}

// TraceBatchQuery implements pgx.BatchTracer.
func (w watcher) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	if s, ok := ctx.Value(statementKey{}).(*statement); ok {
		s.batched++
		w.watch(ctx, Statement{SQL: q.SQL, Took: time.Since(s.started), Err: q.Err, Trip: s.batched == 1})
	}
}

// TraceBatchEnd implements pgx.BatchTracer.
func (w watcher) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
