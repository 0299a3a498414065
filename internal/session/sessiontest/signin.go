package sessiontest

import (
	"errors"
	"testing"
	"time"

	"hookandtag.example/shop/internal/session"
)

const issuer = "https://id.example"

var signIns = rules{
	"issuer and subject name an owner": func(t *testing.T, c contract) {
		alice := c.signIn(t, "a", "alice", nil).Owner
		if alice == 0 || c.find(t, "a").Owner != alice {
			t.Errorf("got owner %d of the session and %d of the sign-in, want the same", c.find(t, "a").Owner, alice)
		}
		if again := c.signIn(t, "b", "alice", nil).Owner; again != alice {
			t.Errorf("a second sign-in: got owner %d, want %d", again, alice)
		}
		elsewhere := func(in *session.SignInRecord) { in.Issuer = "https://other.example" }
		if bob, other := c.signIn(t, "c", "bob", nil).Owner, c.signIn(t, "d", "alice", elsewhere).Owner; bob == alice ||
			other == alice || bob == other {
			t.Errorf("got owners %d, %d and %d, want three", alice, bob, other)
		}
	},
	"a sign-in ends the session it is from, without its values": func(t *testing.T, c contract) {
		c.insert(t, "old")
		c.replaced(t, c.signIn(t, "new", "alice", from("old")), "log-old", session.Rotated)
		c.ended(t, "old", session.Rotated)
		c.holds(t, "old", map[string]string{})
		c.ended(t, "new", "")
	},
	"a later sign-in from a replaced session replaces the owner's own successor": func(t *testing.T, c contract) {
		c.insert(t, "old")
		c.signIn(t, "first", "alice", from("old"))
		c.Pass(time.Minute)
		late := func(in *session.SignInRecord) { in.Old, in.BegunAgo = idOf("old"), time.Second }
		c.replaced(t, c.signIn(t, "second", "alice", late), "log-first", session.Rotated)
		c.ended(t, "first", session.Rotated)
		c.replaced(t, c.signIn(t, "bobs", "bob", late), "", "")
		c.replaced(t, c.signIn(t, "his", "bob", from("second")), "log-second", session.SignedOut)
	},
	"the absolute limit counts from the authentication": func(t *testing.T, c contract) {
		c.signIn(t, "a", "alice", func(in *session.SignInRecord) { in.Age = 90 * time.Minute })
		if r := c.find(t, "a"); r.AbsoluteLeft > absolute-90*time.Minute || r.AuthAge < 90*time.Minute {
			t.Errorf("got %s left, authenticated %s ago, want at most %s and 90m", r.AbsoluteLeft, r.AuthAge,
				absolute-90*time.Minute)
		}
		c.signIn(t, "b", "bob", func(in *session.SignInRecord) { in.NoAuthTime = true })
		if r := c.find(t, "b"); !r.AuthTime.IsZero() {
			t.Errorf("got authenticated at %s, want it unknown", r.AuthTime)
		}
	},
	"too many sessions end the oldest": func(t *testing.T, c contract) {
		for _, name := range []string{"a", "b"} {
			c.signIn(t, name, "alice", nil)
			c.Pass(time.Second)
		}
		done := c.signIn(t, "c", "alice", func(in *session.SignInRecord) { in.PerOwner = 2 })
		if len(done.Excess) != 1 || done.Excess[0] != "log-a" {
			t.Errorf("got %q ended, want log-a", done.Excess)
		}
		c.ended(t, "a", session.Excess)
		c.ended(t, "b", "")
	},
	"a session ended on purpose stops its sign-in": func(t *testing.T, c contract) {
		c.insert(t, "old")
		c.end(t, "old", "log-old")
		c.refuseSignIn(t, "old", session.ErrSignedOut)
	},
	"of two sign-ins from one session the second is refused": func(t *testing.T, c contract) {
		c.insert(t, "old")
		c.signIn(t, "first", "alice", from("old"))
		c.refuseSignIn(t, "old", session.ErrOvertaken)
		c.ended(t, "first", "")
	},
	"ending a replaced session ends its successor, and returns its token": func(t *testing.T, c contract) {
		c.insert(t, "old")
		c.signIn(t, "new", "alice", from("old"))
		e := c.end(t, "old", "log-new")
		if e.SealedToken != "sealed-new" || e.ID != idOf("new") || e.Reason != session.SignedOut {
			t.Errorf("got %+v, want the new session, signed out, and its token", e)
		}
		c.ended(t, "new", session.SignedOut)
	},
	"a sign-in leaves a notice in the owner's other sessions": func(t *testing.T, c contract) {
		c.signIn(t, "a", "alice", nil)
		for _, key := range []string{"1", "2"} {
			c.signIn(t, key, "alice", func(in *session.SignInRecord) {
				in.NoticeKey = session.ElsewherePrefix + key
			})
		}
		c.holds(t, "a", map[string]string{"first": "1", session.ElsewherePrefix + "2": ""})
		c.holds(t, "2", map[string]string{"first": "1"})
	},
}

