package session

import (
	"context"
	"time"
)

// PutAny puts a value of any type, as a mistake in this package could.
func (m *Manager) PutAny(ctx context.Context, key string, value any) {
	m.values.scs.Put(ctx, key, value)
}

// Late reports whether the request is late.
func (m *Manager) Late(ctx context.Context) bool { return from(ctx).plan.outcome == late }

// Recent is a recent whose keys came at times a test chooses.
type Recent struct{ recent }

// First reports whether the key was not seen in the minute before now.
func (r *Recent) First(key string, now time.Time) bool { return r.first(key, now) }

// RecentMax is how many keys are remembered.
const RecentMax = recentMax
