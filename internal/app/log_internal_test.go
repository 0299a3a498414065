package app

import (
	"testing"

	"pgregory.net/rapid"
)

func TestTheQuickLookMissesNoSecret(t *testing.T) {
	t.Parallel()
	piece := rapid.OneOf(rapid.StringMatching(`[a-z0-9.:/ @=_-]{0,4}`), rapid.StringMatching(`[0-9a-f]{8}\.[\w-]{43}\.[\w-]{43}`),
		rapid.SampledFrom([]string{"eyJ", "eyJhbGci.eyJpc3M", "code=", "token=", "Bearer ", "basic ", "://", "a@b.example"}))
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for _, p := range rapid.SliceOfN(piece, 0, 5).Draw(t, "pieces") {
			text += p
		}
		if got, want := mask(text), secretValues.ReplaceAllString(text, masked); got != want {
			t.Errorf("%q is logged as %q, want %q", text, got, want)
		}
	})
}
