package auth

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	// keysLife is how long keys are trusted without being fetched again, so that a withdrawn one stops being.
	keysLife = 10 * time.Minute
	// fetchEvery is the pace at which fetches are earned.
	fetchEvery = 30 * time.Second
	// signInFetches and logoutFetches are how many can be saved up. A sign-in may need two in a row, when the provider changes keys just
	// after the first. Logout tokens come from anyone, so they have keys of their own, and no flood of them can use up a sign-in's fetches.
	signInFetches = 2
	logoutFetches = 1
)

var errFetchedLately = errors.New("keys were fetched a moment ago")

// keys verifies signatures with the keys at one jwks_uri. An unknown key leads to a fetch, but after a burst only every fetchEvery: a
// token with an unknown key is refused until then, and however many such tokens come, the provider hardly notices.
type keys struct {
	url    string
	client *http.Client
	burst  int
	now    func() time.Time

	mu      sync.Mutex
	current *oidc.RemoteKeySet
	born    time.Time
	spare   int       // fetches that may be made now
	earned  time.Time // when spare was last added to
	broken  error     // how the last fetch failed
}

func newKeys(url string, client *http.Client, burst int, now func() time.Time) *keys {
	return &keys{url: url, client: client, burst: burst, now: now, spare: burst, earned: now()}
}

// verifier checks tokens by these keys. The error that the keys themselves met, if any, is in the place returned with it, because
// go-oidc passes on its text only.
func (k *keys) verifier(issuer string, config *oidc.Config) (*oidc.IDTokenVerifier, *keysError) {
	met := &keysError{keys: k}
	return oidc.NewVerifier(issuer, met, config), met
}

// keysError is a key set that remembers how its last verification ended.
type keysError struct {
	keys   *keys
	asked  bool
	err    error
	outage error
}

// VerifySignature implements oidc.KeySet.
func (e *keysError) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := e.keys.set().VerifySignature(ctx, jwt)
	e.asked, e.err = true, err
	e.outage = e.keys.note(err)
	return payload, err
}

// verdict says whether a token was refused or could not be judged.
func (e *keysError) verdict(err error) error {
	switch {
	case e.outage != nil:
		return unavailable("signing keys", e.outage)
	case e.err != nil || !e.asked:
		return refuse(CheckSignature, "%v", err)
	}
	return refuse(CheckClaims, "%v", err)
}

// set returns the keys known now: none as yet, when those known are too old and new ones may be fetched.
func (k *keys) set() *oidc.RemoteKeySet {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.earn()
	if k.now().Sub(k.born) >= keysLife && k.spare > 0 { // at first they count as old as can be
		client := *k.client
		client.Transport = paced{keys: k, next: k.client.Transport}
		ctx := oidc.ClientContext(context.Background(), &client)
		k.current, k.born = oidc.NewRemoteKeySet(ctx, k.url), k.now()
	}
	return k.current
}

// note tells keys that could not be fetched, now or a moment ago, from a signature that is wrong. go-oidc wraps the error of a fetch and
// of nothing else.
func (k *keys) note(err error) (outage error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !errors.Is(err, errFetchedLately) {
		k.broken = errors.Unwrap(err)
	}
	return k.broken
}

func (k *keys) earn() {
	for k.spare < k.burst && k.now().Sub(k.earned) >= fetchEvery {
		k.spare++
		k.earned = k.earned.Add(fetchEvery)
	}
	if k.spare == k.burst {
		k.earned = k.now()
	}
}

// spend reports whether a fetch may be made now, and counts it.
func (k *keys) spend() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.earn()
	if k.spare == 0 {
		return false
	}
	k.spare--
	return true
}

// paced makes the fetches that may be made.
type paced struct {
	keys *keys
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (p paced) RoundTrip(r *http.Request) (*http.Response, error) {
	if !p.keys.spend() {
		return nil, errFetchedLately
	}
	return p.next.RoundTrip(r)
}