var devices = rules{
	"an owner's live sessions are listed, the last used first": func(t *testing.T, c contract) {
		c.needs(t, c.Devices != nil)
		owner := c.signIn(t, "a", "alice", nil).Owner
		c.Pass(time.Minute)
		c.signIn(t, "b", "alice", nil)
		c.signIn(t, "c", "bob", nil)
		listed, err := c.Devices.Devices(t.Context(), owner)
		if err != nil || len(listed) != 2 || listed[0].Handle != "handle-b" || listed[1].Handle != "handle-a" {
			t.Errorf("got %+v, %v, want b and a", listed, err)
		}
	},
	"an owner ends one session of theirs, or all others": func(t *testing.T, c contract) {
		c.needs(t, c.Devices != nil)
		owner := c.signIn(t, "here", "alice", nil).Owner
		for _, name := range []string{"a", "b", "c"} {
			c.signIn(t, name, "alice", nil)
		}
		c.signIn(t, "bobs", "bob", nil)
		for handle, want := range map[string]int{"handle-a": 1, "handle-bobs": 0, "handle-here": 0, "no handle": 0} {
			ended, err := c.Devices.EndDevice(t.Context(), owner, handle, idOf("here"))
			if len(ended) != want || err != nil {
				t.Errorf("end %s: got %q, %v, want %d", handle, ended, err, want)
			}
		}
		if ended, err := c.Devices.EndOtherDevices(t.Context(), owner, idOf("here")); len(ended) != 2 || err != nil {
			t.Errorf("end others: got %q, %v, want b and c", ended, err)
		}
		c.ended(t, "a", session.Revoked)
		c.ended(t, "c", session.Revoked)
		c.ended(t, "here", "")
		c.ended(t, "bobs", "")
	},
	"after that an older authentication is refused": func(t *testing.T, c contract) {
		c.needs(t, c.Devices != nil)
		owner := c.signIn(t, "here", "alice", nil).Owner
		if _, err := c.Devices.EndOtherDevices(t.Context(), owner, idOf("here")); err != nil {
			t.Fatal(err)
		}
		in := c.signInRecord("old", "alice")
		in.Age = time.Minute
		if _, err := c.Store.SignIn(t.Context(), in); !errors.Is(err, session.ErrStaleAuthentication) {
			t.Errorf("got %v, want ErrStaleAuthentication", err)
		}
		c.Pass(2 * time.Second)
		c.signIn(t, "fresh", "alice", nil)
	},
}

var logouts = rules{
	"a provider ends its own session, or all of a subject's": func(t *testing.T, c contract) {
		c.needs(t, c.Logouts != nil)
		for _, name := range []string{"a", "b", "c"} {
			c.signIn(t, name, "alice", func(in *session.SignInRecord) { in.ProviderSID = "sid-" + name })
		}
		c.signIn(t, "bobs", "bob", func(in *session.SignInRecord) { in.ProviderSID = "sid-bob" })
		c.logout(t, session.Logout{Issuer: "https://other.example", SID: "sid-a"}, 0, nil)
		c.logout(t, session.Logout{SID: "sid-a"}, 1, nil)
		c.ended(t, "a", session.BackChannel)
		c.ended(t, "b", "")
		c.logout(t, session.Logout{Subject: "alice"}, 2, nil)
		c.ended(t, "bobs", "")
	},
	"a logout token is taken once": func(t *testing.T, c contract) {
		c.needs(t, c.Logouts != nil)
		c.logout(t, session.Logout{Subject: "alice", TokenID: "jti"}, 0, nil)
		c.logout(t, session.Logout{Subject: "alice", TokenID: "jti"}, 0, session.ErrReplayed)
	},
	"a logout refuses the sign-ins in progress that it means": func(t *testing.T, c contract) {
		c.needs(t, c.Logouts != nil)
		c.logout(t, session.Logout{Subject: "alice"}, 0, nil)
		in := c.signInRecord("a", "alice")
		in.IssuedAt = in.IssuedAt.Add(-time.Minute)
		if _, err := c.Store.SignIn(t.Context(), in); !errors.Is(err, session.ErrLoggedOut) {
			t.Errorf("got %v, want ErrLoggedOut", err)
		}
		c.signIn(t, "b", "bob", nil)
		c.signIn(t, "c", "alice", func(in *session.SignInRecord) { in.IssuedAt = in.IssuedAt.Add(time.Minute) })
	},
}

