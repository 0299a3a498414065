package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Statement is one statement as it was sent to the database, without its arguments.
type Statement struct {
	SQL string
	// Took is from the sending to the answer. PostgreSQL sends the answers of a batch together, so
	// each of its statements took about as long as all of them.
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

// statement is one, or the first of a batch.
type statement struct {
	sql     string
	started time.Time
	watched int // of the batch
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
func (w watcher) TraceBatchStart(ctx context.Context, _ *pgx.Conn, b pgx.TraceBatchStartData) context.Context {
	return context.WithValue(ctx, statementKey{}, &statement{sql: b.Batch.QueuedQueries[0].SQL, started: time.Now()})
}

// TraceBatchQuery implements pgx.BatchTracer.
func (w watcher) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	if s, ok := ctx.Value(statementKey{}).(*statement); ok {
		s.watched++
		w.watch(ctx, Statement{SQL: q.SQL, Took: time.Since(s.started), Err: q.Err, Trip: s.watched == 1})
	}
}

// TraceBatchEnd implements pgx.BatchTracer. A batch that failed before its first result, which
// TraceBatchQuery does not hear of, counts as its first statement.
func (w watcher) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, b pgx.TraceBatchEndData) {
	if s, ok := ctx.Value(statementKey{}).(*statement); ok && b.Err != nil && s.watched == 0 {
		s.watched++
		w.watch(ctx, Statement{SQL: s.sql, Took: time.Since(s.started), Err: b.Err, Trip: true})
	}
}
