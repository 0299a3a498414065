package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"

	"hookandtag.example/shop/internal/mallory"
)

var stores = &lesson{
	number: 11, title: "Where the rows hang",
	weakness: "Sessions live in the memory of one process, under the very ids the cookies carry.",
	defences: []mallory.Defence{
		{Key: "shared", Text: "Sessions live in one store that outlasts the processes"},
		{Key: "hashed", Text: "The store knows the ids' hashes only"},
	},
	presses: []press{{"restart", "", "Restart the twin"}, {"replica", "", "Add a second replica"}},
	weaken: func(x *exhibit) {
		x.detour = x.nextReplica
		if x.on["hashed"] {
			x.key = keyHashed
		}
	},
}

// nextReplica lets the replicas answer in turn, each from its own memory.
func (x *exhibit) nextReplica(http.ResponseWriter, *http.Request) bool {
	if x.on["shared"] {
		x.rows = x.replicas[0]
		return false
	}
	x.rows = x.replicas[x.turn%len(x.replicas)]
	x.turn++
	return false
}

// keyAsSent stores a session under the very value its cookie carries: a copy of the table opens
// every session.
func keyAsSent(id string) string { return id }

// keyHashed stores it under the value's hash, which opens nothing.
func keyHashed(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// restart ends every process and starts it again.
func restart(w http.ResponseWriter, _ *http.Request, x *exhibit) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.on["shared"] {
		x.loseMemory()
	}
	x.note(mallory.EventLost, "The twin was restarted.")
	redirect(w, x.path)
}

// loseMemory is what a restart does to a memory store.
func (x *exhibit) loseMemory() {
	for i := range x.replicas {
		x.replicas[i] = map[string]*session{}
	}
	x.rows, x.order = x.replicas[0], nil
}

// addReplica starts a second process beside the first.
func addReplica(w http.ResponseWriter, _ *http.Request, x *exhibit) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.replicas) < 2 {
		x.replicas = append(x.replicas, map[string]*session{})
	}
	x.note(mallory.EventSwitched, "Two replicas answer in turn.")
	redirect(w, x.path)
}

// showDump is a copy of the store, as a leaked backup would be.
func showDump(w http.ResponseWriter, _ *http.Request, x *exhibit) {
	x.mu.Lock()
	defer x.mu.Unlock()
	dump := []mallory.Issued{}
	for _, rows := range x.replicas {
		for key, s := range rows {
			dump = append(dump, mallory.Issued{Value: key, User: s.user})
		}
	}
	slices.SortFunc(dump, func(a, b mallory.Issued) int { return len(b.User) - len(a.User) })
	answerJSON(w, dump[:min(len(dump), 50)])
}
