// Package sessiontest checks that a store keeps the contract of session.Store and, if it has them,
// of session.DeviceStore, session.LogoutStore and a sweeper.
package sessiontest

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"maps"
	"testing"
	"time"

	"hookandtag.example/shop/internal/session"
)

// Harness is an empty store under test.
type Harness struct {
	Store session.Store
	// Pass lets time go by for the store: by its clock, or by moving all it keeps into the past.
	Pass func(time.Duration)
	// Ref makes a record of the application that an anonymous session may hold on to.
	Ref func() int64
	// Work is what SignIn is given as SignInRecord.Work.
	Work any

	Devices session.DeviceStore // nil: not checked
	Logouts session.LogoutStore // nil: not checked
	// Sweep makes tombstones of sessions past a limit, calls expired for each, and deletes
	// tombstones older than 24 hours; nil: not checked.
	Sweep func(expired func(logID string, why session.Reason)) error
}

// The limits of the sessions that Run begins.
const (
	idle     = 30 * time.Minute
	absolute = 2 * time.Hour
)

// Run checks each rule on a separate, empty store, which open returns.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	t.Helper()
	for _, group := range []rules{required, signIns, devices, logouts, sweeps} {
		for name, rule := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				rule(t, contract{open(t)})
			})
		}
	}
}

// rules are sentences that are true of a store, and how to see it.
type rules map[string]func(*testing.T, contract)

