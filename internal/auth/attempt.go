package auth

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/keyring"
)

const (
	maxOpen = 5 // attempts open in a browser; the oldest gives way
	// maxCleared bounds the answer when a browser sends many cookies that only look like attempts.
	maxCleared = 20
	// maxSealed keeps five attempts, with the tag, below 8 KiB of Cookie header, and each far below
	// the 4096 bytes of one cookie.
	maxSealed = 1536
)

// attempt is one sign-in in progress. It lives in a cookie that nobody else can make or read, so
// that starting costs no row, and tabs do not overwrite each other's.
type attempt struct {
	State          string   `json:"s"`
	Nonce          string   `json:"n"`
	Verifier       string   `json:"v"` // PKCE (RFC 7636)
	Issuer         string   `json:"i"`
	Started        int64    `json:"t"`           // Unix seconds, by our clock
	Part           int64    `json:"p,omitempty"` // of that second, in microseconds
	MaxAge         int64    `json:"m"`           // seconds, as sent; 0 when not
	Reauthenticate bool     `json:"f,omitempty"` // the user must authenticate again; auth_time must not be before Started
	Undated        bool     `json:"u,omitempty"` // auth_time need not be there
	ACR            []string `json:"a,omitempty"`
	Expected       string   `json:"e,omitempty"` // fingerprint of the only identity that may come back
	ReturnTo       string   `json:"r,omitempty"`
	Intent         string   `json:"w,omitempty"`

	cookie string
}

func (a attempt) started() time.Time {
	return time.Unix(a.Started, a.Part*int64(time.Microsecond))
}

// fingerprint is a hash of an identity, whose full length would not fit.
func fingerprint(i customer.Identity) string {
	sum := sha256.Sum256([]byte(i.Issuer + "\x00" + i.Subject))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// same compares two secrets in constant time. Nothing is the same as something missing.
func same(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// CookiePrefix is how the names of the attempts' cookies begin.
func (p *Provider) CookiePrefix() string {
	if p.config.InsecureCookies {
		return "attempt-"
	}
	return "__Host-attempt-"
}

// cookieName is where the attempt with this state lives. It does not reveal the state.
func (p *Provider) cookieName(state string) string {
	sum := sha256.Sum256([]byte("attempt " + state))
	return p.CookiePrefix() + hex.EncodeToString(sum[:8])
}

// seal writes the attempt to its own cookie and reports whether it was small enough.
func (p *Provider) seal(w http.ResponseWriter, a attempt) bool {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(a); err != nil {
		return false
	}
	name := p.cookieName(a.State)
	value := p.config.Keys.Seal(keyring.Attempt, text.Bytes(), name)
	if len(value) > maxSealed {
		return false
	}
	p.setCookie(w, name, value, int(p.config.AttemptLifetime/time.Second))
	return true
}

// unseal returns the attempt that we sealed in a cookie of that name. Of any other value it makes
// the zero attempt, which is never live.
func (p *Provider) unseal(name, value string) attempt {
	text, err := p.config.Keys.Open(keyring.Attempt, value, name)
	if err != nil {
		return attempt{}
	}
	a := attempt{cookie: name}
	if err := json.Unmarshal(text, &a); err != nil {
		return attempt{}
	}
	return a
}

// live reports whether an attempt may still come back, by its own time and not by the browser's.
// ASVS 10.1.2.
func (p *Provider) live(a attempt) bool {
	age := p.config.Now().Sub(a.started())
	return age >= -Leeway && age < p.config.AttemptLifetime && a.Issuer == p.config.Issuer
}

// open returns the browser's live attempts, the oldest first, and the names of those cookies that
// hold none.
func (p *Provider) open(r *http.Request) (live []attempt, dead []string) {
	seen := map[string]bool{}
	for _, c := range r.Cookies() {
		if !strings.HasPrefix(c.Name, p.CookiePrefix()) || seen[c.Name] {
			continue
		}
		seen[c.Name] = true
		if a := p.unseal(c.Name, c.Value); p.live(a) {
			live = append(live, a)
		} else if len(dead) < maxCleared {
			dead = append(dead, c.Name)
		}
	}
	slices.SortStableFunc(live, func(a, b attempt) int { return a.started().Compare(b.started()) })
	return live, dead
}

// find returns the browser's attempt with this state. A cookie that is there but is no live attempt
// is cleared. Of two cookies with one name at least one was put there by somebody else, so neither
// is believed.
func (p *Provider) find(w http.ResponseWriter, r *http.Request, state string) (attempt, error) {
	name := p.cookieName(state)
	cookies := r.CookiesNamed(name)
	if len(cookies) == 0 {
		return attempt{}, ErrNoAttempt
	}
	a := p.unseal(name, cookies[0].Value)
	if len(cookies) > 1 || !p.live(a) || !same(a.State, state) {
		p.clear(w, name)
		return attempt{}, ErrNoAttempt
	}
	return a, nil
}

// Drop forgets this browser's open sign-ins: one begun before a sign-out must not finish after it.
// Drop clears every attempt it is sent, and lookalikes up to maxCleared cookies in all.
func (p *Provider) Drop(w http.ResponseWriter, r *http.Request) {
	live, dead := p.open(r)
	for _, a := range live {
		p.clear(w, a.cookie)
	}
	for _, name := range dead[:max(0, min(len(dead), maxCleared-len(live)))] {
		p.clear(w, name)
	}
}

func (p *Provider) clear(w http.ResponseWriter, name string) {
	p.setCookie(w, name, "", -1)
}

func (p *Provider) setCookie(w http.ResponseWriter, name, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: !p.config.InsecureCookies, SameSite: http.SameSiteLaxMode,
	})
	w.Header().Set("Cache-Control", "no-store")
}
