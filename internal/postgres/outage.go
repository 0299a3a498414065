package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Outage reports whether an error of the store means that the database could not be asked, could
// not answer in time or took no changes, so that trying again may help: unreachable, restarting,
// failed over, overloaded, or busy with others' locks. Everything else is a mistake of ours.
func Outage(err error) bool {
	var network net.Error
	var connect *pgconn.ConnectError
	var refused *pgconn.PgError
	switch {
	case err == nil || errors.Is(err, context.Canceled):
		return false
	// whatever the reason, a changed password included: nothing was asked
	case errors.Is(err, ErrEncoding), errors.As(err, &connect):
		return true
	case errors.As(err, &refused):
		return outageCode(refused.Code) || stalePlan(refused)
	case errors.As(err, &network), errors.Is(err, context.DeadlineExceeded):
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		pgconn.SafeToRetry(err)
}

// outageCode judges a SQLSTATE: by its class (08 connection, 53 out of resources, 57 shutting down,
// 58 the system below), or one by one.
func outageCode(code string) bool {
	switch code {
	// no lock in time, serialization, deadlock, idle or overlong transaction
	case "55P03", "40001", "40P01", "25P03", "25P04":
		return true
	case "25006": // read only: a standby, or a primary that lost its office
		return true
	case "40000", "40003", "72000": // rolled back, end unknown, snapshot too old
		return true
	case "26000", "42P05": // prepared statement gone, or there already: a pooler changed the server process
		return true
	}
	for _, class := range []string{"08", "53", "57", "58"} {
		if strings.HasPrefix(code, class) {
			return true
		}
	}
	return false
}

// stalePlan reports whether a statement did not run because a migration has changed what it
// returns; pgx prepares it anew the next time. The code alone stands for every feature that
// PostgreSQL lacks, and the message is in the server's language.
func stalePlan(e *pgconn.PgError) bool {
	return e.Code == "0A000" && e.Routine == "RevalidateCachedQuery"
}
