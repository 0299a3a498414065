package learn

import (
	"fmt"
	"strings"

	"hookandtag.example/shop/internal/mallory"
)

func tapClear(a attack) (*Report, error) { return tap(a, false) }

func tapTLS(a attack) (*Report, error) { return tap(a, true) }

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
	missing := true
	for _, line := range e.Got { // the shop may set other cookies too
		if strings.HasPrefix(line, "Set-Cookie: __Host-tag=") && strings.Contains(line, "; Secure") {
			missing = false
		}
	}
	r := &Report{}
	r.part("shop", missing, "The shop's cookie says `Secure`, so a browser never sends it over http to a host that is "+
		"not this machine.", e)
	return r, err
}

// inTheMiddle attacks a careless pair, the twin's, and then a careful one: the shop's where it
// speaks https itself.
func inTheMiddle(how mallory.Attack, defence string) func(attack) (*Report, error) {
	return func(a attack) (*Report, error) {
		if err := a.twin.Reset(a.ctx, 4); err != nil {
			return nil, err
		}
		careless, err := a.twin.InTheMiddle(a.ctx, how)
		if err != nil {
			return nil, err
		}
		r := &Report{Parts: []Part{middlePart(careless)}}
		r.Parts[0].Verdict = "The cookie went through Mallory's hands."
		if a.shop.OverTLS() && !(how == mallory.Downgrade && a.shop.OnThisMachine()) {
			careful, err := a.shop.InTheMiddle(a.ctx, how)
			r.Parts = append(r.Parts, refusedPart(careful))
			return r, err
		}
		if err := a.twin.Switch(a.ctx, 4, defence, true); err != nil {
			return nil, err
		}
		careful, err := a.twin.InTheMiddle(a.ctx, how)
		p := refusedPart(careful)
		p.Title = "The twin, with the shop's defence"
		p.Verdict += standIn(a.shop.OverTLS())
		r.Parts = append(r.Parts, p)
		return r, err
	}
}

// standIn says why the twin stands in for the shop.
func standIn(overTLS bool) Text {
	if overTLS {
		return ". The twin stands in for the shop, which sends no HSTS to *localhost*: it would bind every program there."
	}
	return ". This shop runs over http on your own machine, so the twin stands in for it. Start it with " +
		"`go run ./cmd/dev --tls`, and the shop's own certificate is what Mallory swaps."
}

// middlePart is one attempt of the proxy in the middle.
func middlePart(m mallory.Middle) Part {
	return Part{Side: "twin", Won: m.Stolen || m.Planted,
		Exchanges: []Printed{{Request: strings.Join(m.Client, "\n"), Page: "Mallory's proxy: " +
			strings.Join(m.Proxy, "; ")}}}
}

// refusedPart is an attempt that a careful client refuses.
func refusedPart(m mallory.Middle) Part {
	p := middlePart(m)
	p.Side, p.Verdict = "shop", "The client refuses to go on, and says why: `"+Text(m.Complaint)+"`"
	if len(m.Proxy) == 0 {
		p.Exchanges[0].Page = "Mallory's proxy: no request reached it"
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
	r := &Report{Parts: []Part{middlePart(m)}}
	r.Parts[0].Verdict = "One answer over http was enough: the twin's customer wears a cookie that Mallory chose."
	look, err := a.shop.Plant(a.ctx)
	r.part("shop", look.In || look.Cart > 0,
		"A cookie of a plain name changes nothing. The shop reads `__Host-tag` only, and no one can set that name from "+
			"http or from another host.", look.Exchange)
	return r, err
}
