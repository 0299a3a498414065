package session_test

import (
	"errors"
	"net/http"
	"testing"

	"hookandtag.example/shop/internal/session"
)

func TestLimitsAreNeededToOpenAManager(t *testing.T) {
	t.Parallel()
	for name, drop := range map[string]func(*session.Limits){ // ASVS 7.1.1, 7.1.2
		"idle": func(l *session.Limits) { l.Idle = 0 }, "absolute": func(l *session.Limits) { l.Absolute = -1 },
		"anonymous idle": func(l *session.Limits) {
			l.AnonymousIdle = 0
		}, "anonymous absolute": func(l *session.Limits) { l.AnonymousAbsolute = 0 },
		"number": func(l *session.Limits) { l.PerOwner = 0 },
	} {
		c := session.Config{Store: countingStore{}, Keys: mustRing(t), Limits: session.DefaultLimits,
			Unavailable: func(http.ResponseWriter, *http.Request, error) {}}
		if _, err := session.New(c); err != nil {
			t.Fatal(err)
		}
		drop(&c.Limits)
		if _, err := session.New(c); err == nil {
			t.Errorf("no limit %s: got no error, want one", name)
		}
	}
}

func TestAManagerNeedsItsPartsAndMayDoWithoutALog(t *testing.T) {
	t.Parallel()
	whole := session.Config{Store: countingStore{}, Keys: mustRing(t), Limits: session.DefaultLimits,
		Unavailable: func(http.ResponseWriter, *http.Request, error) {}}
	for name, drop := range map[string]func(*session.Config){
		"store": func(c *session.Config) {
			c.Store = nil
		}, "keys": func(c *session.Config) {
			c.Keys = nil
		}, "Unavailable": func(c *session.Config) { c.Unavailable = nil },
	} {
		c := whole
		drop(&c)
		if _, err := session.New(c); err == nil {
			t.Errorf("no %s: got no error, want one", name)
		}
	}
	m, err := session.New(whole)
	if err != nil {
		t.Fatal(err)
	}
	m.LogExpired(t.Context(), "a session's name", session.Idle) // without Observe
}

func TestWithoutTheirStoresDevicesAndLogoutsAreUnsupported(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *session.Config) { c.Devices, c.Logouts = nil, nil })
	alice := s.signedIn("alice")
	s.serve(func(_ http.ResponseWriter, r *http.Request) {
		ctx, m := r.Context(), s.sessions
		for name, call := range map[string]func() error{
			"Devices":         func() error { _, err := m.Devices(ctx); return err },
			"EndDevice":       func() error { _, err := m.EndDevice(ctx, "another"); return err },
			"EndOtherDevices": func() error { _, err := m.EndOtherDevices(ctx); return err },
			"EndByProvider":   func() error { _, err := m.EndByProvider(ctx, session.Logout{}); return err },
		} {
			if err := call(); !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("%s: got %v, want ErrUnsupported", name, err)
			}
		}
	})
	alice.get("/")
}
