package session_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestSessionsBehaveLikeTheModel lets three browsers, two replicas, a provider, an operator and
// time do anything in any order, and compares every browser's view with a model small enough to be
// believed (model_state_test.go). What must always hold:
//
//   - An ended session never comes back, not even by a request in flight when it ended; an
//     old tag opens nothing.
//   - Nobody is signed in who should not be, and nobody is signed out who should
//     not be; an outage does neither.
//   - A revocation holds against older authentications, and a logout by the provider against
//     sign-ins in progress; a fresh authentication passes.
//   - A customer has no more sessions than the limit, and the oldest are those that end.
//   - No unit put into a cart is lost, and none appears. Concurrent requests that put
//     different values all keep theirs.
//   - A visitor who returns sees why the session ended.
//   - Both replicas say the same.
//
// More rounds: go test ./internal/session -run Model -rapid.checks=5000.
func TestSessionsBehaveLikeTheModel(t *testing.T) {
	t.Parallel()
	s := open(t, withLimits(modelLimits))
	s.exec(`INSERT INTO products (sku, slug, name, room, summary, description, silhouette, weave, tone, price, stock)
		VALUES ('ONE', 'one', 'One', 'hats', '', '', 'hat', 'plain', 'felt', 100, 1000)`)
	generations := s.generations(5)
	rapid.Check(t, func(rt *rapid.T) {
		s.exec(`TRUNCATE sessions, carts, customers, logout_marks, used_logout_tokens RESTART IDENTITY CASCADE`)
		m := &machine{rt: rt, t: t, site: s, generations: generations,
			customers: map[string]*modelCustomer{"alice": {}, "bob": {}}}
		defer m.releaseAll()
		for i := range m.browsers {
			m.browsers[i] = &modelBrowser{browser: s.browser()}
		}
		for range m.browsers {
			m.add()
		}
		rt.Repeat(map[string]func(*rapid.T){"": m.check, "step": m.step})
	})
}

// generations are sites by how often the keys were rotated: each time two replicas that sign with
// the newest key and take the one before.
func (s *site) generations(n int) (g [][2]*site) {
	var ring []string
	for i := range n {
		ring = append([]string{fmt.Sprintf("key-%d-", i) + firstKey}, ring...)
		ring = ring[:min(len(ring), 2)]
		g = append(g,
			[2]*site{s.replica(withKeys(ring...), withLimits(modelLimits)),
				s.replica(withKeys(ring...), withLimits(modelLimits))})
	}
	return g
}

// actions are what can happen, each as often as its weight says.
var actions = map[string]struct {
	weight int
	do     func(*machine)
}{
	"sign in": {3, (*machine).signIn}, "sign out": {1, (*machine).signOut}, "lose the tag": {1, (*machine).lose},
	"end others": {1, (*machine).endOthers}, "end a device": {1, (*machine).endDevice},
	"list devices": {1, (*machine).listDevices},
	"begin":        {3, (*machine).begin}, "finish": {3, (*machine).finish}, "put": {1, (*machine).put},
	"add": {2, (*machine).add}, "replay": {1, (*machine).replay},
	"time": {4, (*machine).goBy}, "keys": {1, (*machine).changeKeys}, "outage": {1, (*machine).outage},
	"provider": {1, (*machine).backChannel}, "operator": {1, (*machine).operate},
}

// weighted holds each action's name as often as its weight says.
var weighted = func() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(actions)) {
		names = append(names, slices.Repeat([]string{name}, actions[name].weight)...)
	}
	return names
}()

// step lets one thing happen.
func (m *machine) step(*rapid.T) { actions[pick(m, "action", weighted...)].do(m) }

// check compares what every browser sees with the model, unless none looks.
func (m *machine) check(*rapid.T) {
	m.steps++
	for i, b := range m.browsers {
		if m.unseen || m.toRecord(b) {
			continue
		}
		b.site = m.generations[m.generation][(m.steps+i)%2]
		m.look(b)
	}
	m.unseen = false
	want := fmt.Sprintf("%d %d %d", len(m.of("")), len(m.of("alice")), len(m.of("bob")))
	if live := m.live(); live != want {
		m.rt.Fatalf("live sessions, anonymous, of Alice and of Bob: got %s, want %s", live, want)
	}
}

// live counts the sessions that the database calls live: anonymous ones, Alice's and Bob's.
func (m *machine) live() (counts string) {
	err := m.site.pool.QueryRow(m.t.Context(), `
		SELECT concat_ws(' ', count(*) FILTER (WHERE c.name IS NULL), count(*) FILTER (WHERE c.name = 'alice'),
			count(*) FILTER (WHERE c.name = 'bob'))
		FROM sessions s LEFT JOIN customers c ON c.id = s.customer_id WHERE live(s)`).Scan(&counts)
	if err != nil {
		m.t.Fatal(err)
	}
	return counts
}

// index draws one of n evenly; rapid's own generators prefer the first ones.
func (m *machine) index(label string, n int) int {
	return draw(m, label, n, func(i int) int { return i })
}

func pick[T any](m *machine, label string, from ...T) T {
	return draw(m, label, len(from), func(i int) T { return from[i] })
}

func draw[T any](m *machine, label string, n int, value func(i int) T) T {
	return rapid.Custom(func(t *rapid.T) T {
		drawn := 0
		for range 10 {
			drawn <<= 1
			if rapid.Bool().Draw(t, "") {
				drawn++
			}
		}
		return value(drawn % n)
	}).Draw(m.rt, label)
}

func (m *machine) someSite() *site { return m.generations[m.generation][m.index("replica", 2)] }

func (m *machine) some() *modelBrowser {
	b := m.browsers[m.index("browser", len(m.browsers))]
	b.site = m.someSite()
	return b
}

// someone is mostly the same one, so that they come to have many sessions.
func (m *machine) someone() string { return pick(m, "who", "alice", "alice", "bob") }

func (m *machine) unique() string {
	m.made++
	return fmt.Sprint("unique-", m.made)
}

// provider is the clock of the provider.
func provider(now time.Duration) time.Time {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(now)
}

// releaseAll lets what is still in flight finish before the next round.
func (m *machine) releaseAll() {
	for _, f := range m.flights {
		close(f.gate.release)
		<-f.done
	}
}
