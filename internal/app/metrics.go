package app

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/storefront"
)

// metrics are the shop's counters. Their labels are words of the shop's own, never a visitor's
// text, so that nobody outside can add to their number. Each App has its own registry.
type metrics struct {
	registry   *prometheus.Registry
	requests   *prometheus.HistogramVec
	refused    *prometheus.CounterVec
	begun      prometheus.Counter
	ended      *prometheus.CounterVec
	signIns    *prometheus.CounterVec
	logouts    prometheus.Counter
	provider   prometheus.Histogram
	calls      *prometheus.HistogramVec
	merges     *prometheus.CounterVec
	orders     *prometheus.CounterVec
	statements *prometheus.HistogramVec
	swept      *prometheus.CounterVec
}

// providerBuckets end at the five seconds that a call may take.
var providerBuckets = []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5}

func newMetrics(version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "shop_http_request_seconds",
			Help:    "Answers by method, route and class of status, and how long they took.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}},
			[]string{"method", "route", "status"}),
		refused: counter("shop_refused_total", "Requests and tags refused, by cause.", "cause"),
		begun: prometheus.NewCounter(prometheus.CounterOpts{Name: "shop_sessions_begun_total",
			Help: "Sessions begun, with and without sign-in."}),
		ended: counter("shop_sessions_ended_total",
			"Sessions seen to end, by reason, also by the sweeper.", "reason"),
		signIns: counter("shop_sign_ins_total", "Returns from the provider, by result.", "result"),
		logouts: prometheus.NewCounter(prometheus.CounterOpts{Name: "shop_provider_logouts_total",
			Help: "Logouts that the provider sent and the shop accepted."}),
		provider: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "shop_provider_seconds",
			Help:    "How long the callback took to judge a return from the provider, with its calls and statements.",
			Buckets: providerBuckets}),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "shop_provider_call_seconds",
			Help:    "Calls to the provider (discovery, keys, token, userinfo) by result, and how long they took.",
			Buckets: providerBuckets}, []string{"call", "result"}),
		merges: counter("shop_cart_merges_total",
			"Anonymous carts joined with a customer's, by whether every piece was still available.", "result"),
		orders: counter("shop_orders_total", "Orders asked for, by what became of them.", "result"),
		statements: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "shop_database_statement_seconds",
			Help:    "Database statements by name and result, and how long their answers took; those of a batch come together.",
			Buckets: []float64{.001, .005, .025, .1, .5, 2.5}}, []string{"statement", "result"}),
		swept: counter("shop_swept_total", "Rows the sweeper ended or took away, by kind.", "kind"),
	}
	m.beginAtZero()
	built := prometheus.NewGauge(prometheus.GaugeOpts{Name: "shop_build_info",
		Help: "The running version; the value is always 1.", ConstLabels: prometheus.Labels{"version": version}})
	built.Set(1)
	m.registry.MustRegister(m.requests, m.refused, m.begun, m.ended, m.signIns, m.logouts, m.provider, m.calls,
		m.merges, m.orders, m.statements, m.swept, built,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// beginAtZero makes the series that alerts compare: no increase is seen of a counter that begins at
// 1, and nothing is more than a counter that does not exist.
func (m *metrics) beginAtZero() {
	m.signIns.WithLabelValues("proved")
	m.signIns.WithLabelValues("unavailable")
	m.orders.WithLabelValues("unavailable")
	m.orders.WithLabelValues("error")
	for _, route := range []string{"/checkout/address", "/checkout/delivery", "/orders", "/login"} {
		m.requests.WithLabelValues(http.MethodPost, route, "5xx")
	}
	m.refused.WithLabelValues(storefront.EventOverloaded)
	m.refused.WithLabelValues("tag unknown")
	m.refused.WithLabelValues("tag foreign")
	m.merges.WithLabelValues(mergedWhole)
	m.merges.WithLabelValues(mergedLess)
	m.swept.WithLabelValues("session")
}

func counter(name, help, label string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
}

// gauge reads a number whenever the metrics are asked for.
func (m *metrics) gauge(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

// total reads a number that only grows whenever the metrics are asked for.
func (m *metrics) total(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, read))
}

// request counts one answer.
func (m *metrics) request(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status/100)+"xx").Observe(took.Seconds())
}

// statement counts one database statement.
func (m *metrics) statement(s postgres.Statement) {
	result := "ok"
	switch {
	case errors.Is(s.Err, context.Canceled):
		result = visitorLeft
	case s.Err != nil:
		result = "error"
	}
	m.statements.WithLabelValues(statementName(s.SQL), result).Observe(s.Took.Seconds())
}
