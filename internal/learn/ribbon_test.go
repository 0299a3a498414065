package learn_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"hookandtag.example/shop/dev/provider/providertest"
)

// A press is reported on the page it leads to, and not on the next one.
func TestTheRibbonTellsOfNow(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	fillCart(v)
	v.open(v.shop + "/learn/inspector")
	v.submit("/inspector/age", url.Values{"by": {"5m"}})
	v.open(v.shop + "/products")
	if got := v.ribbon(); strings.Contains(got, "older now") {
		t.Errorf("on the next page of the shop the ribbon says %q", got)
	}
}

// The checkout redirects twice after a sign-in, and what counts is still the sign-in.
func TestTheRibbonReportsWhatRedirectsCameFrom(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	fillCart(v)
	v.open(v.shop + "/learn/your-tag")
	v.open(v.shop + "/checkout")
	v.proveTo("alice")
	if got := v.ribbon(); !strings.Contains(got, "New tag, new row.") {
		t.Errorf("after signing in from the checkout the ribbon says %q", got)
	}
}

func TestTheRibbonSaysThatARefusedPressChangedNothing(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	fillCart(v)
	v.open(v.shop + "/products/brass-hook")
	v.submit("/cart/lines", url.Values{"quantity": {"99"}})
	if got := v.ribbon(); !strings.Contains(got, "the shop refused that press, and nothing changed") {
		t.Errorf("the ribbon says %q after a refused number", got)
	}
}

func TestTheRibbonExplainsWhatAnotherSiteAskedFor(t *testing.T) {
	t.Parallel()
	shop := openShop(t)
	for site, explained := range map[string]bool{"cross-site": true, "same-site": false} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, shop+"/cart/lines", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Sec-Fetch-Site": {site}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}}
		w, err := providertest.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(w.Body)
		if err != nil || w.Body.Close() != nil || w.StatusCode != http.StatusForbidden {
			t.Fatalf("%s: %s, %v", site, w.Status, err)
		}
		if got := strings.Contains(string(body), "Another site made your browser ask"); got != explained {
			t.Errorf("%s: explained is %t, want %t", site, got, explained)
		}
	}
}

// What a page's script fetched by itself is no line of the list.
func TestTheRibbonsListHoldsWhatTheVisitorDid(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	v.open(v.shop + "/learn/your-tag")
	fillCart(v)
	for range 3 {
		v.fetch(http.MethodGet, v.shop+"/cart", nil)
	}
	v.open(v.shop + "/products")
	log := find(v.document(), func(n *html.Node) bool { return attr(n, "class") == "ribbon-log" })
	const want = "GET /cart Same tag, same row: you only looked. POST /cart/lines New tag, new row"
	if got := textOf(log); !strings.HasPrefix(got, want) {
		t.Errorf("the list is %q, want it to begin with %q", got, want)
	}
}

// An answer for which the session was not looked at leads back to the lesson as well.
func TestEveryProblemLeadsBackToTheLesson(t *testing.T) {
	t.Parallel()
	shop := openShop(t, "RATE_SEARCH=1")
	for status, happen := range map[int]func(*walker){
		http.StatusServiceUnavailable: func(v *walker) {
			v.doSteps(lesson(t, "stores"), 5)
		},
		http.StatusNotFound: func(v *walker) {
			v.open(shop + "/learn/stores")
			v.open(shop + "/no-such-page")
		},
		http.StatusForbidden: func(v *walker) {
			v.open(shop + "/learn/stores")
			v.page.Body = `<form method="post" action="` + shop + `/cart/lines"></form>`
			v.page.URL = &url.URL{Scheme: "http", Host: "mallory.localhost"}
			v.submit("/cart/lines", nil)
		},
		http.StatusTooManyRequests: func(v *walker) {
			v.open(shop + "/learn/stores")
			for i := 0; i < 9 && v.page.Status == http.StatusOK; i++ { // or a minute passes in between
				v.open(fmt.Sprintf("%s/products?q=%d", shop, i))
			}
		},
	} {
		v := newWalker(t, shop)
		happen(v)
		if v.page.Status != status {
			t.Errorf("got %d, want %d:\n%s", v.page.Status, status, textOf(v.document()))
		}
		back := find(v.document(), func(n *html.Node) bool { return attr(n, "class") == "ribbon-lesson" })
		if got := attr(back, "href"); !strings.HasPrefix(got, "/learn/stores#") {
			t.Errorf("the page of a %d leads back to %q, want /learn/stores", status, got)
		}
	}
}

