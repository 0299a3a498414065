package postgres

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// Explain returns err with a sentence for operators before it that says what is wrong with the
// database and what to do, or err as it is where there is nothing to add. It shows no password.
func Explain(err error) error {
	advice := advise(err)
	if advice == "" {
		return err
	}
	return fmt.Errorf("%s: %w", advice, err)
}

func advise(err error) string {
	var refused *pgconn.PgError
	var name *net.DNSError
	var network net.Error
	switch {
	case err == nil || errors.Is(err, context.Canceled):
		return ""
	case errors.As(err, &refused):
		return adviseCode(refused)
	case unverified(err):
		return "the server's TLS certificate is not one that the address trusts (sslmode, sslrootcert) or is for another name"
	case strings.Contains(err.Error(), "server refused TLS connection"):
		return "the server offers no TLS: switch it on there, or say sslmode=disable if nobody else is on that network"
	case errors.As(err, &name):
		return "the database's host has no address: check its name"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens at the database's address: start PostgreSQL, or check host and port"
	case errors.Is(err, os.ErrNotExist):
		return "there is no database socket at that path: start PostgreSQL, or check host and port"
	case errors.Is(err, os.ErrPermission):
		return "the account that runs this may not open the database's socket"
	case errors.As(err, &network) && network.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "the database does not answer in time: check host and port, and whether a firewall is in between"
	}
	return adviseTalk(err)
}

// adviseCode judges the server's own answer.
func adviseCode(e *pgconn.PgError) string {
	switch e.Code {
	case "28P01":
		return "the database refuses the password"
	case "28000":
		return "the database does not let this role in: it does not exist, or pg_hba.conf allows no such connection from " +
			"here (host, sslmode)"
	case "3D000":
		return "the server has no database of that name: make it with CREATE DATABASE, or check the address"
	case "57P03":
		return "the database is starting or stopping: try again in a moment"
	case "53300":
		return "the server has no connection free: raise max_connections there, or lower pool_max_conns in the address"
	case "42501":
		return "the database role lacks a right: only the database's owner migrates, seeds and erases; the running shop's " +
			"rights are given by shop migrate --grant-to ROLE"
	case "42P01", "42703", "42883": // table, column, function
		return "the database lacks migrations this version needs: run shop migrate first"
	case "25006":
		return ErrReadOnly.Error()
	}
	return ""
}

func unverified(err error) bool {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &unknown) || errors.As(err, &host) || errors.As(err, &invalid)
}

// adviseTalk judges what was said before anyone was let in.
func adviseTalk(err error) string {
	var connect *pgconn.ConnectError
	switch {
	case errors.Is(err, pgconn.ErrReadOnlyConnection), errors.Is(err, pgconn.ErrStandbyConnection):
		return "no server of the address takes changes (target_session_attrs): promote one, or check the address"
	case errors.As(err, &connect):
		return "what listens at the database's address does not answer as PostgreSQL does: check host and port"
	}
	return ""
}
