package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hookandtag.example/shop/internal/session"
)

// heldReads are reads whose statements wait to be let go. They find every session but the zero one.
type heldReads struct {
	sessionReads
	goOn chan struct{}
	fail func(reads []*sessionRead) error

	mu         sync.Mutex
	statements []int // how many reads each answered
}

func newHeldReads() *heldReads {
	h := &heldReads{goOn: make(chan struct{}), fail: func([]*sessionRead) error { return nil }}
	h.find = func(ctx context.Context, reads []*sessionRead) error {
		h.mu.Lock()
		h.statements = append(h.statements, len(reads))
		h.mu.Unlock()
		select {
		case <-h.goOn:
		case <-ctx.Done():
			return ctx.Err()
		}
		for _, r := range reads {
			r.record.Handle, r.found = fmt.Sprint(r.id[0]), r.id != session.ID{}
		}
		return h.fail(reads)
	}
	return h
}

// result is what one read returned, and when.
type result struct {
	record session.Record
	found  bool
	err    error
	took   time.Duration
}

// read reads in the background; the result is there once the statement has been let go.
func (h *heldReads) read(ctx context.Context, n byte) *result {
	r, began := &result{}, time.Now()
	go func() {
		r.record, r.found, r.err = h.sessionReads.read(ctx, session.ID{n})
		r.took = time.Since(began)
	}()
	synctest.Wait()
	return r
}

// hold lets as many statements begin as run at once: one, and another when that takes long.
func (h *heldReads) hold(t *testing.T) {
	for range readsAtOnce {
		h.read(t.Context(), 255)
		time.Sleep(readsPatience)
		synctest.Wait()
	}
}

func (r *result) want(t *testing.T, n byte) {
	t.Helper()
	if r.err != nil || r.found != (n != 0) || r.record.Handle != fmt.Sprint(n) {
		t.Errorf("session %d: got %q, found %t, %v", n, r.record.Handle, r.found, r.err)
	}
}

func TestALoneReadWaitsForNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHeldReads()
		h.read(t.Context(), 1)
		if len(h.statements) != 1 {
			t.Errorf("got %d statements, want 1", len(h.statements))
		}
		close(h.goOn)
	})
}

func TestReadsWaitForAQuickStatementAndShareTheNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHeldReads()
		first := h.read(t.Context(), 1)
		second, third := h.read(t.Context(), 2), h.read(t.Context(), 3)
		time.Sleep(readsPatience - time.Millisecond)
		close(h.goOn)
		synctest.Wait()
		first.want(t, 1)
		second.want(t, 2)
		third.want(t, 3)
		if want := []int{1, 2}; !slices.Equal(h.statements, want) {
			t.Errorf("the statements have %v reads, want %v", h.statements, want)
		}
	})
}

func TestAReadBehindASlowStatementWaitsOnlyUntilItIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHeldReads()
		h.read(t.Context(), 1)
		h.read(t.Context(), 2)
		time.Sleep(readsPatience)
		synctest.Wait()
		if want := []int{1, 1}; !slices.Equal(h.statements, want) {
			t.Errorf("the statements have %v reads, want %v", h.statements, want)
		}
		close(h.goOn)
	})
}

func TestALoneReadBehindAStalledStatementWaitsForNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHeldReads()
		h.hold(t)
		h.goOn <- struct{}{} // one of the two ends, and the other stays
		synctest.Wait()
		before := len(h.statements)
		h.read(t.Context(), 1)
		if got := len(h.statements) - before; got != 1 {
			t.Errorf("got %d statements at once, want 1", got)
		}
		close(h.goOn)
	})
}

func TestReadsThatWaitShareAStatement(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHeldReads()
		h.hold(t)
		var results [50]*result
		for i := range results {
			results[i] = h.read(t.Context(), byte(i%20)) // some sessions twice
		}
		close(h.goOn)
		synctest.Wait()
		for i, r := range results {
			r.want(t, byte(i%20))
		}
		waited := h.statements[readsAtOnce:]
		if len(waited) != 2 || waited[0]+waited[1] != 50 || max(waited[0], waited[1]) != readsTogether {
			t.Errorf("50 reads had statements of %v, want one of %d and one of the rest", waited, readsTogether)
		}
	})
}

