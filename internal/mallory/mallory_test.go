package mallory_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/mallory"
)

// target is a site that answers every request with h.
func target(t *testing.T, h http.HandlerFunc) *mallory.Visitor {
	t.Helper()
	site := httptest.NewServer(h)
	t.Cleanup(site.Close)
	v, err := mallory.New(mallory.Config{Shop: mallory.Target{URL: site.URL}, Twin: mallory.Target{URL: site.URL},
		TagName: "__Host-tag"})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestMalloryGoesNowhereElse(t *testing.T) {
	t.Parallel()
	asked := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(elsewhere.Close)
	v := target(t,
		func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusSeeOther) })
	look, err := v.Shop().With(t.Context(), "key.token.mac")
	if err != nil || asked || !strings.HasPrefix(look.Exchange.Status, "303") {
		t.Errorf("a redirect was followed: %t, %v, %s", asked, err, look.Exchange.Status)
	}
	for _, url := range []string{"", "localhost:8080", "ftp://localhost", "http://", "http://me@localhost",
		"http://localhost/shop", "http://localhost?a", "http://:80"} {
		if _, err := mallory.New(mallory.Config{Shop: mallory.Target{URL: url},
			Twin: mallory.Target{URL: "http://localhost"}}); err == nil {
			t.Errorf("the address %q was taken", url)
		}
	}
}

func TestADialedTargetKeepsItsName(t *testing.T) {
	t.Parallel()
	var host string
	site := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { host = r.Host }))
	t.Cleanup(site.Close)
	v, err := mallory.New(mallory.Config{
		Shop: mallory.Target{URL: "https://shop.example", Dial: site.Listener.Addr().String()},
		Twin: mallory.Target{URL: "http://127.0.0.1:1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Shop().Cart(t.Context(), ""); err != nil || host != "shop.example" {
		t.Errorf("asked as %q, %v; want shop.example", host, err)
	}
}

func TestOnlyBenchesAndCookieValuesAreTaken(t *testing.T) {
	t.Parallel()
	v := target(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was made") })
	for _, bench := range []string{"", "..", "a/b", strings.Repeat("a", 25), strings.Repeat("a", 27),
		strings.Repeat("A", 26), strings.Repeat("a", 25) + "/", strings.Repeat("a", 26) + "\n"} {
		if _, err := v.Twin(bench); err == nil {
			t.Errorf("the bench %q was taken", bench)
		}
	}
	for _, tag := range []string{"a\r\nHost: evil.example", "a;b=c", "a b", `a"b`, "ä", strings.Repeat("a", 600)} {
		if _, err := v.Shop().With(t.Context(), tag); err == nil {
			t.Errorf("the tag %q was sent", tag)
		}
	}
	first, second := mallory.NewBench(), mallory.NewBench()
	if !mallory.ValidBench(first) || first == second {
		t.Error("a new bench is not valid, or not new")
	}
}

func TestAnExchangeIsSmallEnoughToRead(t *testing.T) {
	t.Parallel()
	token := strings.Repeat("t", 43)
	v := target(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "__Host-tag=key."+token+".mac; Path=/; HttpOnly")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("X-Other", "left out")
		fmt.Fprint(w, `<body data-signed-in="true"><a data-cart-count="3">Cart</a><p>before</p><main><h1>Hello,   Alice</h1>`+
			"\n<script>secret()</script>\n<p>"+strings.Repeat("long ", 100)+"</p>"+strings.Repeat("\n<p>line</p>\n", 50)+
			"</main>")
	})
	look, err := v.Shop().With(t.Context(), "key."+token+".mac")
	if err != nil {
		t.Fatal(err)
	}
	e := look.Exchange
	if !look.In || look.Cart != 3 || e.Request != "GET /account" || e.Status != "200 OK" {
		t.Errorf("the look: %+v", look)
	}
	if got, want := strings.Join(e.Sent, "|"), "Cookie: __Host-tag=key.tttttt….mac"; got != want {
		t.Errorf("sent: %s, want %s", got, want)
	}
	if got, want := strings.Join(e.Got, "|"), "Set-Cookie: __Host-tag=key.tttttt….mac; Path=/; HttpOnly"; got != want {
		t.Errorf("got: %s, want %s", got, want)
	}
	if len(e.Body) != 8 || e.Body[0] != "Hello, Alice" || len([]rune(e.Body[1])) != 101 {
		t.Errorf("the body: %d lines, %q", len(e.Body), e.Body)
	}
}

func TestShortenedValuesOpenNothing(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"": "", "1007": "1007", "customer-a": "customer-a", strings.Repeat("x", 26): "xxxxxx…",
		"k1." + strings.Repeat("a", 43) + "." + strings.Repeat("b", 43): "k1.aaaaaa….bbbbbb…",
	} {
		if got := mallory.Shorten(value); got != want {
			t.Errorf("%q is shown as %q, want %q", value, got, want)
		}
	}
}

func TestASiteThatIsAwayIsAnError(t *testing.T) {
	t.Parallel()
	v, err := mallory.New(mallory.Config{Shop: mallory.Target{URL: "http://127.0.0.1:1"},
		Twin: mallory.Target{URL: "http://127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	twin, err := v.Twin(mallory.NewBench())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := twin.State(t.Context(), 2); err == nil {
		t.Error("a twin that is away has a state")
	}
	if _, err := v.Shop().Guess(t.Context(), 5); err == nil {
		t.Error("a shop that is away was guessed at")
	}
}
