package learn

import (
	"encoding/binary"
	"fmt"
	"testing"

	"hookandtag.example/shop/internal/session"
)

// numbered is a session's id.
func numbered(n int) (id session.ID) {
	binary.BigEndian.PutUint64(id[:], uint64(n+1))
	return id
}

func TestTheSessionsOfOneVisitorDoNotDriveOutThoseOfOthers(t *testing.T) {
	t.Parallel()
	m := newMemory()
	other := numbered(0)
	m.note("", exchange{Path: "/cart", tags: tags{gotID: other}})
	for n := range 2 * maxKept {
		m.note("learner", exchange{Path: "/", tags: tags{gotID: numbered(n + 1)}})
	}
	if got := len(m.trails); got != maxChain+1 {
		t.Errorf("%d sessions are remembered, want the learner's last %d and the other visitor's", got, maxChain)
	}
	if got := m.trail("", other).exchanges; len(got) != 1 {
		t.Errorf("the other visitor's trail has %d exchanges, want 1", len(got))
	}
}

func TestALearnerTooManyIsRememberedInPlaceOfOneLongUnseen(t *testing.T) {
	t.Parallel()
	m := newMemory()
	for n := range maxKept {
		m.learner(fmt.Sprint(n))
	}
	newest := m.learner("newest")
	if m.learner("newest") != newest {
		t.Error("the newest learner is forgotten at once")
	}
	if got := len(m.learners); got > maxKept {
		t.Errorf("%d learners are remembered, want at most %d", got, maxKept)
	}
}
