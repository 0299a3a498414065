package app_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/rogue"
)

// detour is a way to the callback on which something goes wrong that takes more than one answer of
// the provider.
type detour struct {
	name, clause string
	want         int
	asked        int // how often a code may be presented
	logged       string
	walk         func(c *counter, v *visitor, subject string) reply
}

func detours() []detour {
	return []detour{
		{"state of another browser", "X-2, ASVS 10.2.1", 400, 0, "no such open sign-in",
			func(c *counter, v *visitor, _ string) reply {
				back, _ := c.visitor(v.t).comeBack("return_to=/cart")
				return v.get(back)
			}},
		{"state used before", "X-2, RFC 9700 4.2.4", 400, 0, "was used before",
			func(_ *counter, v *visitor, _ string) reply {
				back, _ := v.comeBack("return_to=/cart")
				jar := maps.Clone(v.cookies)
				v.get(strings.Replace(back, "code=", "error=access_denied&unknown=", 1))
				v.cookies = jar
				v.shop.log.forget()
				return v.get(back)
			}},
		{"state eleven minutes old", "X-2, ASVS 10.1.2", 400, 0, "no such open sign-in",
			func(c *counter, v *visitor, _ string) reply {
				back, _ := v.comeBack("return_to=/cart")
				c.clock.move(11 * time.Minute)
				return v.get(back)
			}},
		{"code of another tab", "RFC 9700 4.5, RFC 7636 4.6", 400, 1, "refused (token)",
			func(_ *counter, v *visitor, _ string) reply {
				back, _ := v.comeBack("return_to=/cart")
				other, _ := v.comeBack("return_to=/cart")
				return v.get(with(back, "code", parameter(v.t, other, "code")))
			}},
		{"ID token of another sign-in", "OIDC Core 3.1.3.7 (11), X-6", 400, 1, "refused (nonce)",
			func(c *counter, v *visitor, subject string) reply {
				var another string
				c.op.Follow(rogue.Script{Subject: subject, Token: func(answer map[string]any) {
					another = answer["id_token"].(string)
					delete(answer, "id_token")
				}})
				c.visitor(v.t).signIn("/cart")
				c.op.Follow(rogue.Script{Subject: subject, Instead: another})
				c.op.Forget()
				c.log.forget()
				return v.signIn("/cart")
			}},
		{"customer logged out during the sign-in", "X-14", 403, 1, "signed out at the provider during the sign-in",
			func(c *counter, v *visitor, subject string) reply {
				c.op.Follow(rogue.Script{Subject: subject,
					Token: func(map[string]any) { c.tell(v.t, c.op.LogoutToken(subject, "", rogue.Script{})) }})
				defer c.clock.move(time.Second) // the next authentication is newer
				return v.signIn("/cart")
			}},
		{"session logged out during the sign-in", "X-14", 403, 1, "signed out at the provider during the sign-in",
			func(c *counter, v *visitor, subject string) reply {
				var sid string
				c.op.Follow(rogue.Script{
					Subject: subject, Claims: func(m map[string]any) { sid = m["sid"].(string) },
					Token: func(map[string]any) { c.tell(v.t, c.op.LogoutToken("", sid, rogue.Script{})) },
				})
				return v.signIn("/cart")
			}},
	}
}

// Whatever goes wrong over several answers: nobody is signed in, no customer is written, the log
// has one line of it, the cart stays, and a correct sign-in works right after.
func TestNoDetourSignsAnybodyIn(t *testing.T) {
	t.Parallel()
	c := openCounter(t, seeded(t), nil)
	for i, d := range detours() {
		t.Run(d.name, func(t *testing.T) {
			subject := fmt.Sprintf("customer-%d", i)
			v := c.newcomer(t, subject)
			before := v.belongings()
			c.op.Forget()
			c.log.forget()
			answer := d.walk(c, v, subject)
			if asked := len(c.op.Requests(rogue.TokenPath)); answer.status != d.want || asked != d.asked {
				t.Errorf("%s: answered %d, want %d; %d codes presented, want %d", d.clause, answer.status, d.want, asked, d.asked)
			}
			if log := c.log.String(); strings.Count(log, `"event":"authn_login_fail"`) != 1 || !strings.Contains(log, d.logged) {
				t.Errorf("the log says\n%s", log)
			}
			v.wantAsBefore(before)
			c.recover(v, rogue.Fault{}, subject)
			v.wantIn(subject)
		})
	}
}

