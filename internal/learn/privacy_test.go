package learn_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/net/html"
)

var referenceShown = regexp.MustCompile(`data-ref="([0-9a-f]{8})"`)

// reference is how the ribbon on screen names the session; "" for none.
func (v *walker) reference() string {
	v.t.Helper()
	v.open(v.shop + "/")
	if m := referenceShown.FindStringSubmatch(v.page.Body); m != nil {
		return m[1]
	}
	return ""
}

// times are when a session was made and last used, by the database.
func times(t *testing.T, shop, reference string) (created, used time.Time) {
	t.Helper()
	db, _ := databases.Load(shop)
	err := db.(*pgxpool.Pool).QueryRow(t.Context(),
		`SELECT created, last_used FROM sessions WHERE encode(id, 'hex') LIKE $1 || '%'`, reference).Scan(&created, &used)
	if err != nil {
		t.Fatal(err)
	}
	return created, used
}

func fillCart(v *walker) {
	v.t.Helper()
	v.open(v.shop + "/products/brass-hook")
	v.submit("/cart/lines", nil)
}

func TestTwoLearnersNeverMeet(t *testing.T) {
	t.Parallel()
	shop := openShop(t)
	first, second := newWalker(t, shop), newWalker(t, shop)
	for _, v := range []*walker{first, second} {
		v.open(shop + "/learn/your-tag")
		v.submit("/guess", url.Values{"choice": {"1"}})
		fillCart(v)
	}
	mine, yours := first.reference(), second.reference()
	createdBefore, _ := times(t, shop, yours)
	first.open(shop + "/learn/inspector")
	if text := textOf(first.document()); !strings.Contains(text, mine) || strings.Contains(text, yours) {
		t.Errorf("the inspector of %s shows %s:\n%s", mine, yours, text)
	}
	first.submit("/inspector/age", url.Values{"by": {"31d"}})
	if created, _ := times(t, shop, mine); time.Since(created) < 30*24*time.Hour {
		t.Errorf("my session was made %v and is not 31 days older", created)
	}
	if created, _ := times(t, shop, yours); !created.Equal(createdBefore) {
		t.Errorf("somebody else's session was made %v and is %v now", createdBefore, created)
	}
	if second.open(shop + "/learn/your-tag"); strings.Contains(second.page.Body, "31 days older") {
		t.Error("one learner sees what another did")
	}
}

// ASVS 7.3.1: looking at lessons, ribbon and inspector must not keep a session alive, and must not
// begin one.
func TestLookingAtLessonsIsNoUseOfASession(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	pages := []string{"", "/why", "/your-tag", "/inspector", "/glossary", "/article", "/results"}
	for _, page := range pages {
		v.open(v.shop + "/learn" + page)
	}
	for _, c := range v.browser.Cookies(v.shop) {
		if c.Name == "__Host-tag" {
			t.Error("a lesson began a session")
		}
	}
	fillCart(v)
	reference := v.reference()
	v.open(v.shop + "/learn/inspector")
	v.submit("/inspector/age", url.Values{"by": {"20m"}}) // long enough for a use to be worth a write
	_, before := times(t, v.shop, reference)
	for _, page := range pages {
		v.open(v.shop + "/learn" + page)
	}
	if _, after := times(t, v.shop, reference); !after.Equal(before) {
		t.Errorf("looking moved the last use from %v to %v", before, after)
	}
	v.open(v.shop + "/")
	if _, after := times(t, v.shop, reference); after.Equal(before) {
		t.Error("the front page is a use and was not recorded, so this test proves nothing")
	}
}

func TestAWrongTurnDoesNothing(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	all := recipes(t)
	v.open(v.shop + "/learn/your-tag")
	v.submit("/guess", url.Values{"choice": {"99"}})
	if text := textOf(v.document()); strings.Contains(text, "You guessed") {
		t.Error("an answer that is none was taken")
	}
	v.submit("/do/1", nil)
	fillCart(v) // the third step, before the second
	if v.isDone(all[0], 3) {
		t.Error("a step ticked before those in front of it")
	}
	v.submit("/answer", url.Values{"choice": {"1"}}) // wrong
	if text := textOf(v.document()); !strings.Contains(text, "Not quite.") || strings.Contains(text, "· done") {
		t.Errorf("a wrong answer is not explained, or made the lesson done:\n%s", text)
	}
}

func TestMallorysRequestsAreNotTakenForTheLearners(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	v.open(v.shop + "/learn/fixation")
	for _, r := range recipes(t) {
		if r.Slug == "fixation" {
			v.doLesson(r)
		}
	}
	v.open(v.shop + "/")
	if ribbon := textOf(find(v.document(), isRibbon)); strings.Contains(ribbon, "GET /account") {
		t.Errorf("the ribbon shows what Mallory asked for:\n%s", ribbon)
	}
}

func TestTakingTheDatabaseAwayMeetsNobodyElse(t *testing.T) {
	t.Parallel()
	shop := openShop(t)
	learner, customer := newWalker(t, shop), newWalker(t, shop)
	fillCart(customer)
	for _, r := range recipes(t) {
		if r.Slug != "stores" {
			continue
		}
		learner.open(shop + "/learn/" + r.Slug)
		for i, s := range r.Do {
			if s.Press == "give-back" {
				break
			}
			learner.open(shop + "/learn/" + r.Slug)
			if s.Press != "" || s.Run != "" {
				learner.submit("/do/"+string(rune('1'+i)), nil)
			}
			for _, line := range s.Try {
				learner.try(r, line)
			}
		}
	}
	if learner.open(shop + "/cart"); learner.page.Status != 503 {
		t.Errorf("the learner gets %d, want 503", learner.page.Status)
	}
	if customer.open(shop + "/cart"); customer.page.Status != 200 ||
		!strings.Contains(customer.page.Body, `data-cart-count="1"`) {
		t.Errorf("somebody else gets %d without their cart", customer.page.Status)
	}
}

// A script that adds to the cart follows the answer to the cart by itself.
func TestTheRibbonTellsOfThePressAndNotOfWhatAScriptFetched(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	ask := func(method, path string, form url.Values) *html.Node {
		r, err := http.NewRequestWithContext(t.Context(), method, v.shop+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Sec-Fetch-Mode", "cors")
		r.Header.Set("Sec-Fetch-Dest", "empty")
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		document, err := html.Parse(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: got %s, %v", path, answer.Status, err)
		}
		return document
	}
	ask(http.MethodGet, "/learn/your-tag", nil)
	ask(http.MethodPost, "/cart/lines", url.Values{"sku": {"UMB-SQUALL"}})
	page := ask(http.MethodGet, "/learn/glossary", nil)
	now := textOf(find(page, func(n *html.Node) bool { return attr(n, "class") == "ribbon-now" }))
	if want := "New tag, new row: the first thing worth keeping."; now != want {
		t.Errorf("got %q, want %q", now, want)
	}
}
