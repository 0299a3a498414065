package page_test

import (
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"hookandtag.example/shop/web"
)

// TestColoursStandOutFromTheirGround computes the contrast of the style sheet's colours in both
// themes: 4.5:1 for text (WCAG 1.4.3), 3:1 for the large numbers of problem pages (1.4.3) and for
// the edges of controls (1.4.11).
func TestColoursStandOutFromTheirGround(t *testing.T) {
	t.Parallel()
	themes := colours(t, style(t, "1-base.css"))
	for theme, colour := range themes {
		for _, ground := range []string{"paper", "surface", "sunk"} {
			for _, text := range []string{"ink", "muted", "felt", "felt-deep", "wine", "brass"} {
				wantContrast(t, theme, colour, text, ground, 4.5)
			}
			for _, edge := range []string{numberColour(t), "line", "focus"} {
				wantContrast(t, theme, colour, edge, ground, 3)
			}
		}
		for text, ground := range map[string]string{"on-felt": "felt", "on-tag": "tag", "felt-deep": "felt-wash",
			"wine": "wine-wash", "brass": "brass-wash"} {
			wantContrast(t, theme, colour, text, ground, 4.5)
		}
	}
}

// numberColour is the name of the colour of a problem page's number.
func numberColour(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile(`\.problem \.status \{[^}]*\bcolor: var\(--([a-z-]+)\)`).FindStringSubmatch(
		style(t, "5-pages.css"))
	if found == nil {
		t.Fatal("the style sheet gives problem pages' numbers no colour")
	}
	return found[1]
}

func style(t *testing.T, name string) string {
	t.Helper()
	text, err := fs.ReadFile(web.Static(), "styles/"+name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// colours are the custom properties of each theme. The dark theme keeps what it does not change.
func colours(t *testing.T, sheet string) map[string]map[string]string {
	t.Helper()
	before, after, found := strings.Cut(sheet, "@media (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("the style sheet has no dark theme")
	}
	dark, _, _ := strings.Cut(after, "\n  }\n")
	themes := map[string]map[string]string{"light": {}, "dark": {}}
	property := regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{3,6});`)
	for _, p := range property.FindAllStringSubmatch(before, -1) {
		themes["light"][p[1]], themes["dark"][p[1]] = p[2], p[2]
	}
	for _, p := range property.FindAllStringSubmatch(dark, -1) {
		themes["dark"][p[1]] = p[2]
	}
	return themes
}

func wantContrast(t *testing.T, theme string, colour map[string]string, text, ground string, want float64) {
	t.Helper()
	a, b := luminance(t, colour[text]), luminance(t, colour[ground])
	if got := (max(a, b) + .05) / (min(a, b) + .05); got < want {
		t.Errorf("%s: %s on %s has a contrast of %.2f:1, want %.1f:1", theme, text, ground, got, want)
	}
}

// luminance is the relative luminance of #rgb or #rrggbb (WCAG 2.2).
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	digits := strings.TrimPrefix(hex, "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	var sum float64
	for i, weight := range []float64{.2126, .7152, .0722} {
		value, err := strconv.ParseUint(digits[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatalf("%q is no colour: %v", hex, err)
		}
		c := float64(value) / 255
		if c <= .04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
