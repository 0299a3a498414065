package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"
)

const (
	// renewKeys is how long keys are trusted without being fetched again, so that a withdrawn one
	// stops being.
	renewKeys = 10 * time.Minute
	// keysLife is how long they are trusted when they cannot be fetched again.
	keysLife = time.Hour
	// renewWait is how long a token that good keys could judge waits for newer ones.
	renewWait = time.Second
	// firstRetry is the pause after a failed fetch. Each further failure doubles it, up to
	// longestPause.
	firstRetry = time.Second
	// slowPace is the least time between two fetches for logout tokens with an unknown key. Anyone can
	// send those, so that a flood of them must not reach the provider. ID tokens come from the
	// provider alone.
	slowPace = 30 * time.Second
)

var errNoKey = errors.New("no key of the provider verifies the signature")

// keys are the provider's signing keys, as the document at jwks_uri has them. A good set stays in
// use until the next is here or keysLife is over.
type keys struct {
	client     *http.Client
	algorithms []jose.SignatureAlgorithm
	now        func() time.Time
	log        *slog.Logger
	fetches    singleflight.Group
	skipped    map[string]bool // keys that the log has named as left out; one fetch at a time reads it

	mu    sync.Mutex // guards the three below
	url   string
	known keySet
	pace  pace
}

// keySet is what the last good fetch brought.
type keySet struct {
	keys    []jose.JSONWebKey
	fetched time.Time // zero: never
	moved   bool      // from an earlier url
}

// pace says when keys may be fetched.
type pace struct {
	failure  error // of the last fetch
	pause    time.Duration
	retry    time.Time // no fetch before
	byAnyone time.Time // the last fetch for a logout token
}

func newKeys(c Config) *keys {
	k := &keys{client: c.HTTP, now: c.Now, log: c.Log, skipped: map[string]bool{}}
	for _, a := range c.Algorithms {
		k.algorithms = append(k.algorithms, jose.SignatureAlgorithm(a))
	}
	return k
}

// setURL says where the keys are from now on.
func (k *keys) setURL(url string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known.moved = k.known.moved || k.url != "" && k.url != url
	k.url = url
}

// sender says who can have sent a token.
type sender bool

const (
	byProvider sender = false
	byAnyone   sender = true
)

// verify returns the payload of a compact JWS that one of the keys signed, and fetches keys when
// the known ones are old or none of them did. Outage says that keys which might have signed it
// could not be fetched.
func (k *keys) verify(ctx context.Context, raw string, from sender) (payload []byte, outage, err error) {
	jws, err := jose.ParseSignedCompact(raw, k.algorithms)
	if err != nil {
		return nil, nil, err
	}
	asked := k.due()
	if asked {
		outage = k.fetch(ctx, from)
	}
	if payload, ok := k.match(jws); ok {
		return payload, nil, nil
	}
	if !asked && k.mayFetch(from) {
		outage = k.fetch(ctx, from)
		if payload, ok := k.match(jws); ok {
			return payload, nil, nil
		}
	}
	if outage != nil {
		return nil, outage, outage
	}
	return nil, nil, errNoKey
}

// match tries every key that may have signed a token: those with its kid, or all of them when it
// names none (OIDC Core 10.1).
func (k *keys) match(jws *jose.JSONWebSignature) ([]byte, bool) {
	k.mu.Lock()
	set := k.known.keys
	if k.now().Sub(k.known.fetched) >= keysLife {
		set = nil
	}
	k.mu.Unlock()
	header := jws.Signatures[0].Header
	for _, key := range set {
		if (header.KeyID != "" && key.KeyID != header.KeyID) || !signs(key, header.Algorithm) {
			continue
		}
		if payload, err := jws.Verify(key); err == nil {
			return payload, true
		}
	}
	return nil, false
}

func (k *keys) due() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.known.moved || k.now().Sub(k.known.fetched) >= renewKeys
}

func (k *keys) mayFetch(from sender) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return from == byProvider || k.now().Sub(k.pace.byAnyone) >= slowPace
}

// fetch brings the newest keys, once for all who wait, unless that failed a moment ago. A caller
// that leaves does not stop it for the others.
func (k *keys) fetch(ctx context.Context, from sender) error {
	k.mu.Lock()
	if k.now().Before(k.pace.retry) {
		defer k.mu.Unlock()
		return k.pace.failure
	}
	var giveUp <-chan time.Time
	if k.now().Sub(k.known.fetched) < keysLife {
		giveUp = time.After(renewWait)
	}
	if from == byAnyone {
		k.pace.byAnyone = k.now()
	}
	k.mu.Unlock()
	done := k.fetches.DoChan("", func() (any, error) { return nil, k.load(context.WithoutCancel(ctx)) })
	select {
	case result := <-done:
		return result.Err
	case <-giveUp:
		return errors.New("no answer yet")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// load fetches the document once. The pause after a failure grows with every further one.
func (k *keys) load(ctx context.Context) error {
	k.mu.Lock()
	url := k.url
	k.mu.Unlock()
	set, err := k.read(ctx, url)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		pause := min(max(2*k.pace.pause, firstRetry), longestPause)
		k.pace.failure, k.pace.pause, k.pace.retry = err, pause, k.now().Add(pause)
		k.log.WarnContext(ctx, "signing keys cannot be fetched", "error", printable(err.Error()), "retry_in", pause)
		return err
	}
	k.known = keySet{keys: set, fetched: k.now(), moved: k.known.moved && k.url != url}
	k.pace = pace{byAnyone: k.pace.byAnyone}
	return nil
}

func (k *keys) read(ctx context.Context, url string) ([]jose.JSONWebKey, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := k.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the key endpoint answers %s", response.Status)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	return k.parse(ctx, body)
}

// judging is the key set for one token. It keeps apart what go-oidc passes on as text only: keys
// that could not be fetched, a signature that is wrong, and claims that cannot be read.
type judging struct {
	keys   *keys
	from   sender
	outage error
	good   bool // the signature
}

// verifier checks tokens by these keys.
func (k *keys) verifier(issuer string, config *oidc.Config, from sender) (*oidc.IDTokenVerifier, *judging) {
	j := &judging{keys: k, from: from}
	return oidc.NewVerifier(issuer, j, config), j
}

// VerifySignature implements oidc.KeySet. The payload holds exact claim names only.
func (j *judging) VerifySignature(ctx context.Context, raw string) (payload []byte, err error) {
	payload, j.outage, err = j.keys.verify(ctx, raw, j.from)
	if err != nil {
		return nil, err
	}
	j.good = true
	return exact(payload)
}

// verdict says whether a token was refused or could not be judged.
func (j *judging) verdict(err error) error {
	switch {
	case j.outage != nil:
		return unavailable("signing keys", j.outage)
	case !j.good:
		return refuse(CheckSignature, "%v", err)
	}
	return refuse(CheckClaims, "%v", err)
}
