// Package web holds the templates and the static files of the shop, inside the binary.
package web

import (
	"embed"
	"io/fs"
)

//go:embed templates static lessons
var files embed.FS

// Templates are the page templates: layout.html, partials/, drawings/, pages/.
func Templates() fs.FS { return below("templates") }

// Static are the files that browsers load besides the pages; styles/ together make the one style
// sheet, scripts/ the one script.
func Static() fs.FS { return below("static") }

// Lessons are the recipes of the tutorial, one folder for each lesson.
func Lessons() fs.FS { return below("lessons") }

// below panics only if an embedded folder is missing, which the compiler has ruled out.
func below(folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		panic(err)
	}
	return sub
}
