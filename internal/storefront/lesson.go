package storefront

import (
	"html/template"
	"net/http"

	"github.com/go-chi/chi/v5"

	"hookandtag.example/shop/internal/middleware"
	"hookandtag.example/shop/internal/storefront/page"
)

// Lessons is the tutorial.
type Lessons interface {
	// Answer answers a request below /learn with a page or a redirect.
	Answer(w http.ResponseWriter, r *http.Request) (LessonAnswer, error)
	// Ribbon returns what every page shows at its foot; read reports whether the request's session has
	// been read. It neither extends nor changes the session.
	Ribbon(r *http.Request, read bool) template.HTML
}

// LessonAnswer is a page of the tutorial. With Redirect, only that counts; without a Title there is
// no such page.
type LessonAnswer struct {
	Redirect string
	Status   int // 0: 200
	Title    string
	Main     template.HTML
}

// lessonsCookie is the tutorial's own cookie, by the name it has over plain http.
const lessonsCookie = "learn"

// lessonRoutes mounts the tutorial, if it is on. Its pages are no use of a session.
func (s *Server) lessonRoutes(r chi.Router) {
	if s.config.Lessons == nil {
		return
	}
	r = r.With(middleware.SameSiteOnly(s.fail), s.withSession, middleware.ParseForm(parametersOf, s.fail), s.csrfToken)
	for _, pattern := range []string{"/learn", "/learn/*"} {
		r.Get(pattern, s.handle(s.answerLesson))
		r.Post(pattern, s.handle(s.answerLesson))
	}
}

func (s *Server) answerLesson(w http.ResponseWriter, r *http.Request) error {
	s.config.Sessions.Passive(r.Context())
	answer, err := s.config.Lessons.Answer(w, r)
	switch {
	case err != nil:
		return err
	case answer.Redirect != "":
		redirect(w, answer.Redirect)
		return nil
	case answer.Title == "":
		return errNotFound
	}
	status := answer.Status
	if status == 0 {
		status = http.StatusOK
	}
	return s.render(w, r, status, &page.Lesson{Layout: s.minimalLayout(r, answer.Title), Main: answer.Main})
}
