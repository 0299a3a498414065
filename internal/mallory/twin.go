package mallory

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Twin is Mallory at one learner's bench of the lab twin.
type Twin struct {
	visitor *Visitor
	bench   string
}

var benchName = regexp.MustCompile(`\A[a-z2-7]{26}\z`)

// NewBench returns a random name for a learner's bench, 130 bits that nobody guesses. The twin
// makes the bench when it is first asked for.
func NewBench() string { return strings.ToLower(rand.Text()) }

// ValidBench reports whether a text could be the name of a bench.
func ValidBench(name string) bool { return benchName.MatchString(name) }

// Twin returns Mallory at a bench, or an error if that is no name of one.
func (v *Visitor) Twin(bench string) (*Twin, error) {
	if !ValidBench(bench) {
		return nil, errors.New("mallory: that is no bench")
	}
	return &Twin{visitor: v, bench: bench}, nil
}

// Path is where a lesson's exhibit begins at the twin, such as "/{bench}/9/".
func (t *Twin) Path(lesson int) string { return "/" + t.bench + "/" + strconv.Itoa(lesson) + "/" }

// URL is an exhibit's address as browsers know it. Lesson 9's plant an id when ?sid= is added.
func (t *Twin) URL(lesson int) string {
	return strings.TrimSuffix(t.visitor.config.Twin.URL, "/") + t.Path(lesson)
}

// Look is what Mallory sees with somebody's cookie, or with none.
type Look struct {
	Exchange Exchange
	In       bool   // a personal page opened
	User     string // whose; "" at the shop, which says it in the page only
	Cart     int    // units in the cart
}

func (a *answer) look() Look {
	l := Look{Exchange: a.exchange, User: a.data["user"]}
	l.Cart, _ = strconv.Atoi(a.data["cart-count"])
	l.In = a.status == 200 && (l.User != "" || a.data["signed-in"] == "true")
	return l
}

// visit makes one request to an exhibit with a cookie of the exhibit's, unless the value is "".
func (t *Twin) visit(ctx context.Context, lesson int, page, value string, form url.Values) (*answer, error) {
	c := call{path: t.Path(lesson) + page, form: form}
	if value != "" {
		cookie, err := pair(cookieName(lesson), value)
		if err != nil {
			return nil, err
		}
		c.cookies = []string{cookie}
	}
	return t.visitor.twin.visit(ctx, c)
}

func cookieName(lesson int) string {
	if lesson == 12 {
		return "token"
	}
	return "sid"
}

// read asks an exhibit for JSON.
func (t *Twin) read(ctx context.Context, lesson int, page string, form url.Values, into any) error {
	a, err := t.visit(ctx, lesson, page, "", form)
	if err != nil {
		return err
	}
	if a.status != 200 {
		return fmt.Errorf("mallory: %s: %s", a.exchange.Request, a.exchange.Status)
	}
	return json.Unmarshal(a.body, into)
}

// steer presses one of an exhibit's own buttons.
func (t *Twin) steer(ctx context.Context, lesson int, page string, form url.Values) error {
	a, err := t.visit(ctx, lesson, page, "", form)
	if err == nil && a.status != 303 {
		err = fmt.Errorf("mallory: %s: %s", a.exchange.Request, a.exchange.Status)
	}
	return err
}

// State returns how an exhibit describes itself.
func (t *Twin) State(ctx context.Context, lesson int) (s State, err error) {
	return s, t.read(ctx, lesson, "state", nil, &s)
}

// Switch puts a defence of an exhibit on or off, which starts its sessions anew.
func (t *Twin) Switch(ctx context.Context, lesson int, defence string, on bool) error {
	return t.steer(ctx, lesson, "switch", url.Values{"defence": {defence}, "on": {strconv.FormatBool(on)}})
}

// Reset makes an exhibit as it was at first, with every defence off.
func (t *Twin) Reset(ctx context.Context, lesson int) error {
	return t.steer(ctx, lesson, "reset", url.Values{})
}

// Restock throws an exhibit's sessions away and leaves its switches as they are.
func (t *Twin) Restock(ctx context.Context, lesson int) error {
	return t.steer(ctx, lesson, "reset", url.Values{"keep": {"switches"}})
}

// Age moves an exhibit's clock forward.
func (t *Twin) Age(ctx context.Context, lesson int, by time.Duration) error {
	return t.steer(ctx, lesson, "age", url.Values{"by": {by.String()}})
}

// Review posts one of lesson 5's prepared reviews: "kind", "steal" or "ride".
func (t *Twin) Review(ctx context.Context, kind string) error {
	return t.steer(ctx, 5, "review", url.Values{"review": {kind}})
}

// Restart restarts lesson 11's exhibit.
func (t *Twin) Restart(ctx context.Context) error { return t.steer(ctx, 11, "restart", url.Values{}) }

// With opens an exhibit's account page with a cookie's value, as Mallory: ComeBack of lesson 9, the
// replay of lesson 12.
func (t *Twin) With(ctx context.Context, lesson int, value string) (Look, error) {
	a, err := t.visit(ctx, lesson, "account", value, nil)
	if err != nil {
		return Look{}, err
	}
	return a.look(), nil
}

// Cart opens an exhibit's shelf page with a cookie's value, as Mallory.
func (t *Twin) Cart(ctx context.Context, lesson int, value string) (Look, error) {
	a, err := t.visit(ctx, lesson, "", value, nil)
	if err != nil {
		return Look{}, err
	}
	return a.look(), nil
}

// MakeTag lets Mallory get a session, with one thing in the cart, and returns its
// cookie's value.
func (t *Twin) MakeTag(ctx context.Context, lesson int) (value string, e Exchange, err error) {
	a, err := t.visit(ctx, lesson, "cart", "", url.Values{"sku": {"MITTENS"}})
	if err != nil {
		return "", Exchange{}, err
	}
	return a.cookie(cookieName(lesson)), a.exchange, nil
}

// lastIssued returns the newest cookie that an exhibit handed to a customer who signed in: the copy
// that Mallory made, or "".
func (t *Twin) lastIssued(ctx context.Context, lesson int) (string, error) {
	s, err := t.State(ctx, lesson)
	if err != nil {
		return "", err
	}
	for _, c := range s.Issued {
		if c.User != "" && c.User != "Mallory" {
			return c.Value, nil
		}
	}
	return "", nil
}
