package lab

import (
	"net/http"
	"slices"
	"strings"

	"hookandtag.example/shop/internal/mallory"
)

type product struct{ SKU, Name, Price string }

var products = []product{
	{"FEDORA", "Felt Fedora", "€89.00"},
	{"BOWLER", "Rain Bowler", "€64.00"},
	{"SQUALL", "Pocket Squall", "€29.00"},
	{"MITTENS", "Kindling Mittens", "€28.00"},
	{"HOOK", "Brass Hook", "€12.50"},
}

// customers may sign in by name, without a password: the lessons are about what comes after.
var customers = []string{"Alice", "Bob", "Mallory"}

func productNamed(sku string) (product, bool) {
	i := slices.IndexFunc(products, func(p product) bool { return p.SKU == sku })
	if i < 0 {
		return product{}, false
	}
	return products[i], true
}

// visitor finds who is asking and records the use. The exhibit is locked.
func (x *exhibit) visitor(w http.ResponseWriter, r *http.Request) *session {
	s := x.find(r)
	if s != nil {
		s.used = x.now()
		if byMallory(r) && !s.mallory && (s.user != "" || s.units() > 0) {
			x.note(mallory.EventStolen, "Mallory opened the session of "+nameOf(s)+".")
		}
	}
	x.headers(w, r, s)
	return s
}

// start makes a session for a stranger and sets its cookie.
func (x *exhibit) start(w http.ResponseWriter, r *http.Request) *session {
	s := x.begin(x.newID())
	s.mallory = byMallory(r)
	x.give(w, s)
	return s
}

// give sets a session's cookie.
func (x *exhibit) give(w http.ResponseWriter, s *session) {
	c := x.cookie(s)
	http.SetCookie(w, c)
	x.cookies++
	issued := mallory.Issued{Value: c.Value, User: s.user}
	if s.mallory {
		issued.User = "Mallory"
	}
	x.issued = slices.Insert(x.issued, 0, issued)
	x.issued = x.issued[:min(len(x.issued), maxIssued)]
	x.note(mallory.EventIssued, "A cookie for "+nameOf(s)+": "+c.Name+"="+mallory.Shorten(c.Value)+".")
}

func byMallory(r *http.Request) bool { return r.UserAgent() == "Mallory" }

// byScript reports whether a script of a page made the request, as far as the browser says.
func byScript(r *http.Request) bool { return r.Header.Get("Sec-Fetch-Dest") == "empty" }

func nameOf(s *session) string {
	switch {
	case s.user != "":
		return s.user
	case s.mallory:
		return "Mallory"
	}
	return "a visitor"
}

func (l *Lab) showShop(w http.ResponseWriter, r *http.Request, x *exhibit) {
	l.render(w, "shop", l.page(x, x.visitor(w, r)))
}

// showAccount is for customers who are signed in.
func (l *Lab) showAccount(w http.ResponseWriter, r *http.Request, x *exhibit) {
	s := x.visitor(w, r)
	if s == nil || s.user == "" {
		redirect(w, x.path)
		return
	}
	l.render(w, "account", l.page(x, s))
}

func (l *Lab) addToCart(w http.ResponseWriter, r *http.Request, x *exhibit) {
	p, found := productNamed(r.PostFormValue("sku"))
	if !found {
		x.refuse(w, http.StatusUnprocessableEntity, "The twin does not sell that.")
		return
	}
	if !x.accept(r) {
		x.note(mallory.EventRefused, "A form from another site was refused.")
		x.refuse(w, http.StatusForbidden, "This form came from another site.")
		return
	}
	s := x.visitor(w, r)
	if s == nil {
		s = x.start(w, r)
	}
	x.add(s, p.SKU, meetings(r))
	if byScript(r) {
		x.noteOf(s.user, mallory.EventRode, "A script put a "+p.Name+" into the cart of "+nameOf(s)+".")
	} else {
		x.noteOf(s.user, mallory.EventAdded, p.Name+" went into the cart of "+nameOf(s)+".")
	}
	redirect(w, x.path)
}

func (l *Lab) signIn(w http.ResponseWriter, r *http.Request, x *exhibit) {
	name := r.PostFormValue("name")
	if !slices.Contains(customers, name) {
		x.refuse(w, http.StatusUnprocessableEntity, "The twin knows "+strings.Join(customers, ", ")+".")
		return
	}
	if !x.accept(r) {
		x.refuse(w, http.StatusForbidden, "This form came from another site.")
		return
	}
	s := x.visitor(w, r)
	if s == nil {
		s = &session{cart: map[string]int{}}
	}
	s = x.signIn(s, name)
	s.mallory = byMallory(r)
	x.give(w, s)
	x.noteOf(name, mallory.EventSignedIn, name+" signed in.")
	redirect(w, x.path+"account")
}

func (l *Lab) signOut(w http.ResponseWriter, r *http.Request, x *exhibit) {
	late := min(meetings(r), 1) // once before the end and once after it
	x.meet(late)
	if s := x.visitor(w, r); s != nil {
		x.signOut(s)
		x.meet(late)
		x.noteOf(s.user, mallory.EventSignedOut, nameOf(s)+" signed out.")
	}
	x.clearCookie(w)
	x.leave(w, x.path)
}

// clearCookie asks the browser to drop the exhibit's cookie.
func (x *exhibit) clearCookie(w http.ResponseWriter) {
	c := x.cookie(&session{})
	c.Value, c.MaxAge = "", -1
	http.SetCookie(w, c)
}

func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}
