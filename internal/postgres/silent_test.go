package postgres_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"testing"
	"time"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

// A primary whose machine is gone refuses nothing: it answers nothing any more, on old connections
// and on new ones. The replica then uses the other server of its address.
func TestAReplicaIsReadySecondsAfterItsPrimaryFellSilent(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	server := u.Query().Get("host") + "/.s.PGSQL." + u.Query().Get("port")
	silent, lost := make(chan struct{}), make(chan struct{}, 1)
	first := listenFor(t, func(c net.Conn) { forward(c, server, silent, lost) })
	second := listenFor(t, func(c net.Conn) { forward(c, server, nil, nil) })
	u.Host, u.RawQuery = first+","+second, "sslmode=disable&target_session_attrs=read-write"
	store := openStore(t, u.String())
	products := postgres.NewCatalog(store, nil)
	snapshot(t, products)
	uses := []struct {
		name string
		ask  func(context.Context) error
	}{{"ready", store.Ready}, {"ping", store.Ping}} // each has separate connections
	for _, use := range uses {
		if err := use.ask(t.Context()); err != nil {
			t.Fatalf("%s before: %v", use.name, err)
		}
	}
	close(silent)
	go products.Watch(t.Context())
	<-lost // the watcher's question, over the connection of Ready
	for _, use := range uses {
		wantWithin(t, use.name, use.ask)
	}
}

// wantWithin asks, two seconds long each time as /readyz does, until the answer is nil. A statement
// is given up after two seconds, its cancelling and its connection after two more each, and the
// silent server is passed by after two: eight. The rest is for a busy machine.
func wantWithin(t *testing.T, name string, ask func(context.Context) error) {
	t.Helper()
	const bound = 20 * time.Second
	for began := time.Now(); ; {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		err := ask(ctx)
		cancel()
		if err == nil {
			return
		}
		if took := time.Since(began); took > bound {
			t.Fatalf("%s: got %v after %s, want nil within %s", name, err, took.Round(time.Millisecond), bound)
		}
	}
}

// forward passes everything on to the server until silent is closed, and nothing afterwards: then
// it says in lost that something was to be passed on.
func forward(from net.Conn, server string, silent <-chan struct{}, lost chan<- struct{}) {
	to, err := net.Dial("unix", server)
	if err != nil {
		return
	}
	defer to.Close()
	go func() { pass(from, to, silent, lost) }()
	pass(to, from, silent, lost)
}

// pass copies, and throws away once silent is closed.
func pass(to io.Writer, from io.Reader, silent <-chan struct{}, lost chan<- struct{}) {
	for buffer := make([]byte, 64<<10); ; {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		select {
		case <-silent:
			select {
			case lost <- struct{}{}:
			default:
			}
		default:
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
	}
}