// newcomer has two bowlers in the cart, and is who the provider is about to prove.
func (c *counter) newcomer(t *testing.T, subject string) *visitor {
	c.clock.move(30 * time.Second)
	c.op.Follow(rogue.Script{Subject: subject})
	v := c.visitor(t)
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=2")
	return v
}

func parameter(t *testing.T, path, name string) string {
	t.Helper()
	u, err := url.Parse(path)
	if err != nil {
		t.Error(err)
		return ""
	}
	return u.Query().Get(name)
}

// with is a path with another value of a parameter.
func with(path, name, value string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// A provider, or anyone in its name, who does this to somebody signed in changes nothing: the same
// customer, session, cart and tag as before.
func TestNothingWrongChangesASession(t *testing.T) {
	t.Parallel()
	c := openCounter(t, seeded(t), nil)
	proving := func(script rogue.Script) func(*visitor) int {
		return func(v *visitor) int { return v.reauthenticate(script).status }
	}
	backChannel := func(method, kind, body string) func(*visitor) int {
		return func(v *visitor) int {
			token := c.op.LogoutToken("customer", "", rogue.Script{})
			return c.visitor(v.t).send(method, "/auth/backchannel-logout", strings.ReplaceAll(body, "TOKEN", token),
				"Content-Type", kind).status
		}
	}
	form := "application/x-www-form-urlencoded"
	for name, s := range map[string]struct {
		want int
		do   func(*visitor) int
	}{
		"reauthentication of another subject (X-8)": {400, proving(rogue.Script{Subject: "another"})},
		"reauthentication seven minutes old (X-8)":  {400, proving(rogue.Script{Subject: "customer", Age: 7 * time.Minute})},
		"provider that did not ask again (X-8)":     {400, proving(rogue.Script{Subject: "customer", Age: 2 * time.Minute})},
		"reauthentication without auth_time (X-8)": {400,
			proving(rogue.Script{Subject: "customer", Claims: rogue.Drop("auth_time")})},
		"logout by GET (X-12)":          {405, backChannel(http.MethodGet, form, "")},
		"logout as JSON (X-12)":         {415, backChannel(http.MethodPost, "application/json", `{"logout_token":"TOKEN"}`)},
		"logout with two tokens (X-12)": {400, backChannel(http.MethodPost, form, "logout_token=TOKEN&logout_token=TOKEN")},
		"logout of 1 MB (X-12)": {413,
			backChannel(http.MethodPost, form, "logout_token=TOKEN&x="+strings.Repeat("x", 1<<20))},
		"logout of another subject (X-13)": {200,
			func(v *visitor) int { return c.tell(v.t, c.op.LogoutToken("another", "", rogue.Script{})).status }},
		"logout of another sid (X-13)": {200, func(v *visitor) int {
			return c.tell(v.t, c.op.LogoutToken("customer", "another", rogue.Script{})).status
		}},
		"signed-out page with any state (X-17)": {200, func(v *visitor) int {
			return v.send(http.MethodGet, "/signed-out?state=x", "", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode",
				"navigate", "Sec-Fetch-Dest", "document").status
		}},
	} {
		t.Run(name, func(t *testing.T) {
			v := c.newcomer(t, "customer")
			v.signIn("/cart")
			before := v.belongings()
			if got := s.do(v); got != s.want {
				t.Errorf("answered %d, want %d", got, s.want)
			}
			if v.wantAsBefore(before); !before.signedIn {
				t.Error("nobody was signed in")
			}
		})
	}
}

// reauthenticate goes through a reauthentication.
func (v *visitor) reauthenticate(script rogue.Script) reply {
	v.t.Helper()
	v.shop.op.Follow(script)
	token := formToken(v.get("/login?confirm=1&return_to=%2Fcart").body)
	back, _ := v.comeBack("confirm=1&return_to=%2Fcart&form_token=" + url.QueryEscape(token))
	return v.get(back)
}
