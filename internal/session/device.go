package session

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Device is a signed-in session as its owner sees it.
type Device struct {
	Handle    string // names it on pages; opens nothing
	UserAgent string // of its browser; at most 200 printable ASCII characters
	Created   time.Time
	LastUsed  time.Time // as recorded, at most min(60 s, idle/30) old
	Current   bool      // it is the session of this request
}

var errNoDevices = fmt.Errorf("session: Config.Devices is not set: %w", errors.ErrUnsupported)

// Devices lists the live sessions of the signed-in owner, the last used first. It returns nil if no
// owner is signed in.
func (m *Manager) Devices(ctx context.Context) ([]Device, error) {
	owner, ok := m.Owner(ctx)
	if !ok {
		return nil, nil
	}
	if m.config.Devices == nil {
		return nil, errNoDevices
	}
	devices, err := m.config.Devices.Devices(ctx, owner) // ASVS 7.5.2
	for i := range devices {
		devices[i].Current = devices[i].Handle == from(ctx).found.record.Handle
	}
	return devices, err
}

// EndDevice ends another live session of the signed-in owner. Found is false if the handle does not
// name one of the owner's sessions, or names this one: use SignOut for this one.
func (m *Manager) EndDevice(ctx context.Context, handle string) (found bool, err error) {
	owner, ok := m.Owner(ctx)
	if !ok || handle == from(ctx).found.record.Handle { // the store would refuse older authentications
		return false, nil
	}
	if m.config.Devices == nil {
		return false, errNoDevices
	}
	ctx, cancel := detached(ctx, 2*writeTimeout)
	defer cancel()
	logIDs, err := m.config.Devices.EndDevice(ctx, owner, handle, from(ctx).found.id) // ASVS 7.5.2
	m.observeEnded(ctx, logIDs, Revoked)
	return len(logIDs) > 0, err
}

// EndOtherDevices ends every other live session of the signed-in owner and returns how many it
// ended.
func (m *Manager) EndOtherDevices(ctx context.Context) (ended int, err error) {
	owner, ok := m.Owner(ctx)
	if !ok {
		return 0, nil
	}
	if m.config.Devices == nil {
		return 0, errNoDevices
	}
	ctx, cancel := detached(ctx, 2*writeTimeout)
	defer cancel()
	logIDs, err := m.config.Devices.EndOtherDevices(ctx, owner, from(ctx).found.id) // ASVS 7.4.3, 7.5.2
	m.observeEnded(ctx, logIDs, Revoked)
	return len(logIDs), err
}

// AuthenticatedWithin reports whether the signed-in owner was authenticated at most age ago. It is
// false if no owner is signed in, or the provider did not say when.
func (m *Manager) AuthenticatedWithin(ctx context.Context, age time.Duration) bool {
	r := from(ctx).found.record
	_, ok := m.Owner(ctx)
	return ok && !r.AuthTime.IsZero() && r.AuthAge <= age // ASVS 7.5.3, 6.8.4
}
