package storefront_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var fromScript = with{"Accept", "application/json"}

// pass moves every signed-in session into the past.
func (s *shop) pass(d time.Duration) {
	s.t.Helper()
	s.exec(`UPDATE sessions SET last_used = last_used - $1::interval, created = created - $1::interval,
	    absolute_end = absolute_end - $1::interval,
		auth_time = auth_time - $1::interval WHERE customer_id IS NOT NULL`, d)
}

type timeLeft struct {
	SignedIn     bool   `json:"signed_in"`
	IdleLeft     int    `json:"idle_left"`
	AbsoluteLeft int    `json:"absolute_left"`
	Ended        string `json:"ended"`
}

// wantLeft checks a script's answer; idle may be some seconds less on a slow machine.
func wantLeft(t *testing.T, r reply, want timeLeft) {
	t.Helper()
	var got timeLeft
	if err := json.Unmarshal([]byte(r.body), &got); err != nil || r.Header.Get("Content-Type") != "application/json" ||
		r.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v %q: %v", r.StatusCode, r.Header, r.body, err)
	}
	near := func(got, want int) bool { return got <= want && got >= want-20 }
	if got.SignedIn != want.SignedIn || got.Ended != want.Ended || !near(got.IdleLeft, want.IdleLeft) ||
		!near(got.AbsoluteLeft, want.AbsoluteLeft) {
		t.Errorf("time left: got %+v, want %+v", got, want)
	}
}

// shows reads a number of seconds from the body of a page; -1 when it is not there.
func shows(t *testing.T, r reply, name string) int {
	t.Helper()
	found := regexp.MustCompile(`<body[^>]* ` + name + `="(\d+)"`).FindStringSubmatch(r.body)
	if found == nil {
		return -1
	}
	n, err := strconv.Atoi(found[1])
	must(t, err)
	return n
}

func TestPagesOfACustomerTellWhatIsLeft(t *testing.T) { // CS-25
	t.Parallel()
	s := newShop(t)
	ann, stranger := s.visitor(), s.visitor()
	ann.signIn("ann", "")
	ann.submit("/cart/lines", "sku", "HAT-1")
	s.pass(20 * time.Minute)
	for path, signIn := range map[string]string{
		"/": "/login", "/products?q=hat": "/login?return_to=%2Fproducts%3Fq%3Dhat", "/account": "/login?return_to=%2Faccount",
		"/nowhere":                 "/login?return_to=%2Fnowhere",
		"/signed-out?state=secret": "/login", "/auth/callback?code=secret&state=secret": "/login",
	} {
		r := ann.get(path)
		if left := shows(t, r, "data-idle-left"); r.StatusCode < 300 && (left > 1800 || left < 1770) {
			t.Errorf("%s: %d s left, want the whole limit: the page itself is a use", path, left)
		}
		if r.StatusCode < 300 || r.StatusCode >= 400 {
			wantBody(t, r, `data-sign-in="`+signIn+`"`)
		}
		wantNoBody(t, r, "secret")
		if shows(t, stranger.get(path), "data-idle-left") != -1 {
			t.Errorf("%s warns a stranger", path)
		}
	}
	confirm := ann.get("/login?confirm=1&return_to=/orders")
	if wantStatus(t, confirm, http.StatusOK); shows(t, confirm, "data-idle-left") != -1 {
		t.Error("who signs in once more is warned that they must")
	}
	if left := shows(t, ann.get("/"), "data-absolute-left"); left > 86400-1200 || left < 86400-1230 {
		t.Errorf("%d s until the next sign-in, want 23 h 40 min", left)
	}
}

func TestARefusedFormTellsThePageItCameFrom(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann := s.visitor()
	ann.signIn("ann", "")
	ann.submit("/cart/lines", "sku", "HAT-1")
	refused := ann.submit("/cart/lines/HAT-1", "quantity", "many")
	wantStatus(t, refused, http.StatusUnprocessableEntity)
	wantBody(t, refused, `data-sign-in="/login?return_to=%2Fcart"`)
	refused = ann.submit("/checkout/address", "name", "")
	wantStatus(t, refused, http.StatusUnprocessableEntity)
	wantBody(t, refused, `data-sign-in="/login?return_to=%2Fcheckout%2Faddress"`)
}

func TestAPageThatBrokeDoesNotTellHowMuchIsLeft(t *testing.T) { // it records no use
	t.Parallel()
	s := newShop(t)
	ann := s.visitor()
	ann.signIn("ann", "")
	s.exec(`ALTER TABLE orders RENAME TO away`)
	broken := ann.get("/orders")
	wantStatus(t, broken, http.StatusInternalServerError)
	if shows(t, broken, "data-idle-left") != -1 {
		t.Error("a page that recorded no use promises the whole limit")
	}
}

func TestStayingGivesTheWholeLimitAgain(t *testing.T) { // WCAG 2.2.1
	t.Parallel()
	s := newShop(t)
	ann := s.visitor()
	ann.signIn("ann", "")
	token := ann.token("/")
	for i := 1; i <= 12; i++ {
		s.pass(28 * time.Minute)
		r := ann.postForm("/account/stay", map[string][]string{"form_token": {token}, "return_to": {"/orders"}}, fromScript)
		wantStatus(t, r, http.StatusOK)
		wantLeft(t, r, timeLeft{SignedIn: true, IdleLeft: 1800, AbsoluteLeft: 86400 - i*28*60})
	}
	s.pass(5 * time.Second) // less than what is worth a record otherwise
	r := ann.postForm("/account/stay", map[string][]string{"form_token": {token}}, fromScript)
	if wantLeft(t, r,
		timeLeft{SignedIn: true, IdleLeft: 1800,
			AbsoluteLeft: 86400 - 12*28*60}); s.count(`SELECT count(*) FROM sessions WHERE last_used > now() - interval
				'4 seconds' AND ended IS NULL`) != 1 {
		t.Error("the answer promises the whole limit, and the use is not recorded")
	}
}