func TestTheEndOfARequestBreaksOffNoOthersRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHeldReads()
		ctx, cancel := context.WithCancel(t.Context())
		sent := h.read(ctx, 1)
		h.read(t.Context(), 255)
		time.Sleep(readsPatience)
		synctest.Wait()
		waits, stays := h.read(ctx, 2), h.read(t.Context(), 3)
		time.Sleep(time.Second)
		cancel()
		synctest.Wait()
		for _, r := range []*result{sent, waits} {
			if !errors.Is(r.err, context.Canceled) || r.took > time.Second+readsPatience {
				t.Errorf("its own: got %v after %s, want context.Canceled after a second", r.err, r.took)
			}
		}
		close(h.goOn)
		synctest.Wait()
		stays.want(t, 3)
		if last := h.statements[len(h.statements)-1]; last != 1 {
			t.Errorf("the last statement has %d reads, want that of the request that goes on", last)
		}
	})
}

func TestAReadInOneStatementWithAnEndedRequestsGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHeldReads()
		h.hold(t)
		ctx, cancel := context.WithCancel(t.Context())
		ends, stays := h.read(ctx, 1), h.read(t.Context(), 2)
		for range readsAtOnce {
			h.goOn <- struct{}{}
		}
		synctest.Wait() // both are sent
		cancel()
		synctest.Wait()
		if !errors.Is(ends.err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", ends.err)
		}
		close(h.goOn)
		synctest.Wait()
		stays.want(t, 2)
		if n := len(h.statements) - readsAtOnce; n != 1 {
			t.Errorf("got %d statements, want the one that both were in", n)
		}
	})
}

func TestAReadGivesUpAfterItsOwnTwoSeconds(t *testing.T) { // ASVS 16.5.2
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHeldReads()
		h.hold(t)
		time.Sleep(time.Second)
		waits := h.read(t.Context(), 1) // one second for those before it, one for its own statement
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if !Outage(waits.err) || waits.took != waitLimit {
			t.Errorf("got %v after %s, want an outage after %s", waits.err, waits.took, waitLimit)
		}
		close(h.goOn)
		after := h.read(t.Context(), 2)
		after.want(t, 2)
	})
}

func TestAnErrorOfTheStatementIsThatOfAllItsReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHeldReads()
		h.hold(t)
		one, two := h.read(t.Context(), 1), h.read(t.Context(), 2)
		h.fail = func([]*sessionRead) error { return context.DeadlineExceeded }
		close(h.goOn)
		synctest.Wait()
		if !Outage(one.err) || !Outage(two.err) || len(h.statements) != readsAtOnce+1 {
			t.Errorf("got %v and %v, %d statements; want an outage for both, after one", one.err, two.err,
				len(h.statements)-readsAtOnce)
		}
	})
}

func TestARowThatCannotBeReadFailsOnlyItsOwnRequest(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func() error{
		"error": func() error { return errors.New("unreadable") },
		"panic": func() error { panic("unreadable") },
	} {
		synctest.Test(t, func(t *testing.T) {
			h := newHeldReads()
			h.hold(t)
			one, two, three := h.read(t.Context(), 1), h.read(t.Context(), 2), h.read(t.Context(), 3)
			h.fail = func(reads []*sessionRead) error {
				for _, r := range reads {
					if r.id[0] == 2 {
						return fail()
					}
				}
				return nil
			}
			close(h.goOn)
			synctest.Wait()
			if two.err == nil || two.found && two.record.Handle == "" {
				t.Errorf("%s: got no error", name)
			}
			one.want(t, 1)
			three.want(t, 3)
		})
	}
}
