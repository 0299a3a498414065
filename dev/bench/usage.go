package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
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
func cpu(pid int) (total time.Duration, err error) {
	own, _, err := stat(pid)
	if err != nil {
		return 0, err
	}
	total = own
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, dir := range all {
		child, _ := strconv.Atoi(filepath.Base(dir))
		if used, parent, err := stat(child); err == nil && parent == pid {
			total += used
		}
	}
	return total, nil
}

// stat reads the CPU time of a process, its ended children included, and its parent.
func stat(pid int) (used time.Duration, parent int, err error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, err
	}
	fields := bytes.Fields(raw[bytes.LastIndexByte(raw, ')')+1:])
	number := func(i int) int {
		n, _ := strconv.Atoi(string(fields[i]))
		return n
	}
	ticks := number(11) + number(12) + number(13) + number(14)
	return time.Duration(ticks) * tick, number(1), nil
}

// memory returns a process's resident memory in bytes.
func memory(pid int) int64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseInt(string(bytes.Fields(raw)[1]), 10, 64)
	return pages * int64(os.Getpagesize())
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
