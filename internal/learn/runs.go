package learn

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/mallory"
)

// run is one of Mallory's attacks: a few real requests. The recipe has a verdict for each part.
type run func(attack) ([]Part, error)

// runs are the attacks by the names that recipes use.
var runs = map[string]run{
	"guess-neighbours": guessNeighbours, "guess-shop": guessShop,
	"tap-clear": tap(false), "tap-tls": tap(true), "one-picture": onePicture,
	"swap-certificate": swapCertificate, "downgrade": downgrade, "plant": plantCookie,
	"read-mailbox": looks("twin", func(a attack) (mallory.Look, error) { return a.twin.ReadMailbox(a.ctx) }),
	"ride-along":   rideAlong, "script-shop": scriptShop, "cross-site": crossSite,
	"letter":     both(letterTwin, letterShop),
	"keyring":    turnKeys,
	"never-ends": looks("twin", neverEnds), "forge-date": forgeDate,
	"make-id": makeID,
	"come-back-twin": looks("twin", func(a attack) (mallory.Look, error) {
		return fromJar(a, "planted-id", func(id string) (mallory.Look, error) { return a.twin.With(a.ctx, 9, id) })
	}),
	"come-back-shop": looks("shop", func(a attack) (mallory.Look, error) { return fromJar(a, "planted-tag", a.with) }),
	"crawl-twin":     crawlTwin, "crawl-shop": crawlShop, "two-adds": twoAdds, "read-again": readAgain,
	"late-write": both(looks("twin", func(a attack) (mallory.Look, error) { return a.twin.LateWrite(a.ctx) }),
		lateWriteShop),
	"restart": restartTwin, "dump": both(dumpTwin, dumpShop),
	"replay-twin": replayTwin,
	"replay-shop": looks("shop", func(a attack) (mallory.Look, error) { return fromJar(a, "copied-tag", a.with) }),
}

// looks is a run that ends with a look at a page, which should be somebody's own.
func looks(side string, do func(attack) (mallory.Look, error)) run {
	return func(a attack) ([]Part, error) {
		look, err := do(a)
		return []Part{opened(side, look)}, err
	}
}

// both is one run after the other.
func both(first, second run) run {
	return func(a attack) ([]Part, error) {
		parts, err := first(a)
		if err != nil {
			return nil, err
		}
		more, err := second(a)
		return append(parts, more...), err
	}
}

// opened is a part that ends with a look at a page, after what went before.
func opened(side string, look mallory.Look, before ...mallory.Exchange) Part {
	return part(side, look.In || look.Cart > 0, append(before, look.Exchange)...).saying("user", look.User)
}

// errEmptyJar says that Mallory has lost a tag that an earlier step gave her.
var errEmptyJar = errors.New("mallory has no copy any more")

func fromJar(a attack, name string, use func(string) (mallory.Look, error)) (mallory.Look, error) {
	value := a.learner.inJar(name)
	if value == "" {
		return mallory.Look{}, errEmptyJar
	}
	return use(value)
}

func guessNeighbours(a attack) ([]Part, error) {
	g, err := a.twin.GuessNeighbours(a.ctx, 50)
	found := strings.Join(g.Found, "; ")
	if g.Hits > len(g.Found) {
		found += " and so on"
	}
	return []Part{part("twin", g.Hits > 0, g.Exchanges...).saying("tried", g.Tried, "hits", g.Hits, "found", found)}, err
}

func guessShop(a attack) ([]Part, error) {
	g, err := a.shop.Guess(a.ctx, 300)
	return []Part{part("shop", g.Hits > 0, g.Exchanges...).saying("tried", g.Tried, "hits", g.Hits, "refused",
		g.Refused)}, err
}

// rideAlong takes the cookie from scripts and shows that they do not need it.
func rideAlong(a attack) ([]Part, error) {
	if err := a.twin.Reset(a.ctx, 5); err != nil {
		return nil, err
	}
	if err := a.twin.Switch(a.ctx, 5, "httponly", true); err != nil {
		return nil, err
	}
	return []Part{shows("twin")}, a.twin.Review(a.ctx, "ride")
}

func scriptShop(a attack) ([]Part, error) {
	e, escaped, err := a.shop.Script(a.ctx)
	return []Part{part("shop", !escaped, e)}, err
}

func crossSite(a attack) ([]Part, error) {
	e, err := a.shop.CrossSitePost(a.ctx, a.tag)
	return []Part{part("shop", !strings.HasPrefix(e.Status, "403"), e)}, err
}

func letterTwin(a attack) ([]Part, error) {
	own, look, err := a.twin.ChangeLetter(a.ctx)
	return []Part{opened("twin", look).after("Mallory's own cookie", own)}, err
}

func letterShop(a attack) ([]Part, error) {
	if a.tag == "" {
		return nil, errNoTag
	}
	look, err := a.shop.ChangeLetter(a.ctx, a.tag)
	return []Part{opened("shop", look).after("your own tag", mallory.Shorten(a.tag))}, err
}

// neverEnds signs a customer in at the twin, lets a year pass and comes back with the cookie.
func neverEnds(a attack) (mallory.Look, error) {
	customer, _, err := a.signedIn(7, false)
	if err != nil {
		return mallory.Look{}, err
	}
	if err := a.twin.Age(a.ctx, 7, 365*24*time.Hour); err != nil {
		return mallory.Look{}, err
	}
	return a.twin.With(a.ctx, 7, customer.Cookie())
}