var required = rules{
	"an unknown id is found nowhere, and that is no error": func(t *testing.T, c contract) {
		if r, found, err := c.Store.FindSession(t.Context(), idOf("unknown")); found || err != nil {
			t.Errorf("got %+v, %v, %v, want nothing", r, found, err)
		}
	},
	"an inserted session is live with its data and both limits": func(t *testing.T, c contract) {
		c.insert(t, "a")
		r := c.find(t, "a")
		c.holds(t, "a", map[string]string{"first": "1"})
		if r.Ended != "" || r.Idle != idle || r.IdleLeft > idle || r.AbsoluteLeft > absolute || r.Stale {
			t.Errorf("got %+v, want it live, used now, with limits of %s and %s", r, idle, absolute)
		}
	},
	"an update sets and removes single values": func(t *testing.T, c contract) {
		c.insert(t, "a")
		c.update(t, "a", session.Change{Set: []byte(`{"second": "2"}`)}, nil)
		c.holds(t, "a", map[string]string{"first": "1", "second": "2"})
		c.update(t, "a", session.Change{Set: []byte(`{}`), Removed: []string{"first"}}, nil)
		c.holds(t, "a", map[string]string{"second": "2"})
		c.update(t, "a", session.Change{Set: []byte(`{"all": "new"}`), Replace: true}, nil)
		c.holds(t, "a", map[string]string{"all": "new"})
	},
	"a touch is written only when the last one is old": func(t *testing.T, c contract) {
		c.insert(t, "a")
		c.touch(t, "a", false)
		c.Pass(10 * time.Minute)
		if r := c.find(t, "a"); !r.Stale {
			t.Errorf("got %+v, want its use stale", r)
		}
		c.touch(t, "a", true)
		c.Pass(25 * time.Minute)
		c.ended(t, "a", "")
	},
	"the idle limit ends a session": func(t *testing.T, c contract) {
		c.insert(t, "a")
		c.Pass(idle + time.Second)
		c.ended(t, "a", session.Idle)
		c.touch(t, "a", false)
		c.update(t, "a", session.Change{Set: []byte(`{}`)}, session.ErrEnded)
		c.ended(t, "a", session.Idle)
	},
	"the absolute limit ends a session however active": func(t *testing.T, c contract) {
		c.insert(t, "a")
		for range 5 {
			c.Pass(25 * time.Minute)
			c.touch(t, "a", c.find(t, "a").Ended == "")
		}
		c.ended(t, "a", session.Absolute)
	},
	"an ended session stays ended, without its data": func(t *testing.T, c contract) {
		c.insert(t, "a")
		e, err := c.Store.EndSession(t.Context(), idOf("a"))
		if err != nil || e.ID != idOf("a") || e.LogID != "log-a" || e.Reason != session.Forgotten {
			t.Errorf("got %+v, %v, want session a, forgotten", e, err)
		}
		c.update(t, "a", session.Change{Set: []byte(`{"b": "c"}`)}, session.ErrEnded)
		c.touch(t, "a", false)
		if again, err := c.Store.EndSession(t.Context(), idOf("a")); err != nil || again.LogID != "" {
			t.Errorf("ended again: got %+v, %v, want nothing", again, err)
		}
		c.ended(t, "a", session.Forgotten)
		c.holds(t, "a", map[string]string{})
	},
	"a session gives its ref to one successor": func(t *testing.T, c contract) {
		n := newRecord("a")
		n.Ref = c.Ref()
		if err := c.Store.InsertSession(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		c.replace(t, "a", "b", n.Ref, nil)
		c.replace(t, "a", "c", n.Ref, session.ErrEnded)
		c.ended(t, "a", session.Rotated)
		if r := c.find(t, "b"); r.Ref != n.Ref || r.Ended != "" {
			t.Errorf("got ref %d and end %q, want %d and a live session", r.Ref, r.Ended, n.Ref)
		}
		c.end(t, "a", "log-b")
		c.ended(t, "b", session.Forgotten)
	},
	"a session gives no ref but its own": func(t *testing.T, c contract) {
		n, other := newRecord("a"), c.Ref()
		n.Ref = c.Ref()
		if err := c.Store.InsertSession(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		c.replace(t, "a", "b", other, session.ErrEnded)
		c.replace(t, "unknown", "c", other, session.ErrEnded)
		c.ended(t, "a", "")
		c.signIn(t, "owned", "alice", nil)
		c.replace(t, "owned", "d", 0, session.ErrEnded)
		c.ended(t, "owned", "")
	},
	"a use says whether the browser is another one": func(t *testing.T, c contract) {
		c.insert(t, "a")
		for i, browser := range []string{"first", "first", "second"} {
			touch, err := c.Store.UpdateSession(t.Context(), idOf("a"), session.Change{
				Set: []byte(`{}`), UserAgent: browser})
			if want := i == 2; err != nil || touch.NewBrowser != want {
				t.Errorf("%s: got %+v, %v, want a new browser: %v", browser, touch, err, want)
			}
		}
	},
	"expiring leaves a live session alone": func(t *testing.T, c contract) {
		c.insert(t, "a")
		c.expire(t, "a", false)
		c.ended(t, "a", "")
		c.Pass(idle + time.Second)
		c.expire(t, "a", true)
		c.expire(t, "a", false)
		if r := c.find(t, "a"); r.Ended != session.Idle || !r.Tombstone {
			t.Errorf("got %+v, want the tombstone of the idle limit", r)
		}
	},
}

// contract is a store with the steps that rules are made of.
type contract struct{ Harness }

func idOf(name string) session.ID { return sha256.Sum256([]byte(name)) }

func (c contract) insert(t *testing.T, name string) {
	t.Helper()
	if err := c.Store.InsertSession(t.Context(), newRecord(name)); err != nil {
		t.Fatal(err)
	}
}

func newRecord(name string) session.NewRecord {
	return session.NewRecord{
		ID: idOf(name), Handle: "handle-" + name, LogID: "log-" + name, Data: []byte(`{"first": "1"}`),
		Idle: idle, Absolute: absolute,
	}
}

func (c contract) find(t *testing.T, name string) session.Record {
	t.Helper()
	r, found, err := c.Store.FindSession(t.Context(), idOf(name))
	if err != nil || !found {
		t.Fatalf("find %s: got %v, %v, want it found", name, found, err)
	}
	return r
}

func (c contract) holds(t *testing.T, name string, want map[string]string) {
	t.Helper()
	var got map[string]string
	if err := json.Unmarshal(c.find(t, name).Data, &got); err != nil || !maps.Equal(got, want) {
		t.Errorf("data: got %v, %v, want %v", got, err, want)
	}
}

func (c contract) ended(t *testing.T, name string, want session.Reason) {
	t.Helper()
	if got := c.find(t, name).Ended; got != want {
		t.Errorf("ended: got %q, want %q", got, want)
	}
}

func (c contract) update(t *testing.T, name string, change session.Change, want error) {
	t.Helper()
	if _, err := c.Store.UpdateSession(t.Context(), idOf(name), change); !errors.Is(err, want) {
		t.Errorf("update: got %v, want %v", err, want)
	}
}

func (c contract) touch(t *testing.T, name string, want bool) {
	t.Helper()
	if got, err := c.Store.TouchSession(t.Context(), idOf(name), ""); err != nil || got.Recorded != want {
		t.Errorf("touch: got %+v, %v, want it written: %v", got, err, want)
	}
}

func (c contract) expire(t *testing.T, name string, want bool) {
	t.Helper()
	if got, err := c.Store.ExpireSession(t.Context(), idOf(name)); err != nil || got != want {
		t.Errorf("expire: got %t, %v, want %t", got, err, want)
	}
}

func (c contract) replace(t *testing.T, from, to string, ref int64, want error) {
	t.Helper()
	n := newRecord(to)
	n.Ref, n.Replaces = ref, idOf(from)
	if err := c.Store.InsertSession(t.Context(), n); !errors.Is(err, want) {
		t.Errorf("replace %s by %s: got %v, want %v", from, to, err, want)
	}
}
