package provider

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

//go:embed pages
var pageFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// loginView is what pages/login.html shows.
type loginView struct {
	Request  string
	Email    string
	Problem  string
	Again    bool // signed in, but has to give the password again
	Create   bool // a stranger may make an account instead
	People   people
	Password string
}

func (p *Provider) loginView(r *http.Request, request authRequest) loginView {
	view := loginView{Request: request.id, Email: request.asked.LoginHint, People: p.demo, Password: demoPassword}
	if s, signedIn := p.session(r); signedIn {
		view.Again, view.Email = true, s.person.Email
	}
	if who, ok := p.memory.bySubject(request.hint); ok {
		view.Email = who.Email
	}
	view.Create = request.hint == "" && !view.Again
	return view
}

// logoutView is what pages/logout.html shows.
type logoutView struct {
	Name  string
	Asked *oidc.EndSessionRequest
}

// homeView is what pages/home.html shows; Name is empty when nobody is signed in.
type homeView struct {
	Name, Shop string
	SignedIn   string
	Sessions   int
}

func (p *Provider) home(w http.ResponseWriter, r *http.Request) {
	view := homeView{Shop: p.client.home}
	if s, ok := p.session(r); ok {
		view.Name, view.SignedIn = s.person.Name, s.authTime.Format("15:04")
		view.Sessions = len(p.memory.sessionsOf(s.person.Email))
	}
	p.show(w, http.StatusOK, "home.html", view)
}

func (p *Provider) signedOutPage(w http.ResponseWriter, _ *http.Request) {
	p.show(w, http.StatusOK, "signed-out.html", p.client.home)
}

// errorView is what pages/error.html shows.
type errorView struct{ Title, Text, Shop string }

func (p *Provider) fail(w http.ResponseWriter, text string) {
	p.show(w, http.StatusBadRequest, "error.html", errorView{"This does not work", text, p.client.home})
}

func (p *Provider) requestGone(w http.ResponseWriter) {
	p.show(w, http.StatusBadRequest, "error.html", errorView{
		"This sign-in is over", "It was used already or took too long. Go back to the shop and sign in again.", p.client.home,
	})
}

func (p *Provider) show(w http.ResponseWriter, status int, page string, view any) {
	var body bytes.Buffer
	if err := pages.ExecuteTemplate(&body, page, view); err != nil {
		p.log.Error("page not made", "page", page, "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w)
}

func styleSheet(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=300")
	http.ServeFileFS(w, r, pageFiles, "pages/style.css")
}
