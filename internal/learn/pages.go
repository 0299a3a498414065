package learn

import (
	"slices"

	"hookandtag.example/shop/internal/storefront"
)

// listPage is a page about all lessons.
type listPage struct {
	Lessons []station
	Done    int
	Right   int // questions answered rightly
	Minutes int
	GoOn    *Recipe // the one last opened, else the first, that is not done; nil before one is begun
	Results []result
}

// result is one lesson in the visitor's own results.
type result struct {
	*Recipe
	*mark
	Steps int // done
}

// Guessed reports whether a guess was made.
func (r result) Guessed() bool { return r.mark.Guess != 0 }

// Answered reports whether the last question has been answered.
func (r result) Answered() bool { return r.mark.Answer != 0 }

// GuessRight reports whether the guess was the right one.
func (r result) GuessRight() bool { return r.mark.Guess == r.Recipe.Guess.Right }

// AnswerRight reports whether the last question was answered rightly.
func (r result) AnswerRight() bool { return r.mark.Answer == r.Ask.Right }

func (l *Lessons) fixedPages() map[string]func(*visit) (storefront.LessonAnswer, error) {
	return map[string]func(*visit) (storefront.LessonAnswer, error){
		"":          l.list("index", "Learn"),
		"why":       l.list("why", "Why a session"),
		"glossary":  l.list("glossary", "The words"),
		"article":   l.list("article", "From the article to the code"),
		"results":   l.list("results", "Your results"),
		"inspector": l.showInspector,
	}
}

func (l *Lessons) list(name, title string) func(*visit) (storefront.LessonAnswer, error) {
	return func(v *visit) (storefront.LessonAnswer, error) {
		p := listPage{Lessons: l.stations(v, "")}
		for _, s := range p.Lessons {
			m := v.progress.of(s.Slug)
			p.Minutes += s.Minutes
			if s.Done {
				p.Done++
			}
			if !s.Done && (p.GoOn == nil || s.Slug == v.progress.At) {
				p.GoOn = s.Recipe
			}
			r := result{Recipe: s.Recipe, mark: m}
			for i := range s.Do {
				if m.did(i) {
					r.Steps++
				}
			}
			if r.AnswerRight() {
				p.Right++
			}
			p.Results = append(p.Results, r)
		}
		if !slices.ContainsFunc(p.Lessons, func(s station) bool { return s.Begun || s.Done }) {
			p.GoOn = nil
		}
		return l.page(name, title, p)
	}
}
