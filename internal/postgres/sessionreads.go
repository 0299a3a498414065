package postgres

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"hookandtag.example/shop/internal/session"
)

const (
	// readsAtOnce is how many statements find sessions at the same moment.
	readsAtOnce = 2
	// readsPatience is how long a statement may run before another one begins beside it.
	readsPatience = 5 * time.Millisecond
	// readsTogether is the most reads that one statement answers.
	readsTogether = 32
)

// sessionReads answers reads of sessions that come at the same moment with one statement, because
// a statement costs much more than another row in it. A read starts a statement at once, unless one
// is running; then it waits until that ends or has taken readsPatience, and the next one answers
// all that wait. Nothing is kept: each statement begins after its reads have come, and what they
// see is as new as if each had asked alone.
type sessionReads struct {
	find func(context.Context, []*sessionRead) error // answers them

	mu      sync.Mutex
	running int       // statements
	began   time.Time // when the newest of them did
	waiting []*sessionRead
}

// sessionRead is one read and its answer.
type sessionRead struct {
	ctx    context.Context
	id     session.ID
	record session.Record
	found  bool
	err    error
	done   chan struct{} // closed when the answer is complete
}

// read waits until ctx ends, and no longer than waitLimit.
func (s *sessionReads) read(ctx context.Context, id session.ID) (session.Record, bool, error) {
	r := &sessionRead{ctx: ctx, id: id, done: make(chan struct{})}
	s.start(r)
	late := time.NewTimer(readsPatience)
	defer late.Stop()
	for patient := true; ; patient = false {
		select {
		case <-r.done:
			return r.record, r.found, r.err
		case <-ctx.Done():
			return session.Record{}, false, ctx.Err()
		case <-late.C:
		}
		if !patient {
			return session.Record{}, false, context.DeadlineExceeded
		}
		s.start()
		late.Reset(waitLimit - readsPatience)
	}
}

// start lets the reads wait, and starts a statement for all that do unless another is about to
// answer them.
func (s *sessionReads) start(reads ...*sessionRead) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(s.waiting, reads...)
	slow := s.running < readsAtOnce && time.Since(s.began) >= readsPatience
	if len(s.waiting) > 0 && (s.running == 0 || slow) {
		s.running++
		s.began = time.Now()
		go s.run()
	}
}

// run sends statements until no read waits.
func (s *sessionReads) run() {
	for reads := s.next(); len(reads) > 0; reads = s.next() {
		s.answer(reads)
	}
}

// next takes reads that wait, none whose request has ended. If none is left, the caller stops
// running.
func (s *sessionReads) next() (reads []*sessionRead) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var left []*sessionRead
	for _, r := range s.waiting {
		switch {
		case r.ctx.Err() != nil:
		case len(reads) == readsTogether:
			left = append(left, r)
		default:
			reads = append(reads, r)
		}
	}
	s.waiting = left
	if len(reads) > 0 {
		s.began = time.Now()
	} else {
		s.running--
	}
	return reads
}

// answer answers the reads together, or each alone if a row among them cannot be read.
func (s *sessionReads) answer(reads []*sessionRead) {
	err := s.ask(reads)
	if err != nil && len(reads) > 1 && !Outage(err) {
		for i := range reads {
			s.answer(reads[i : i+1])
		}
		return
	}
	for _, r := range reads {
		r.err = err
		close(r.done)
	}
}

// ask sends the statement, which no request's end breaks off. A panic is an error: no request's
// middleware would recover it here.
func (s *sessionReads) ask(reads []*sessionRead) (err error) {
	var others []context.Context
	for _, r := range reads[1:] {
		others = append(others, r.ctx)
	}
	ctx := context.WithValue(context.WithoutCancel(reads[0].ctx), othersKey{}, others)
	ctx, cancel := context.WithTimeout(ctx, waitLimit)
	defer cancel()
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return s.find(ctx, reads)
}
