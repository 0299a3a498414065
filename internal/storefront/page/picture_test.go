package page

import (
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hookandtag.example/shop/web"
)

func TestEveryPictureIsAnSVGDocumentThatNeedsNoStyleSheet(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	for i, silhouette := range silhouettes {
		p := hostileThing()
		p.Silhouette, p.Weave, p.Tone = silhouette, weaves[i%len(weaves)], tones[i%len(tones)]
		picture, err := r.Picture(p)
		if err != nil {
			t.Fatal(err)
		}
		decoder := xml.NewDecoder(strings.NewReader(string(picture)))
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v in %s", silhouette, err, picture)
			}
			element, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			seen := map[string]bool{}
			for _, a := range element.Attr {
				if seen[a.Name.Local] || a.Name.Local == "class" || a.Name.Local == "style" {
					t.Errorf("%s: <%s> has a second or forbidden %s", silhouette, element.Name.Local, a.Name.Local)
				}
				seen[a.Name.Local] = true
			}
			if element.Name.Local == "script" {
				t.Errorf("%s: the picture runs a script", silhouette)
			}
		}
		if root, _, _ := strings.Cut(string(picture), ">"); strings.Contains(root, "stroke") {
			t.Errorf("%s: the weaves inherit a line from %s", silhouette, root)
		}
		if !strings.Contains(string(picture), toneColours[p.Tone].String()) && silhouette != "valet" {
			t.Errorf("%s: nothing is %s", silhouette, p.Tone)
		}
	}
}

func TestPicturesKnowEveryClassOfTheDrawingsAndItsColours(t *testing.T) {
	t.Parallel()
	eachLine(t, web.Templates(), func(t *testing.T, line string) {
		if !strings.Contains(t.Name(), "drawings/") || strings.Contains(t.Name(), "rooms") {
			return
		}
		for _, m := range classes.FindAllStringSubmatch(line, -1) {
			if _, known := paints[m[1]]; !known && m[1] != "weaves" {
				t.Errorf("class %q has no paint", m[1])
			}
		}
	})
	sheet := string(newAssets(t).files["/static/shop.css"].body)
	for name, c := range toneColours {
		if !strings.Contains(sheet, "--tone-"+name+": "+c.String()+";") {
			t.Errorf("%s is %s in pictures and another colour in the style sheet", name, c)
		}
	}
	for class, attributes := range paints {
		for _, hex := range regexp.MustCompile(`#[0-9a-f]{6}`).FindAllString(attributes, -1) {
			if !strings.Contains(sheet, hex) && hex != "#140e04" { // which is rgb(20 14 4) there
				t.Errorf("%s is %s in pictures, which the style sheet does not have", class, hex)
			}
		}
	}
}

func TestASharedLinkShowsWhatItLeadsTo(t *testing.T) {
	t.Parallel()
	l := stranger("/products/rain-bowler")
	l.Canonical, l.Description = "https://shop.example/products/rain-bowler", "A hat."
	l.Picture, l.SocialCard = "https://shop.example/pictures/rain-bowler.svg",
		"https://shop.example/static/social-card.png"
	d := shown(t, &Product{Layout: l, Product: bowler()})
	got := map[string][]string{}
	for _, m := range d.named("meta") {
		if property := value(m, "property"); property != "" {
			got[property] = append(got[property], value(m, "content"))
		}
	}
	for property, want := range map[string]string{
		"og:title": "Rain Bowler", "og:type": "product", "og:description": "A hat.", "og:url": l.Canonical,
		"og:image": l.Picture + " " + l.SocialCard,
	} {
		if strings.Join(got[property], " ") != want {
			t.Errorf("%s: got %q, want %q", property, got[property], want)
		}
	}
	images := d.all(func(n *html.Node) bool { return value(n, "itemprop") == "image" })
	if len(images) != 1 || value(images[0], "href") != l.Picture {
		t.Errorf("structured data has the pictures %v, want %s", images, l.Picture)
	}
	if private := shown(t, &Cart{Layout: signedIn("/cart")}); len(private.having("property")) > 0 {
		t.Error("a private page describes itself to those who share it")
	}
}

func TestTheSocialCardIsAsLargeAsItSays(t *testing.T) {
	t.Parallel()
	file, err := web.Static().Open("social-card.png")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	picture, err := png.DecodeConfig(file)
	if err != nil || picture.Width != 1200 || picture.Height != 630 {
		t.Errorf("got %+v, %v, want 1200 by 630", picture, err)
	}
	if info, err := file.Stat(); err != nil || info.Size() > 60_000 {
		t.Errorf("got %v bytes, %v, want at most 60,000", info.Size(), err)
	}
}
