package learn

import (
	"strings"
)

func readMailbox(a attack) (*Report, error) {
	look, err := a.twin.ReadMailbox(a.ctx)
	return one("twin", look.In, "The cookie in Mallory's mailbox opens the account of "+look.User+".", err, look.Exchange)
}

// rideAlong takes the cookie from scripts and shows that they do not need it.
func rideAlong(a attack) (*Report, error) {
	if err := a.twin.Reset(a.ctx, 5); err != nil {
		return nil, err
	}
	if err := a.twin.Switch(a.ctx, 5, "httponly", true); err != nil {
		return nil, err
	}
	err := a.twin.Review(a.ctx, "ride")
	r := &Report{}
	r.shows("twin", "The cookie is HttpOnly now, and Mallory's new review stands on the page. Its script "+
		"reads no cookie. It only orders.")
	return r, err
}

func scriptShop(a attack) (*Report, error) {
	e, escaped, err := a.shop.Script(a.ctx)
	return one("shop", !escaped,
		"The script came back as text. And had it been markup: the page's Content-Security-Policy "+
			"runs no script that stands in a page.", err, e)
}

func crossSite(a attack) (*Report, error) {
	e, err := a.shop.CrossSitePost(a.ctx, a.tag)
	return one("shop", !strings.HasPrefix(e.Status,
		"403"), "The browser says where a form comes from, and the shop takes forms from its own pages "+
		"only. Nothing went into "+
		"your cart.", err, e)
}
