package lab_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/internal/lab"
	"hookandtag.example/shop/internal/mallory"
)

var exhibits = []int{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}

func TestTheTwinAnswersToItsOwnNamesOnly(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	own := strings.TrimPrefix(w.base, "http://")
	for host, want := range map[string]int{
		own: 200, strings.Replace(own, "127.0.0.1", lab.MalloryHost, 1): 404,
		"localhost": 421, "evil.example": 421, strings.Replace(own, "127.0.0.1", "localhost", 1): 421, lab.MalloryHost: 421,
	} {
		if answer, _ := w.ask("GET", w.URL(2), "", "Host", host); answer.StatusCode != want {
			t.Errorf("Host %s: %d, want %d", host, answer.StatusCode, want)
		}
	}
}

func TestMallorysSiteHoldsHerPagesAndTheTwinDoesNot(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	evil := strings.Replace(strings.TrimPrefix(w.base, "http://"), "127.0.0.1", lab.MalloryHost, 1)
	path := strings.TrimSuffix(w.URL(5), "5/")
	for _, page := range []string{"prize?at=twin", "prize?at=shop", "mailbox?c=sid%3D1"} {
		if answer, _ := w.ask("GET", path+page, ""); answer.StatusCode != 404 {
			t.Errorf("%s at the twin: %d, want 404", page, answer.StatusCode)
		}
		if answer, _ := w.ask("GET", path+page, "", "Host", evil); answer.StatusCode >= 300 {
			t.Errorf("%s at Mallory's: %d", page, answer.StatusCode)
		}
	}
	if _, page := w.ask("GET", path+"prize?at=twin", "", "Host", evil); !strings.Contains(page, `action="`+w.URL(5)+
		`cart"`) {
		t.Errorf("the form does not lead to the twin: %s", page)
	}
	if _, page := w.ask("GET", path+"prize?at=shop", "", "Host", evil); !strings.Contains(page,
		`action="http://localhost:8080/cart/lines"`) {
		t.Errorf("the form does not lead to the shop: %s", page)
	}
}

// From each page of the twin and of Mallory's, from a refusal too, a link leads back to the lesson.
func TestEachPageLeadsBackToTheLesson(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	bench := strings.TrimSuffix(w.URL(5), "5/")
	w.defend(5, "origin")
	evil := strings.Replace(strings.TrimPrefix(w.base, "http://"), "127.0.0.1", lab.MalloryHost, 1)
	signedIn := w.customer(5)
	signedIn.signIn("Alice")
	for _, page := range []struct {
		method, path, form string
		header             []string
		status             int
		to                 string
	}{
		{"GET", bench, "", nil, 404, "/learn"},
		{"GET", w.base + "/", "", nil, 404, "/learn"},
		{"GET", bench + "5/", "", nil, 200, "/learn/5"},
		{"GET", bench + "5/account", "", []string{"Cookie", "sid=" + signedIn.Cookie()}, 200, "/learn/5"},
		{"GET", bench + "prize?at=twin", "", []string{"Host", evil}, 200, "/learn/5"},
		{"GET", bench + "prize?at=shop", "", []string{"Host", evil}, 200, "/learn/5"},
		{"GET", bench + "1/", "", nil, 404, "/learn"},
		{"GET", w.base + "/gone/5/", "", nil, 404, "/learn"},
		{"POST", bench + "5/cart", "sku=FEDORA", []string{"Sec-Fetch-Site", "cross-site"}, 403, "/learn/5"},
		{"POST", bench + "5/sign-in", "name=Bob", []string{"Sec-Fetch-Site", "cross-site"}, 403, "/learn/5"},
		{"POST", bench + "5/cart", "sku=CAT", nil, 422, "/learn/5"},
	} {
		answer, body := w.ask(page.method, page.path, page.form, page.header...)
		want := `href="http://localhost:8080` + page.to + `"`
		if answer.StatusCode != page.status || !strings.Contains(body, want) {
			t.Errorf("%s %s: %d, want %d with %s:\n%s", page.method, page.path, answer.StatusCode, page.status, want, body)
		}
	}
}

