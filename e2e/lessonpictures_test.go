package e2e

import (
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/page"

	"hookandtag.example/shop/dev/lessons"
	"hookandtag.example/shop/internal/learn"
)

// The size of a picture in docs/tutorial.
const pictureWidth, pictureHeight = 800, 440

func picturesOfLessonsWanted() bool { return os.Getenv(lessons.PicturesVariable) != "" }

// keepsPictures takes a lesson's pictures for docs/tutorial where go run ./cmd/dev lessons
// --pictures asks for them, and notes for which text they were taken.
func (p *pupil) keepsPictures(r *learn.Recipe) {
	p.t.Helper()
	dir := os.Getenv(lessons.PicturesVariable)
	if dir == "" {
		return
	}
	p.prefers("light")
	for _, picture := range lessons.Pictures(r) {
		p.turns(picture.Width)
		p.opens(picture.Page)
		if picture.Page == "/learn/inspector" {
			ask[bool](p.shopper, `() => { document.querySelector(".stations").remove(); return true }`)
		}
		p.keeps(picture, filepath.Join(dir, picture.File))
	}
	p.turns(wide)
	hash, err := lessons.TextHash(os.DirFS("../web/lessons"), r)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, lessons.TakenFile(r)), []byte(hash+"\n"), 0o644)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// keeps takes a picture that begins at the first element that matches.
func (p *pupil) keeps(picture lessons.Picture, file string) {
	p.t.Helper()
	top := ask[float64](p.shopper, `selector => {
		document.querySelector(".tag-ribbon").remove()
		scrollTo(0, 0)
		return document.querySelector(selector).getBoundingClientRect().top
	}`, picture.Element)
	scale := float64(pictureWidth) / float64(picture.Width)
	shot := call(p.shopper, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatWebp, Quality: new(int64(70)), CaptureBeyondViewport: new(true),
		Clip: &page.Viewport{X: 0, Y: top - 12, Width: float64(picture.Width), Height: pictureHeight / scale,
			Scale: scale},
	})
	if err := os.WriteFile(file, shot.Data, 0o644); err != nil {
		p.t.Fatal(err)
	}
}
