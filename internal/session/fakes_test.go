package session_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/session"
)

// countingStore takes new sessions and keeps only their ids.
type countingStore struct {
	session.Store
	seen map[session.ID]bool
}

func (c countingStore) InsertSession(_ context.Context, n session.NewRecord) error {
	c.seen[n.ID] = true
	return nil
}

// failingStore fails the named calls as a store does that cannot be asked.
type failingStore struct {
	session.Store
	update, touch, expire, signIn func() error
}

func (f failingStore) UpdateSession(ctx context.Context, id session.ID, c session.Change) (session.Touch, error) {
	if f.update != nil {
		if err := f.update(); err != nil {
			return session.Touch{}, err
		}
	}
	return f.Store.UpdateSession(ctx, id, c)
}

func (f failingStore) TouchSession(ctx context.Context, id session.ID, userAgent string) (session.Touch, error) {
	if f.touch != nil {
		if err := f.touch(); err != nil {
			return session.Touch{}, err
		}
	}
	return f.Store.TouchSession(ctx, id, userAgent)
}

func (f failingStore) ExpireSession(ctx context.Context, id session.ID) (bool, error) {
	if f.expire != nil {
		if err := f.expire(); err != nil {
			return false, err
		}
	}
	return f.Store.ExpireSession(ctx, id)
}

func (f failingStore) SignIn(ctx context.Context, r session.SignInRecord) (session.SignedIn, error) {
	if f.signIn != nil {
		if err := f.signIn(); err != nil {
			return session.SignedIn{}, err
		}
	}
	return f.Store.SignIn(ctx, r)
}

// patientStore counts the calls that nothing but an answer ends.
type patientStore struct {
	session.Store
	calls *atomic.Int32
}

func (p patientStore) wait(ctx context.Context) {
	if _, ends := ctx.Deadline(); !ends {
		p.calls.Add(1)
	}
}

func (p patientStore) FindSession(ctx context.Context, id session.ID) (session.Record, bool, error) {
	p.wait(ctx)
	return p.Store.FindSession(ctx, id)
}

func (p patientStore) UpdateSession(ctx context.Context, id session.ID, c session.Change) (session.Touch, error) {
	p.wait(ctx)
	return p.Store.UpdateSession(ctx, id, c)
}

func (p patientStore) TouchSession(ctx context.Context, id session.ID, userAgent string) (session.Touch, error) {
	p.wait(ctx)
	return p.Store.TouchSession(ctx, id, userAgent)
}

func mustRing(t *testing.T) *keyring.Ring {
	t.Helper()
	r, err := keyring.New(firstKey)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newRecorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

func newRequest(t *testing.T) *http.Request {
	return httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
}
