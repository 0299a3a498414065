package learn

import (
	"fmt"
	"strings"
	"time"

	"hookandtag.example/shop/internal/mallory"
)

// runs are Mallory's attacks by the names that recipes use. Each is a few real requests.
var runs = map[string]func(attack) (*Report, error){
	"guess-neighbours": guessNeighbours, "guess-shop": guessShop,
	"tap-clear": tapClear, "tap-tls": tapTLS, "shop-cookie": shopCookie,
	"swap-certificate": inTheMiddle(mallory.SwapCertificate, "verify"),
	"downgrade":        inTheMiddle(mallory.Downgrade, "hsts"),
	"plant":            plantCookie,
	"read-mailbox":     readMailbox, "ride-along": rideAlong, "script-shop": scriptShop, "cross-site": crossSite,
	"letter": changeLetter, "keyring": turnKeys,
	"never-ends": neverEnds, "forge-date": forgeDate,
	"make-id": makeID, "come-back-twin": comeBackTwin, "come-back-shop": comeBackShop,
	"crawl-twin": crawlTwin, "crawl-shop": crawlShop, "two-adds": twoAdds,
	"restart": restartTwin, "dump": useDump,
	"replay-twin": replayTwin, "replay-shop": replayShop,
}

func guessNeighbours(a attack) (*Report, error) {
	g, err := a.twin.GuessNeighbours(a.ctx, 50)
	r := &Report{}
	r.part("twin", g.Hits > 0,
		fmt.Sprintf("%d of %d guesses open somebody's cart: %s.", g.Hits, g.Tried, strings.Join(g.Found, "; ")),
		g.Exchanges...)
	return r, err
}

func guessShop(a attack) (*Report, error) {
	g, err := a.shop.Guess(a.ctx, 300)
	r := &Report{}
	r.part("shop", g.Hits > 0, fmt.Sprintf("%d guesses, %d hits. The shop answered %d of them with 429: it had stopped "+
		"listening.", g.Tried, g.Hits, g.Refused), g.Exchanges...)
	return r, err
}

func changeLetter(a attack) (*Report, error) {
	look, err := a.twin.ChangeLetter(a.ctx)
	if err != nil {
		return nil, err
	}
	r := &Report{}
	r.part("twin", look.In, "`customer-m` became `customer-a`, and Mallory is "+look.User+".", look.Exchange)
	tag := a.tag
	if tag == "" {
		if tag, _, err = a.shop.MakeTag(a.ctx); err != nil {
			return nil, err
		}
	}
	look, err = a.shop.ChangeLetter(a.ctx, tag)
	r.part("shop", look.In,
		"One letter further is nobody. The signature does not fit any more, and the tag opens nothing.", look.Exchange)
	return r, err
}

// neverEnds signs a customer in at the twin, lets a year pass and comes back with the cookie.
func neverEnds(a attack) (*Report, error) {
	customer, err := a.twin.Customer(a.ctx, 7)
	if err != nil {
		return nil, err
	}
	if _, err := customer.SignIn(a.ctx, "Alice"); err != nil {
		return nil, err
	}
	if err := a.twin.Age(a.ctx, 7, 365*24*time.Hour); err != nil {
		return nil, err
	}
	look, err := a.twin.With(a.ctx, 7, customer.Cookie())
	r := &Report{}
	r.part("twin", look.In, "Alice signed in a year ago, on a computer she has sold since. Its cookie still opens the "+
		"account of "+look.User+".", look.Exchange)
	return r, err
}

func forgeDate(a attack) (*Report, error) {
	look, err := a.twin.ForgeDate(a.ctx)
	r := &Report{}
	r.part("twin", look.In, "The cookie expired a month ago. Mallory wrote the year 2100 into it, and the twin believes "+
		"what the cookie says.", look.Exchange)
	return r, err
}
