package session_test

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/session"
)

// CS-22: one name follows a session through the log from its begin to its end. It is not
// the row's key, and says nothing of it.
func TestOneNameFollowsASessionThroughTheLog(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *session.Config) { c.Limits.PerOwner = 2 })
	third := s.signedIn("alice")
	second, first := s.signedIn("alice"), s.anonymous()
	first.post("/signin", "who=alice") // replaces the anonymous session, and the third is one too many
	first.post("/devices/end", "handle="+second.get("/handle").body)
	first.post("/signin", "who=bob") // alice is signed out
	first.post("/logout", "")
	third.get("/").wants(t, "customer= ") // a use after the end
	born, ended := s.events.names(session.EventCreated), s.events.names(session.EventEnded)
	if len(born) != 5 || len(ended) != 5 ||
		!slices.Equal(slices.Sorted(slices.Values(born)), slices.Sorted(slices.Values(ended))) {
		t.Errorf("begun %q, ended %q; want the same five names", born, ended)
	}
	for why, name := range map[session.Reason]string{session.Excess: born[0], session.Revoked: born[1],
		session.Rotated: born[2], session.SignedOut: born[3]} {
		if !slices.Contains(s.events.events, session.Event{Name: session.EventEnded, LogID: name, Reason: why}) {
			t.Errorf("want %s logged as ended by %s, got %+v", name, why, s.events.events)
		}
	}
	if late := s.events.names(session.EventUsedAfterEnd); len(late) != 1 || late[0] != born[0] {
		t.Errorf("uses after the end: got %q, want %q", late, born[0])
	}
	rows, err := s.pool.Query(t.Context(), `SELECT id, log_id FROM sessions`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id []byte
		var name string
		if err := rows.Scan(&id, &name); err != nil || name == "" || strings.Contains(hex.EncodeToString(id), name) {
			t.Errorf("%x: got the log id %q, %v; want one that is no part of it", id, name, err)
		}
	}
}

// CS-22: the log names the end of a session whose cart a new one keeps, after a page and after a
// sign-in.
func TestTheEndOfAReplacedSessionIsLogged(t *testing.T) {
	t.Parallel()
	for path, form := range map[string]string{"/put": "key=a&value=b", "/signin": "who=alice"} {
		s := open(t)
		visitor := s.anonymous()
		s.exec(`UPDATE sessions SET absolute_end = statement_timestamp()`)
		visitor.post(path, form)
		born := s.events.names(session.EventCreated)
		if len(born) != 2 ||
			!slices.Contains(s.events.events, session.Event{
				Name: session.EventEnded, LogID: born[0], Reason: session.Rotated}) {
			t.Errorf("%s: %+v, want the first to have ended as rotated", path, s.events.events)
		}
	}
}

// CS-22: a browser that never received its new tag signs in again with the old one. What ends is
// the session that it did not receive.
func TestASignInWithAReplacedTagLogsTheSessionThatItReplaces(t *testing.T) {
	t.Parallel()
	s := open(t)
	before := s.anonymous()
	lost := before.copy()
	lost.post("/signin", "who=alice")
	s.pass(time.Second)
	before.post("/signin", "who=alice").wants(t, "customer=alice")
	born, ended := s.events.names(session.EventCreated), s.events.names(session.EventEnded)
	if !slices.Equal(ended, born[:2]) {
		t.Errorf("got %q logged as ended, want %q", ended, born[:2])
	}
}
