package app

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"hookandtag.example/shop/internal/auth"
	"hookandtag.example/shop/internal/learn"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront"
)

// drainTime is how long running requests have to finish once the shop is asked to stop.
const drainTime = 10 * time.Second

// Options are what cmd/dev and tests decide beside the settings. The zero value is a shop in
// production.
type Options struct {
	Log      *slog.Logger             // nil: to standard error, as LOG_FORMAT says
	Version  string                   // shown in /metrics
	Listener net.Listener             // used instead of listening on ADDR, for a port nobody else can take, or for TLS
	Roots    *x509.CertPool           // who signed the certificate that Listener shows; nil: it speaks plain http
	Watch    func(postgres.Statement) // called after every database statement, by several goroutines concurrently
	Rates    *storefront.Rates        // nil: what the settings say
	Sweep    time.Duration            // how often ended sessions are swept; 0: once a minute
	Notice   time.Duration            // how long a stopping shop answers 503 at /readyz before it stops listening
	Now      func() time.Time         // the clock that sign-ins are judged by; nil: time.Now
}

// App is the shop, put together and listening, not yet serving.
type App struct {
	settings Settings
	options  Options
	log      *slog.Logger
	store    *postgres.Store
	catalog  *postgres.Catalog
	provider *auth.Provider
	sessions *session.Manager
	lessons  *learn.Lessons // nil: the tutorial is off
	metrics  *metrics
	tracing  *tracing // nil: off

	public, admin                 *http.Server
	publicListener, adminListener net.Listener // admin: nil when ADMIN_ADDR is empty
	draining                      atomic.Bool
	asking                        singleflight.Group // for the database's readiness
}

// Run opens the shop and serves until ctx ends. A ctx that ends before the shop has opened is no
// error.
func Run(ctx context.Context, s Settings, o Options) error {
	a, err := Open(ctx, s, o)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.Serve(ctx)
}

// Open puts the shop together and listens. It fails with SettingsError when settings are missing or
// wrong, and in one sentence when the database does not answer within 10 seconds, lacks migrations
// (it never migrates), or an address is taken. The provider may be down. Serve must be called
// afterwards, as only that closes what Open opened.
func Open(ctx context.Context, s Settings, o Options) (_ *App, err error) {
	if s, err = s.Resolve(); err != nil {
		return nil, err
	}
	a := &App{settings: s, options: o, log: o.Log, metrics: newMetrics(o.Version)}
	if a.log == nil {
		a.log = NewLog(os.Stderr, s.Logs.Format)
	}
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	for _, warning := range s.Warnings() {
		a.log.WarnContext(ctx, warning)
	}
	if a.tracing, err = newTracing(ctx, s.Traces.Endpoint, o.Version); err != nil {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
	}
	if a.store, err = postgres.OpenWatched(ctx, s.Database.URL.Reveal(), a.watch); err != nil {
		return nil, err
	}
	a.catalog = postgres.NewCatalog(a.store, a.log)
	if err := a.listen(ctx); err != nil {
		return nil, err
	}
	handler, err := a.build()
	if err != nil {
		return nil, err
	}
	a.public = publicServer(a.closeWhileDraining(a.tracing.handler(handler)), a.log)
	a.admin = adminServer(a.metrics, a.log)
	if err := a.awaitDatabase(ctx); err != nil {
		return nil, err
	}
	a.warnUnlimited(ctx)
	if _, err := a.catalog.Snapshot(ctx); err != nil { // or the first visitors wait for it, and for the pool
		a.log.WarnContext(ctx, "catalogue not read yet", "error", postgres.Explain(err))
	}
	return a, nil
}

// Addr is where the shop listens.
func (a *App) Addr() net.Addr { return a.publicListener.Addr() }

// AdminAddr is where /metrics and /debug/pprof listen, nil when nowhere.
func (a *App) AdminAddr() net.Addr {
	if a.adminListener == nil {
		return nil
	}
	return a.adminListener.Addr()
}

// Serve answers requests until ctx ends, then gives running requests up to 10 seconds to finish and
// closes everything.
func (a *App) Serve(ctx context.Context) error {
	defer a.close()
	a.log.InfoContext(ctx, "the shop is open", "address", a.settings.Listen.BaseURL, "listening", a.Addr().String(),
		"version", a.options.Version)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return serve(a.public, a.publicListener) })
	if a.adminListener != nil {
		group.Go(func() error { return serve(a.admin, a.adminListener) })
	}
	group.Go(func() error { a.provider.Run(ctx); return nil })
	group.Go(func() error { a.catalog.Watch(ctx); return nil })
	group.Go(func() error { a.sweep(ctx); return nil })
	group.Go(func() error { return a.drain(ctx) })
	return group.Wait()
}

func serve(s *http.Server, l net.Listener) error {
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return nil
}

// drain waits for the end, fails /readyz, and lets running requests finish. The
// admin listener goes last.
func (a *App) drain(ctx context.Context) error {
	<-ctx.Done()
	a.draining.Store(true)
	a.log.InfoContext(ctx, "the shop drains", "reason", context.Cause(ctx))
	if a.options.Notice > 0 {
		<-time.After(a.options.Notice)
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	err := a.public.Shutdown(limit)
	if errors.Is(err, context.DeadlineExceeded) {
		a.log.WarnContext(ctx, "requests were cut off", "after", drainTime)
		err = a.public.Close()
	}
	return errors.Join(err, a.admin.Close())
}

// close releases what Open took. It may be called twice.
func (a *App) close() {
	for _, l := range []net.Listener{a.publicListener, a.adminListener} {
		if l != nil {
			_ = l.Close() // closed by its server in most cases
		}
	}
	if a.store != nil {
		a.store.Close()
	}
	if err := a.tracing.close(); err != nil {
		a.log.Warn("the last spans were not sent", "error", err)
	}
}

func (a *App) listen(ctx context.Context) (err error) {
	if a.publicListener = a.options.Listener; a.publicListener == nil {
		if a.publicListener, err = listen(ctx, "ADDR", a.settings.Listen.Addr); err != nil {
			return err
		}
	}
	if addr := a.settings.Listen.AdminAddr; addr != "" {
		a.adminListener, err = listen(ctx, "ADMIN_ADDR", addr)
	}
	return err
}

func listen(ctx context.Context, name, addr string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s: another program listens on %s already: %w", name, addr, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: cannot listen on %s: %w", name, addr, err)
	}
	return l, nil
}
