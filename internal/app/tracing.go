package app

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"hookandtag.example/shop/internal/middleware"
	"hookandtag.example/shop/internal/postgres"
)

// flushTime is how long a draining shop tries to send its last spans.
const flushTime = 2 * time.Second

// tracing sends a span for each request, by its route, with its database statements by name and its
// calls to the provider below it. A span holds words of the shop's own and numbers: no address,
// form, cookie, token, argument of a statement or text of an error.
//
// A nil tracing traces nothing, and costs a comparison.
type tracing struct {
	tracer trace.Tracer
	sender *sdktrace.TracerProvider
}

// newTracing sends to the collector at endpoint, an OTLP address over HTTP without its path; "":
// nowhere. OTEL_EXPORTER_OTLP_HEADERS and OTEL_TRACES_SAMPLER count as OpenTelemetry specifies.
func newTracing(ctx context.Context, endpoint, version string) (*tracing, error) {
	if endpoint == "" {
		return nil, nil
	}
	// The exporter takes anything, and sends what it cannot read to an address it chooses.
	if u, err := url.Parse(endpoint); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, errors.New("it must be an address such as http://localhost:4318")
	}
	exporter, err := otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(strings.TrimSuffix(endpoint, "/")+"/v1/traces"))
	if err != nil {
		return nil, err
	}
	sender := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(resource.NewSchemaless(
		attribute.String("service.name", "shop"), attribute.String("service.version", version))))
	return &tracing{sender.Tracer("hookandtag.example/shop"), sender}, nil
}

// handler begins the span of a request; request names it once the route is known.
func (t *tracing) handler(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := t.tracer.Start(r.Context(), "request", trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func (t *tracing) request(ctx context.Context, r middleware.RequestRecord) {
	if t == nil {
		return
	}
	span := trace.SpanFromContext(ctx)
	span.SetName(r.Method + " " + r.Route)
	span.SetAttributes(attribute.String("http.request.method", r.Method), attribute.String("http.route", r.Route),
		attribute.Int("http.response.status_code", r.Status), attribute.String("shop.request", middleware.Info(ctx).ID))
	if r.Event != "" {
		span.SetAttributes(attribute.String("shop.event", r.Event))
	}
	if r.Status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
}

// statement records a statement that a request sent, after it has ended.
func (t *tracing) statement(ctx context.Context, s postgres.Statement) {
	if t == nil || !trace.SpanContextFromContext(ctx).IsValid() {
		return
	}
	ended := time.Now()
	_, span := t.tracer.Start(ctx, statementName(s.SQL), trace.WithSpanKind(trace.SpanKindClient),
		trace.WithTimestamp(ended.Add(-s.Took)), trace.WithAttributes(attribute.String("db.system.name", "postgresql")))
	if s.Err != nil {
		span.SetStatus(codes.Error, "")
	}
	span.End(trace.WithTimestamp(ended))
}

// call begins the span of a call to the provider, and returns what ends it.
func (t *tracing) call(ctx context.Context, name string) (ended func(status int)) {
	if t == nil || !trace.SpanContextFromContext(ctx).IsValid() {
		return func(int) {}
	}
	_, span := t.tracer.Start(ctx, "provider "+name, trace.WithSpanKind(trace.SpanKindClient))
	return func(status int) {
		if status == 0 || status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}
		span.SetAttributes(attribute.Int("http.response.status_code", status))
		span.End()
	}
}

// close sends what has not been sent yet.
func (t *tracing) close() error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	if err := t.sender.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
