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

// resumable names, for each form that may become pending, the page it is filled in on.
// An order never is: only a press on the button of a review made since places one.
var resumable = map[string]string{
	"/cart/lines":                   resumePath,
	"/cart/lines/{sku}":             resumePath,
	"/cart/lines/{sku}/save":        resumePath,
	"/cart/saved/{sku}/remove":      resumePath,
	"/cart/saved/{sku}/restore":     resumePath,
	"/account/devices/{handle}/end": resumePath,
	"/account/devices/end-others":   resumePath,
	"/checkout/address":             "/checkout/address",
	"/checkout/delivery":            "/checkout/delivery",
}

// formPages says where other forms are to be found again after signing in, and which page shows the
// answer to a refused one.
var formPages = map[string]string{
	"/orders": "/checkout/review", "/orders/{number}/cancel": "/orders", "/orders/{number}/again": "/orders",
	"/cart/undo": "/cart", "/cart/forget": "/cart", "/cart/set-aside": "/cart",
	"/cart/lines": "/cart", "/cart/lines/{sku}": "/cart", "/cart/lines/{sku}/save": "/cart",
	"/cart/saved/{sku}/restore":     "/cart",
	"/account/devices/{handle}/end": "/account/devices", "/account/devices/end-others": "/account/devices",
}

// keepPendingForm seals the posted form for a customer and returns where it will be found after
// signing in.
func (s *Server) keepPendingForm(w http.ResponseWriter, r *http.Request, customerID int64) (returnTo string) {
	pattern := chi.RouteContext(r.Context()).RoutePattern()
	formPage, known := resumable[pattern]
	if !known {
		return formPages[pattern]
	}
	kept := maps.Clone(r.PostForm)
	delete(kept, formToken)
	v := knownVisit(r)
	text, err := json.Marshal(pendingForm{Action: r.URL.EscapedPath(), Fields: kept, Posted: s.now(),
		Reauthenticate: v.signedIn()})
	if err != nil {
		return formPage
	}
	value := s.keys.Seal(keyring.PendingForm, text, boundTo(customerID))
	if len(s.cookieName(pendingFormCookie))+len(value) < maxCookie {
		s.setCookie(w, pendingFormCookie, value, pendingFormLifetime)
	}
	return formPage
}

// pendingFormOf returns the form that waits for this customer; ok is false when none does, or it is
// too old or another's.
func (s *Server) pendingFormOf(r *http.Request, c customer.Customer) (d pendingForm, ok bool) {
	value := s.cookie(r, pendingFormCookie)
	if value == "" {
		return pendingForm{}, false
	}
	text, err := s.keys.Open(keyring.PendingForm, value, boundTo(c.ID))
	if err != nil || json.Unmarshal(text, &d) != nil || s.now().Sub(d.Posted) > pendingFormLifetime {
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
