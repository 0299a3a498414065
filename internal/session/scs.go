package session

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
)

// Only this file uses scs. One request, from its cookie to the answer's:
//
//	Cookie: __Host-tag=k.token.mac
//	   │
//	readTag ─ token ─▶ scs.Load ────▶ findValues ──▶ Store.FindSession
//	   │                                                   │
//	handler ◀─ values ─ codec.Decode ◀─────────────── the row
//	   │
//	   │  Put, Get          change the values in scs
//	   │  KeepRef, …        change the plan (request.go)
//	   │  Begin, SignIn, …  call the store directly
//	   ▼
//	 save ─ if changed ─▶ scs.Commit ─ codec.Encode ─▶ commitValues ──▶ Store.UpdateSession
//	   │                                                               or Store.InsertSession
//	   ▼
//	setTag ─▶ Set-Cookie, before the first byte of the answer

// values keeps the values of each request.
type values struct{ scs *scs.SessionManager }

func newValues(m *Manager) values {
	// A literal, because scs.New starts a goroutine for a store that is replaced here. IdleTimeout
	// stays 0: otherwise every request would write its row and send its cookie again, and a late
	// one would revive an ended session.
	return values{&scs.SessionManager{
		Store: scsStore{m: m}, Codec: codec{}, Lifetime: m.config.Limits.Absolute,
	}}
}

// load returns a context with the values of the session that the token names; without one, and for
// the token "", there are no values.
func (v values) load(ctx context.Context, token string) (context.Context, error) {
	return v.scs.Load(ctx, token)
}

// changed reports whether a value was put or removed; the row may still hold the same.
func (v values) changed(ctx context.Context) bool { return v.scs.Status(ctx) == scs.Modified }

// commit calls commitValues, with a new token if none was loaded.
func (v values) commit(ctx context.Context) error {
	_, _, err := v.scs.Commit(ctx)
	return err
}

// token returns the token of the request's session.
func (v values) token(ctx context.Context) string { return v.scs.Token(ctx) }

// restart drops all values and returns a new token.
func (v values) restart(ctx context.Context) (token string, err error) {
	v.clear(ctx)                // ASVS 7.2.4: an attacker may have put them there
	err = v.scs.RenewToken(ctx) // ASVS 7.2.4
	return v.scs.Token(ctx), err
}

// clear drops all values.
func (v values) clear(ctx context.Context) {
	_ = v.scs.Clear(ctx) // it asks no store and cannot fail
}

// removePrefix removes the values whose keys begin with prefix and reports whether there were any.
func (v values) removePrefix(ctx context.Context, prefix string) (found bool) {
	for _, k := range v.scs.Keys(ctx) {
		if strings.HasPrefix(k, prefix) {
			v.scs.Remove(ctx, k)
			found = true
		}
	}
	return found
}

// Put keeps a value for the visitor's next requests, and begins an anonymous session if none is
// live. Concurrent requests that put different keys both keep their values; for one key, the last
// one does, so that a list in one value can lose an item: give each item its key. A sign-in drops
// all values: to keep one, Get it before and Put it afterwards. What is put once the answer has
// begun, in a request that may not write (a prefetch, a late one), or in one that is answered 5xx,
// is not kept; what was put before Begin is. U+0000 and invalid UTF-8, which a store may not keep,
// become U+FFFD; a value may be of any length. Keys that begin with "notice." are reserved for this
// package.
func (m *Manager) Put(ctx context.Context, key, value string) {
	value = strings.ReplaceAll(strings.ToValidUTF8(value, "\uFFFD"), "\x00", "\uFFFD")
	m.values.scs.Put(ctx, key, value)
}

// Remove removes the value that Put kept, if there is one.
func (m *Manager) Remove(ctx context.Context, key string) { m.values.scs.Remove(ctx, key) }

// Get returns the value that Put kept, or "".
func (m *Manager) Get(ctx context.Context, key string) string {
	return m.values.scs.GetString(ctx, key)
}

// scsStore is the store scs sees. The embedded Store is nil: scs calls the Ctx methods only.
type scsStore struct {
	scs.Store
	m *Manager
}

// FindCtx implements scs.CtxStore.
func (s scsStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	return s.m.findValues(ctx, token)
}

// CommitCtx implements scs.CtxStore.
func (s scsStore) CommitCtx(ctx context.Context, token string, data []byte, _ time.Time) error {
	return s.m.commitValues(ctx, token, data)
}

// DeleteCtx implements scs.CtxStore. scs calls it before it generates a new token. It deletes
// nothing: a sign-in ends the old session in the transaction that begins the new one.
func (scsStore) DeleteCtx(context.Context, string) error { return nil }

// codec encodes the values as a JSON object of strings. Other types are refused: JSON would decode
// every number as a float64.
type codec struct{}

// Encode implements scs.Codec. It drops the deadline: the store keeps both limits in columns.
func (codec) Encode(_ time.Time, values map[string]any) ([]byte, error) {
	for k, v := range values {
		if _, ok := v.(string); !ok {
			return nil, fmt.Errorf("session value %q is a %T, want a string", k, v)
		}
	}
	return json.Marshal(values)
}

// Decode implements scs.Codec. It drops data it cannot read, so that a row of another release does
// not lock its visitor out.
func (codec) Decode(data []byte) (time.Time, map[string]any, error) {
	texts, _ := decode(data) // findValues logs it
	values := make(map[string]any, len(texts))
	for k, v := range texts {
		values[k] = v
	}
	return time.Time{}, values, nil
}
