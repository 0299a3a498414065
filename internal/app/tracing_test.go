package app_test

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"hookandtag.example/shop/dev/rogue"
)

// spanCollector is an OpenTelemetry collector that keeps the spans it is sent.
type spanCollector struct {
	*httptest.Server
	mu    sync.Mutex
	spans []*tracepb.Span
}

func startCollector(t *testing.T) *spanCollector {
	c := &spanCollector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var sent collector.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &sent) != nil {
			t.Errorf("%s %s: %d bytes are no spans", r.Method, r.URL, len(body))
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, resource := range sent.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
	}))
	t.Cleanup(c.Close)
	return c
}

// below returns the names of the spans right below each span of that name.
func (c *spanCollector) below(name string) (names []string) {
	for _, parent := range c.spans {
		for _, s := range c.spans {
			if parent.Name == name && hex.EncodeToString(s.ParentSpanId) == hex.EncodeToString(parent.SpanId) {
				names = append(names, s.Name)
			}
		}
	}
	return names
}

func TestSpansNameRoutesStatementsAndProviderCalls(t *testing.T) {
	t.Parallel()
	spans, db := startCollector(t), seeded(t)
	c := openCounter(t, db, nil).replica(t, db, "OTEL_EXPORTER_OTLP_ENDPOINT="+spans.URL)
	c.op.Follow(rogue.Script{Subject: "olga-of-the-spans"})
	v := c.visitor(t)
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=2")
	v.signIn("/account?secret=in-a-query")
	v.get("/products?q=words-of-a-visitor")
	if err := c.stop(); err != nil { // sends what is left
		t.Error(err)
	}
	spans.mu.Lock()
	defer spans.mu.Unlock()
	for name, want := range map[string][]string{
		"POST /cart/lines":   {"insert sessions"},
		"GET /auth/callback": {"provider token", "provider keys", "select sessions", "commit"},
		"GET /products":      {"select sessions"},
	} {
		below := spans.below(name)
		for _, one := range want {
			if !slices.Contains(below, one) {
				t.Errorf("below %s: got %q, want %s among them", name, below, one)
			}
		}
	}
	// No secret, and nothing a visitor has chosen.
	tag := v.cookies["__Host-tag"]
	for _, s := range spans.spans {
		text := fmt.Sprint(s.Name, s.Attributes, s.Events, s.Status)
		for _, never := range []string{"olga", "secret", "words-of", "HAT-BOWLER", "code=", "?", rogue.ClientSecret, tag,
			"127.0.0.1", c.op.Issuer} {
			if strings.Contains(text, never) {
				t.Errorf("the span %s holds %q: %s", s.Name, never, text)
			}
		}
	}
}

func TestSpansOfAFailedRequestAreErrors(t *testing.T) {
	t.Parallel()
	spans, db := startCollector(t), seeded(t)
	c := openCounter(t, db, nil).replica(t, db, "OTEL_EXPORTER_OTLP_ENDPOINT="+spans.URL)
	v := c.visitor(t)
	v.post("/cart/lines", "sku=HAT-BOWLER&quantity=2")
	_, err := c.pool.Exec(t.Context(), `ALTER TABLE sessions RENAME TO mislaid`)
	must(t, err)
	v.get("/cart")
	if err := c.stop(); err != nil { // sends what is left
		t.Error(err)
	}
	spans.mu.Lock()
	defer spans.mu.Unlock()
	failed := map[string]bool{}
	for _, s := range spans.spans {
		failed[s.Name] = failed[s.Name] || s.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR
	}
	if failed["POST /cart/lines"] || !failed["GET /cart"] || !failed["select sessions"] {
		t.Errorf("got errors %v, want GET /cart and its statement", failed)
	}
}

// What traces nothing costs nothing: a span that is not made allocates nothing either.
func TestWithoutACollectorNoSpanIsMade(t *testing.T) {
	t.Parallel()
	db := seeded(t)
	c := openCounter(t, db, nil)
	if c.Traces() {
		t.Error("the shop traces, though nobody asked for it")
	}
	if c = c.replica(t, db, "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1"); !c.Traces() {
		t.Error("the shop does not trace, though there is an address")
	}
}
