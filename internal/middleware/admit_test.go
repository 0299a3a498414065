package middleware

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// crowded lets two requests in at once, which stay until the returned function is called.
func crowded(t *testing.T) (h http.Handler, leave func()) {
	t.Helper()
	gone := make(chan struct{})
	h = Admit(2, time.Second, func(w http.ResponseWriter, _ *http.Request, err error) {
		if !errors.Is(err, ErrBusy) {
			t.Errorf("got %v, want %v", err, ErrBusy)
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-gone
		_, _ = io.Copy(w, r.Body)
	}))
	return h, func() { close(gone) }
}

func TestNoMoreThanSoManyRequestsAreAnsweredAtOnce(t *testing.T) { // ASVS 15.2.2
	synctest.Test(t, func(t *testing.T) {
		h, leave := crowded(t)
		answers := make(chan int, 5)
		began := time.Now()
		ask := func() {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
			answers <- w.Code
		}
		for range 4 {
			go ask()
		}
		for range 2 {
			if code := <-answers; code != http.StatusServiceUnavailable || time.Since(began) != time.Second {
				t.Errorf("got %d after %s, want 503 after a second", code, time.Since(began))
			}
		}
		leave()
		ask()
		for range 3 {
			if code := <-answers; code != http.StatusOK {
				t.Errorf("got %d, want 200: there was a place", code)
			}
		}
	})
}

// slow is a form that comes bit by bit, and an answer that is taken as slowly.
type slow struct {
	http.ResponseWriter
	body *strings.Reader
}

func (s slow) Read(b []byte) (int, error) { time.Sleep(time.Minute); return s.body.Read(b[:1]) }

func (s slow) Write(b []byte) (int, error) { time.Sleep(time.Hour); return s.ResponseWriter.Write(b) }

func TestASlowClientHoldsNoPlace(t *testing.T) { // ASVS 15.2.2
	synctest.Test(t, func(t *testing.T) {
		h, leave := crowded(t)
		leave()
		var answers [4]*httptest.ResponseRecorder
		for i := range answers {
			answers[i] = httptest.NewRecorder()
			s := slow{answers[i], strings.NewReader("a=b")}
			go h.ServeHTTP(s, httptest.NewRequest(http.MethodPost, "/", s))
		}
		for _, after := range []time.Duration{time.Second, 10 * time.Minute} { // as forms come, as pages go
			time.Sleep(after)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
			if w.Code != http.StatusOK {
				t.Errorf("%s after the slow clients began: got %d, want 200", after, w.Code)
			}
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		for _, w := range answers {
			if !bytes.Equal(w.Body.Bytes(), []byte("a=b")) {
				t.Errorf("a slow client got %q, want its whole form back", w.Body)
			}
		}
	})
}
