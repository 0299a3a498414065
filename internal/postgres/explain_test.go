package postgres_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// However a database is away or wrong, an operator reads what it is, never only that time was up,
// and no password.
func TestOperatorsReadWhatIsWrongWithTheDatabase(t *testing.T) {
	t.Parallel()
	ready := postgrestest.URL(t)
	closed := listenFor(t, func(c net.Conn) { _ = c.Close() })
	silent := listenFor(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	web := httptest.NewServer(nil)
	t.Cleanup(web.Close)
	encrypted := listenFor(t, speakTLS)
	for name, c := range map[string]struct{ address, want string }{
		"wrong password":     {tcp(listenFor(t, refusing("28P01"))), "refuses the password"},
		"unknown role":       {strings.Replace(ready, "//shop@", "//nobody-by-that-name@", 1), "does not let this role in"},
		"not let in":         {tcp(listenFor(t, refusing("28000"))), "does not let this role in"},
		"unknown database":   {withoutDatabase(ready), "no database of that name"},
		"starting":           {tcp(listenFor(t, refusing("57P03"))), "starting or stopping"},
		"no connection free": {tcp(listenFor(t, refusing("53300"))), "no connection free"},
		"no TLS there":       {tcp(listenFor(t, withoutTLS)) + "?sslmode=require", "offers no TLS"},
		"untrusted":          {tcp(encrypted) + "?sslmode=verify-full", "TLS certificate"},
		"unknown host":       {"postgres://shop:hunter2@nowhere.invalid/shop", "host has no address"},
		"nobody listens":     {tcp("127.0.0.1:1"), "nothing listens"},
		"no socket":          {"postgres://shop:hunter2@/shop?host=/nowhere", "no database socket"},
		"silent":             {tcp(silent) + "?connect_timeout=1", "does not answer in time"},
		"hangs up":           {tcp(closed), "does not answer as PostgreSQL does"},
		"another service":    {tcp(web.Listener.Addr().String()), "does not answer"},
		"read only":          {withParameter(t, ready, "default_transaction_read_only", "on"), "takes no changes"},
		"no primary": {withParameter(t, withParameter(t, ready, "default_transaction_read_only", "on"),
			"target_session_attrs", "read-write"), "takes changes"},
		"not migrated":        {postgrestest.Empty(t), "run shop migrate"},
		"without rights":      {withParameter(t, ready, "role", powerless(t, ready)), "only the database's owner"},
		"in another encoding": {encoded(t, "LATIN1"), "UTF8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			err := postgres.Explain(openStore(t, c.address).Ready(ctx))
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %q in it and no password", err, c.want)
			}
		})
	}
}

func tcp(address string) string { return "postgres://shop:hunter2@" + address + "/shop" }

func withoutDatabase(address string) string {
	before, after, _ := strings.Cut(address, "?")
	return before + "-not?" + after
}

// listenFor answers each connection with serve until the test ends, and returns where.
func listenFor(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// refusing answers every connection with that SQLSTATE.
func refusing(code string) func(net.Conn) {
	return func(conn net.Conn) {
		b := pgproto3.NewBackend(conn, conn)
		message, err := b.ReceiveStartupMessage()
		if _, encrypt := message.(*pgproto3.SSLRequest); encrypt {
			_, _ = conn.Write([]byte("N"))
			_, err = b.ReceiveStartupMessage()
		}
		if err != nil {
			return
		}
		b.Send(&pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: code, Message: "no"})
		_ = b.Flush()
	}
}

func withoutTLS(conn net.Conn) {
	if _, err := pgproto3.NewBackend(conn, conn).ReceiveStartupMessage(); err == nil {
		_, _ = conn.Write([]byte("N"))
	}
}

// speakTLS has a certificate that nobody trusts.
func speakTLS(conn net.Conn) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	if _, err := pgproto3.NewBackend(conn, conn).ReceiveStartupMessage(); err == nil {
		_, _ = conn.Write([]byte("S"))
		_ = tls.Server(conn, server.TLS).Handshake()
	}
}

// powerless is a role that may do nothing.
func powerless(t *testing.T, address string) string {
	t.Helper()
	pool := openPool(t, address)
	role := "powerless_" + strings.ToLower(rand.Text())
	exec(t, pool, "CREATE ROLE "+role)
	t.Cleanup(func() {
		if _, err := pool.Exec(context.Background(), "DROP ROLE "+role); err != nil {
			t.Error(err)
		}
	})
	return role
}
