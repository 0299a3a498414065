// Package sessiontest checks that a store keeps the contract of session.Store, in what every program
// needs of it: to find, insert, update, touch, end and expire a session.
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

// Subject is a store under test.
type Subject struct {
	Store session.Store
	// Pass moves everything the store keeps into the past, as if so much time had gone by.
	Pass func(time.Duration)
}

// The limits of the sessions that Run begins.
const (
	idle     = 30 * time.Minute
	absolute = 2 * time.Hour
)

// Run checks each rule on a store of its own, which open makes empty.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	t.Helper()
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rule(t, contract{open(t)})
		})
	}
}

var rules = map[string]func(*testing.T, contract){
	"an unknown id is found nowhere, and that is no error": func(t *testing.T, c contract) {
		if r, found, err := c.Store.FindSession(t.Context(), idOf("nobody")); found || err != nil {
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
		c.update(t, "a", session.Change{Set: []byte(`{}`), Gone: []string{"first"}}, nil)
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
		e, err := c.Store.EndSession(t.Context(), idOf("a"), session.Forgotten)
		if err != nil || e.ID != idOf("a") || e.LogID != "log-a" {
			t.Errorf("got %+v, %v, want session a", e, err)
		}
		c.update(t, "a", session.Change{Set: []byte(`{"b": "c"}`)}, session.ErrEnded)
		c.touch(t, "a", false)
		if again, err := c.Store.EndSession(t.Context(), idOf("a"), session.Revoked); err != nil || again.LogID != "" {
			t.Errorf("ended again: got %+v, %v, want nothing", again, err)
		}
		c.ended(t, "a", session.Forgotten)
		c.holds(t, "a", map[string]string{})
	},
	"expiring leaves a live session alone": func(t *testing.T, c contract) {
		c.insert(t, "a")
		c.expire(t, "a")
		c.ended(t, "a", "")
		c.Pass(idle + time.Second)
		c.expire(t, "a")
		if r := c.find(t, "a"); r.Ended != session.Idle || !r.Tombstone {
			t.Errorf("got %+v, want the tombstone of the idle limit", r)
		}
	},
}

// contract is a store with the steps that rules are made of.
type contract struct{ Subject }

func idOf(name string) session.ID { return sha256.Sum256([]byte(name)) }

func (c contract) insert(t *testing.T, name string) {
	t.Helper()
	err := c.Store.InsertSession(t.Context(), session.NewRecord{
		ID: idOf(name), Handle: "handle-" + name, LogID: "log-" + name, Data: []byte(`{"first": "1"}`),
		Idle: idle, Absolute: absolute,
	})
	if err != nil {
		t.Fatal(err)
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
	if got, err := c.Store.TouchSession(t.Context(), idOf(name), ""); err != nil || got.Hit != want {
		t.Errorf("touch: got %+v, %v, want it written: %v", got, err, want)
	}
}

func (c contract) expire(t *testing.T, name string) {
	t.Helper()
	if err := c.Store.ExpireSession(t.Context(), idOf(name)); err != nil {
		t.Errorf("expire: %v", err)
	}
}
