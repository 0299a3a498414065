package storefront

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/keyring"
)

const (
	// pendingFormLifetime is how long a form posted on an ended session waits for its customer.
	pendingFormLifetime = 30 * time.Minute
	// maxCookie is what browsers keep of one cookie, name and value (RFC 6265bis 5.6).
	maxCookie = 4096
	// resumePath shows a pending form that is not part of the checkout, for one more click.
	resumePath = "/resume"
)

// pendingForm is a form posted on an ended session. It is sealed for the customer that session
// belonged to; nobody else opens it.
type pendingForm struct {
	Action         string     `json:"action"`
	Fields         url.Values `json:"fields"`
	Posted         time.Time  `json:"posted"`
	Reauthenticate bool       `json:"reauthenticate,omitempty"` // it waits for a reauthentication, not for a sign-in
}

// form says where a posted form is found again after a sign-in.
type form struct {
	page string // the page it is on; also answers one that is refused
	// filledIn is the page that shows it as it was posted, if it may wait for its customer. An order
	// never waits: only a press on the button of a review made since places one.
	filledIn string
}

// forms has every form of a visitor by its route, but for those that sign in, sign out or stay
// signed in.
var forms = map[string]form{
	"/cart/lines":                   {page: "/cart", filledIn: resumePath},
	"/cart/lines/{sku}":             {page: "/cart", filledIn: resumePath},
	"/cart/lines/{sku}/save":        {page: "/cart", filledIn: resumePath},
	"/cart/saved/{sku}/remove":      {page: "/cart", filledIn: resumePath},
	"/cart/saved/{sku}/restore":     {page: "/cart", filledIn: resumePath},
	"/cart/undo":                    {page: "/cart"},
	"/cart/forget":                  {page: "/cart"},
	"/cart/set-aside":               {page: "/cart"},
	"/account/devices/{handle}/end": {page: "/account/devices", filledIn: resumePath},
	"/account/devices/end-others":   {page: "/account/devices", filledIn: resumePath},
	"/checkout/address":             {page: "/checkout/address", filledIn: "/checkout/address"},
	"/checkout/delivery":            {page: "/checkout/delivery", filledIn: "/checkout/delivery"},
	"/orders":                       {page: "/checkout/review"},
	"/orders/{number}/cancel":       {page: "/orders"},
	"/orders/{number}/again":        {page: "/orders"},
}

// keepPendingForm seals the posted form for a customer and returns where it will be found after
// signing in.
func (s *Server) keepPendingForm(w http.ResponseWriter, r *http.Request, customerID int64) (returnTo string) {
	form := forms[chi.RouteContext(r.Context()).RoutePattern()]
	if form.filledIn == "" {
		return form.page
	}
	kept := maps.Clone(r.PostForm)
	delete(kept, formToken)
	v := knownVisit(r)
	text, err := json.Marshal(pendingForm{Action: r.URL.EscapedPath(), Fields: kept, Posted: s.config.Now(),
		Reauthenticate: v.signedIn()})
	if err != nil {
		return form.filledIn
	}
	value := s.config.Keys.Seal(keyring.PendingForm, text, boundTo(customerID))
	if len(s.cookieName(pendingFormCookie))+len(value) < maxCookie {
		s.setCookie(w, pendingFormCookie, value, pendingFormLifetime)
	}
	return form.filledIn
}

// pendingFormOf returns the form that waits for this customer; ok is false when none does, or it is
// too old or another's.
func (s *Server) pendingFormOf(r *http.Request, c customer.Customer) (d pendingForm, ok bool) {
	value := s.cookie(r, pendingFormCookie)
	if value == "" {
		return pendingForm{}, false
	}
	text, err := s.config.Keys.Open(keyring.PendingForm, value, boundTo(c.ID))
	if err != nil || json.Unmarshal(text, &d) != nil || s.config.Now().Sub(d.Posted) > pendingFormLifetime {
		return pendingForm{}, false
	}
	return d, strings.HasPrefix(d.Action, "/")
}

// dropPendingForm forgets the pending form once its form has been posted, or once somebody else has
// signed in.
func (s *Server) dropPendingForm(w http.ResponseWriter, r *http.Request) {
	if s.cookie(r, pendingFormCookie) != "" {
		s.setCookie(w, pendingFormCookie, "", 0)
	}
}

func boundTo(customerID int64) string { return "customer " + strconv.FormatInt(customerID, 10) }
