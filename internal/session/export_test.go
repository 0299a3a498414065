package session

import "context"

// PutAny puts a value of any type, as a mistake in this package could.
func (m *Manager) PutAny(ctx context.Context, key string, value any) {
	m.values.scs.Put(ctx, key, value)
}

// LogID is what the log knows a session by.
func LogID(m *Manager, id []byte) string { return m.logID(ID(id)) }
