package lessons

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path"
	"slices"

	"hookandtag.example/shop/internal/learn"
)

// PicturesVariable names the folder that the browser tests put the lessons' pictures in.
const PicturesVariable = "LESSON_PICTURES"

// picturesDir is where the documents' pictures are, below their own folder.
const picturesDir = "images"

// Picture is a picture of a page after a lesson was done.
type Picture struct {
	File    string // its name
	Page    string // in the shop
	Element string // where it begins, as a CSS selector
	Width   int64  // of the window
	Alt     string
}

// Pictures lists a lesson's pictures: Mallory's exchange with the twin, where there is one, and
// what the inspector shows at the end, where the lesson speaks of it.
func Pictures(r *learn.Recipe) []Picture {
	var all []Picture
	if slices.ContainsFunc(r.Do, func(s learn.Step) bool { return s.Run != "" }) {
		all = append(all, Picture{File: r.Folder() + "-report.webp", Page: "/learn/" + r.Slug,
			Element: ".report", Width: 800, Alt: "Mallory's exchange and its result, on the page of the lesson"})
	}
	if slices.ContainsFunc(r.Do, func(s learn.Step) bool { return s.Go != "" }) {
		all = append(all, Picture{File: r.Folder() + "-inspector.webp", Page: "/learn/inspector",
			Element: ".inspect", Width: 1280, Alt: "The inspector after the lesson: the cookie, what changed, and the row"})
	}
	return all
}

// TakenFile is the name of the file that says for which text a lesson's pictures were taken.
func TakenFile(r *learn.Recipe) string { return r.Folder() + ".sha256" }

// TextHash is the hash of a lesson's text in the folder of recipes.
func TextHash(recipes fs.FS, r *learn.Recipe) (string, error) {
	text, err := fs.ReadFile(recipes, path.Join(r.Folder(), "lesson.yaml"))
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}
