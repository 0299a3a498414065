package keyring_test

import (
	"strings"
	"testing"

	"hookandtag.example/shop/internal/keyring"
)

// fuzzed are a ring of two keys, and each key alone.
func fuzzed(f *testing.F) (both, first, second *keyring.Ring) {
	f.Helper()
	rings := make([]*keyring.Ring, 3)
	for i, keys := range [][]string{{newKey, oldKey}, {newKey}, {oldKey}} {
		var err error
		if rings[i], err = keyring.New(keys...); err != nil {
			f.Fatal(err)
		}
	}
	return rings[0], rings[1], rings[2]
}

// Nothing is taken for signed but what one of the keys would sign, letter for letter.
func FuzzVerify(f *testing.F) {
	both, first, second := fuzzed(f)
	for _, r := range []*keyring.Ring{first, second} {
		signed := r.Sign(keyring.Tag, "message")
		f.Add(signed)
		f.Add(signed + "=")
		f.Add(strings.Replace(signed, ".message.", "..", 1))
		f.Add(r.Sign(keyring.FormToken, "message"))
	}
	f.Fuzz(func(t *testing.T, value string) {
		message, fresh, err := both.Verify(keyring.Tag, value)
		if err != nil {
			if message != "" || fresh {
				t.Errorf("%q is refused and yet %q, %v", value, message, fresh)
			}
			return
		}
		signer := second
		if fresh {
			signer = first
		}
		if want := signer.Sign(keyring.Tag, message); value != want {
			t.Errorf("%q is taken for %q", value, want)
		}
	})
}

// No MAC is right but that of the message itself.
func FuzzCheckMAC(f *testing.F) {
	both, first, second := fuzzed(f)
	f.Add("session", first.MAC(keyring.FormToken, "session"))
	f.Add("session", second.MAC(keyring.FormToken, "session"))
	f.Add("session", first.MAC(keyring.Tag, "session"))
	f.Add("", ".")
	f.Fuzz(func(t *testing.T, message, mac string) {
		want := mac == first.MAC(keyring.FormToken, message) || mac == second.MAC(keyring.FormToken, message)
		if got := both.CheckMAC(keyring.FormToken, message, mac); got != want {
			t.Errorf("%q over %q: %v", mac, message, got)
		}
	})
}

// The only text these keys ever sealed is the one below, in the one context: nothing else opens, in
// no other spelling.
func FuzzOpen(f *testing.F) {
	const text, context = "sealed text", "its context"
	both, first, second := fuzzed(f)
	for _, r := range []*keyring.Ring{first, second} {
		sealed := r.Seal(keyring.Attempt, []byte(text), context)
		f.Add(sealed, context)
		f.Add(sealed, "another context")
		f.Add(sealed[:len(sealed)-1], context)
		f.Add(sealed+"\n", context)
		f.Add(r.Seal(keyring.PendingForm, []byte(text), context), context)
	}
	f.Fuzz(func(t *testing.T, value, in string) {
		opened, err := both.Open(keyring.Attempt, value, in)
		if err != nil {
			if opened != nil {
				t.Errorf("%q is refused and yet %q", value, opened)
			}
			return
		}
		if string(opened) != text || in != context || len(value) != len(first.Seal(keyring.Attempt, []byte(text), context)) {
			t.Errorf("%q opens in %q as %q", value, in, opened)
		}
	})
}
