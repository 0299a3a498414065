package pg

import (
	"context"
	"syscall"
	"testing"

	"hookandtag.example/shop/dev/process"
)

func TestKeptServerStartsAgainUnderItsAddress(t *testing.T) {
	t.Parallel()
	s := start(t, madeDir(t))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	kept := make(chan struct{})
	go func() { s.Keep(ctx); close(kept) }()
	address := s.URL(Database)
	keep(t, address)
	for range 2 {
		p := s.running()
		must(t, syscall.Kill(p.PID, syscall.SIGKILL))
		<-p.Done()
		for s.running() == p {
			process.Sleep(t.Context(), poll)
		}
		wantKept(t, s)
	}
	if now := s.URL(Database); now != address {
		t.Errorf("the address is %s now, was %s", now, address)
	}
	stop(t, s)
	<-kept
}
