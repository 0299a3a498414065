package page

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"hookandtag.example/shop/web"
)

const widestLine = 160

func TestTemplatesHaveOneElementALine(t *testing.T) {
	t.Parallel()
	eachLine(t, web.Templates(), func(t *testing.T, line string) {
		if n := len([]rune(line)); n > widestLine {
			t.Errorf("%d characters, at most %d", n, widestLine)
		}
		if blocks := block.FindAllString(line, -1); len(blocks) > 1 {
			t.Errorf("%d block elements: %s", len(blocks), blocks)
		}
	})
}

// block is the start of an element that a browser does not lay out within a line of text.
var block = regexp.MustCompile(
	`<(address|article|aside|caption|details|div|dl|dt|dd|fieldset|footer|form|h[1-6]|header` +
		`|legend|li|main|nav|ol|option|p|section|select|summary|table|tbody|td|tfoot|th|thead|tr|ul)\b`)

func TestTemplatesLeavePricesAndLimitsToTheShop(t *testing.T) {
	t.Parallel()
	eachLine(t, web.Templates(), func(t *testing.T, line string) {
		const threshold = "€10,000" // of EU law, not of the shop
		for _, amount := range amounts.FindAllString(line, -1) {
			if amount != threshold {
				t.Errorf("got %s, want the number that the shop calculates with", amount)
			}
		}
	})
}

var amounts = regexp.MustCompile(`€[\d.,]*\d|\d+ ?%( German)? VAT|max(length)?="\d+"`)

func TestTheStyleSheetIsInLayers(t *testing.T) {
	t.Parallel()
	depth := 0
	eachLine(t, web.Static(), func(t *testing.T, line string) {
		if !strings.Contains(t.Name(), ".css") {
			return
		}
		if n := len([]rune(line)); n > widestLine {
			t.Errorf("%d characters, at most %d", n, widestLine)
		}
		if depth == 0 && strings.Contains(line, "{") && !strings.HasPrefix(line, "@layer ") {
			t.Errorf("outside of every layer: %s", line)
		}
		depth += strings.Count(line, "{") - strings.Count(line, "}")
	})
}

// eachLine runs a check on every line of every file.
func eachLine(t *testing.T, files fs.FS, check func(t *testing.T, line string)) {
	t.Helper()
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		source, err := fs.ReadFile(files, name)
		t.Run(name, func(t *testing.T) {
			for line := range strings.Lines(string(source)) {
				check(t, strings.TrimRight(line, "\n"))
			}
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