var sweeps = rules{
	"a sweep expires sessions past a limit and deletes old tombstones": func(t *testing.T, c contract) {
		c.needs(t, c.Sweep != nil)
		c.insert(t, "a")
		c.Pass(idle / 2)
		c.insert(t, "b")
		c.Pass(idle/2 + time.Second)
		c.sweep(t, "log-a")
		c.sweep(t)
		c.ended(t, "a", session.Idle)
		c.ended(t, "b", "")
		c.Pass(25 * time.Hour)
		c.sweep(t, "log-b")
		if _, found, err := c.Store.FindSession(t.Context(), idOf("a")); found || err != nil {
			t.Errorf("got %v, %v, want the old tombstone deleted", found, err)
		}
	},
}

// needs skips a rule about a part of the contract that a store may lack.
func (c contract) needs(t *testing.T, has bool) {
	t.Helper()
	if !has {
		t.Skip("the store lacks this optional part")
	}
}

func from(old string) func(*session.SignInRecord) {
	return func(in *session.SignInRecord) { in.Old, in.OldLive = idOf(old), true }
}

func (c contract) signInRecord(name, subject string) session.SignInRecord {
	return session.SignInRecord{
		NewRecord: newRecord(name), Issuer: issuer, Subject: subject, IssuedAt: time.Now(),
		SealedToken: "sealed-" + name, Work: c.Work, PerOwner: 10, NoticeKey: session.ElsewherePrefix,
	}
}

// signIn signs a subject in, in a session with that name; change may be nil.
func (c contract) signIn(t *testing.T, name, subject string, change func(*session.SignInRecord)) session.SignedIn {
	t.Helper()
	in := c.signInRecord(name, subject)
	if change != nil {
		change(&in)
	}
	done, err := c.Store.SignIn(t.Context(), in)
	if err != nil {
		t.Fatalf("sign in: %v", err)
	}
	return done
}

func (c contract) replaced(t *testing.T, done session.SignedIn, logID string, why session.Reason) {
	t.Helper()
	if done.Replaced.LogID != logID || done.Replaced.Reason != why {
		t.Errorf("replaced: got %+v, want %q, %s", done.Replaced, logID, why)
	}
}

func (c contract) refuseSignIn(t *testing.T, old string, want error) {
	t.Helper()
	in := c.signInRecord("refused", "alice")
	from(old)(&in)
	if _, err := c.Store.SignIn(t.Context(), in); !errors.Is(err, want) {
		t.Errorf("sign in from %s: got %v, want %v", old, err, want)
	}
	if _, found, err := c.Store.FindSession(t.Context(), idOf("refused")); found || err != nil {
		t.Errorf("after a refusal: got %v, %v, want no session", found, err)
	}
}

func (c contract) end(t *testing.T, name, want string) session.EndedRecord {
	t.Helper()
	e, err := c.Store.EndSession(t.Context(), idOf(name))
	if err != nil || e.LogID != want {
		t.Errorf("end %s: got %+v, %v, want %s", name, e, err, want)
	}
	return e
}

func (c contract) logout(t *testing.T, l session.Logout, want int, wantErr error) {
	t.Helper()
	l.IssuedAt, l.Keep = time.Now(), time.Hour
	if l.Issuer == "" {
		l.Issuer = issuer
	}
	if l.TokenID == "" {
		l.TokenID = l.Issuer + l.Subject + l.SID
	}
	if ended, err := c.Logouts.EndByProvider(t.Context(), l); len(ended) != want || !errors.Is(err, wantErr) {
		t.Errorf("logout %+v: got %q, %v, want %d and %v", l, ended, err, want, wantErr)
	}
}

func (c contract) sweep(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	err := c.Sweep(func(logID string, _ session.Reason) { got = append(got, logID) })
	if err != nil || len(got) != len(want) || len(want) == 1 && got[0] != want[0] {
		t.Errorf("sweep: got %q, %v, want %q", got, err, want)
	}
}
