package postgres_test

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

func TestMigrateTwiceAtOnceWorksOnce(t *testing.T) {
	t.Parallel()
	url := postgrestest.Empty(t)
	wantMigrated(t, url, false)
	var both errgroup.Group
	for range 2 {
		both.Go(func() error { return postgres.Migrate(t.Context(), url) })
	}
	if err := both.Wait(); err != nil {
		t.Fatal(err)
	}
	wantMigrated(t, url, true)
}

func TestMigratedSeesAMissingMigration(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	wantMigrated(t, url, true)
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	_, err = pool.Exec(t.Context(), "DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM "+
		"goose_db_version)")
	if err != nil {
		t.Fatal(err)
	}
	wantMigrated(t, url, false)
}

func wantMigrated(t *testing.T, url string, want bool) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	err = postgres.New(pool).Ready(t.Context())
	if want && err != nil || !want && !errors.Is(err, postgres.ErrNotMigrated) {
		t.Errorf("migrated: got %v, want %t", err, want)
	}
}

func TestMigrateRefusesATransactionPooler(t *testing.T) {
	t.Parallel()
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
			go playPooler(conn)
		}
	}()
	err = postgres.Migrate(t.Context(), "postgres://shop@"+listener.Addr().String()+"/shop?sslmode=disable")
	if !errors.Is(err, postgres.ErrPooler) {
		t.Errorf("got %v, want ErrPooler", err)
	}
}

// playPooler answers like a pooler with one server process for all its clients.
func playPooler(conn net.Conn) {
	defer conn.Close()
	b := pgproto3.NewBackend(conn, conn)
	if _, err := b.ReceiveStartupMessage(); err != nil {
		return
	}
	b.Send(&pgproto3.AuthenticationOk{})
	b.Send(&pgproto3.ParameterStatus{Name: "standard_conforming_strings", Value: "on"})
	b.Send(&pgproto3.ParameterStatus{Name: "client_encoding", Value: "UTF8"})
	for {
		b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		if b.Flush() != nil {
			return
		}
		message, err := b.Receive()
		query, isQuery := message.(*pgproto3.Query)
		if err != nil || !isQuery {
			return
		}
		if strings.Contains(query.String, "pg_backend_pid") {
			b.Send(&pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("pid"), DataTypeOID: 23,
				DataTypeSize: 4}}})
			b.Send(&pgproto3.DataRow{Values: [][]byte{[]byte("7")}})
		}
		b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
	}
}
