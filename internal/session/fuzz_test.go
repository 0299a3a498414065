package session_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/session"
)

// askedStore has no session, and remembers whether it was asked for one. Any other call panics.
type askedStore struct {
	session.Store
	asked bool
}

func (s *askedStore) FindSession(context.Context, session.ID) (session.Record, bool, error) {
	s.asked = true
	return session.Record{}, false, nil
}

// Whatever stands in the Cookie header, the store is asked only for a tag that one of our keys
// signed, letter for letter. Anything else is no tag, and is cleared at most. // CS-3, CS-5
func FuzzTag(f *testing.F) {
	store := &askedStore{}
	keys := make([]*keyring.Ring, 3)
	for i, secrets := range [][]string{{firstKey, secondKey}, {firstKey}, {secondKey}} {
		keys[i], _ = keyring.New(secrets...)
	}
	m, err := session.New(session.Config{
		Store: store, Limits: session.DefaultLimits, Keys: keys[0],
		Unavailable: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		},
	})
	if err != nil {
		f.Fatal(err)
	}
	page := m.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, signedIn := m.Owner(r.Context())
		fmt.Fprint(w, signedIn, m.Ref(r.Context()))
	}))
	for _, k := range keys[1:] {
		good := "__Host-tag=" + k.Sign(keyring.Tag, strings.Repeat("t", 43))
		for _, seed := range []string{good, good + "; a=b", good + "; " + good,
			"a=b; " + good + "x", "__host-" + good[7:],
			"$Version=1," + good, "=" + good, good[:len(good)-1]} {
			f.Add(seed)
		}
		f.Add("__Host-tag=" + k.Sign(keyring.FormToken, strings.Repeat("t", 43)))
		f.Add("__Host-tag=" + k.Sign(keyring.Tag, "short"))
	}
	f.Fuzz(func(t *testing.T, cookie string) {
		store.asked = false
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header["Cookie"] = []string{cookie}
		w := httptest.NewRecorder()
		page.ServeHTTP(w, r)
		if w.Code != http.StatusOK || w.Body.String() != "false 0" {
			t.Errorf("%q: got %d %s, want 200 and no session", cookie, w.Code, w.Body)
		}
		if signed := isSigned(r, keys[1:]); store.asked != signed {
			t.Errorf("%q: store asked: got %v, want %v", cookie, store.asked, signed)
		}
		for _, line := range w.Result().Header["Set-Cookie"] {
			if !strings.HasPrefix(line, "__Host-tag=;") || !strings.Contains(line, "Max-Age=0") ||
				len(w.Result().Header["Set-Cookie"]) > 1 {
				t.Errorf("%q: got Set-Cookie %s, want at most a deletion", cookie, line)
			}
		}
	})
}

// isSigned says what a tag is without asking the code under test.
func isSigned(r *http.Request, keys []*keyring.Ring) bool {
	sent := r.CookiesNamed("__Host-tag")
	if len(sent) != 1 {
		return false
	}
	parts := strings.Split(sent[0].Value, ".")
	for _, k := range keys {
		if len(parts) == 3 && len(parts[1]) == 43 && k.Sign(keyring.Tag, parts[1]) == sent[0].Value {
			return true
		}
	}
	return false
}
