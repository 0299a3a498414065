package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// A restart, or an operator who ends its backends, leaves dead connections in the pool. No
// statement is sent on one.
func TestNoStatementMeetsADeadConnection(t *testing.T) {
	t.Parallel()
	address := postgrestest.URL(t)
	store, killer := openStore(t, address), openPool(t, address)
	for range 4 {
		if _, _, err := store.FindSession(t.Context(), [32]byte{1}); err != nil {
			t.Fatal(err)
		}
		var ended int
		// Waits until they are gone.
		err := killer.QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'shop'`).Scan(&ended)
		if err != nil || ended == 0 {
			t.Fatalf("%d connections ended, %v", ended, err)
		}
	}
}

func TestTextsAreSentAndKeptInUTF8(t *testing.T) {
	t.Parallel()
	var encoding string
	store := openStore(t, withParameter(t, postgrestest.URL(t), "client_encoding", "LATIN1"))
	if err := store.Pool().QueryRow(t.Context(), "SHOW client_encoding").Scan(&encoding); err != nil ||
		encoding != "UTF8" {
		t.Errorf("the encoding is %s, %v; want UTF8", encoding, err)
	}
}

func TestADatabaseInAnotherEncodingIsRefused(t *testing.T) {
	t.Parallel()
	for _, encoding := range []string{"LATIN1", "SQL_ASCII"} {
		address := encoded(t, encoding)
		for name, err := range map[string]error{
			"Ready": openStore(t, address).Ready(t.Context()), "Ping": openStore(t, address).Ping(t.Context()),
			"Migrate": postgres.Migrate(t.Context(), address), "Grant": postgres.Grant(t.Context(), address, "shop"),
		} {
			if !errors.Is(err, postgres.ErrEncoding) || !strings.Contains(err.Error(), encoding) {
				t.Errorf("%s in %s: got %v, want ErrEncoding", name, encoding, err)
			}
		}
	}
}

// encoded is the address of a database in that encoding.
func encoded(t *testing.T, encoding string) string {
	t.Helper()
	address := postgrestest.Empty(t)
	pool := openPool(t, address)
	name := "encoded_" + strings.ToLower(encoding+rand.Text())
	exec(t, pool, fmt.Sprintf("CREATE DATABASE %s ENCODING '%s' LOCALE 'C' TEMPLATE template0", name, encoding))
	t.Cleanup(func() { // the pool is closed later, as it was opened earlier
		if _, err := pool.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func TestADatabaseThatTakesNoChangesIsNotReady(t *testing.T) {
	t.Parallel()
	address := postgrestest.URL(t)
	if err := openStore(t, address).Ready(t.Context()); err != nil {
		t.Errorf("got %v, want ready", err)
	}
	if err := openStore(t,
		withParameter(t, address, "default_transaction_read_only", "on")).Ready(t.Context()); !errors.Is(err,
		postgres.ErrReadOnly) {
		t.Errorf("got %v, want ErrReadOnly", err)
	}
	if err := openStore(t, postgrestest.Empty(t)).Ready(t.Context()); !errors.Is(err, postgres.ErrNotMigrated) {
		t.Errorf("got %v, want ErrNotMigrated", err)
	}
}

func TestReadinessDoesNotWaitForRequests(t *testing.T) {
	t.Parallel()
	store := openStore(t, withParameter(t, postgrestest.URL(t), "pool_max_conns", "1"))
	held, err := store.Pool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	ready := make(chan error, 1)
	go func() { ready <- store.Ready(t.Context()) }()
	select {
	case err := <-ready:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("Ready waits for a connection that a request holds")
	}
}

func withParameter(t *testing.T, address, name, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// After a failover some connections may lead to what is a standby now: the next statement must not
// meet the same one.
func TestNoConnectionToAStandbyIsKept(t *testing.T) {
	t.Parallel()
	var connected atomic.Int64
	standby := listenFor(t, func(conn net.Conn) {
		connected.Add(1)
		playServer(conn, "on")
	})
	store := openStore(t, tcp(standby)+"?sslmode=disable")
	for range 3 {
		before := connected.Load()
		if err := store.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		if connected.Load() == before {
			t.Error("a connection was kept")
		}
	}
}

// playServer answers every statement with the number of its process.
func playServer(conn net.Conn, standby string) {
	b := pgproto3.NewBackend(conn, conn)
	if _, err := b.ReceiveStartupMessage(); err != nil {
		return
	}
	b.Send(&pgproto3.AuthenticationOk{})
	b.Send(&pgproto3.BackendKeyData{ProcessID: 7, SecretKey: []byte("0000")})
	for name, value := range map[string]string{"standard_conforming_strings": "on", "client_encoding": "UTF8",
		"in_hot_standby": standby} {
		b.Send(&pgproto3.ParameterStatus{Name: name, Value: value})
	}
	for {
		b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		if b.Flush() != nil {
			return
		}
		if message, err := b.Receive(); err != nil {
			return
		} else if _, isQuery := message.(*pgproto3.Query); !isQuery {
			return
		}
		b.Send(&pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("pid"), DataTypeOID: 23,
			DataTypeSize: 4}}})
		b.Send(&pgproto3.DataRow{Values: [][]byte{[]byte("7")}})
		b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
	}
}