func TestStayingWithoutScriptsLeadsBackToThePage(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann := s.visitor()
	ann.signIn("ann", "")
	s.pass(28 * time.Minute)
	wantLocation(t, ann.submit("/account/stay", "return_to", "/orders?x=1"), "/orders?x=1")
	wantLocation(t, ann.submit("/account/stay", "return_to", "//evil.example"), "/")
	s.goIdle()
	wantLocation(t, ann.post("/account/stay", "return_to", "/orders?x=1"), "/login?return_to=%2Forders%3Fx%3D1")
	wantBody(t, ann.get("/login?return_to=%2Forders%3Fx%3D1"), `data-reason="idle"`)
	wantLocation(t, s.visitor().post("/account/stay"), "/login")
}

func TestOnlyTheCustomersOwnPageLetsThemStay(t *testing.T) { // NIST 800-63B 5.1, ASVS 3.5.1
	t.Parallel()
	s := newShop(t)
	ann := s.visitor()
	ann.signIn("ann", "")
	s.pass(20 * time.Minute)
	before := s.count(`SELECT extract(epoch FROM max(last_used))::int FROM sessions`)
	ann.bare = true
	wantStatus(t,
		ann.postForm("/account/stay", map[string][]string{"form_token": {"guess"}}, fromScript,
			with{"Sec-Fetch-Site", "cross-site"}), http.StatusForbidden)
	if after := s.count(`SELECT extract(epoch FROM max(last_used))::int FROM sessions`); after != before {
		t.Error("another site has kept the customer signed in")
	}
	wantStatus(t, ann.postForm("/account/stay", nil, fromScript), http.StatusForbidden)
	ann.bare = false
	wantStatus(t, ann.postForm("/account/stay", map[string][]string{"form_token": {"stale"}}, fromScript),
		http.StatusUnprocessableEntity)
}

func TestAskingWhatIsLeftKeepsNobodySignedIn(t *testing.T) { // ASVS 7.3.1
	t.Parallel()
	s := newShop(t)
	ann := s.visitor()
	ann.signIn("ann", "")
	for _, left := range []int{1200, 600} {
		s.pass(10 * time.Minute)
		wantLeft(t, ann.get("/account/stay", fromScript),
			timeLeft{SignedIn: true, IdleLeft: left, AbsoluteLeft: 86400 - 1800 + left})
	}
	s.pass(12 * time.Minute)
	wantLeft(t, ann.get("/account/stay", fromScript), timeLeft{Ended: "idle"})
	if ann.cookies["__Host-tag"] == "" {
		t.Error("the tag is gone before a page has said why")
	}
	r := ann.postForm("/account/stay", map[string][]string{"form_token": {"any"}}, fromScript)
	wantStatus(t, r, http.StatusUnauthorized)
	wantLeft(t, r, timeLeft{Ended: "idle"})
	wantLeft(t, s.visitor().get("/account/stay", fromScript), timeLeft{})
}

func TestStayingInAnOutageIsNeverSignedOut(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ann := s.visitor()
	ann.signIn("ann", "")
	token := ann.token("/")
	s.store.Close()
	for _, r := range []reply{ann.get("/account/stay", fromScript),
		ann.postForm("/account/stay", map[string][]string{"form_token": {token}}, fromScript)} {
		wantStatus(t, r, http.StatusServiceUnavailable)
	}
}

// A session keeps the limits it began with; after a change of settings, each page about limits
// shows the visitor's own.
func TestPagesShowTheLimitsOfTheVisitorsOwnSession(t *testing.T) { // ASVS 7.1.1
	t.Parallel()
	s := newShop(t)
	ann, guest, stranger := s.visitor(), s.visitor(), s.visitor()
	ann.signIn("ann", "")
	ann.submit("/cart/lines", "sku", "HAT-1", "quantity", "1")
	guest.post("/cart/lines", "sku", "HAT-1", "quantity", "1")
	s.exec(`UPDATE sessions SET idle = '7 minutes', absolute_end = auth_time + interval '11 hours'
		WHERE customer_id IS NOT NULL`)
	s.exec(`UPDATE sessions SET idle = '7 days', absolute_end = created + interval '11 days'
		WHERE customer_id IS NULL`)
	for _, c := range []struct {
		b          *browser
		path, want string
	}{
		{ann, "/account", "after 7 minutes"},
		{ann, "/checkout/address", "inactive for 7 minutes"},
		{ann, "/cookies", ">7 minutes</td>"},
		{ann, "/cookies", ">11 hours after you signed in</td>"},
		{ann, "/cookies", ">30 days</td>"},
		{guest, "/cookies", ">7 days</td>"},
		{guest, "/cookies", ">11 days; then a new tag for the same cart</td>"},
		{guest, "/cookies", `"How long">7 days after your last visit</td>`}, // whatever the absolute limit leaves
		{guest, "/cookies", ">30 minutes</td>"},
		{guest, "/cart", "7 days"},
		{guest, "/privacy", "7 days"},
		{stranger, "/cookies", ">30 minutes</td>"},
	} {
		if r := c.b.get(c.path); !strings.Contains(r.body, c.want) {
			t.Errorf("%s: got no %q in\n%s", c.path, c.want, r.body)
		}
	}
}
