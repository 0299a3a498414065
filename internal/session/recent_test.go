package session_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"hookandtag.example/shop/internal/session"
)

func TestAKeyIsRememberedForAMinute(t *testing.T) {
	t.Parallel()
	var r session.Recent
	now := time.Now()
	for _, c := range []struct {
		key   string
		after time.Duration
		want  bool
	}{{"a", 0, true}, {"b", 0, true}, {"a", 59 * time.Second, false}, {"b", 59 * time.Second, false},
		{"a", time.Minute, true}, {"a", time.Minute, false}} {
		if got := r.First(c.key, now.Add(c.after)); got != c.want {
			t.Errorf("%s after %v: got first %v, want %v", c.key, c.after, got, c.want)
		}
	}
}

func TestAFloodOfKeysIsForgottenRatherThanKept(t *testing.T) { // ASVS 15.1.3
	t.Parallel()
	var r session.Recent
	now := time.Now()
	for i := range session.RecentMax {
		r.First(fmt.Sprint(i), now)
	}
	if r.First("0", now) {
		t.Errorf("got the first of %d keys forgotten, want it remembered", session.RecentMax)
	}
	r.First("one too many", now)
	if !r.First("0", now) {
		t.Errorf("got more than %d keys remembered, want all forgotten", session.RecentMax)
	}
}

func TestARefusedTagIsLoggedOncePerClientAndReason(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *session.Config) {
		c.Client = func(r *http.Request) string { return r.Header.Get("X-Client") }
	})
	for range 2 {
		for _, client := range []string{"a", "b"} {
			for _, tag := range []string{"unsigned", "12345678." + "a.b"} {
				s.browser().send("GET", "/", "", "X-Client", client, "Cookie", "__Host-tag="+tag)
			}
		}
	}
	if got := s.events.count(session.EventTagRefused); got != 4 {
		t.Errorf("two clients with two kinds of tags: got %d logged, want 4", got)
	}
}
