package session

import "context"

// Put lets tests put any value into the bag; handlers have typed accessors only.
func (m *Manager) Put(ctx context.Context, key, value string) { m.bag.Put(ctx, key, value) }

// PutAny puts a value of any type, as a mistake in this package could.
func (m *Manager) PutAny(ctx context.Context, key string, value any) { m.bag.Put(ctx, key, value) }

// Value reads what Put put.
func (m *Manager) Value(ctx context.Context, key string) string { return m.bag.GetString(ctx, key) }

// LogID is what the log knows a session by.
func LogID(m *Manager, id []byte) string { return m.logID(ID(id)) }
