package auth

import (
	"context"
	"errors"
	"fmt"

	"hookandtag.example/shop/internal/text"
)

var (
	// ErrUnavailable says that the provider or the store of used attempts could not be reached or made
	// no sense. Trying again may help. The error is also context.Canceled if the caller left.
	ErrUnavailable = errors.New("sign-in is not available")
	// ErrCancelled says that the customer, or the provider on their behalf, gave up: nothing is wrong
	// and nothing has changed.
	ErrCancelled = errors.New("sign-in was cancelled at the provider")
	// ErrNotAdmitted says that the provider knows the customer and does not let them use the shop.
	ErrNotAdmitted = errors.New("the provider does not admit the customer to the shop")
	// ErrExpired says that the customer took longer at the provider than the provider allows.
	// Beginning anew helps.
	ErrExpired = errors.New("sign-in took too long at the provider")
	// ErrNoAttempt says that this browser has no such attempt, or no longer: an old link, another
	// browser, the Back button.
	ErrNoAttempt = errors.New("this browser has no such open sign-in")
)

// RepeatedError says that the attempt's callback was used before, as by a second click or a reload.
// ReturnTo is where it was to lead.
type RepeatedError struct {
	ReturnTo string
}

func (e RepeatedError) Error() string {
	return "this sign-in's callback was used before"
}

// RefusedError says that what came from the provider, or in its name, failed a check. Nobody may be
// signed in by it.
type RefusedError struct {
	Check Check // which check, for counters
	// for the log only: one line of at most some 200 printable ASCII characters, without tokens,
	// codes, names or e-mails
	Reason string
}

func (r *RefusedError) Error() string {
	return fmt.Sprintf("refused (%s): %s", r.Check, r.Reason)
}

// Check names one thing that is checked of the provider's answer.
type Check string

// The checks, about in the order in which they are made.
const (
	// the callback is a page the browser goes to, not one that another page embeds or prefetches
	CheckNavigation Check = "navigation"
	CheckQuery      Check = "query" // the callback's parameters: each once, and those of a success or of an error
	// the authorization response: its iss, or an error that is ours or the provider's fault
	CheckResponse  Check = "response"
	CheckToken     Check = "token"     // the token endpoint's answer
	CheckSignature Check = "signature" // a JWT's form, key and algorithm
	CheckClaims    Check = "claims"    // issuer, audience, expiry and the form of the claims
	CheckType      Check = "typ"       // a token of another kind
	CheckSubject   Check = "sub"       // missing, malformed, or not the one who was expected
	CheckParty     Check = "azp"       // issued to another client, or for further audiences
	CheckTime      Check = "time"      // issued too early or too late
	CheckNonce     Check = "nonce"     // not made for this attempt
	CheckHash      Check = "at_hash"   // the access token belongs to another ID token
	CheckAge       Check = "auth_time" // the authentication is too old, or its age is unknown
	CheckContext   Check = "acr"       // the authentication is weaker than asked for
	CheckUserInfo  Check = "userinfo"  // the userinfo endpoint speaks of somebody else
	CheckEvent     Check = "event"     // not the event of a logout
	CheckTokenID   Check = "jti"       // a logout token without a usable id
)

func refuse(check Check, format string, values ...any) error {
	return &RefusedError{Check: check, Reason: printable(fmt.Sprintf(format, values...))}
}

// unavailable is ErrUnavailable, and also context.Canceled if the caller has left: the provider may
// be well then.
func unavailable(what string, err error) error {
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w: %s: %w", ErrUnavailable, what, context.Canceled)
	}
	return fmt.Errorf("%w: %s: %s", ErrUnavailable, what, printable(err.Error()))
}

// maxReason bounds what others' words can add to the log.
const maxReason = 200

// printable makes one bounded line of printable ASCII out of words that may come from a hostile
// provider (ASVS 16.4.1).
func printable(s string) string {
	return text.ASCII(s, maxReason, '?')
}
