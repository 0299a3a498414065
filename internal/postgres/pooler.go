package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// poolerProbe finds out at the first connection whether a pooler lies between the shop and its
// database.
type poolerProbe struct {
	found atomic.Pointer[poolerInfo]
}

type poolerInfo struct {
	pooled  bool // a connection pooler is in between
	refused bool // which takes no limits of statements
}

func (p *poolerProbe) pooled() bool {
	f := p.found.Load()
	return f != nil && f.pooled
}

// adapt changes a connection about to be made so that it works with the pooler.
func (p *poolerProbe) adapt(ctx context.Context, c *pgx.ConnConfig) error {
	f := p.found.Load()
	if f == nil {
		var err error
		if f, err = explore(ctx, &c.Config); err != nil {
			return err
		}
		p.found.Store(f)
	}
	if f.refused {
		dropLimits(&c.Config)
	}
	if f.pooled && prepares(c.DefaultQueryExecMode) {
		// The next statement may come to another server process, which knows no statement prepared on the
		// last one.
		c.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	return nil
}

func prepares(mode pgx.QueryExecMode) bool {
	return mode == pgx.QueryExecModeCacheStatement || mode == pgx.QueryExecModeDescribeExec
}

// explore opens a connection, looks at what answers and closes it again.
func explore(ctx context.Context, config *pgconn.Config) (*poolerInfo, error) {
	f := &poolerInfo{}
	config = config.Copy()
	conn, err := pgconn.ConnectConfig(ctx, config)
	if refusesLimits(err) {
		f.refused = true
		dropLimits(config)
		conn, err = pgconn.ConnectConfig(ctx, config)
	}
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	f.pooled, err = behindPooler(ctx, conn)
	return f, err
}

// behindPooler compares the server process that the connection names for cancelling with the one
// that answers: PostgreSQL names its own, a pooler one it has made up. The simple protocol needs no
// prepared statement.
func behindPooler(ctx context.Context, conn *pgconn.PgConn) (bool, error) {
	results, err := conn.Exec(ctx, "SELECT pg_backend_pid()").ReadAll()
	if err != nil {
		return false, fmt.Errorf("ask for the server process: %w", err)
	}
	if len(results) != 1 || len(results[0].Rows) != 1 {
		return false, errors.New("ask for the server process: no answer")
	}
	return string(results[0].Rows[0][0]) != strconv.FormatUint(uint64(conn.PID()), 10), nil
}

// refusesLimits reports whether err is PgBouncer's answer to a parameter that it is not set to
// ignore.
func refusesLimits(err error) bool {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.Code != "08P01" {
		return false
	}
	for name := range limits {
		if strings.Contains(refused.Message, name) {
			return true
		}
	}
	return false
}

func dropLimits(c *pgconn.Config) {
	for name := range limits {
		delete(c.RuntimeParams, name)
	}
}

// Unlimited reports whether the server lets a statement run for as long as it takes. It does so
// behind a pooler that does not pass limits on, unless the role or the database has some. It waits
// two seconds at most.
func (s *Store) Unlimited(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, waitLimit)
	defer cancel()
	var unlimited bool
	err := s.readiness.QueryRow(ctx, "SELECT current_setting('statement_timeout') = '0'").Scan(&unlimited)
	if err != nil {
		return false, fmt.Errorf("read the limit of statements: %w", err)
	}
	return unlimited, nil
}
