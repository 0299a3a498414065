package lab_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/lab"
	"hookandtag.example/shop/internal/mallory"
)

// twin is the lab, running, with Mallory at one bench of it.
type twin struct {
	*mallory.Twin
	t       *testing.T
	visitor *mallory.Visitor
	base    string
}

func startTwin(t *testing.T) *twin {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + listener.Addr().String()
	l, err := lab.New(lab.Config{URL: base, Shop: "http://localhost:8080", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	visitor, err := mallory.New(mallory.Config{Shop: mallory.Target{URL: base}, Twin: mallory.Target{URL: base}})
	if err != nil {
		t.Fatal(err)
	}
	at, err := visitor.Twin(mallory.NewBench())
	if err != nil {
		t.Fatal(err)
	}
	return &twin{Twin: at, t: t, visitor: visitor, base: base}
}

// state is an exhibit's state.
func (w *twin) state(lesson int) mallory.State {
	w.t.Helper()
	return must(w.State(w.t.Context(), lesson))(w.t)
}

// defend puts defences on.
func (w *twin) defend(lesson int, defences ...string) {
	w.t.Helper()
	for _, d := range defences {
		if err := w.Switch(w.t.Context(), lesson, d, true); err != nil {
			w.t.Fatal(err)
		}
	}
}

// presses presses a button of the twin's page.
func (w *twin) presses(button string) {
	w.t.Helper()
	lesson, action, _ := strings.Cut(button, "/")
	n := must(strconv.Atoi(lesson))(w.t)
	if answer, body := w.ask("POST", w.URL(n)+action, ""); answer.StatusCode != http.StatusSeeOther {
		w.t.Fatalf("%s: got %s: %s", button, answer.Status, body)
	}
}

// happened reports whether an exhibit recorded an event of a kind.
func (w *twin) happened(lesson int, kind mallory.Kind) bool {
	w.t.Helper()
	for _, e := range w.state(lesson).Events {
		if e.Kind == kind {
			return true
		}
	}
	return false
}

// customer is an honest customer whose errors end the test.
type customer struct {
	*mallory.Customer
	t *testing.T
}

func (w *twin) customer(lesson int) *customer {
	w.t.Helper()
	return &customer{Customer: must(w.Customer(w.t.Context(), lesson))(w.t), t: w.t}
}

func (c *customer) overTLS() *customer { return &customer{Customer: c.OverTLS(), t: c.t} }

func (c *customer) visit(page string) mallory.Look {
	c.t.Helper()
	return must(c.Visit(c.t.Context(), page))(c.t)
}

func (c *customer) add(sku string) mallory.Look {
	c.t.Helper()
	return must(c.Press(c.t.Context(), "cart", url.Values{"sku": {sku}}))(c.t)
}

func (c *customer) signIn(name string) mallory.Look {
	c.t.Helper()
	return must(c.Press(c.t.Context(), "sign-in", url.Values{"name": {name}}))(c.t)
}

// ask makes one request to the twin and returns the answer, its body read.
func (w *twin) ask(method, address, body string, header ...string) (*http.Response, string) {
	w.t.Helper()
	r := must(http.NewRequestWithContext(w.t.Context(), method, address, strings.NewReader(body)))(w.t)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	answer := must((&http.Transport{DisableKeepAlives: true}).RoundTrip(r))(w.t)
	defer answer.Body.Close()
	return answer, string(must(io.ReadAll(answer.Body))(w.t))
}

// must returns a value, or ends the test with the error that came with it.
func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
