package learn

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"hookandtag.example/shop/internal/keyring"
	"hookandtag.example/shop/internal/mallory"
)

func makeID(a attack) (*Report, error) {
	id, e, err := a.twin.MakeTag(a.ctx, 9)
	a.learner.jar("planted-id", id)
	r := &Report{}
	r.shows("twin", "Mallory has a cookie, and she wants you to wear it. Her link carries it in "+
		"the address: `?sid="+mallory.Shorten(id)+"`.", e)
	return r, err
}

func comeBackTwin(a attack) (*Report, error) {
	look, err := a.twin.With(a.ctx, 9, a.learner.inJar("planted-id"))
	return one("twin", look.In,
		"Mallory never gave a password. Her old cookie is now signed in as "+look.User+".", err, look.Exchange)
}

func comeBackShop(a attack) (*Report, error) {
	look, err := a.shop.With(a.ctx, a.learner.inJar("planted-tag"))
	return one("shop", look.In, "Mallory's tag is dead. You have a new one, and your cart came along.", err, look.Exchange)
}

func crawlTwin(a attack) (*Report, error) {
	twin, err := a.twin.Crawl(a.ctx, 100)
	return one("twin", twin.Rows > 0,
		fmt.Sprintf("%d visitors without a cookie left %d rows and got %d cookies.", twin.Requests, twin.Rows, twin.Cookies),
		err, twin.Exchange)
}

func crawlShop(a attack) (*Report, error) {
	r := &Report{}
	shop, err := a.shop.Crawl(a.ctx, 100)
	if err != nil {
		return nil, err
	}
	rows, err := a.rows.CountSessionsOf(a.ctx, shop.Agent)
	r.part("shop", shop.Cookies > 0 || rows > 0, fmt.Sprintf("%d visitors left %d rows and got %d cookies.", shop.Requests,
		rows, shop.Cookies), shop.Exchange)
	if err != nil {
		return r, err
	}
	e, err := a.shop.AddAs(a.ctx, shop.Agent)
	if err != nil {
		return r, err
	}
	rows, err = a.rows.CountSessionsOf(a.ctx, shop.Agent)
	r.shows("shop", fmt.Sprintf("The count is real: one more of them puts a hat into a cart, and now there is %s.",
		counted(rows, "row")), e)
	return r, err
}

func twoAdds(a attack) (*Report, error) {
	twin, err := a.twin.OverlappingAdds(a.ctx)
	if err != nil {
		return nil, err
	}
	r := &Report{}
	r.part("twin", twin.Kept < twin.Added, fmt.Sprintf("Two presses at once, and %d of %d items in the cart, beside "+
		"the mittens that were there before: each request saved the whole session, and the last save won.",
		twin.Kept, twin.Added), twin.Exchanges...)
	shop, err := a.shop.OverlappingAdds(a.ctx)
	r.part("shop", shop.Kept < shop.Added,
		fmt.Sprintf("Two presses at once, and %d of %d items in the cart, beside the one that was there before.",
			shop.Kept, shop.Added), shop.Exchanges...)
	return r, err
}

// lateWrite ends a session while a press with it is being answered.
func lateWrite(a attack) (*Report, error) {
	look, err := a.twin.LateWrite(a.ctx)
	if err != nil {
		return nil, err
	}
	r := &Report{}
	r.part("twin", look.In, "Alice signed out while one of her presses was being answered. That answer saved the whole "+
		"session when it was done, so the session is back: Mallory's copy of the cookie opens the account of "+look.User+".",
		look.Exchange)
	look, err = a.shop.LateWrite(a.ctx)
	r.part("shop", look.In || look.Cart > 0, "Five presses, and one *Empty and forget this cart* between them. A row "+
		"that has ended is never written again, so its tag opens nothing.", look.Exchange)
	return r, err
}

// restartTwin restarts the twin and looks for a customer who was signed in.
func restartTwin(a attack) (*Report, error) {
	customer, before, err := a.signedIn(11, false)
	if err != nil {
		return nil, err
	}
	if err := a.twin.Restart(a.ctx); err != nil {
		return nil, err
	}
	after, err := customer.Visit(a.ctx, "")
	return one("twin", before.In && !after.In,
		"No attacker was needed: the program was restarted, and Alice is a stranger.", err, before.Exchange, after.Exchange)
}

func useDump(a attack) (*Report, error) {
	if _, _, err := a.signedIn(11, false); err != nil {
		return nil, err
	}
	look, err := a.twin.UseDump(a.ctx)
	if err != nil {
		return nil, err
	}
	r := &Report{}
	r.part("twin", look.In, "The twin's store holds the very ids that cookies carry. A stolen backup is a drawer full "+
		"of open accounts: this one is "+look.User+"'s.", look.Exchange)
	r.Parts[0].stored(strings.TrimPrefix(strings.Join(look.Exchange.Sent, ""), "Cookie: sid="), look.User)
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
	hash := base64.RawURLEncoding.EncodeToString(key)
	look, err = a.shop.Cart(a.ctx, a.keys.Sign(keyring.Tag, hash))
	r.part("shop", look.In || look.Cart > 0,
		"The shop's row holds the SHA-256 of your token. Put into a cookie it opens nothing. The shop lent Mallory a "+
			"good signature for it, and there is no row under the hash of a hash.", look.Exchange)
	r.Parts[1].stored(hash[:6]+"…", "you")
	return r, err
}

// stored shows the row in the copy of the store that Mallory used.
func (p *Part) stored(id, customer string) {
	row := Printed{Request: "a row of the copy", Page: "id: " + id + "\ncustomer: " + customer}
	p.Exchanges = slices.Insert(p.Exchanges, 0, row)
}

func replayTwin(a attack) (*Report, error) {
	look, err := a.twin.ReplayAfterSignOut(a.ctx)
	return one("twin", look.In, "You signed out, and Mallory's copy of your token still opens the account of "+look.User+
		". It will until it expires.", err, look.Exchange)
}

func replayShop(a attack) (*Report, error) {
	look, err := a.shop.With(a.ctx, a.learner.inJar("copied-tag"))
	return one("shop", look.In, "The row is closed. The copy opens nothing.", err, look.Exchange)
}
