package learn

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"testing"

	"hookandtag.example/shop/internal/lab"
	"hookandtag.example/shop/internal/mallory"
)

// cutting is a listener that calls cut when the twin has thrown a switch.
type cutting struct {
	net.Listener
	cut func()
}

func (l cutting) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &cuttingConn{Conn: conn, cut: l.cut}, err
}

type cuttingConn struct {
	net.Conn
	cut      func()
	switches bool
}

func (c *cuttingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.switches = bytes.Contains(p[:n], []byte("/4/switch "))
	return n, err
}

func (c *cuttingConn) Write(p []byte) (int, error) {
	if c.switches {
		c.cut()
	}
	return c.Conn.Write(p)
}

func TestAnAttackFromTheMiddleThatBreaksOffLeavesTheSwitchAsItWas(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + listener.Addr().String()
	twin, err := lab.New(lab.Config{URL: base, Shop: base, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cut := context.WithCancel(t.Context())
	defer cut()
	go func() { _ = twin.Serve(t.Context(), cutting{listener, cut}) }()
	visitor, err := mallory.New(mallory.Config{Shop: mallory.Target{URL: base}, Twin: mallory.Target{URL: base}})
	if err != nil {
		t.Fatal(err)
	}
	at, err := visitor.Twin(mallory.NewBench())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := swapCertificate(attack{ctx: ctx, shop: visitor.Shop(), twin: at}); err == nil {
		t.Error("got no error, want the attack to break off")
	}
	state, err := at.State(t.Context(), 4)
	if err != nil || state.IsOn("verify") {
		t.Errorf("afterwards verify is on: %t, %v; want it off, as before", state.IsOn("verify"), err)
	}
}
