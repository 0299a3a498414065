// Command minimal is a whole program on the session package and its in-memory store: a sign-in, a
// counter in the session, both limits and a sign-out.
//
//	go run ./examples/minimal -idle 30s -absolute 2m
package main

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"flag"
	"html/template"
	"log"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/session/memory"
)

func main() {
	address, limits := flag.String("address", "localhost:8090", "where to listen"), session.DefaultLimits
	flag.DurationVar(&limits.Idle, "idle", limits.Idle, "a signed-in session ends after so long without use")
	flag.DurationVar(&limits.Absolute, "absolute", limits.Absolute, "a signed-in session ends so long after the sign-in")
	flag.Parse()
	limits.AnonymousIdle = time.Hour // a stranger's session takes memory until then; slow down who begins many
	store := memory.New(time.Now)
	p, err := newProgram(store, limits)
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		for range time.Tick(time.Minute) {
			store.Sweep(func(logID string, why session.Reason) { p.sessions.LogExpired(context.Background(), logID, why) })
		}
	}()
	log.Printf("open http://%s and sign in as ada with the password lovelace", *address)
	log.Fatal((&http.Server{Addr: *address, Handler: p.handler(), ReadHeaderTimeout: 10 * time.Second}).ListenAndServe())
}

// program is all of it. It has one user, ada, whose password is "lovelace".
type program struct {
	sessions       *session.Manager
	salt, password []byte
}

func newProgram(store *memory.Store, limits session.Limits) (*program, error) {
	keys, err := keyring.New(rand.Text() + rand.Text()) // in-memory sessions end with the process; so may its key
	if err != nil {
		return nil, err
	}
	p := &program{salt: []byte(rand.Text())}
	if p.password, err = p.hash("lovelace"); err != nil {
		return nil, err
	}
	p.sessions, err = session.New(session.Config{
		Store: store, Keys: keys, Limits: limits, Log: slog.Default(),
		Insecure: true, // this is plain http; leave it out behind TLS
		Unavailable: func(w http.ResponseWriter, _ *http.Request, _ error) {
			http.Error(w, "Please try again in a moment.", http.StatusServiceUnavailable)
		},
	})
	return p, err
}

func (p *program) hash(password string) ([]byte, error) {
	return pbkdf2.Key(sha256.New, password, p.salt, 600_000, sha256.Size)
}

// handler refuses posts from other sites and gives every other request its session.
func (p *program) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.show)
	mux.HandleFunc("POST /count", p.ownForm(p.count))
	mux.HandleFunc("POST /sign-in", p.signIn)
	mux.HandleFunc("POST /sign-out", p.ownForm(p.signOut))
	return http.NewCrossOriginProtection().Handler(p.sessions.Handler(mux))
}

var page = template.Must(template.New("").Parse(`<!doctype html><html lang="en"><title>Sessions</title>
{{define "token"}}<input type="hidden" name="form_token" value="{{.Token}}">{{end}}
{{with .Ended}}<p>Your session ended: {{.}}.</p>{{end}}<p>You have counted to {{or .Count 0}}.</p>
<form method="post" action="/count">{{template "token" .}}<button>Count</button></form>
{{if .Token}}<p>Signed in: {{.Info.IdleLeft.Round 1e9}} without use, {{.Info.AbsoluteLeft.Round 1e9}} at most.</p>
<form method="post" action="/sign-out">{{template "token" .}}<button>Sign out</button></form>
{{else}}
<form method="post" action="/sign-in"><label>Name <input name="name" autocomplete="username"></label>
<label>Password <input name="password" type="password"></label><button>Sign in</button></form>{{end}}`))

// show is the one page. It says once why a session has ended, and then deletes its cookie.
func (p *program) show(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	info, _ := p.sessions.Info(ctx)
	ended, _ := p.sessions.Ended(ctx)
	p.sessions.ClearEnded(ctx)
	w.Header().Set("Cache-Control", "no-store")
	_ = page.Execute(w, map[string]any{ // fails if the browser has gone
		"Info": info, "Ended": ended.Reason, "Count": p.sessions.Get(ctx, "count"), "Token": p.sessions.FormToken(ctx),
	})
}

// ownForm refuses a form from before the session began.
func (p *program) ownForm(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !p.sessions.CheckFormToken(r.Context(), r.FormValue("form_token")) {
			http.Error(w, "This page is out of date. Please go back and load it again.", http.StatusForbidden)
			return
		}
		next(w, r)
	}
}

// count begins a session if none is live, because there is something to remember. Of two presses at
// once one may be lost: what must not be lost belongs in a database.
func (p *program) count(w http.ResponseWriter, r *http.Request) {
	if _, ended := p.sessions.Ended(r.Context()); !ended { // or else show first says why
		count, _ := strconv.Atoi(p.sessions.Get(r.Context(), "count")) // no value is 0
		p.sessions.Put(r.Context(), "count", strconv.Itoa(count+1))
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// signIn gives the visitor a new session under a new cookie. The counter of the old one is dropped.
func (p *program) signIn(w http.ResponseWriter, r *http.Request) {
	hash, err := p.hash(r.FormValue("password"))
	if err != nil || subtle.ConstantTimeCompare(hash, p.password) != 1 || r.FormValue("name") != "ada" {
		http.Error(w, "Name or password is wrong.", http.StatusForbidden)
		return
	}
	ada := session.Authentication{Subject: "ada", AuthTime: time.Now()}
	if _, err := p.sessions.SignIn(r.Context(), ada); err != nil {
		http.Error(w, "That did not work. Please try again.", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// signOut ends the session before anything else. Signing out twice is no error.
func (p *program) signOut(w http.ResponseWriter, r *http.Request) {
	if _, err := p.sessions.SignOut(r.Context()); err != nil {
		http.Error(w, "You are still signed in. Please try again.", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
