package bench

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/procfs"
)

// tick is what /proc counts CPU time in.
const tick = 10 * time.Millisecond

// usage is what processes and the database have used so far.
type usage struct {
	server, database time.Duration
	commits, rows    int64 // transactions, and rows written
	wal              int64 // bytes
}

func (u usage) minus(before usage) usage {
	return usage{u.server - before.server, u.database - before.database, u.commits - before.commits, u.rows - before.rows,
		u.wal - before.wal}
}

// cpu returns the CPU time of a process, of its living children and of those that have ended.
func cpu(pid int) (time.Duration, error) {
	all, err := procfs.AllProcs()
	if err != nil {
		return 0, err
	}
	ticks := 0
	for _, p := range all {
		// A process that has just ended counts for its parent.
		if s, err := p.Stat(); err == nil && (s.PID == pid || s.PPID == pid) {
			ticks += int(s.UTime+s.STime) + s.CUTime + s.CSTime
		}
	}
	return time.Duration(ticks) * tick, nil
}

// memory returns a process's resident memory in bytes.
func memory(pid int) (int64, error) {
	p, err := procfs.NewProc(pid)
	if err != nil {
		return 0, err
	}
	s, err := p.Stat()
	return int64(s.ResidentMemory()), err
}

const counters = `
SELECT xact_commit, tup_inserted + tup_updated + tup_deleted, pg_current_wal_lsn() - '0/0'::pg_lsn
FROM pg_stat_database WHERE datname = current_database()`

// measure reads the usage of a server process and of the database behind it.
func measure(ctx context.Context, pool *pgxpool.Pool, server, postmaster int) (u usage, err error) {
	if _, err := pool.Exec(ctx, `SELECT pg_stat_force_next_flush()`); err != nil {
		return usage{}, err
	}
	if err := pool.QueryRow(ctx, counters).Scan(&u.commits, &u.rows, &u.wal); err != nil {
		return usage{}, err
	}
	if u.server, err = cpu(server); err != nil {
		return usage{}, err
	}
	u.database, err = cpu(postmaster)
	return u, err
}