func TestTwoLearnersNeverMeet(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	other := &twin{Twin: must(w.visitor.Twin(mallory.NewBench()))(t), t: t, visitor: w.visitor, base: w.base}
	for _, n := range exhibits {
		w.customer(n).signIn("Alice")
		s := other.state(n)
		if len(s.Issued) != 0 || len(s.Events) != 0 ||
			slices.ContainsFunc(s.Rows, func(r mallory.Row) bool { return r.User == "Alice" && n != 6 }) {
			t.Errorf("exhibit %d: another bench shows %+v", n, s)
		}
	}
	w.customer(3).overTLS().signIn("Bob")
	if tap := must(other.ReadTap(t.Context()))(t); len(tap.Wires) != 0 {
		t.Errorf("another bench's tap shows %d wires", len(tap.Wires))
	}
	if err := other.Reset(t.Context(), 9); err != nil {
		t.Fatal(err)
	}
	if s := w.state(9); len(s.Rows) != 1 {
		t.Errorf("another learner's reset left %d sessions, want 1", len(s.Rows))
	}
}

func TestResetRestoresEveryExhibit(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	for _, n := range exhibits {
		before := w.state(n)
		for _, d := range before.Defences {
			w.defend(n, d.Key)
		}
		w.customer(n).overTLS().signIn("Bob")
		if err := w.Age(t.Context(), n, time.Hour); err != nil {
			t.Fatal(err)
		}
		after := w.state(n)
		for _, d := range after.Defences {
			if !d.On {
				t.Errorf("exhibit %d: %s did not go on", n, d.Key)
			}
		}
		if len(after.Events) < len(before.Defences)+1 {
			t.Errorf("exhibit %d recorded %d events", n, len(after.Events))
		}
		if err := w.Reset(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		reset := w.state(n)
		if len(reset.Rows) != len(before.Rows) || len(reset.Events) != 0 || !slices.Equal(reset.Defences, before.Defences) {
			t.Errorf("exhibit %d after a reset: %+v, want %+v", n, reset, before)
		}
		w.customer(n).overTLS().add("HOOK")
		if event := w.state(n).Events[0]; time.Until(event.At) > time.Minute {
			t.Errorf("exhibit %d after a reset: its clock shows %v, want now", n, event.At)
		}
	}
}

func TestOtherSitesCannotSteerTheTwin(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	for _, page := range []string{"5/switch", "5/reset", "7/age", "5/review", "6/rotate", "11/restart",
		"11/replica"} {
		answer, _ := w.ask("POST", strings.TrimSuffix(w.URL(5), "5/")+page,
			"review=kind&by=1m&defence=csp&on=true",
			"Sec-Fetch-Site", "cross-site")
		if answer.StatusCode != 403 {
			t.Errorf("%s from another site: %d, want 403", page, answer.StatusCode)
		}
	}
}

func TestNobodysOwnWordsReachAPage(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	for page, form := range map[string]string{
		"5/review": "review=<script>alert(1)</script>", "5/sign-in": "name=<b>Eve</b>", "5/cart": "sku=<b>",
		"5/switch": "defence=<b>&on=true",
		"7/age":    "by=<b>",
	} {
		answer, body := w.ask("POST", strings.TrimSuffix(w.URL(5), "5/")+page, form)
		if answer.StatusCode != 422 || strings.Contains(body, "<b>") || strings.Contains(body, "<script>") {
			t.Errorf("%s with %s: %d %s, want 422", page, form, answer.StatusCode, body)
		}
	}
	w.ask("GET", w.URL(9)+"?sid=%3Cb%3Ehello", "", "Cookie", "sid=1")
	if _, page := w.ask("GET", w.URL(9), "", "Cookie", "sid=<b>hello"); strings.Contains(page, "<b>") {
		t.Errorf("an id is on the page as it came: %s", page)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	if c := must(w.Crawl(t.Context(), 700))(t); c.Rows != 600 {
		t.Errorf("700 crawlers left %d rows, want 600", c.Rows)
	}
	for i := range 40 {
		w.ask("GET", w.URL(9)+"?sid="+fmt.Sprint("made-up-", i), "")
		w.ask("GET", w.URL(3), "")
	}
	if s := w.state(9); len(s.Events) > 40 || len(s.Issued) > 50 {
		t.Errorf("%d events, %d cookies kept", len(s.Events), len(s.Issued))
	}
	if tap := must(w.ReadTap(t.Context()))(t); len(tap.Wires) != 20 {
		t.Errorf("%d wires kept, want 20", len(tap.Wires))
	}
	for range 32 {
		must(must(w.visitor.Twin(mallory.NewBench()))(t).State(t.Context(), 2))(t)
	}
	if s := w.state(10); len(s.Rows) != 0 {
		t.Errorf("after 32 others the first bench still has %d rows", len(s.Rows))
	}
}

func TestEveryPageSaysThatItIsTheWeakTwin(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	for _, n := range exhibits {
		page := w.URL(n)
		answer, body := w.ask("GET", page, "")
		if answer.StatusCode != http.StatusOK || !strings.Contains(body, "The weak twin.") ||
			!strings.Contains(body, "noindex") {
			t.Errorf("%s: %d %s", page, answer.StatusCode, body)
		}
	}
	for _, page := range []string{"/nobench/5/", "/" + mallory.NewBench() + "/1/", "/" + mallory.NewBench() + "/13/"} {
		if answer, _ := w.ask("GET", w.base+page, ""); answer.StatusCode != 404 {
			t.Errorf("%s: %d, want 404", page, answer.StatusCode)
		}
	}
}

func TestTheButtonsOfEachExhibitWork(t *testing.T) {
	t.Parallel()
	w := startTwin(t)
	form := regexp.MustCompile(
		`action="([^"]+/(age|rotate|restart|replica))">(?:<input type="hidden" name="by" value="(\w+)">)?<button>`)
	found := map[string]int{}
	for _, n := range exhibits {
		_, page := w.ask("GET", w.URL(n), "")
		for _, button := range form.FindAllStringSubmatch(page, -1) {
			found[button[2]]++
			if answer, body := w.ask("POST", w.base+button[1], "by="+button[3]); answer.StatusCode != 303 {
				t.Errorf("%s by %q: %d %s", button[1], button[3], answer.StatusCode, body)
			}
		}
	}
	if want := map[string]int{"age": 6, "rotate": 1, "restart": 1, "replica": 1}; !maps.Equal(found, want) {
		t.Errorf("buttons on the pages: %v, want %v", found, want)
	}
}

func TestATwinNeedsAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []lab.Config{{}, {URL: "http://127.0.0.1:1"},
		{URL: "https://127.0.0.1:1", Shop: "http://localhost:1"}, {URL: "127.0.0.1", Shop: "x"},
		{URL: "http://127.0.0.1:1/twin", Shop: "http://localhost"}, {URL: "http://127.0.0.1:1", Shop: "//localhost"},
		{URL: "http://127.0.0.1:1?a", Shop: "http://localhost"}} {
		if _, err := lab.New(c); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}

func TestATwinThatCanAcceptNobodySaysSo(t *testing.T) {
	t.Parallel()
	silent := slog.New(slog.DiscardHandler)
	l := must(lab.New(lab.Config{URL: "http://127.0.0.1:1", Shop: "http://localhost", Log: silent}))(t)
	listener := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := l.Serve(ctx, listener); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want the listener's error", err)
	}
}

func TestAnAddressMayEndWithASlash(t *testing.T) {
	t.Parallel()
	silent := slog.New(slog.DiscardHandler)
	l := must(lab.New(lab.Config{URL: "http://127.0.0.1:1/", Shop: "http://localhost/", Log: silent}))(t)
	w := httptest.NewRecorder()
	l.ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1:1/nothing", nil))
	if page := w.Body.String(); w.Code != 404 || !strings.Contains(page, `href="http://localhost/learn"`) {
		t.Errorf("got %d, want 404 and a link to http://localhost/learn: %s", w.Code, page)
	}
}
