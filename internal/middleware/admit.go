package middleware

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"
)

// ErrBusy says that the limit of concurrent requests is reached.
var ErrBusy = errors.New("too many concurrent requests")

// Admit answers at most limit requests concurrently. Up to queue others wait for a place, each at
// most wait; the rest, and those that find no place in time, get ErrBusy, so that admitted
// requests stay quick and nobody waits in vain. A client that is slow to send its form or to take
// its page holds no place: a body is read first, and one of more than 64 KiB is ErrTooLarge, one
// that is cut short ErrUnreadable.
func Admit(limit, queue int, wait time.Duration, fail Fail) func(http.Handler) http.Handler {
	places, waiting := make(chan struct{}, limit), make(chan struct{}, queue)
	enter := func(r *http.Request) error {
		select {
		case places <- struct{}{}:
			return nil
		default:
		}
		select {
		case waiting <- struct{}{}:
			defer func() { <-waiting }()
		default:
			return ErrBusy
		}
		late := time.NewTimer(wait)
		defer late.Stop()
		select {
		case places <- struct{}{}:
			return nil
		case <-late.C:
			return ErrBusy
		case <-r.Context().Done():
			return r.Context().Err()
		}
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			err := readAhead(r)
			if err == nil {
				err = enter(r)
			}
			if err != nil {
				fail(w, r, err)
				return
			}
			a := &admitted{ResponseWriter: w, places: places}
			defer a.leave()
			next.ServeHTTP(a, r)
		})
	}
}

// readAhead makes the body one that is in memory.
func readAhead(r *http.Request) error {
	if IsGetOrHead(r) {
		return nil
	}
	body, err := readAll(r, maxForm)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return err
}

// admitted gives its place back when the answer begins: pages are whole by then.
type admitted struct {
	http.ResponseWriter
	places <-chan struct{}
	left   bool
}

func (a *admitted) leave() {
	if !a.left {
		a.left = true
		<-a.places
	}
}

// WriteHeader implements http.ResponseWriter.
func (a *admitted) WriteHeader(status int) {
	a.leave()
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *admitted) Write(b []byte) (int, error) {
	a.leave()
	return a.ResponseWriter.Write(b)
}

// Unwrap serves http.ResponseController.
func (a *admitted) Unwrap() http.ResponseWriter { return a.ResponseWriter }
