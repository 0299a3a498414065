package learn

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"hookandtag.example/shop/internal/mallory"
)

// runs are Mallory's attacks by the names that recipes use. Each is a few real requests.
var runs = map[string]func(attack) (*Report, error){
	"guess-neighbours": guessNeighbours, "guess-shop": guessShop,
	"tap-clear": tapClear, "tap-tls": tapTLS, "shop-cookie": shopCookie,
	"swap-certificate": inTheMiddle(mallory.SwapCertificate), "downgrade": inTheMiddle(mallory.Downgrade),
	"plant":        plantCookie,
	"read-mailbox": readMailbox, "ride-along": rideAlong, "script-shop": scriptShop, "cross-site": crossSite,
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

func tapClear(a attack) (*Report, error) { return tap(a, false) }
func tapTLS(a attack) (*Report, error)   { return tap(a, true) }

// tap lets a customer shop on the tapped line, and Mallory read it.
func tap(a attack, secure bool) (*Report, error) {
	if err := a.twin.Reset(a.ctx, 3); err != nil {
		return nil, err
	}
	customer, err := a.twin.Customer(a.ctx, 3)
	if err != nil {
		return nil, err
	}
	if secure {
		customer = customer.OverTLS()
	}
	if _, err := customer.SignIn(a.ctx, "Alice"); err != nil {
		return nil, err
	}
	read, err := a.twin.ReadTap(a.ctx)
	r := &Report{}
	p := Part{Side: "twin", Won: read.Look.In,
		Verdict: Text("Mallory reads the cookie off the line and opens the account of " + read.Look.User + ".")}
	if secure {
		p.Side, p.Verdict = "shop", "The same customer, the same pages, over TLS: the tap sees that there is talk, and "+
			"cannot read a word of it."
	}
	for _, w := range read.Wires[:min(len(read.Wires), 2)] {
		p.Exchanges = append(p.Exchanges,
			Printed{Request: fmt.Sprintf("%d bytes up, %d bytes down", w.Up, w.Down), Page: w.Text})
	}
	if read.Look.In {
		p.Exchanges = append(p.Exchanges, printed(read.Look.Exchange))
	}
	r.Parts = append(r.Parts, p)
	return r, err
}

func shopCookie(a attack) (*Report, error) {
	_, e, err := a.shop.MakeTag(a.ctx)
	line := strings.Join(e.Got, "\n")
	missing := !strings.Contains(line, "; Secure") || !strings.Contains(line, "__Host-")
	r := &Report{}
	r.part("shop", missing, "The shop's cookie says `Secure`, so a browser never sends it over http to a host that is "+
		"not this machine.", e)
	return r, err
}

func inTheMiddle(how mallory.Attack) func(attack) (*Report, error) {
	return func(a attack) (*Report, error) {
		r := &Report{}
		if err := a.twin.Reset(a.ctx, 4); err != nil {
			return nil, err
		}
		for i, defence := range []string{"",
			map[mallory.Attack]string{mallory.SwapCertificate: "verify", mallory.Downgrade: "hsts"}[how]} {
			if i == 1 {
				if err := a.twin.Switch(a.ctx, 4, defence, true); err != nil {
					return nil, err
				}
			}
			m, err := a.twin.InTheMiddle(a.ctx, how)
			if err != nil {
				return nil, err
			}
			r.Parts = append(r.Parts, middlePart(m, i == 1))
		}
		return r, nil
	}
}

// middlePart is one attempt of the proxy in the middle; defended is how the shop's customers are.
func middlePart(m mallory.Middle, defended bool) Part {
	p := Part{Side: "twin", Won: m.Stolen || m.Planted,
		Exchanges: []Printed{{Request: strings.Join(m.Client, "\n"), Page: "Mallory's proxy: " +
			strings.Join(m.Proxy, "; ")}}}
	p.Verdict = "The cookie went through Mallory's hands."
	if defended {
		p.Side, p.Verdict = "shop", "The client refuses to go on, and says why: `"+Text(m.Complaint)+"`"
	}
	return p
}

func plantCookie(a attack) (*Report, error) {
	if err := a.twin.Reset(a.ctx, 4); err != nil {
		return nil, err
	}
	m, err := a.twin.InTheMiddle(a.ctx, mallory.PlantCookie)
	if err != nil {
		return nil, err
	}
	r := &Report{Parts: []Part{middlePart(m, false)}}
	r.Parts[0].Verdict = "One answer over http was enough: the twin's customer wears a cookie that Mallory chose."
	look, err := a.shop.Plant(a.ctx)
	r.part("shop", look.In || look.Cart > 0,
		"A cookie of a plain name changes nothing. The shop reads `__Host-tag` only, and no one can set that name from "+
			"http or from another host.", look.Exchange)
	return r, err
}

func readMailbox(a attack) (*Report, error) {
	look, err := a.twin.ReadMailbox(a.ctx)
	r := &Report{}
	r.part("twin", look.In, "The cookie in Mallory's mailbox opens the account of "+look.User+".", look.Exchange)
	return r, err
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
	r.part("twin", err == nil, "The cookie is HttpOnly now, and Mallory's new review stands on the page. Its script "+
		"reads no cookie. It only orders.")
	return r, err
}

func scriptShop(a attack) (*Report, error) {
	e, escaped, err := a.shop.Script(a.ctx)
	r := &Report{}
	r.part("shop", !escaped, "The script came back as text. And had it been markup: the page's Content-Security-Policy "+
		"runs no script that stands in a page.", e)
	return r, err
}

func crossSite(a attack) (*Report, error) {
	e, err := a.shop.CrossSitePost(a.ctx, a.tag)
	r := &Report{}
	r.part("shop", !strings.HasPrefix(e.Status, "403"),
		"The browser says where a form comes from, and the shop takes forms from its own pages only. Nothing went into "+
			"your cart.", e)
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

func makeID(a attack) (*Report, error) {
	id, e, err := a.twin.MakeTag(a.ctx, 9)
	a.learner.jar("planted-id", id)
	r := &Report{}
	r.part("twin", err == nil, "Mallory has a cookie of her own, and she wants you to wear it. Her link carries it in "+
		"the address: `?sid="+mallory.Shorten(id)+"`.", e)
	return r, err
}

func comeBackTwin(a attack) (*Report, error) {
	look, err := a.twin.With(a.ctx, 9, a.learner.inJar("planted-id"))
	r := &Report{}
	r.part("twin", look.In, "Mallory never gave a password. Her old cookie is now signed in as "+look.User+".",
		look.Exchange)
	return r, err
}

func comeBackShop(a attack) (*Report, error) {
	look, err := a.shop.With(a.ctx, a.learner.inJar("planted-tag"))
	r := &Report{}
	r.part("shop", look.In, "Mallory's tag is dead. You have a new one, and your cart came along.", look.Exchange)
	return r, err
}

func crawlTwin(a attack) (*Report, error) {
	twin, err := a.twin.Crawl(a.ctx, 100)
	r := &Report{}
	r.part("twin", twin.Rows > 0,
		fmt.Sprintf("%d visitors without a cookie left %d rows and got %d cookies.", twin.Requests, twin.Rows, twin.Cookies),
		twin.Exchange)
	return r, err
}

func crawlShop(a attack) (*Report, error) {
	r := &Report{}
	shop, err := a.shop.Crawl(a.ctx, 100)
	r.part("shop", shop.Cookies > 0, fmt.Sprintf("%d visitors got %d cookies. A row is only ever made together with a "+
		"cookie, so there is none.", shop.Requests, shop.Cookies), shop.Exchange)
	return r, err
}

func twoAdds(a attack) (*Report, error) {
	twin, err := a.twin.OverlappingAdds(a.ctx)
	if err != nil {
		return nil, err
	}
	r := &Report{}
	r.part("twin", twin.Kept < twin.Added, fmt.Sprintf("Two presses at once, and %d of %d items in the cart: each "+
		"request saved the whole session, and the last save won.", twin.Kept, twin.Added), twin.Exchanges...)
	shop, err := a.shop.OverlappingAdds(a.ctx)
	r.part("shop", shop.Kept < shop.Added,
		fmt.Sprintf("Two presses at once, and %d of %d items in the cart.", shop.Kept, shop.Added), shop.Exchanges...)
	return r, err
}

// restartTwin restarts the twin and looks for a customer who was signed in.
func restartTwin(a attack) (*Report, error) {
	customer, err := a.twin.Customer(a.ctx, 11)
	if err != nil {
		return nil, err
	}
	before, err := customer.SignIn(a.ctx, "Alice")
	if err != nil {
		return nil, err
	}
	if err := a.twin.Restart(a.ctx); err != nil {
		return nil, err
	}
	after, err := customer.Visit(a.ctx, "")
	r := &Report{}
	r.part("twin", before.In && !after.In, "Nobody attacked anything: the program was restarted, and Alice is a stranger.",
		before.Exchange, after.Exchange)
	return r, err
}

func useDump(a attack) (*Report, error) {
	customer, err := a.twin.Customer(a.ctx, 11)
	if err != nil {
		return nil, err
	}
	if _, err := customer.SignIn(a.ctx, "Alice"); err != nil {
		return nil, err
	}
	look, err := a.twin.UseDump(a.ctx)
	if err != nil {
		return nil, err
	}
	r := &Report{}
	r.part("twin", look.In, "The twin's store holds the very ids that cookies carry. A stolen backup is a drawer full "+
		"of open accounts: this one is "+look.User+"'s.", look.Exchange)
	tag, key := a.tag, a.key[:]
	if tag == "" {
		if tag, _, err = a.shop.MakeTag(a.ctx); err != nil {
			return nil, err
		}
		_, token, _ := strings.Cut(tag, ".")
		token, _, _ = strings.Cut(token, ".")
		sum := sha256.Sum256([]byte(token))
		key = sum[:]
	}
	look, err = a.shop.UseDumpHash(a.ctx, tag, key)
	r.part("shop", look.In, "The shop's row holds the SHA-256 of your token. Put into a cookie it opens nothing.",
		look.Exchange)
	return r, err
}

func replayTwin(a attack) (*Report, error) {
	look, err := a.twin.ReplayAfterSignOut(a.ctx)
	r := &Report{}
	r.part("twin", look.In, "You signed out, and Mallory's copy of your token still opens the account of "+look.User+
		". It will until it expires.", look.Exchange)
	return r, err
}

func replayShop(a attack) (*Report, error) {
	look, err := a.shop.With(a.ctx, a.learner.inJar("copied-tag"))
	r := &Report{}
	r.part("shop", look.In, "The row is closed. The copy opens nothing.", look.Exchange)
	return r, err
}
