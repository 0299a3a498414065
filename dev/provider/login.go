package provider

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

func loginAddress(request string) string {
	return "/login?" + url.Values{"request": {request}}.Encode()
}

// loginPage answers the request immediately when the browser's session satisfies it (single
// sign-on); otherwise it asks for the password, or refuses where no page may be shown.
func (p *Provider) loginPage(w http.ResponseWriter, r *http.Request) {
	request, err := p.memory.openRequest(r.FormValue("request"))
	if err != nil {
		p.requestGone(w)
		return
	}
	s, signedIn := p.session(r)
	if signedIn && request.satisfiedBy(s, p.config.Now()) {
		p.finish(w, r, request, s)
		return
	}
	if request.silent() {
		p.memory.dropRequest(request.id)
		p.refuse(w, r, &request.asked, oidc.ErrLoginRequired().WithDescription("the person has to give the password"))
		return
	}
	if request.creates() && r.FormValue("known") == "" {
		p.showRegister(w, http.StatusOK, registerView{Request: request.id})
		return
	}
	p.show(w, http.StatusOK, "login.html", p.loginView(r, request))
}

// login takes the posted login page.
func (p *Provider) login(w http.ResponseWriter, r *http.Request) {
	request, ok := p.posted(w, r)
	if !ok {
		return
	}
	view := p.loginView(r, request)
	view.Email = strings.TrimSpace(r.PostFormValue("email"))
	who, ok := p.memory.authenticate(view.Email, r.PostFormValue("password"))
	if !ok {
		view.Problem = "That e-mail address and password do not belong together."
		p.show(w, http.StatusUnprocessableEntity, "login.html", view)
		return
	}
	if request.hint != "" && request.hint != who.Subject {
		view.Problem = "The shop asked for somebody else to sign in."
		p.show(w, http.StatusUnprocessableEntity, "login.html", view)
		return
	}
	p.signIn(w, r, request, who)
}

// posted returns the request that a posted page answers. It answers itself, and reports false, if
// there is no such request or the person cancels it.
func (p *Provider) posted(w http.ResponseWriter, r *http.Request) (authRequest, bool) {
	request, err := p.memory.openRequest(r.PostFormValue("request"))
	if err != nil {
		p.requestGone(w)
		return authRequest{}, false
	}
	if r.PostFormValue("action") == "cancel" {
		p.memory.dropRequest(request.id)
		p.refuse(w, r, &request.asked, oidc.ErrAccessDenied().WithDescription("the person cancelled"))
		return authRequest{}, false
	}
	return request, true
}

// signIn gives the browser the session of a person who has just given the password, and answers the
// request.
func (p *Provider) signIn(w http.ResponseWriter, r *http.Request, request authRequest, who person) {
	s, ended := p.memory.authenticated(p.cookie(r), who)
	p.setCookie(w, s.cookie)
	if ended != nil {
		p.tellShop(r, *ended)
	}
	p.finish(w, r, request, s)
}

// finish answers the request with a code for the session.
func (p *Provider) finish(w http.ResponseWriter, r *http.Request, request authRequest, s session) {
	request, err := p.memory.answer(request.id, s)
	if err != nil {
		p.requestGone(w)
		return
	}
	code, err := op.CreateAuthRequestCode(r.Context(), request, p.op.Storage(), p.op.Crypto())
	if err != nil {
		p.log.Error("code not made", "error", err)
		p.refuse(w, r, &request.asked, err)
		return
	}
	p.callBack(w, r, &request.asked, url.Values{"code": {code}})
}

// session is the live provider session of the browser that sent r.
func (p *Provider) session(r *http.Request) (session, bool) {
	return p.memory.current(p.cookie(r))
}

func (p *Provider) cookie(r *http.Request) string {
	cookie, err := r.Cookie(p.cookieName())
	if err != nil {
		return ""
	}
	return cookie.Value
}

// setCookie gives the browser its session cookie; an empty value takes it away.
func (p *Provider) setCookie(w http.ResponseWriter, value string) {
	cookie := &http.Cookie{
		Name: p.cookieName(), Value: value, Path: "/",
		HttpOnly: true, Secure: p.overTLS(), SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}

func (p *Provider) cookieName() string {
	if p.overTLS() {
		return "__Host-provider"
	}
	return "provider"
}

func (p *Provider) overTLS() bool {
	return strings.HasPrefix(p.config.Issuer, "https://")
}
