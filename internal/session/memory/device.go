package memory

import (
	"context"
	"slices"
	"time"

	"hookandtag.example/shop/internal/session"
)

// Devices implements session.DeviceStore.
func (s *Store) Devices(_ context.Context, owner int64) ([]session.Device, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var devices []session.Device
	for _, r := range s.liveOf(owner, s.now()) {
		devices = append(devices, session.Device{
			Handle: r.Handle, UserAgent: r.UserAgent, Created: r.created, LastUsed: r.lastUsed,
		})
	}
	slices.SortFunc(devices, func(a, b session.Device) int { return b.LastUsed.Compare(a.LastUsed) })
	return devices, nil
}

// EndDevice implements session.DeviceStore.
func (s *Store) EndDevice(_ context.Context, owner int64, handle string, keep session.ID) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var named *row
	for _, r := range s.rows {
		if r.Handle == handle && r.owner() == owner {
			named = s.latest(r.ID)
		}
	}
	return s.revoke(owner, keep, func(r *row) bool { return r == named }), nil
}

// EndOtherDevices implements session.DeviceStore.
func (s *Store) EndOtherDevices(_ context.Context, owner int64, keep session.ID) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revoke(owner, keep, func(*row) bool { return true }), nil
}

// revoke ends the owner's sessions that meant selects, except keep, and refuses older
// authentications from now on.
func (s *Store) revoke(owner int64, keep session.ID, meant func(*row) bool) (logIDs []string) {
	now, kept := s.now(), s.latest(keep)
	for _, o := range s.owners {
		if o.id == owner {
			o.notBefore = now
		}
	}
	for _, r := range s.liveOf(owner, now) {
		if r.ID != keep && r != kept && meant(r) {
			r.close(now, session.Revoked)
			logIDs = append(logIDs, r.LogID)
		}
	}
	return logIDs
}

// markLifetime is how long a logout refuses sign-ins in progress: longer than an ID token may take
// to arrive (auth.MaxTokenAge) and clocks may differ.
const markLifetime = 30 * time.Minute

// mark is a logout by the provider; it refuses the sign-ins in progress that it names.
type mark struct {
	session.Logout
	until time.Time
}

// refuses reports whether the logout names the provider's session of the sign-in: by its sid; or by
// the subject, if either has no sid.
func (m mark) refuses(in session.SignInRecord, now time.Time) bool {
	if m.Issuer != in.Issuer || !now.Before(m.until) || m.IssuedAt.Before(in.IssuedAt) {
		return false
	}
	bySID := m.SID != "" && m.SID == in.ProviderSID && (m.Subject == "" || m.Subject == in.Subject)
	return bySID || (m.SID == "" || in.ProviderSID == "") && m.Subject != "" && m.Subject == in.Subject
}

func (s *Store) forgetMarks(now time.Time) {
	s.marks = slices.DeleteFunc(s.marks, func(m mark) bool { return !now.Before(m.until) })
}

// EndByProvider implements session.LogoutStore.
func (s *Store) EndByProvider(_ context.Context, l session.Logout) (logIDs []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if !s.take(l.Issuer+"\x1f"+l.TokenID, now, l.Keep) {
		return nil, session.ErrReplayed
	}
	s.marks = append(s.marks, mark{l, now.Add(markLifetime)})
	o := s.owners[identity{l.Issuer, l.Subject}]
	for _, r := range s.rows {
		if r.signedIn != nil && r.live(now) && r.signedIn.meant(l, o) {
			r.close(now, session.BackChannel)
			logIDs = append(logIDs, r.LogID)
		}
	}
	return logIDs, nil
}

// take reports whether a key that counts once is new, and remembers it.
func (s *Store) take(key string, now time.Time, keep time.Duration) (first bool) {
	if until, taken := s.taken[key]; taken && now.Before(until) {
		return false
	}
	s.taken[key] = now.Add(keep)
	return true
}

// UseAttempt implements auth.UsedAttempts.
func (s *Store) UseAttempt(_ context.Context, stateHash [32]byte, expires time.Duration) (first bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.take("attempt\x1f"+string(stateHash[:]), s.now(), expires), nil
}

// meant reports whether a logout token names the session: by its sid; or by its subject o, if one
// of them names no sid and its ID token is no newer.
func (i *signedIn) meant(l session.Logout, o *owner) bool {
	bySID := l.SID != "" && i.sid == l.SID
	if l.Subject == "" {
		return bySID && i.issuer == l.Issuer
	}
	return o != nil && i.owner == o.id && (bySID || (l.SID == "" || i.sid == "") && !i.issued.After(l.IssuedAt))
}
