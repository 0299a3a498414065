package page

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

func TestTheWarningComesTwoMinutesBeforeTheEndAndLeavesTimeToReact(t *testing.T) { // WCAG 2.2.1
	t.Parallel()
	for idle, want := range map[time.Duration]time.Duration{
		24 * time.Hour:   2 * time.Minute,
		30 * time.Minute: 2 * time.Minute,
		6 * time.Minute:  2 * time.Minute,
		3 * time.Minute:  time.Minute,
		time.Minute:      20 * time.Second,
		30 * time.Second: 20 * time.Second,
		15 * time.Second: 10 * time.Second, // a page that warns all the time would be of no use
		0:                0,
	} {
		if got := WarnBefore(idle); got != want {
			t.Errorf("of %v the last %v, want %v", idle, got, want)
		}
	}
}

func TestOnlyCustomersAreWarned(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, s sample, d document) {
		l, body := s.page.layout(), d.named("body")[0]
		if n := len(d.named("dialog")); (n == 1) != l.SignedIn || n > 1 {
			t.Errorf("%d dialogs, signed in: %v", n, l.SignedIn)
		}
		for name, want := range map[string]string{"data-idle-left": "1799", "data-absolute-left": "75600",
			"data-warn-before": "120", "data-sign-in": "/login?return_to="} {
			got, known := attr(body, name)
			if known != l.SignedIn || known && !strings.HasPrefix(got, want) {
				t.Errorf("%s=%q, signed in: %v", name, got, l.SignedIn)
			}
		}
	})
}

func TestTheWarningIsADialogWithANameThatPostsWithoutScriptsToo(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, s sample, d document) {
		for _, dialog := range d.named("dialog") {
			form := d.all(func(n *html.Node) bool { return n.Data == "form" && n.Parent == dialog })
			if value(dialog, "role") != "alertdialog" || value(dialog, "aria-labelledby") == "" ||
				value(dialog, "aria-describedby") == "" {
				t.Errorf("role or name missing: %v", dialog.Attr)
			}
			if _, open := attr(dialog, "open"); open {
				t.Error("the dialog is open without being asked for")
			}
			if len(form) != 1 || value(form[0], "action") != "/account/stay" || value(form[0], "method") != "post" {
				t.Errorf("the dialog's forms: %v", form)
			}
			words := strings.ToLower(text(dialog))
			if i := slices.IndexFunc([]string{"session", "timeout", "time-out", "inactiv", "expire"},
				func(w string) bool { return strings.Contains(words, w) }); i >= 0 {
				t.Errorf("words of the trade: %s", words)
			}
		}
	})
}

func TestScriptsAreSmallAndKeepNothing(t *testing.T) {
	t.Parallel()
	script := newAssets(t).files["/static/shop.js"]
	if n := compressedSize(t, script.body); n > 8<<10 {
		t.Errorf("scripts: got %d bytes compressed, want at most 8 KB", n)
	}
	if !strings.HasPrefix(script.kind, "text/javascript") {
		t.Errorf("sent as %q", script.kind)
	}
	for _, word := range []string{"localStorage", "sessionStorage", "indexedDB", "document.cookie", "setInterval",
		"innerHTML", "eval(", "http:", "https:"} {
		if strings.Contains(string(script.body), word) {
			t.Errorf("the script holds %s", word)
		}
	}
}

func TestWhatIsTypedAtTheCheckoutMayBecomeAPendingForm(t *testing.T) {
	t.Parallel()
	eachSample(t, func(t *testing.T, s sample, d document) {
		want, resumed := 0, ""
		switch p := s.page.(type) {
		case *CheckoutAddress:
			want = 1
			resumed = map[bool]string{true: "resumed"}[p.Resumed]
		case *CheckoutDelivery:
			want = 1
			resumed = map[bool]string{true: "resumed"}[p.Resumed]
		}
		pending := d.having("data-pending-form")
		if len(pending) != want || want == 1 && value(pending[0], "data-pending-form") != resumed {
			t.Errorf("%d forms that may become pending, want %d %q", len(pending), want, resumed)
		}
	})
}
