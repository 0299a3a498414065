package session

import (
	"context"
	"crypto/rand"
	"time"
)

// ElsewherePrefix begins the key under which an owner's other sessions record that the owner signed
// in somewhere new. A newer record replaces an older one that no page has shown yet.
const ElsewherePrefix = "notice.elsewhere."

// elsewhereKey returns a new key each time. The page that shows the notice removes the key it read,
// and so keeps a record of a later sign-in.
func elsewhereKey() string {
	return ElsewherePrefix + time.Now().UTC().Format("20060102T150405.000000000") + rand.Text()[:4]
}

// TakeSignedInElsewhere reports whether the owner has signed in in another browser since the last
// call for this session, and forgets it. It reports nothing, and forgets nothing, for an ended
// session.
func (m *Manager) TakeSignedInElsewhere(ctx context.Context) bool {
	return m.values.removePrefix(ctx, ElsewherePrefix)
}