// forgeDate comes with a customer's cookie that has ended, before and after it has another date.
func forgeDate(a attack) ([]Part, error) {
	alice, _, err := a.signedIn(8, false)
	if err != nil {
		return nil, err
	}
	if err := a.twin.Age(a.ctx, 8, 60*24*time.Hour); err != nil {
		return nil, err
	}
	late, look, err := a.twin.ForgeDate(a.ctx, alice.Cookie())
	p := opened("twin", look, late.Exchange)
	p.Won = p.Won && !late.In
	return []Part{p}, err
}

func makeID(a attack) ([]Part, error) {
	id, e, err := a.twin.MakeTag(a.ctx, 9)
	a.learner.jar("planted-id", id)
	return []Part{shows("twin", e).saying("id", mallory.Shorten(id))}, err
}

func crawlTwin(a attack) ([]Part, error) {
	c, err := a.twin.Crawl(a.ctx, 100)
	return []Part{part("twin", c.Rows > 0, c.Exchange).harmless().saying("visitors", c.Requests, "rows", c.Rows, "cookies",
		c.Cookies)}, err
}

// crawlShop also lets one crawler put something in a cart, so that the count is seen to count.
func crawlShop(a attack) ([]Part, error) {
	c, err := a.shop.Crawl(a.ctx, 100)
	if err != nil {
		return nil, err
	}
	rows, err := a.rows.CountSessionsOf(a.ctx, c.Agent)
	if err != nil {
		return nil, err
	}
	crawled := part("shop", c.Cookies > 0 || rows > 0, c.Exchange).harmless().saying("visitors", c.Requests, "rows", rows,
		"cookies", c.Cookies)
	e, err := a.shop.AddAs(a.ctx, c.Agent)
	if err != nil {
		return nil, err
	}
	rows, err = a.rows.CountSessionsOf(a.ctx, c.Agent)
	return []Part{crawled, shows("shop", e).saying("rows", counted(rows, "row"))}, err
}

func twoAdds(a attack) ([]Part, error) {
	twin, err := a.twin.OverlappingAdds(a.ctx)
	if err != nil {
		return nil, err
	}
	shop, err := a.shop.OverlappingAdds(a.ctx)
	return []Part{added("twin", twin), added("shop", shop)}, err
}

func added(side string, adds mallory.Adds) Part {
	return part(side, adds.Kept < adds.Added, adds.Exchanges...).harmless().saying("kept", adds.Kept, "added", adds.Added)
}

func lateWriteShop(a attack) ([]Part, error) {
	end, late, after, err := a.shop.LateWrite(a.ctx)
	p := opened("shop", after, end, late)
	p.Won = p.Won || !strings.HasPrefix(late.Status, "409")
	return []Part{p}, err
}

// readAgain reads one page often, which should neither write nor send anything, and at the shop
// once more when a use is due to be recorded.
func readAgain(a attack) ([]Part, error) {
	twin, err := a.twin.ReadAgain(a.ctx, 20)
	if err != nil {
		return nil, err
	}
	tag, _, err := a.shop.MakeTag(a.ctx)
	if err != nil {
		return nil, err
	}
	shop, err := a.shop.ReadAgain(a.ctx, tag, 20)
	if err != nil {
		return nil, err
	}
	id, _ := identify(a.keys, tag)
	if _, err := a.rows.AgeSession(a.ctx, id, 5*time.Minute, false); err != nil {
		return nil, err
	}
	later, err := a.shop.ReadAgain(a.ctx, tag, 1)
	p := reread("shop", shop, later.Exchange)
	p.Won = p.Won || later.Cookies == 0
	return []Part{reread("twin", twin), p}, err
}

func reread(side string, c mallory.Crawled, later ...mallory.Exchange) Part {
	shown := append([]mallory.Exchange{c.Exchange}, later...)
	return part(side, c.Cookies > 0, shown...).harmless().saying("reads", c.Requests, "cookies", c.Cookies)
}

// restartTwin restarts the twin and looks for a customer who was signed in.
func restartTwin(a attack) ([]Part, error) {
	customer, before, err := a.signedIn(11, false)
	if err != nil {
		return nil, err
	}
	if err := a.twin.Restart(a.ctx); err != nil {
		return nil, err
	}
	after, err := customer.Visit(a.ctx, "")
	return []Part{part("twin", before.In && !after.In, before.Exchange, after.Exchange).harmless().by("Alice")}, err
}

func dumpTwin(a attack) ([]Part, error) {
	if _, _, err := a.signedIn(11, false); err != nil {
		return nil, err
	}
	look, err := a.twin.UseDump(a.ctx)
	id := strings.TrimPrefix(strings.Join(look.Exchange.Sent, ""), "Cookie: sid=")
	return []Part{opened("twin", look).after("a row of the copy", "id: "+id+"\ncustomer: "+look.User)}, err
}

// dumpShop puts the hash of a token where the token was, under a good signature.
func dumpShop(a attack) ([]Part, error) {
	tag, whose, err := a.anyTag()
	if err != nil {
		return nil, err
	}
	token, _, _ := strings.Cut(tag[strings.Index(tag, ".")+1:], ".")
	sum := sha256.Sum256([]byte(token))
	hash := base64.RawURLEncoding.EncodeToString(sum[:])
	look, err := a.shop.Cart(a.ctx, a.keys.Sign(keyring.Tag, hash))
	p := opened("shop", look).after("the row of "+whose+" tag in the copy", "id: "+hash[:6]+"…")
	return []Part{p.saying("whose", whose)}, err
}

// replayTwin also opens the token of the copy, which is signed, not secret.
func replayTwin(a attack) ([]Part, error) {
	token, look, err := a.twin.ReplayAfterSignOut(a.ctx)
	text, _, _ := strings.Cut(token, ".")
	claims, _ := base64.RawURLEncoding.DecodeString(text)
	return []Part{opened("twin", look).after("what the token says, decoded", string(claims))}, err
}
