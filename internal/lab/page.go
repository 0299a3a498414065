package lab

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"

	"hookandtag.example/shop/internal/mallory"
)

var (
	//go:embed lab.css
	style []byte
	//go:embed lab.html
	markup string

	templates = template.Must(template.New("lab").Parse(markup))
)

func serveStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(style)
}

// page is what an exhibit's templates show.
type page struct {
	Number                int
	Title, Weakness, Path string
	Shop, Evil            string
	Defences              []mallory.Defence
	Presses               []press
	Products              []product
	Customers             []string
	User                  string
	Units                 int
	Cart                  []cartLine
	Reviews               []review
	Defended              bool // a defence is on
	Events                []mallory.Event
	Cookie                string
	Notice                string
}

// cartLine is a line of the cart.
type cartLine struct {
	Name  string
	Units int
}

// review is a review as the page shows it and as it was posted.
type review struct {
	Shown  template.HTML
	Posted string
}

// maxShownEvents is how many events a page lists.
const maxShownEvents = 6

func (l *Lab) page(x *exhibit, s *session) page {
	n := x.lesson
	p := page{Number: n.number, Title: n.title, Weakness: n.weakness, Path: x.path, Presses: n.presses}
	p.Shop, p.Evil, p.Defences, p.Products, p.Customers = l.config.Shop, x.evil, x.defences(), products, customers
	if x.on["tls"] {
		p.Notice = "Customers who come by http are sent to https now. Your browser is not: it does not know who signed the " +
			"twin's certificate, and would stop at a warning. Press “Tap the line” in the lesson: Alice's browser knows it."
	}
	p.Events = x.events[:min(len(x.events), maxShownEvents)]
	write := reviewAsMarkup
	if x.on["escape"] {
		write = reviewAsText
	}
	for _, posted := range x.reviews {
		p.Reviews = append(p.Reviews, review{write(posted), posted})
	}
	p.Defended = slices.ContainsFunc(p.Defences, func(d mallory.Defence) bool { return d.On })
	if s == nil {
		return p
	}
	p.User, p.Units, p.Cookie = s.user, s.units(), x.cookie(s).Name+"="+mallory.Shorten(x.cookie(s).Value)
	for _, product := range products {
		if units := s.cart[product.SKU]; units > 0 {
			p.Cart = append(p.Cart, cartLine{product.Name, units})
		}
	}
	return p
}

// render writes a page whole or, where a template fails, an error.
func (l *Lab) render(w http.ResponseWriter, name string, data any) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		l.config.Log.Error("lab: render a page", "page", name, "err", err)
		http.Error(w, "The twin could not write this page.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}

// refusal is a page that says why something was not done.
type refusal struct {
	Text, Shop string
	Number     int // the lesson to lead back to; 0: all of them
}

func (x *exhibit) refuse(w http.ResponseWriter, status int, text string) {
	refusal{text, x.shop, x.lesson.number}.answer(w, status)
}

func (l *Lab) notFound(w http.ResponseWriter, _ *http.Request) {
	refusal{"There is no such page at the twin.", l.config.Shop, 0}.answer(w, http.StatusNotFound)
}

func (p refusal) answer(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = templates.ExecuteTemplate(w, "refusal", p) // the client has gone, if anything
}

// showPicture is a picture as a page has it, which browsers ask for with the page's cookies.
func showPicture(w http.ResponseWriter, r *http.Request, x *exhibit) {
	x.visitor(w, r)
	w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 8h9L7 2H2z"/></svg>`))
}
