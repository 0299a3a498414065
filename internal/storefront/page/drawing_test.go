package page

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestDrawingsStaySmall(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	var sheet bytes.Buffer
	for i, s := range silhouettes {
		var b bytes.Buffer
		d, err := newDrawing(s, weaves[1+i%5], tones[i%6])
		if err != nil {
			t.Fatal(err)
		}
		if err := r.shared.ExecuteTemplate(&b, "drawing", d); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		if b.Len() > 2560 {
			t.Errorf("%s: %d bytes, at most 2.5 KB", s, b.Len())
		}
		fmt.Fprintf(&sheet, "<li><article class=card><div class=\"wall tone-%s\">%s</div><h3>%s</h3></article></li>", d.Tone,
			b.String(), s)
	}
	if *samplesTo != "" {
		var frame bytes.Buffer
		if err := r.pages["home"].ExecuteTemplate(&frame, "layout", &Home{}); err != nil {
			t.Fatal(err)
		}
		before, _, _ := strings.Cut(frame.String(), "<section")
		writeSample(t, "drawings.html", []byte(before+"<ul class=\"cards plain\">"+sheet.String()+"</ul>"))
	}
}

func TestEverySilhouetteHasItsOwnDrawing(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	drawn := map[string]string{}
	for _, s := range silhouettes {
		var b bytes.Buffer
		if err := r.shared.ExecuteTemplate(&b, "drawing",
			drawing{Silhouette: s, Weave: "dot", Tone: "sky"}); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		if other, twice := drawn[b.String()]; twice {
			t.Errorf("%s and %s look the same", s, other)
		}
		drawn[b.String()] = s
	}
}

func TestUnknownWordsAreDrawnAsTheFirst(t *testing.T) {
	t.Parallel()
	d, err := newDrawing("elephant", hostile, `x"><script>`)
	if err != nil || d.Silhouette != "hook" || d.Weave != "plain" || d.Tone != "felt" {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := newDrawing("hat"); err == nil {
		t.Error("one word makes no drawing")
	}
}
