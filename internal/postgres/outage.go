package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Outage reports whether an error of the store means that the database could not be asked or could not answer in time, so that
// trying again may help: unreachable, restarting, overloaded, or busy with others' locks. Everything else is a mistake of ours.
func Outage(err error) bool {
	var network net.Error
	var connect *pgconn.ConnectError
	var refused *pgconn.PgError
	switch {
	case err == nil || errors.Is(err, context.Canceled):
		return false
	case errors.As(err, &connect): // whatever the reason, a changed password included: nothing was asked
		return true
	case errors.As(err, &refused):
		return outageCode(refused.Code)
	case errors.As(err, &network), errors.Is(err, context.DeadlineExceeded):
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		pgconn.SafeToRetry(err)
}

// outageCode judges a SQLSTATE: by its class (08 connection, 53 out of resources, 57 told to stop, 58 the system below), or as one of
// the ends of waiting for a lock.
func outageCode(code string) bool {
	switch code {
	case "55P03", "40001", "40P01", "25P03", "25P04": // no lock in time, serialization, deadlock, idle or overlong transaction
		return true
	}
	for _, class := range []string{"08", "53", "57", "58"} {
		if strings.HasPrefix(code, class) {
			return true
		}
	}
	return false
}
