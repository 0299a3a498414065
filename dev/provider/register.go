package provider

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what strangers can register.
const (
	maxName     = 100 // characters
	maxEmail    = 254 // bytes // RFC 5321 4.5.3.1.3
	minPassword = 8   // characters // NIST SP 800-63B
	maxPassword = 200 // characters
)

var errTaken = errors.New("the address has an account")

// registerView is what pages/register.html shows.
type registerView struct {
	Request, Name, Email string
	Problems             map[string]string // by field; "form" for the whole
	First                string            // the field that gets the focus
}

// registerPage shows the form for a new account to a visitor who was asked to sign in.
func (p *Provider) registerPage(w http.ResponseWriter, r *http.Request) {
	request, err := p.memory.openRequest(r.FormValue("request"))
	if err != nil {
		p.requestGone(w)
		return
	}
	if request.hint != "" {
		http.Redirect(w, r, loginAddress(request.id), http.StatusSeeOther)
		return
	}
	p.showRegister(w, http.StatusOK, registerView{Request: request.id})
}

// register takes the posted page. The new person has just given the password, so the request is
// answered immediately.
func (p *Provider) register(w http.ResponseWriter, r *http.Request) {
	request, ok := p.posted(w, r)
	if !ok {
		return
	}
	if request.hint != "" {
		p.requestGone(w)
		return
	}
	view := registerView{
		Request: request.id, Name: strings.TrimSpace(r.PostFormValue("name")),
		Email: strings.TrimSpace(r.PostFormValue("email")),
	}
	password := r.PostFormValue("password")
	if view.Problems = registrationProblems(view.Name, view.Email, password); len(view.Problems) > 0 {
		p.showRegister(w, http.StatusUnprocessableEntity, view)
		return
	}
	who, err := p.memory.register(view.Name, view.Email, password)
	if errors.Is(err, errTaken) { // perhaps by the same press, made twice
		if known, ok := p.memory.authenticate(view.Email, password); ok {
			who, err = known, nil
		}
	}
	switch {
	case errors.Is(err, errTaken):
		view.Problems = map[string]string{"email": "There is an account with this address. Sign in, or use another one."}
	case err != nil:
		view.Problems = map[string]string{"form": "No account could be made. A demo customer can sign in."}
		p.log.Warn("account not made", "error", err)
	default:
		p.signIn(w, r, request, who)
		return
	}
	p.showRegister(w, http.StatusUnprocessableEntity, view)
}

func (p *Provider) showRegister(w http.ResponseWriter, status int, view registerView) {
	view.First = "name"
	for _, field := range []string{"name", "email", "password"} {
		if view.Problems[field] != "" {
			view.First = field
			break
		}
	}
	p.show(w, status, "register.html", view)
}

// registrationProblems says what is wrong with each field of a registration.
func registrationProblems(name, email, password string) map[string]string {
	problems := map[string]string{}
	switch {
	case name == "":
		problems["name"] = "Enter your name."
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		problems["name"] = "Enter your name without special characters."
	case utf8.RuneCountInString(name) > maxName:
		problems["name"] = "Enter a name of at most 100 characters."
	}
	if parsed, err := mail.ParseAddress(email); err != nil || parsed.Address != email || len(email) > maxEmail {
		problems["email"] = "Enter an e-mail address like name@example.com."
	}
	if n := utf8.RuneCountInString(password); n < minPassword {
		problems["password"] = "Choose a password of at least 8 characters."
	} else if n > maxPassword {
		problems["password"] = "Choose a password of at most 200 characters."
	}
	return problems
}

// verifier is what is kept of a password.
type verifier struct{ salt, hash string }

// rounds is how often a password is hashed: what OWASP asks of PBKDF2 with SHA-256.
const rounds = 600_000

func newVerifier(password string) (verifier, error) {
	v := verifier{salt: rand.Text()}
	var err error
	v.hash, err = v.of(password)
	return v, err
}

func (v verifier) of(password string) (string, error) {
	hash, err := pbkdf2.Key(sha256.New, password, []byte(v.salt), rounds, sha256.Size)
	return string(hash), err
}

func (v verifier) matches(password string) bool {
	hash, err := v.of(password)
	return err == nil && subtle.ConstantTimeCompare([]byte(hash), []byte(v.hash)) == 1
}

// register makes an account. It fails with errTaken when the address has one.
func (m *memory) register(name, email, password string) (person, error) {
	kept, err := newVerifier(password)
	if err != nil {
		return person{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.byEmail(email); taken {
		return person{}, errTaken
	}
	who := person{Subject: rand.Text(), Email: address(email), Name: name}
	m.people = append(m.people, who)
	m.passwords[who.Subject] = kept
	return who, nil
}

// authenticate finds the person these words belong to.
func (m *memory) authenticate(email, password string) (person, bool) {
	m.mu.Lock()
	who, known := m.byEmail(email)
	kept, registered := m.passwords[who.Subject]
	m.mu.Unlock()
	if registered {
		return who, kept.matches(password)
	}
	return who, subtle.ConstantTimeCompare([]byte(password), []byte(demoPassword)) == 1 && known
}

// bySubject finds a demo customer or a registered person.
func (m *memory) bySubject(subject string) (person, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.people.find(func(p person) bool { return p.Subject == subject })
}

// byEmail is for callers that hold the lock.
func (m *memory) byEmail(email string) (person, bool) {
	email = address(email)
	return m.people.find(func(p person) bool { return p.Email == email })
}

// address is an e-mail address as accounts are found by.
func address(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
