package learn

import (
	"fmt"
	"strings"
	"time"
)

// runs are Mallory's attacks by the names that recipes use. Each is a few real requests.
var runs = map[string]func(attack) (*Report, error){
	"guess-neighbours": guessNeighbours, "guess-shop": guessShop,
	"tap-clear": tapClear, "tap-tls": tapTLS, "one-picture": onePicture,
	"swap-certificate": swapCertificate, "downgrade": downgrade,
	"plant":        plantCookie,
	"read-mailbox": readMailbox, "ride-along": rideAlong, "script-shop": scriptShop, "cross-site": crossSite,
	"letter": changeLetter, "keyring": turnKeys,
	"never-ends": neverEnds, "forge-date": forgeDate,
	"make-id": makeID, "come-back-twin": comeBackTwin, "come-back-shop": comeBackShop,
	"crawl-twin": crawlTwin, "crawl-shop": crawlShop, "two-adds": twoAdds,
	"late-write": lateWrite, "restart": restartTwin, "dump": useDump,
	"replay-twin": replayTwin, "replay-shop": replayShop,
}

func guessNeighbours(a attack) (*Report, error) {
	g, err := a.twin.GuessNeighbours(a.ctx, 50)
	r := &Report{}
	found := strings.Join(g.Found, "; ")
	if g.Hits > len(g.Found) {
		found += " and so on"
	}
	if g.Hits == 0 {
		found = "the twin's defence is on. Reset the lesson to see it without"
	}
	r.part("twin", g.Hits > 0, fmt.Sprintf("%d of %d guesses open somebody's cart: %s.", g.Hits, g.Tried, found),
		g.Exchanges...)
	return r, err
}

func guessShop(a attack) (*Report, error) {
	g, err := a.shop.Guess(a.ctx, 300)
	return one("shop", g.Hits > 0,
		fmt.Sprintf("%d guesses, %d hits. The shop answered %d of them with 429: it had stopped "+
			"listening.", g.Tried, g.Hits, g.Refused), err, g.Exchanges...)
}

func changeLetter(a attack) (*Report, error) {
	look, err := a.twin.ChangeLetter(a.ctx)
	if err != nil {
		return nil, err
	}
	r := &Report{}
	r.part("twin", look.In, "Mallory signed in and got `customer-m`. She wrote `customer-a` instead, "+
		"and Mallory is "+look.User+".", look.Exchange)
	tag := a.tag
	if tag == "" {
		if tag, _, err = a.shop.MakeTag(a.ctx); err != nil {
			return nil, err
		}
	}
	look, err = a.shop.ChangeLetter(a.ctx, tag)
	r.part("shop", look.In || look.Cart > 0,
		"The first letter of your token is another, and the tag is nobody's. The signature does not fit, so the cart is "+
			"a stranger's. A tag has three parts, with dots between: the name of a key, the token, the signature.",
		look.Exchange)
	return r, err
}

// neverEnds signs a customer in at the twin, lets a year pass and comes back with the cookie.
func neverEnds(a attack) (*Report, error) {
	customer, _, err := a.signedIn(7, false)
	if err != nil {
		return nil, err
	}
	if err := a.twin.Age(a.ctx, 7, 365*24*time.Hour); err != nil {
		return nil, err
	}
	look, err := a.twin.With(a.ctx, 7, customer.Cookie())
	return one("twin", look.In,
		"Alice signed in a year ago, on a computer she has sold since. Its cookie still opens the "+
			"account of "+look.User+".", err, look.Exchange)
}

func forgeDate(a attack) (*Report, error) {
	alice, _, err := a.signedIn(8, false)
	if err != nil {
		return nil, err
	}
	if err := a.twin.Age(a.ctx, 8, 60*24*time.Hour); err != nil {
		return nil, err
	}
	late, err := a.twin.With(a.ctx, 8, alice.Cookie())
	if err != nil {
		return nil, err
	}
	look, err := a.twin.ForgeDate(a.ctx, alice.Cookie())
	return one("twin", look.In && !late.In,
		"The twin's cookie is an id, a dash and the second at which it ends. Mallory found one of Alice's that "+
			"ended a month ago, and it opened nothing. Then she wrote the year 2100 into it, `4102444800`, and is "+look.User+
			": the twin believes what the cookie says.", err, late.Exchange, look.Exchange)
}
