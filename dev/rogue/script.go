package rogue

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Script says how the provider deviates. Every function may change what it is given; nil
// changes nothing.
type Script struct {
	Subject string        // who signs in; "alice" when empty
	Age     time.Duration // how long ago they proved who they are
	Thin    bool          // name and e-mail come from the userinfo endpoint only

	Discovery func(document map[string]any)
	Keys      func(document map[string]any) // the key set as JSON
	Response  func(query url.Values)        // the authorization response; a value given twice is sent twice
	Token     func(answer map[string]any)   // the token endpoint's answer
	Header    func(header map[string]any)   // the ID token's header
	// the ID token's claims; at_hash is made of the access token in the answer before Token changes it
	Claims    func(claims map[string]any)
	Payload   func(claims string) string // the same claims as JSON text, for what a map cannot hold
	Signature Signature                  // of the ID token
	Algorithm string                     // of the signature Right and in the discovery document; RS256 when empty
	UserInfo  func(claims map[string]any)
	// the userinfo endpoint answers with a signed token, which Header, Payload and Signature change
	// too
	JWTInfo bool
	Text    map[string]func(body string) string // an endpoint's own answer as JSON text, by its path
	Instead string                              // sent instead of the ID token or the logout token, when not empty
	Answers map[string]Answer                   // sent instead of an endpoint's own, by its path
}

// Answer is how an endpoint behaves instead of doing its work.
type Answer struct {
	Status      int    // 200 when 0
	ContentType string // application/json when empty
	Body        string
	Size        int64  // so many further bytes of space are sent after Body
	Location    string // redirect there, with Status or 302
	Hang        bool   // send nothing until the client gives up
	Stall       bool   // send headers and Body, then nothing until the client gives up
	Drop        bool   // close the connection without an answer
	Before      func() // called before anything else, when not nil
	After       bool   // do the endpoint's own work first: only Header is used
	Header      http.Header
}

// write answers and reports whether the endpoint's own work is to be left out.
func (a Answer) write(w http.ResponseWriter, r *http.Request) bool {
	maps.Copy(w.Header(), a.Header)
	if a.Before != nil {
		a.Before()
	}
	switch {
	case a.After:
		return false
	case a.Drop:
		panic(http.ErrAbortHandler)
	case a.Hang:
		<-r.Context().Done()
		return true
	}
	w.Header().Set("Content-Type", cmp.Or(a.ContentType, "application/json"))
	if a.Location != "" {
		w.Header().Set("Location", a.Location)
	}
	w.WriteHeader(a.status())
	io.WriteString(w, a.Body)
	io.CopyN(w, spaces{}, a.Size)
	if a.Stall {
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	return true
}

func (a Answer) status() int {
	switch {
	case a.Status != 0:
		return a.Status
	case a.Location != "":
		return http.StatusFound
	}
	return http.StatusOK
}

// spaces is a body without end.
type spaces struct{}

// Read implements io.Reader.
func (spaces) Read(b []byte) (int, error) {
	return copy(b, strings.Repeat(" ", len(b))), nil
}

// Set returns a change that sets a member.
func Set(name string, value any) func(map[string]any) {
	return func(m map[string]any) { m[name] = value }
}

// Drop returns a change that leaves a member out.
func Drop(name string) func(map[string]any) {
	return func(m map[string]any) { delete(m, name) }
}

// Append returns a change that adds text to the end of a member.
func Append(name, text string) func(map[string]any) {
	return func(m map[string]any) { m[name] = fmt.Sprint(m[name]) + text }
}

// Shift returns a change that moves a time.
func Shift(name string, by time.Duration) func(map[string]any) {
	return func(m map[string]any) { m[name] = m[name].(int64) + int64(by/time.Second) }
}
