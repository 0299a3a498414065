package learn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"hookandtag.example/shop/internal/mallory"
)

// tap lets a customer shop on the tapped line, and Mallory read it.
func tap(secure bool) run {
	return func(a attack) ([]Part, error) {
		if err := a.twin.Restock(a.ctx, 3); err != nil {
			return nil, err
		}
		if _, _, err := a.signedIn(3, secure); err != nil {
			return nil, err
		}
		read, err := a.twin.ReadTap(a.ctx)
		p := heard(read).saying("user", read.Look.User)
		if secure {
			p.Title, p.Side = "The twin over TLS, as a real shop is reached", "shop"
		}
		return []Part{p}, err
	}
}

// heard is what came over the tapped line, oldest first, and what Mallory did with it.
func heard(read mallory.Tap) Part {
	p := Part{Side: "twin", Won: read.Look.In}
	for _, w := range slices.Backward(read.Wires[:min(len(read.Wires), 2)]) {
		text := []rune(w.Text)
		p.Exchanges = append(p.Exchanges, Printed{
			Asks:    fmt.Sprintf("Alice sends, and the tap hears %d bytes", w.Up),
			Request: string(text[:min(len(text), 280)])})
	}
	if read.Look.In {
		p.Exchanges = append(p.Exchanges, part("twin", true, read.Look.Exchange).Exchanges...)
	}
	return p
}

// onePicture signs a customer in over TLS, whose page then asks for one picture in clear.
func onePicture(a attack) ([]Part, error) {
	if err := a.twin.Restock(a.ctx, 3); err != nil {
		return nil, err
	}
	customer, _, err := a.signedIn(3, true)
	if err != nil {
		return nil, err
	}
	if _, err := customer.Visit(a.ctx, "hat.svg"); err != nil {
		return nil, err
	}
	read, err := a.twin.ReadTap(a.ctx)
	if err != nil {
		return nil, err
	}
	read.Wires = read.Wires[:1]
	got, asked, sent, err := a.shop.Picture(a.ctx)
	return []Part{heard(read), part("shop", sent > 0, got, asked).by("Alice")}, err
}

// middleman is an attack from the middle: on a careless pair, the twin's, and on a careful one.
type middleman struct {
	how               mallory.Attack
	defence           string // the twin's switch that makes its customer careful
	careless, careful string // the two clients
}

func swapCertificate(a attack) ([]Part, error) {
	return middleman{mallory.SwapCertificate, "verify", "a client that takes every certificate",
		"a client that checks"}.run(a)
}

func downgrade(a attack) ([]Part, error) {
	return middleman{mallory.Downgrade, "hsts", "a client that follows a link to http",
		"a client that has heard HSTS"}.run(a)
}

// run attacks the shop itself where it speaks https, else the twin in its place.
func (m middleman) run(a attack) ([]Part, error) {
	was, err := a.twin.State(a.ctx, 4)
	if err != nil {
		return nil, err
	}
	careless, err := a.twin.InTheMiddle(a.ctx, m.how)
	if err != nil {
		return nil, err
	}
	first := middlePart(careless)
	first.Title = "The weak twin and " + m.careless
	careful, err := m.defended(a, was.IsOn(m.defence))
	if err != nil {
		return nil, err
	}
	title, remark := "The twin and "+m.careful, "The twin stands in for the shop, which runs over http here."
	if m.how == mallory.SwapCertificate && a.shop.OverTLS() {
		careful, err = a.shop.SwapCertificate(a.ctx)
		title, remark = "The shop and "+m.careful, ""
	}
	last := middlePart(careful).saying("complaint", careful.Complaint, "remark", remark)
	last.Title, last.Side = title, "shop"
	if len(careful.Proxy) == 0 {
		last.Exchanges[0].Page = "Mallory's proxy: no request reached it"
	}
	return []Part{first, last}, err
}

// defended attacks with the defence on, and leaves the learner's switch as it was.
func (m middleman) defended(a attack, was bool) (careful mallory.Middle, err error) {
	defer func() {
		ctx := context.WithoutCancel(a.ctx) // a run that broke off restores it too
		err = errors.Join(err, a.twin.Switch(ctx, 4, m.defence, was))
	}()
	if err := a.twin.Switch(a.ctx, 4, m.defence, true); err != nil {
		return careful, err
	}
	return a.twin.InTheMiddle(a.ctx, m.how)
}

// middlePart is one attempt of the proxy in the middle.
func middlePart(m mallory.Middle) Part {
	return Part{Side: "twin", Won: m.Stolen || m.Planted,
		Exchanges: []Printed{{Asks: "the customer's client", Request: strings.Join(m.Client, "\n"),
			Page: "Mallory's proxy: " + strings.Join(m.Proxy, "; ")}}}
}

func plantCookie(a attack) ([]Part, error) {
	m, err := a.twin.InTheMiddle(a.ctx, mallory.PlantCookie)
	if err != nil {
		return nil, err
	}
	look, err := a.shop.Plant(a.ctx)
	return []Part{middlePart(m), opened("shop", look)}, err
}
