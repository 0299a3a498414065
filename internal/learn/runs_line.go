package learn

import (
	"fmt"
	"slices"
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
	if _, _, err := a.signedIn(3, secure); err != nil {
		return nil, err
	}
	read, err := a.twin.ReadTap(a.ctx)
	r := &Report{}
	p := Part{Side: "twin", Won: read.Look.In,
		Verdict: Text("Mallory reads the cookie off the line and opens the account of " + read.Look.User + ".")}
	if secure {
		p.Title, p.Side, p.Verdict = "The twin over TLS, as a real shop is reached", "shop", "The same "+
			"customer, the same pages, over TLS: the tap sees that there is talk, and "+
			"cannot read a word of it."
	}
	p.Exchanges = heard(read)
	r.Parts = append(r.Parts, p)
	return r, err
}

// heard is what came over the tapped line, oldest first, and what Mallory did with it.
func heard(read mallory.Tap) (list []Printed) {
	for _, w := range slices.Backward(read.Wires[:min(len(read.Wires), 2)]) {
		text := []rune(w.Text)
		list = append(list, Printed{Request: fmt.Sprintf("%d bytes up, %d bytes down", w.Up, w.Down),
			Page: string(text[:min(len(text), 280)])})
	}
	if read.Look.In {
		list = append(list, printed(read.Look.Exchange))
	}
	return list
}

// onePicture signs a customer in over TLS, whose page then asks for one picture in clear.
func onePicture(a attack) (*Report, error) {
	if err := a.twin.Reset(a.ctx, 3); err != nil {
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
	r := &Report{Parts: []Part{{Side: "twin", Won: read.Look.In, Exchanges: heard(read), Verdict: "All " +
		"of it went over TLS " +
		"but one picture, and the cookie went with the picture."}}}
	got, asked, sent, err := a.shop.Picture(a.ctx)
	r.part("shop", sent > 0, "The shop's cookies say `Secure`: the browser leaves them at home when it asks for a picture "+
		"in clear. The second request has no `Cookie` line.", got, asked)
	return r, err
}

// middleman is an attack from the middle: on a careless pair, the twin's, and on a careful one.
type middleman struct {
	how               mallory.Attack
	defence           string // the twin's switch that makes its customer careful
	careless, careful string // the two clients
	refusal           Text   // why the careful one is not fooled
}

func swapCertificate(a attack) (*Report, error) {
	return middleman{mallory.SwapCertificate, "verify", "a client that takes every certificate", "a client that checks",
		"The certificate is signed by nobody the client trusts, so it refuses to go on"}.run(a)
}

func downgrade(a attack) (*Report, error) {
	return middleman{mallory.Downgrade, "hsts", "a client that follows a link to http", "a client that has heard HSTS",
		"HSTS made https of http, so Mallory had to show a certificate after all, and the client refuses hers"}.run(a)
}

// run attacks the shop itself where it speaks https, else the twin in its place.
func (m middleman) run(a attack) (*Report, error) {
	if err := a.twin.Reset(a.ctx, 4); err != nil {
		return nil, err
	}
	careless, err := a.twin.InTheMiddle(a.ctx, m.how)
	if err != nil {
		return nil, err
	}
	first := middlePart(careless)
	first.Title, first.Verdict = "The weak twin and "+m.careless, "The cookie went through Mallory's hands."
	if err := a.twin.Switch(a.ctx, 4, m.defence, true); err != nil {
		return nil, err
	}
	careful, err := a.twin.InTheMiddle(a.ctx, m.how)
	title, remark := "The twin and "+m.careful, Text(" The twin stands in for the shop, which runs on your own machine.")
	if m.how == mallory.SwapCertificate && a.shop.OverTLS() {
		careful, err = a.shop.SwapCertificate(a.ctx)
		title, remark = "The shop and "+m.careful, ""
	}
	last := middlePart(careful)
	last.Title, last.Side, last.Verdict = title, "shop", m.refusal+": `"+Text(careful.Complaint)+"`."+remark
	if len(careful.Proxy) == 0 {
		last.Exchanges[0].Page = "Mallory's proxy: no request reached it"
	}
	return &Report{Parts: []Part{first, last}}, err
}

// middlePart is one attempt of the proxy in the middle.
func middlePart(m mallory.Middle) Part {
	return Part{Side: "twin", Won: m.Stolen || m.Planted,
		Exchanges: []Printed{{Request: strings.Join(m.Client, "\n"), Page: "Mallory's proxy: " +
			strings.Join(m.Proxy, "; ")}}}
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
