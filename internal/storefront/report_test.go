package storefront_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestViolationOfThePolicyIsOneLineWithoutQuery(t *testing.T) { // ASVS 3.4.7
	t.Parallel()
	for kind, body := range map[string]string{
		"application/csp-report":   `{"csp-report": {"effective-directive": "script-src-elem", "blocked-uri": "https://evil.example/x.js?secret=1", "document-uri": "https://shop.example/cart?code=1#x"}}`,
		"application/reports+json": `[{"type": "csp-violation", "body": {"effectiveDirective": "script-src-elem", "blockedURL": "https://evil.example/x.js?secret=1", "documentURL": "https://shop.example/cart?code=1#x"}}, {"type": "deprecation"}]`,
	} {
		s := newShop(t)
		b := s.visitor()
		r := b.send(http.MethodPost, "/csp-reports", strings.NewReader(body), with{"Content-Type", kind})
		wantStatus(t, r, http.StatusNoContent)
		log := s.logged()
		if strings.Count(log, "content policy violated") != 1 || !strings.Contains(log, "evil.example/x.js") ||
			strings.Contains(log, "secret") || strings.Contains(log, "code=1") {
			t.Errorf("%s: log %s", kind, log)
		}
		if s.count(`SELECT count(*) FROM sessions`) != 0 {
			t.Error("a report made a session")
		}
	}
}

func TestReportThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	b := s.visitor()
	for _, c := range []struct {
		kind, body string
		want       int
	}{
		{"text/plain", "{}", http.StatusUnsupportedMediaType},
		{"application/csp-report", "[", http.StatusUnprocessableEntity},
		{"application/reports+json", `{"a": 1}`, http.StatusUnprocessableEntity},
		{"application/csp-report", `{"x": "` + strings.Repeat("x", 20<<10) + `"}`, http.StatusRequestEntityTooLarge},
	} {
		wantStatus(t, b.send(http.MethodPost, "/csp-reports", strings.NewReader(c.body), with{"Content-Type", c.kind}),
			c.want)
	}
	if strings.Contains(b.get("/").Header.Get("Content-Security-Policy"), "report-uri /csp-reports") == false {
		t.Error("the policy does not say where to report")
	}
}

func TestReportsCannotBreakTheLog(t *testing.T) { // ASVS 16.4.1
	t.Parallel()
	s := newShop(t)
	s.visitor().send(http.MethodPost, "/csp-reports",
		strings.NewReader(`{"csp-report": {"effective-directive": "x\r\n{\"level\":\"ERROR\"}\u001b[31m", "blocked-uri": "`+
			strings.Repeat("a", 5000)+`"}}`),
		with{"Content-Type", "application/csp-report"})
	for line := range strings.Lines(s.logged()) {
		if !strings.HasPrefix(line, `{"time"`) || len(line) > 2000 || strings.Contains(line, "\x1b") {
			t.Errorf("log line %q", line)
		}
	}
}