// With the form of another site a browser sends no cookie that is SameSite=Lax, so its page neither
// claims a tag nor knows the lesson.
func TestTheFormOfAnotherSiteIsExplained(t *testing.T) {
	t.Parallel()
	shop := openShop(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, shop+"/cart/lines", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := html.Parse(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	ribbon := find(page, isRibbon)
	for _, want := range []string{"no tag", "Another site made your browser ask", "Lesson 5"} {
		if got := textOf(ribbon); answer.StatusCode != http.StatusForbidden || !strings.Contains(got, want) {
			t.Errorf("got %d, and the ribbon says %q, want 403 and %q", answer.StatusCode, got, want)
		}
	}
}

// A step of a visitor who is signed in already ticks too, and a press without a tag says why
// nothing happened.
func TestNobodyGetsStuck(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t))
	v.open(v.shop + "/learn/checkout")
	v.submit("/guess", url.Values{"choice": {"2"}})
	v.signIn("alice")
	v.open(v.shop + "/account")
	if !v.isDone(recipes(t)[12], 1) {
		t.Error("who is signed in cannot go on in the finale")
	}
	other := newWalker(t, v.shop)
	other.open(v.shop + "/learn/your-tag")
	other.submit("/do/1", nil)
	for _, page := range []string{"/", "/products", "/cart"} {
		other.open(v.shop + page)
	}
	fillCart(other)
	other.open(v.shop + "/learn/your-tag")
	other.submit("/do/4", nil)
	if strings.Contains(textOf(other.document()), "Nothing happened") {
		t.Error("a press that did something says that it did nothing")
	}
	other.submit("/do/4", nil)
	if !strings.Contains(textOf(other.document()), "Nothing happened: your browser carries no live tag") {
		t.Error("a press that did nothing does not say why")
	}
	other.open(v.shop + "/learn/secret")
	other.submit("/guess", url.Values{"choice": {"2"}})
	fillCart(other)
	other.open(v.shop + "/learn/your-tag")
	other.submit("/do/4", nil)
	other.open(v.shop + "/learn/secret")
	other.submit("/do/2", nil)
	if !strings.Contains(textOf(other.document()), "Nothing happened: your browser carries no live tag") {
		t.Error("a letter of a tag was changed that the learner does not have")
	}
}

// The tutorial's style sheet is on every page of a shop with lessons, so it may not touch the
// shop's own classes.
func TestTheLessonsStyleLeavesTheShopAlone(t *testing.T) {
	t.Parallel()
	const root = "../../web/"
	shops := ""
	for _, pattern := range []string{"templates/*.html", "templates/pages/*.html", "templates/partials/*.html"} {
		files, err := filepath.Glob(root + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			shops += string(text)
		}
	}
	used := map[string]bool{}
	for _, list := range regexp.MustCompile(`class="([^"{]*)`).FindAllStringSubmatch(shops, -1) {
		for _, class := range strings.Fields(list[1]) {
			used[class] = true
		}
	}
	css, err := os.ReadFile(root + "static/learn.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(
		`(?m)^\s*(?:@media[^{]*\{)?\s*((?:\.[^{}]+,\s*)*\.[^{}]+)\{`).FindAllStringSubmatch(string(css), -1) {
		for _, selector := range strings.Split(m[1], ",") {
			first := regexp.MustCompile(`^\.([\w-]+)`).FindStringSubmatch(strings.TrimSpace(selector))
			if first != nil && used[first[1]] {
				t.Errorf("learn.css styles %q, which the shop's own pages use", strings.TrimSpace(selector))
			}
		}
	}
}
