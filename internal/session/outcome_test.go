package session_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

// steps are what a handler does with the session, by name.
var steps = map[string]func(*site, *http.Request){
	"put":     func(s *site, r *http.Request) { s.sessions.Put(r.Context(), "a", "b") },
	"clear":   func(s *site, r *http.Request) { s.sessions.ClearEnded(r.Context()) },
	"passive": func(s *site, r *http.Request) { s.sessions.Passive(r.Context()) },
	"revoke":  func(s *site, _ *http.Request) { s.end("revoked") }, // by another request
	"sign out": func(s *site, r *http.Request) {
		if _, err := s.sessions.SignOut(r.Context()); err != nil {
			s.t.Error(err)
		}
	},
	"sign in": func(s *site, r *http.Request) { s.authenticate(r, "alice", nil) },
	"fail":    func(s *site, r *http.Request) { s.authenticate(r, "disabled", customer.ErrDisabled) },
}

func (s *site) authenticate(r *http.Request, who string, want error) {
	_, _, err := visitor.SignIn(r.Context(), s.sessions,
		session.Authentication{IssuedAt: time.Now(), AuthTime: time.Now()},
		visitor.Work{Identity: customer.Identity{Issuer: "https://idp.example", Subject: "sub-" + who}})
	if !errors.Is(err, want) {
		s.t.Errorf("sign in: got %v, want %v", err, want)
	}
}

// tags are what a request may bring, by name.
var tags = map[string]func(s *site) string{
	"none":   func(*site) string { return "" },
	"forged": func(s *site) string { return s.signedIn("bob").tag + "x" },
	"live":   func(s *site) string { return s.signedIn("bob").tag },
	"old key": func(s *site) string {
		return mustRing(s.t).Sign(keyring.Tag, strings.Split(s.signedIn("bob").tag, ".")[1])
	},
	"ended": func(s *site) string {
		b := s.signedIn("bob")
		s.pass(2 * time.Hour)
		return b.tag
	},
	"late": func(s *site) string {
		b := s.signedIn("bob")
		s.end("revoked")
		return b.tag
	},
}

// What an answer does with the cookie, and how many rows the request wrote, for each tag and what
// the handler does.
func TestEachRequestHasOneOutcome(t *testing.T) { // ASVS 7.2.4, 7.4.1
	t.Parallel()
	for _, c := range []struct {
		tag, does, cookie string
		rows              int // that hold what was put
	}{
		{"none", "", "left", 0}, {"none", "put", "new", 1}, {"none", "passive,put", "left", 0},
		{"none", "sign out", "left", 0}, {"none", "sign in", "new", 0}, {"none", "sign in,put", "new", 1},
		{"none", "fail,put", "left", 0}, {"none", "sign out,put", "left", 0},
		{"forged", "", "deleted", 0}, {"forged", "put", "new", 1}, {"forged", "passive,put", "deleted", 0},
		{"forged", "fail", "deleted", 0}, {"forged", "fail,put", "deleted", 0}, {"forged", "sign in", "new", 0},
		{"forged", "sign out", "deleted", 0},
		{"live", "", "left", 0}, {"live", "put", "left", 1}, {"live", "clear,put", "left", 1},
		{"live", "passive,put", "left", 0}, {"live", "fail,put", "left", 0}, {"live", "sign out,put", "deleted", 0},
		{"live", "sign in,put", "new", 1}, {"live", "revoke,put", "left", 0}, {"none", "sign in,revoke,put", "new", 0},
		{"old key", "", "again", 0}, {"old key", "put", "again", 1}, {"old key", "fail,put", "again", 0},
		{"old key", "passive", "left", 0}, {"old key", "sign out", "deleted", 0},
		{"ended", "", "left", 0}, {"ended", "clear", "deleted", 0}, {"ended", "put", "new", 1},
		{"ended", "clear,put", "new", 1}, {"ended", "passive,clear,put", "deleted", 0},
		{"ended", "fail,put", "left", 0}, {"ended", "fail,clear", "deleted", 0}, {"ended", "clear,fail", "deleted", 0},
		{"ended", "sign out", "deleted", 0}, {"ended", "sign in", "new", 0},
		{"late", "", "left", 0}, {"late", "put", "left", 0}, {"late", "clear,put", "left", 0},
		{"late", "fail,clear", "left", 0}, {"late", "sign out,put", "left", 0}, {"late", "sign in,put", "new", 1},
	} {
		t.Run(c.tag+": "+c.does, func(t *testing.T) {
			t.Parallel()
			s := open(t, withKeys(secondKey, firstKey))
			s.exec(`INSERT INTO customers (issuer, subject, disabled)
				VALUES ('https://idp.example', 'sub-disabled', now())`)
			b := s.browser()
			b.tag = tags[c.tag](s)
			sent := b.tag
			s.handler = s.sessions.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for name := range strings.SplitSeq(c.does, ",") {
					if step, ok := steps[name]; ok {
						step(s, r)
					}
				}
				w.WriteHeader(http.StatusNoContent)
			}))
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, b.request("GET", "/", ""))
			if got := cookieOf(w, sent); got != c.cookie {
				t.Errorf("cookie: got it %s, want it %s", got, c.cookie)
			}
			if n := s.count(`SELECT count(*) FROM sessions s WHERE live(s) AND data ? 'a'`); n != c.rows {
				t.Errorf("sessions with what was put: got %d, want %d", n, c.rows)
			}
		})
	}
}

// cookieOf says what an answer does with the cookie that was sent.
func cookieOf(w *httptest.ResponseRecorder, sent string) string {
	cookies := w.Result().Cookies()
	if len(cookies) == 0 {
		return "left"
	}
	token := func(tag string) string { return strings.SplitN(tag+"..", ".", 3)[1] }
	switch c := cookies[0]; {
	case c.MaxAge < 0:
		return "deleted"
	case token(c.Value) == token(sent):
		return "again"
	}
	return "new"
}
