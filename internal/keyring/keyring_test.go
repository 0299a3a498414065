package keyring_test

import (
	"errors"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/keyring"
)

const (
	oldKey = "old-key-old-key-old-key-old-key-old-key"
	newKey = "new-key-new-key-new-key-new-key-new-key"
)

func TestEveryKeyVerifiesAndOnlyTheFirstSigns(t *testing.T) {
	t.Parallel()
	before, both := ring(t, oldKey), ring(t, newKey, oldKey)

	message, fresh, err := both.Verify(keyring.Tag, before.Sign(keyring.Tag, "message"))
	if err != nil || message != "message" || fresh {
		t.Fatalf("old key: message %q, fresh %v, err %v; want the message, not fresh", message, fresh, err)
	}
	if _, fresh, err = both.Verify(keyring.Tag, both.Sign(keyring.Tag, "message")); err != nil || !fresh {
		t.Fatalf("first key: fresh %v, err %v; want fresh", fresh, err)
	}
	if _, _, err = before.Verify(keyring.Tag, both.Sign(keyring.Tag, "message")); !errors.Is(err, keyring.ErrForged) {
		t.Fatalf("unknown key: err %v, want ErrForged", err)
	}
}

func TestAChangedCharacterAnywhereIsRefused(t *testing.T) {
	t.Parallel()
	r := ring(t, newKey)
	signed := r.Sign(keyring.Tag, "message")
	for i := range signed {
		for _, c := range []byte{'x', 'y'} {
			changed := signed[:i] + string(c) + signed[i+1:]
			if _, _, err := r.Verify(keyring.Tag, changed); changed != signed && err == nil {
				t.Errorf("character %d changed: accepted", i)
			}
		}
	}
	for _, value := range []string{"", ".", "..", "...", signed + ".", "." + signed, strings.Repeat("a", 8192), "\x00",
		signed[:20]} {
		if _, _, err := r.Verify(keyring.Tag, value); !errors.Is(err, keyring.ErrForged) {
			t.Errorf("%.20q: err %v, want ErrForged", value, err)
		}
	}
}

// A stranger's junk is no sign that a replica lacks a key.
func TestOnlyWhatHasTheFormOfASignedValueNamesAnUnknownKey(t *testing.T) {
	t.Parallel()
	r, foreign := ring(t, newKey), ring(t, oldKey).Sign(keyring.Tag, "message")
	id, _, _ := strings.Cut(foreign, ".")
	for value, want := range map[string]error{
		foreign: keyring.ErrUnknownKey, id: keyring.ErrUnsigned, foreign + ".": keyring.ErrUnsigned,
		id + ".message": keyring.ErrUnsigned, "x" + foreign: keyring.ErrUnsigned, foreign[1:]: keyring.ErrUnsigned,
	} {
		if _, _, err := r.Verify(keyring.Tag, value); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", value, err, want)
		}
	}
}

func TestOnePurposeNeverServesAnother(t *testing.T) {
	t.Parallel()
	r := ring(t, newKey)
	if _, _, err := r.Verify(keyring.FormToken, r.Sign(keyring.Tag, "message")); err == nil {
		t.Error("a tag was taken for a form token")
	}
	if r.CheckMAC(keyring.Tag, "message", r.MAC(keyring.FormToken, "message")) {
		t.Error("a form token's MAC was taken for a tag's")
	}
	if _, err := r.Open(keyring.PendingForm, r.Seal(keyring.Attempt, []byte("text"), ""), ""); err == nil {
		t.Error("a sealed attempt was opened as a pending form")
	}
}

func TestAPurposeOfAnotherProgramHasAKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	const invoice = keyring.Purpose("invoice")
	signed := ring(t, oldKey).Sign(invoice, "message")
	_, mac, _ := strings.Cut(signed, ".message.")

	if forged := ring(t, newKey).Sign(invoice, "message"); strings.HasSuffix(forged, mac) {
		t.Errorf("two secrets sign alike: got %q and %q", signed, forged)
	}
	if _, _, err := ring(t, oldKey).Verify(keyring.Tag, signed); !errors.Is(err, keyring.ErrForged) {
		t.Errorf("verified for another purpose: got err %v, want ErrForged", err)
	}
}

func TestTagsSignedByAnEarlierVersionStillVerify(t *testing.T) {
	t.Parallel()
	message, _, err := ring(t, oldKey).Verify(keyring.Tag, "2a3ce69c.message.qh7Q5qjSJ6vLR2XjX29VE8Xb302E1o1DAS0HrIlgwjE")
	if err != nil || message != "message" {
		t.Errorf("got %q, %v; want the message: the keys derived from a secret must not change", message, err)
	}
}

