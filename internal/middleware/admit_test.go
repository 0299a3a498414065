package middleware

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// crowded lets two requests in at once, which stay until the returned function is called, and two
// wait.
func crowded(t *testing.T) (h http.Handler, leave func()) {
	t.Helper()
	gone := make(chan struct{})
	h = Admit(2, 2, time.Second, func(w http.ResponseWriter, _ *http.Request, err error) {
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

func TestNoMoreThanSoManyRequestsWaitForAPlace(t *testing.T) { // ASVS 15.2.2
	synctest.Test(t, func(t *testing.T) {
		h, leave := crowded(t)
		answers := make(chan int, 6)
		ask := func() {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
			answers <- w.Code
		}
		for range 4 { // two inside, two that wait
			go ask()
			synctest.Wait()
		}
		began := time.Now()
		for range 2 {
			ask()
			if code := <-answers; code != http.StatusServiceUnavailable || time.Since(began) != 0 {
				t.Errorf("got %d after %s, want 503 at once: as many as may wait already", code, time.Since(began))
			}
		}
		leave()
		for range 4 {
			if code := <-answers; code != http.StatusOK {
				t.Errorf("got %d, want 200: it waited in time", code)
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

func TestAClientThatLeavesWaitsNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got error
		release := make(chan struct{})
		h := Admit(1, 1, time.Second, func(_ http.ResponseWriter, _ *http.Request, err error) { got = err })(
			http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
		go h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		began := time.Now()
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody))
		if waited := time.Since(began); !errors.Is(got, context.Canceled) || waited != time.Millisecond {
			t.Errorf("got %v after %s, want %v as soon as the client left", got, waited, context.Canceled)
		}
		close(release)
	})
}

// part is a body that gives some bytes, and then its end, which may be late.
type part struct {
	left int
	late time.Duration
	end  error
}

func (p *part) Read(b []byte) (n int, err error) {
	if p.left == 0 {
		time.Sleep(p.late)
		return 0, p.end
	}
	n = min(len(b), p.left)
	p.left -= n
	return n, nil
}

func TestABodyIsWholeBeforeItTakesAPlace(t *testing.T) { // ASVS 15.2.2
	synctest.Test(t, func(t *testing.T) {
		h := Admit(1, 1, time.Second, nil)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			began := time.Now()
			if body, err := io.ReadAll(r.Body); len(body) != maxForm || err != nil || time.Since(began) != 0 {
				t.Errorf("got %d bytes and %v after %s, want %d at once", len(body), err, time.Since(began), maxForm)
			}
		}))
		body := &part{maxForm, time.Hour, io.EOF}
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", body))
	})
}

func TestTheBodyOfAGetIsNotRead(t *testing.T) {
	t.Parallel()
	h := Admit(1, 0, 0, nil)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	body := &part{1, 0, io.EOF}
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", body))
	if body.left != 1 {
		t.Errorf("got %d bytes left, want 1", body.left)
	}
}

func TestABodyThatIsNoFormIsRefusedWithoutAPlace(t *testing.T) { // ASVS 15.2.2
	for name, c := range map[string]struct {
		body   part
		length int64 // -1: not declared
		want   error
	}{
		"too long":                       {part{maxForm + 1, time.Hour, io.EOF}, -1, ErrTooLarge},
		"declared to be too long":        {part{maxForm, time.Hour, io.EOF}, maxForm + 1, ErrTooLarge},
		"cut short":                      {part{9, 0, io.ErrUnexpectedEOF}, 10, ErrUnreadable},
		"cut short once it was too long": {part{maxForm + 1, 0, io.ErrUnexpectedEOF}, -1, ErrTooLarge},
	} {
		synctest.Test(t, func(t *testing.T) {
			var got error
			h := Admit(0, 1, 2*time.Hour, func(_ http.ResponseWriter, _ *http.Request, err error) { got = err })(nil)
			r := httptest.NewRequest(http.MethodPost, "/", &c.body)
			r.ContentLength = c.length
			began := time.Now()
			h.ServeHTTP(httptest.NewRecorder(), r)
			if !errors.Is(got, c.want) || time.Since(began) != 0 {
				t.Errorf("%s: got %v after %s, want %v at once", name, got, time.Since(began), c.want)
			}
		})
	}
}

func TestAnAnswerWithoutABodyHoldsNoPlaceOnceItBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release, began := make(chan struct{}), make(chan int, 2)
		refuse := func(http.ResponseWriter, *http.Request, error) { began <- http.StatusServiceUnavailable }
		h := Admit(1, 1, time.Second, refuse)(
			http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusSeeOther)
				began <- http.StatusSeeOther
				<-release
			}))
		for range 2 {
			go h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		}
		for range 2 {
			if got := <-began; got != http.StatusSeeOther {
				t.Errorf("got %d while an answer is under way, want %d", got, http.StatusSeeOther)
			}
		}
		close(release)
	})
}

func TestAnAdmittedAnswerCanBeFlushed(t *testing.T) {
	t.Parallel()
	h := Admit(1, 1, time.Second, nil)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Errorf("got %v, want the answer flushed", err)
		}
	}))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	if !w.Flushed {
		t.Error("got no flush, want one")
	}
}
