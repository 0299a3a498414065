package learn_test

import (
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"golang.org/x/net/html"

	"hookandtag.example/shop/dev/provider/providertest"
	"hookandtag.example/shop/dev/shoptest"
	"hookandtag.example/shop/internal/learn"
	"hookandtag.example/shop/internal/postgres/postgrestest"
	"hookandtag.example/shop/web"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// databases are the shops' databases, by the shops' addresses.
var databases sync.Map

// openShop starts a shop with the tutorial and these variables, each NAME=value, and returns its
// address.
func openShop(t *testing.T, variables ...string) string {
	t.Helper()
	s := shoptest.Open(t, shoptest.Options{Lessons: true, Variables: variables})
	databases.Store(s.URL, s.DB)
	return s.URL
}

var allRecipes = sync.OnceValues(func() ([]*learn.Recipe, error) { return learn.ReadRecipes(web.Lessons()) })

func recipes(t *testing.T) []*learn.Recipe {
	t.Helper()
	all, err := allRecipes()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func newWalker(t *testing.T, shop string) *walker {
	return &walker{t: t, shop: shop, browser: providertest.NewBrowser(t)}
}

// Each lesson is done as its recipe says, and shows what its recipe promises.
func TestEachLessonShowsWhatItPromises(t *testing.T) {
	t.Parallel()
	for _, r := range recipes(t) {
		t.Run(r.Slug, func(t *testing.T) {
			t.Parallel()
			shop := openShop(t)
			v := newWalker(t, shop)
			v.doLesson(r)
			v.open(shop + "/learn/" + r.Slug)
			v.submit("/reset", nil)
			if text := textOf(v.document()); v.isDone(r, 1) || !strings.Contains(text, "· done") {
				t.Error("Reset must open the steps again and keep that the lesson was done")
			}
			if thorough() {
				v.doLesson(r) // with whatever tag, cart and sign-in the first time left behind
			}
		})
	}
}

func (v *walker) doLesson(r *learn.Recipe) {
	t, page := v.t, v.shop+"/learn/"+r.Slug
	t.Helper()
	v.open(page)
	v.submit("/guess", url.Values{"choice": {strconv.Itoa(r.Guess.Right)}})
	for i, s := range r.Do {
		v.open(page)
		if v.isDone(r, i+1) {
			t.Fatalf("step %d is done before it is tried", i+1)
		}
		if s.Press != "" || s.Run != "" {
			v.submit("/do/"+strconv.Itoa(i+1), nil)
		}
		for _, line := range s.Try {
			v.try(r, line)
		}
		here := *v
		for _, see := range s.See {
			again := here
			again.sees(r, i+1, see)
		}
		if !v.isDone(r, i+1) {
			t.Fatalf("step %d did not tick:\n%s", i+1, textOf(v.step(i+1)))
		}
	}
	v.open(page)
	v.submit("/answer", url.Values{"choice": {strconv.Itoa(r.Ask.Right)}})
	v.open(page)
	if text := textOf(v.document()); !strings.Contains(text, "· done") || !strings.Contains(text, "You did it") {
		t.Errorf("the lesson is not done:\n%s", text)
	}
}

func TestWithoutTheTutorialNoneOfItsAddressesExists(t *testing.T) {
	t.Parallel()
	v := newWalker(t, openShop(t, "TUTORIAL=off"))
	for _, path := range []string{"/learn", "/learn/your-tag", "/learn/inspector", "/learn/your-tag/do/1"} {
		if v.open(v.shop + path); v.page.Status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, v.page.Status)
		}
	}
	v.open(v.shop + "/")
	if strings.Contains(v.page.Body, `class="tag-ribbon"`) || strings.Contains(v.page.Body, `href="/learn`) {
		t.Error("the home page shows the tutorial")
	}
}

// A reader who knows no Go has a sentence beside each excerpt.
func TestARecipeSaysWhatItsExcerptsDo(t *testing.T) {
	t.Parallel()
	const lesson = "02-prediction/lesson.yaml"
	text, err := fs.ReadFile(web.Lessons(), lesson)
	if err != nil {
		t.Fatal(err)
	}
	for _, side := range []string{"weak_does", "strong_does"} {
		without := regexp.MustCompile(side+`: "[^"]*", `).ReplaceAll(text, nil)
		if _, err := learn.ReadRecipes(fstest.MapFS{lesson: {Data: without}}); err == nil ||
			!strings.Contains(err.Error(), "a sentence on what it does") {
			t.Errorf("without %s: got %v", side, err)
		}
	}
}

func TestAStepThatNeedsASessionSaysWhichStepGivesIt(t *testing.T) {
	t.Parallel()
	const lesson = "13-checkout/lesson.yaml"
	text, err := fs.ReadFile(web.Lessons(), lesson)
	if err != nil {
		t.Fatal(err)
	}
	without := strings.Replace(string(text), "    again: 1\n", "", 1)
	if _, err := learn.ReadRecipes(fstest.MapFS{lesson: {Data: []byte(without)}}); err == nil ||
		!strings.Contains(err.Error(), "needs a session") {
		t.Errorf("got %v, want an error that names what is missing", err)
	}
}

func TestTheArticleIsLinkedAsInTheDocuments(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../docs/tutorial/README.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`is "(.+)", by Nickolas Fisher:\n<(.+)>`).FindStringSubmatch(string(readme))
	if named == nil {
		t.Fatal("docs/tutorial/README.md does not name the article")
	}
	v := newWalker(t, openShop(t))
	v.open(v.shop + "/learn/article")
	link := find(v.document(), func(n *html.Node) bool { return attr(n, "href") == named[2] })
	if got := textOf(link); got != named[1] {
		t.Errorf("the link to %s says %q, want %q", named[2], got, named[1])
	}
}
