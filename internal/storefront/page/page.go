// Package page is what a shopper sees: one struct for each page of the shop, and the
// renderer that fills the page's template with it.
//
// A handler fills a struct and hands it to Renderer.Render. The templates decide how
// things look and are worded; the structs decide what a page may know.
package page

import (
	"html/template"
	"strings"
	"time"

	"hookandtag.example/shop/internal/catalog"
)

// Page is one page of the shop, ready to be rendered. Every struct of this package
// that embeds Layout is one.
type Page interface {
	// template is the page's file below pages/, without its ending.
	template() string
	layout() *Layout
	// Section is the part of the shop that the page is in.
	Section() string
	// TakesNotices reports whether the page shows the notices that waited for it.
	TakesNotices() bool
	// DropWarning takes the warning off the page.
	DropWarning()
	// kept returns what the page is called among those kept, and the catalogue it shows; nil where the
	// page is for one visitor only.
	kept() (pageKey, *catalog.Snapshot)
	// numbers are all that most of the visitor's own parts depend on.
	numbers() numbers
	// common returns the page as it is for everyone with these numbers.
	common(n numbers) Page
}

// Layout is what every page shows around its own content: the head of the document,
// the bar with the cart and the sign-in, the notices and the foot.
type Layout struct {
	// Title is the page's own title; the template adds the shop's name, and "Error: "
	// in front when HasErrors is set.
	Title string
	// Description is the sentence search engines show; may be empty.
	Description string
	// Path is the path of the request. The navigation marks the link that leads there.
	Path string
	// Canonical is the absolute address of an indexable page; empty leaves it out.
	Canonical string
	// Picture is the absolute address of the page's own picture; SocialCard that of the shop's.
	// Both may be empty.
	Picture, SocialCard string
	// NoIndex keeps the page out of search engines: cart, checkout, account, problems.
	NoIndex bool
	// HasErrors says that the page is a form shown again because of what was typed.
	HasErrors bool

	// Unknown says that the request came to no session, for example because the database is
	// away: the header then shows neither a name nor "Sign in", and no number of items.
	Unknown bool
	// CartUnknown says that the browser's customer was signed out: their cart waits, so the
	// header shows no number of items.
	CartUnknown bool

	SignedIn bool
	// CustomerName is how the shop greets a signed-in customer.
	CustomerName string
	// CartUnits is the number of items in the cart, shown beside its link.
	CartUnits int
	// FormToken goes into every form that posts; empty for strangers and anonymous carts.
	FormToken string
	// Notices are shown once, at the top of the page. The script has them announced.
	Notices []Notice
	// NoticesTaken says that Notices hold what waited for this page.
	NoticesTaken bool
	// RequestID names the request in the log; problem pages show it.
	RequestID string
	// Lessons says that the tutorial is on: the bar has a link to it.
	Lessons bool
	// Ribbon is what the tutorial shows at the foot of the page; may be empty.
	Ribbon template.HTML
	// Warning is what the page needs to warn a customer before they are signed out; nil
	// where nobody is signed in.
	Warning *Warning

	// Of is the catalogue that a page shows that is the same for everyone but for a few parts; nil
	// where the page is for one visitor only.
	Of *catalog.Snapshot
	// section is the page's own, for parts that are given the layout alone.
	section *string
	own     func(name string) (template.HTML, error)
}

func (l *Layout) layout() *Layout { return l }

func (*Layout) kept() (pageKey, *catalog.Snapshot) { return pageKey{}, nil }

func (l *Layout) numbers() numbers {
	return numbers{unknown: l.Unknown, cartUnknown: l.CartUnknown, signedIn: l.SignedIn, cartUnits: l.CartUnits}
}

func (*Layout) common(numbers) Page { return nil }

// head leaves out everything of a visitor.
func (l *Layout) head() head {
	return head{l.Title, l.Description, l.Path, l.Canonical, l.Picture, l.SocialCard, l.NoIndex, l.Lessons}
}

func (h head) layout(n numbers) Layout {
	return Layout{Title: h.title, Description: h.description, Path: h.path, Canonical: h.canonical, Picture: h.picture,
		SocialCard: h.socialCard, NoIndex: h.noIndex, Lessons: h.lessons,
		Unknown: n.unknown, CartUnknown: n.cartUnknown, SignedIn: n.signedIn, CartUnits: n.cartUnits}
}

// wordless reports whether a part shows of its visitor no more than numbers; an unknown part never
// does.
func (l *Layout) wordless(part string) bool {
	switch part {
	case "cart-tag", "in-cart", "add-label", "menu-orders", "way-on":
		return true
	case "personal", "greeting":
		return !l.SignedIn
	case "token":
		return l.FormToken == ""
	case "notices":
		return len(l.Notices) == 0
	case "body":
		return l.Warning == nil
	case "tail":
		return l.Warning == nil && l.Ribbon == ""
	}
	return false
}

// Own returns a part of the page that may be its visitor's own, by the name of its template.
func (l *Layout) Own(name string) (template.HTML, error) { return l.own(name) }

// TakesNotices implements Page.
func (l *Layout) TakesNotices() bool { return l.NoticesTaken }

// DropWarning takes the warning off a page that cannot know how much time is left.
func (l *Layout) DropWarning() { l.Warning = nil }

// Section is the first part of the path: "", "products", "cart", "orders", "account" …
func (l *Layout) Section() string {
	if l.section != nil {
		return *l.section
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(l.Path, "/"), "/")
	return first
}

// Room is the room the page is in, which the navigation marks; "": none.
func (*Layout) Room() catalog.Room { return "" }

// Query is what stands in the search field of the header.
func (*Layout) Query() string { return "" }

// CartHidden reports whether the header shows no number of items, because it is not known.
func (l *Layout) CartHidden() bool { return l.Unknown || l.CartUnknown }

// Notice is one sentence about what has just happened.
type Notice struct {
	// Kind is the value of data-notice: added, saved, merged, capped, sold-out, late …; it also picks
	// the sign in front.
	Kind string
	Text string
	// LinkURL and LinkText lead to where something can be done about it; both may be empty.
	LinkURL, LinkText string
}

// Urgent reports whether the notice is about something that went wrong, was refused or needs
// a look, and not only a confirmation.
func (n Notice) Urgent() bool {
	switch n.Kind {
	case "capped", "sold-out", "late", "elsewhere", "empty", "step":
		return true
	}
	return false
}

// Ended says why a customer who was signed in no longer is.
type Ended struct {
	// Reason is session.Reason as a string: idle, absolute, signed_out, revoked,
	// excess, back_channel, rotated or forgotten.
	Reason string
	// Limit is the limit that was reached; only for idle and absolute.
	Limit time.Duration
}
