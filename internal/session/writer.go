package session

import (
	"maps"
	"net/http"
)

// writer commits the session before the answer's header is sent. If that fails, it sends nothing of
// the handler's answer. It has no Unwrap, through which an answer could pass by the commit.
type writer struct {
	http.ResponseWriter
	before   http.Header // as it was when the handler began
	commit   func(status int) error
	fail     func(error)
	answered bool // the header has left
	failed   bool // another answer took the place of the handler's
}

// WriteHeader commits once, at the first final status. It passes an informational status (103) on
// without a commit.
func (w *writer) WriteHeader(status int) {
	if w.failed {
		return
	}
	if status >= 200 && !w.answered {
		w.answered = true
		if err := w.commit(status); err != nil {
			w.failed = true
			clear(w.Header())
			maps.Copy(w.Header(), w.before)
			w.fail(err) // ASVS 16.5.2
			return
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *writer) Write(b []byte) (int, error) {
	w.finish()
	if w.failed {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// FlushError lets http.ResponseController flush, after the commit.
func (w *writer) FlushError() error {
	w.finish()
	if w.failed {
		return nil
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *writer) finish() {
	if !w.answered {
		w.WriteHeader(http.StatusOK)
	}
}
