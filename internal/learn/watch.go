package learn

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/mallory"
	"hookandtag.example/shop/internal/session"
)

// exchange is one request and its answer, as its visitor may see it: no cookie's value is in it.
type exchange struct {
	At           time.Time
	Method, Path string
	Status       int
	Location     string // the path an answer leads to
	ByScript     bool   // a script of the page asked, not the visitor
	address      string // path and query
	tags
	outcome
}

// tags are the one that the browser sent and the one that it got.
type tags struct {
	Sent          string // the reference of the tag the browser sent; "": none
	Refused       bool   // the browser sent a tag that none of our keys signed
	Got           *issued
	sentID, gotID session.ID
}

// issued is the tag of an answer, as set.
type issued struct {
	Ref     string // "": the answer deletes the browser's tag
	Cookie  string // the line, with the value left out
	Changed bool   // another tag than the one sent
}

// outcome is what the shop did in a request, as its own code reports it.
type outcome struct {
	Events   []session.Event
	press    string // the sentence of a button of the tutorial
	customer int64  // whom the answer's page greets; 0: nobody
	used     bool   // a use of the session was recorded
}

type recorderKey struct{}

// recorder gathers the outcome of one request.
type recorder struct {
	mu sync.Mutex // guards the events
	outcome
	away     bool      // the database is, for this visitor
	progress *progress // as the tutorial has changed it; nil elsewhere
}

// Observe takes an event of a session's life to the request it happened in.
func (l *Lessons) Observe(ctx context.Context, e session.Event) {
	if rec, ok := ctx.Value(recorderKey{}).(*recorder); ok {
		rec.mu.Lock()
		defer rec.mu.Unlock()
		rec.Events = append(rec.Events, e)
	}
}

// soFar returns what has been recorded until now.
func (rec *recorder) soFar() outcome {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	o := rec.outcome
	o.Events = slices.Clone(o.Events)
	return o
}

// pressed says in a sentence what a button of the tutorial did to the tag.
func pressed(ctx context.Context, sentence string) {
	if rec, ok := ctx.Value(recorderKey{}).(*recorder); ok {
		rec.press = sentence
	}
}

// recordVisit notes whom the request's page greets, and whether it was a use of the session.
func recordVisit(ctx context.Context, customer int64, used bool) {
	if rec, ok := ctx.Value(recorderKey{}).(*recorder); ok {
		rec.customer, rec.used = customer, used
	}
}

// Watch notes what a visitor's browser sends and gets, not what Mallory does with a copy of its
// tag. It changes no answer, except that a step of a lesson that the request has done is written
// into the tutorial's cookie.
func (l *Lessons) Watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !watched(r.URL.Path) || isMallory(r) {
			next.ServeHTTP(w, r)
			return
		}
		rec := &recorder{}
		if p := l.readProgress(r); p.Learner != "" && !isTutorial(r.URL.Path) {
			rec.away = l.memory.learner(p.Learner).isWithoutDatabase()
		}
		r = r.WithContext(context.WithValue(r.Context(), recorderKey{}, rec))
		watch := &watcher{ResponseWriter: w}
		watch.note = func(status int) { l.note(watch, r, rec, status) }
		next.ServeHTTP(watch, r)
	})
}

func isTutorial(path string) bool { return path == "/learn" || strings.HasPrefix(path, "/learn/") }

func isMallory(r *http.Request) bool { return strings.HasPrefix(r.UserAgent(), mallory.UserAgent) }

func watched(path string) bool {
	return !strings.HasPrefix(path, "/static/") && path != "/healthz" && path != "/readyz" && path != "/favicon.svg"
}

// watcher looks at an answer at the moment its header leaves.
type watcher struct {
	http.ResponseWriter
	noted bool
	note  func(status int)
}

func (w *watcher) WriteHeader(status int) {
	if status >= 200 && !w.noted {
		w.noted = true
		w.note(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watcher) Write(b []byte) (int, error) {
	if !w.noted {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watcher) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (l *Lessons) note(w http.ResponseWriter, r *http.Request, rec *recorder, status int) {
	x := l.exchange(r, status, w.Header())
	x.outcome = rec.soFar()
	inTutorial := isTutorial(r.URL.Path)
	if inTutorial && x.Got == nil && x.press == "" {
		return
	}
	p := l.readProgress(r)
	l.memory.note(p.Learner, x)
	if !inTutorial && x.byVisitor() {
		l.tick(w, p, x)
	}
}

func (l *Lessons) exchange(r *http.Request, status int, answer http.Header) exchange {
	x := exchange{At: time.Now(), Method: r.Method, Path: short(r.URL.Path), Status: status,
		address: short(r.URL.RequestURI())}
	x.ByScript = r.Header.Get("Sec-Fetch-Dest") == "empty"
	if x.Location = answer.Get("Location"); strings.Contains(x.Location, "://") {
		x.Location = "the sign-in service"
	}
	x.Location, _, _ = strings.Cut(short(x.Location), "?")
	cookies := r.CookiesNamed(l.config.Sessions.CookieName())
	if len(cookies) == 1 {
		x.sentID, x.Refused = identify(l.config.Keys, cookies[0].Value)
	}
	x.Refused = x.Refused || len(cookies) > 1
	x.Sent = reference(x.sentID)
	for _, line := range answer.Values("Set-Cookie") {
		if c, err := http.ParseSetCookie(line); err == nil && c.Name == l.config.Sessions.CookieName() {
			x.gotID, _ = identify(l.config.Keys, c.Value)
			x.Got = &issued{Ref: reference(x.gotID), Cookie: redacted(c), Changed: x.gotID != x.sentID}
		}
	}
	return x
}

// identify returns the row's key for the value of a tag, or refused for one that none of the keys
// signed.
func identify(keys *keyring.Ring, value string) (id session.ID, refused bool) {
	if value == "" {
		return id, false
	}
	token, _, err := keys.Verify(keyring.Tag, value)
	if err != nil {
		return id, true
	}
	return sha256.Sum256([]byte(token)), false
}

// reference is how pages name a session: the first 8 hex digits of its row's key, which open
// nothing.
func reference(id session.ID) string {
	if id.IsZero() {
		return ""
	}
	return hex.EncodeToString(id[:4])
}

// redacted is the line that set a cookie, without the value.
func redacted(c *http.Cookie) string {
	value := c.Value
	c.Value = "VALUE"
	shown := "…"
	if value == "" {
		shown = ""
	}
	return strings.Replace(c.String(), "VALUE", shown, 1)
}

func short(path string) string {
	const most = 60
	if runes := []rune(path); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return path
}
