package page

import "html/template"

// Lesson is a page of the tutorial: its main part, in the shop's layout.
type Lesson struct {
	Layout
	Main template.HTML
}

func (*Lesson) template() string { return "lesson" }