func TestSealedTextOpensOnlyInItsContext(t *testing.T) {
	t.Parallel()
	r := ring(t, newKey)
	sealed := r.Seal(keyring.Attempt, []byte("text"), "this state")
	if text, err := r.Open(keyring.Attempt, sealed, "this state"); err != nil || string(text) != "text" {
		t.Fatalf("text %q, err %v", text, err)
	}
	if _, err := r.Open(keyring.Attempt, sealed, "another state"); !errors.Is(err, keyring.ErrForged) {
		t.Fatalf("another context: err %v, want ErrForged", err)
	}
	if again := r.Seal(keyring.Attempt, []byte("text"), "this state"); again == sealed {
		t.Fatal("the same text sealed twice looks the same")
	}
	if _, err := ring(t, newKey, oldKey).Open(keyring.Attempt, ring(t, oldKey).Seal(keyring.Attempt, nil, ""),
		""); err != nil {
		t.Fatalf("sealed by the old key: %v", err)
	}
	for _, value := range []string{"", ".", sealed[:12], sealed + "=", strings.Repeat("A", 9000)} {
		if _, err := r.Open(keyring.Attempt, value, "this state"); !errors.Is(err, keyring.ErrForged) {
			t.Errorf("%.20q: err %v, want ErrForged", value, err)
		}
	}
}

func TestASealedValueThatWasCutIsRefused(t *testing.T) { // ASVS 2.2.1: also when not even its nonce is left
	t.Parallel()
	r := ring(t, newKey)
	sealed := r.Seal(keyring.Attempt, []byte("text"), "context")
	for n := range len(sealed) {
		if text, err := r.Open(keyring.Attempt, sealed[:n], "context"); !errors.Is(err, keyring.ErrForged) {
			t.Errorf("cut after %d characters: %q, %v", n, text, err)
		}
	}
}

// Of the last character of base64 some bits mean nothing, and line breaks are passed over: only one
// spelling is ours.
func TestASealedValueHasOneSpelling(t *testing.T) {
	t.Parallel()
	r := ring(t, newKey)
	sealed := r.Seal(keyring.Attempt, []byte("text"), "")
	for _, last := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
		other := sealed[:len(sealed)-1] + string(last)
		if _, err := r.Open(keyring.Attempt, other, ""); (err == nil) != (other == sealed) {
			t.Errorf("%q instead of %q: err %v", last, sealed[len(sealed)-1], err)
		}
	}
	for _, other := range []string{sealed + "\n", sealed + "\r\n", sealed[:len(sealed)-4] + "\n" +
		sealed[len(sealed)-4:]} {
		if _, err := r.Open(keyring.Attempt, other, ""); !errors.Is(err, keyring.ErrForged) {
			t.Errorf("%q opens: %v", other, err)
		}
	}
}

func TestAMACNeedsItsOwnMessage(t *testing.T) {
	t.Parallel()
	r := ring(t, newKey, oldKey)
	if !r.CheckMAC(keyring.FormToken, "session", ring(t, oldKey).MAC(keyring.FormToken, "session")) {
		t.Error("an old key's MAC was refused")
	}
	for _, mac := range []string{"", ".", r.MAC(keyring.FormToken, "other session"), "ffffffff." +
		strings.Repeat("A", 43)} {
		if r.CheckMAC(keyring.FormToken, "session", mac) {
			t.Errorf("%q was accepted", mac)
		}
	}
}

func TestKeysMustBeLongAndDifferent(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string][]string{"none": nil, "short": {"short"}, "twice": {newKey, newKey}} {
		if _, err := keyring.New(keys...); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func ring(t *testing.T, keys ...string) *keyring.Ring {
	t.Helper()
	r, err := keyring.New(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAValueThatNamesAKeyOfTheRingIsForgedWhateverItsForm(t *testing.T) {
	t.Parallel()
	r, err := keyring.New(strings.Repeat("k", keyring.MinKeyLength))
	if err != nil {
		t.Fatal(err)
	}
	id, _, _ := strings.Cut(r.Sign(keyring.Tag, "m"), ".")
	for _, value := range []string{id, id + ".m", id + ".m.x.y"} {
		if _, _, err := r.Verify(keyring.Tag, value); !errors.Is(err, keyring.ErrForged) {
			t.Errorf("%q: got %v, want ErrForged", value, err)
		}
	}
}

func TestWhatAnotherRingSealedIsForged(t *testing.T) {
	t.Parallel()
	ours, err := keyring.New(strings.Repeat("k", keyring.MinKeyLength))
	theirs, err2 := keyring.New(strings.Repeat("j", keyring.MinKeyLength))
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	sealed := theirs.Seal(keyring.Attempt, []byte("text"), "context")
	if _, err := ours.Open(keyring.Attempt, sealed, "context"); !errors.Is(err, keyring.ErrForged) {
		t.Errorf("got %v, want ErrForged", err)
	}
}
