package pg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"hookandtag.example/shop/dev/process"
)

// restartPause is how long Keep waits after a start that failed.
const restartPause = 2 * time.Second

// Keep starts the server again whenever it ends by itself, under the same address, until ctx ends
// or Stop is called. What is committed is kept, but for a server for tests.
func (s *Server) Keep(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.Done():
		}
		err := s.restart(ctx)
		if errors.Is(err, errStopped) {
			return
		}
		if err != nil && ctx.Err() == nil {
			s.log.Error("PostgreSQL does not start again and is tried anew", "error", err)
			process.Sleep(ctx, restartPause)
		}
	}
}

var errStopped = errors.New("the server was stopped")

func (s *Server) restart(ctx context.Context) error {
	s.starting.Lock()
	defer s.starting.Unlock()
	if s.stopped {
		return errStopped
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	s.log.Warn("PostgreSQL ended by itself and is started again; its last words are in " + s.LogFile() + ".old")
	if err := s.clearStale(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(s.socket); err != nil {
		return fmt.Errorf("clear the socket directory: %w", err)
	}
	if err := s.account.makeDir(s.socket); err != nil {
		return err
	}
	return s.startServer(ctx)
}
