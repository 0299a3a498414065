// Package learn is the tutorial: lessons that run against the shop and its weak twin, the ribbon on
// every page of the shop, and the inspector. It is part of a shop only where the tutorial is on.
package learn

import (
	"context"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/mallory"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront"
)

// Sessions is what the tutorial asks of the session of a request.
type Sessions interface {
	Info(ctx context.Context) (session.Info, bool)
	Owner(ctx context.Context) (id int64, ok bool)
	FormToken(ctx context.Context) string
	CookieName() string
}

// Rows are the sessions' rows as their owner sees them.
type Rows interface {
	// SessionRows returns the rows of ids that still exist, in the order in which they were created.
	SessionRows(ctx context.Context, ids []session.ID) ([]Row, error)
	// AgeSession moves the times of one live session back by age, but for its last use when it is to
	// look busy. Aged is false when there is no such live session.
	AgeSession(ctx context.Context, id session.ID, age time.Duration, busy bool) (aged bool, err error)
	// TakeOut takes one piece of a product out of a customer's cart, if one of their sessions took the
	// place of the planted one; with none in it, nothing.
	TakeOut(ctx context.Context, planted session.ID, customer int64, sku string) error
	// CountSessionsOf counts the rows that a browser of this name has made.
	CountSessionsOf(ctx context.Context, userAgent string) (int, error)
}

// Config is what Lessons are made of. Everything is required.
type Config struct {
	Sessions  Sessions
	Rows      Rows
	Keys      *keyring.Ring
	Insecure  bool  // plain http: the tutorial's cookie lacks Secure and the __Host- prefix
	Recipes   fs.FS // one folder for each lesson
	Templates fs.FS
	Mallory   *mallory.Visitor
	Log       *slog.Logger
}

// Lessons is the tutorial. It implements storefront.Lessons and is safe for concurrent use.
type Lessons struct {
	config  Config
	recipes []*Recipe
	pages   *template.Template
	memory  *memory
}

var _ storefront.Lessons = (*Lessons)(nil)

// New reads the recipes and templates. Each mistake in them is an error.
func New(c Config) (*Lessons, error) {
	recipes, err := ReadRecipes(c.Recipes)
	if err != nil {
		return nil, fmt.Errorf("lessons: %w", err)
	}
	pages, err := template.New("learn").Funcs(functions).ParseFS(c.Templates, "learn/*.html")
	if err != nil {
		return nil, fmt.Errorf("lessons: %w", err)
	}
	return &Lessons{config: c, recipes: recipes, pages: pages, memory: newMemory()}, nil
}

// Answer implements storefront.Lessons.
func (l *Lessons) Answer(w http.ResponseWriter, r *http.Request) (storefront.LessonAnswer, error) {
	v := l.visit(w, r)
	first, rest, _ := strings.Cut(strings.Trim(strings.TrimPrefix(r.URL.Path, "/learn"), "/"), "/")
	if r.Method == http.MethodPost {
		return l.act(v, first, rest)
	}
	if show := l.fixedPages()[first]; show != nil && rest == "" {
		return show(v)
	}
	if recipe := l.recipe(first); recipe != nil && rest == "" {
		return l.showLesson(v, recipe)
	}
	for _, recipe := range l.recipes {
		if strconv.Itoa(recipe.Number) == first && rest == "" { // how the twin, which knows no names, leads back
			l.tickTwin(v, recipe)
			return to(fmt.Sprintf("/learn/%s#step-%d", recipe.Slug, max(recipe.next(v.progress.of(recipe.Slug)), 0)+1))
		}
	}
	return storefront.LessonAnswer{}, nil
}

// act answers a press of a button.
func (l *Lessons) act(v *visit, first, rest string) (storefront.LessonAnswer, error) {
	if first == "inspector" && rest == "age" {
		return l.ageFromInspector(v)
	}
	recipe := l.recipe(first)
	if recipe == nil {
		return storefront.LessonAnswer{}, nil
	}
	what, step, _ := strings.Cut(rest, "/")
	switch what {
	case "guess":
		return l.guess(v, recipe)
	case "do":
		return l.do(v, recipe, step)
	case "answer":
		return l.answer(v, recipe)
	case "reset":
		return l.reset(v, recipe)
	}
	return storefront.LessonAnswer{}, nil
}

func (l *Lessons) recipe(slug string) *Recipe {
	for _, r := range l.recipes {
		if r.Slug == slug {
			return r
		}
	}
	return nil
}

// visit is one request below /learn.
type visit struct {
	w http.ResponseWriter
	r *http.Request

	progress *progress
	learner  *learner
}

func (l *Lessons) visit(w http.ResponseWriter, r *http.Request) *visit {
	p := l.readProgress(r)
	if p.Learner == "" && r.Method == http.MethodPost {
		p.Learner = mallory.NewBench()
	}
	if rec, ok := r.Context().Value(recorderKey{}).(*recorder); ok {
		rec.progress = p // so that the ribbon of this page shows it
	}
	return &visit{w: w, r: r, progress: p, learner: l.memory.learner(p.Learner)}
}

// render fills a template of the tutorial.
func (l *Lessons) render(name string, data any) (template.HTML, error) {
	var b strings.Builder
	if err := l.pages.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("render %s: %w", name, err)
	}
	return template.HTML(b.String()), nil
}

func (l *Lessons) page(name, title string, data any) (storefront.LessonAnswer, error) {
	main, err := l.render(name, data)
	return storefront.LessonAnswer{Title: title, Main: main}, err
}

func to(path string) (storefront.LessonAnswer, error) {
	return storefront.LessonAnswer{Redirect: path}, nil
}
