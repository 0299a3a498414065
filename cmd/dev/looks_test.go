package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheContactSheetShowsEveryPictureAndFinding(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"cart_dark_320_100.jpg": "", "cart_light_1280_200.jpg": "", "home_dark_320_100.jpg": "",
		"findings.txt": "home: <a> is small\ncart: scrolls sideways\n",
	} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	path, err := writeSheet(dir)
	must(t, err)
	page, err := os.ReadFile(path)
	must(t, err)
	for _, want := range []string{"2 findings in 2 states", "<li>cart: scrolls sideways</li>", "home: &lt;a&gt; is small",
		`src="cart_light_1280_200.jpg"`, "<figcaption>light 1280 200 %</figcaption>", "<h2>home</h2>"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the contact sheet lacks %s:\n%s", want, page)
		}
	}
}
