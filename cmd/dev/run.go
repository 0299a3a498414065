package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"hookandtag.example/shop/dev/pg"
	"hookandtag.example/shop/dev/provider"
	"hookandtag.example/shop/internal/app"
	"hookandtag.example/shop/internal/postgres"
)

// runCommand takes the shop's own settings. DATABASE_URL and OIDC_ISSUER, when given, replace the
// private database and the development provider.
type runCommand struct {
	app.Settings  `embed:""`
	app.Migration `embed:""`

	ProviderAddr string `name:"provider-addr" env:"PROVIDER_ADDR" default:"localhost:8081" group:"Development" help:"Where the development provider listens."`
	TLS          bool   `name:"tls" env:"DEV_TLS" group:"Development" help:"Serve https, at https://localhost:8443 unless ADDR says otherwise, with a certificate of an authority kept beside the data. Safari needs it."`
	LabAddr      string `name:"lab-addr" env:"LAB_ADDR" default:"127.0.0.1:8082" group:"Development" help:"Where the lab twin of the lessons listens; empty for none."`
}

// How long the provider and the database get to finish in good order. A browser may hold a
// connection to the provider open without using it, so that one is cut off soon.
const (
	providerStop = time.Second
	databaseStop = 10 * time.Second
)

// development is what runs beside the shop.
type development struct {
	settings app.Settings
	direct   app.Migration // how migrations reach a database that is given
	dir      string
	log      *slog.Logger
	fail     context.CancelCauseFunc // ends the shop, saying why
	postgres *pg.Server              // nil when DATABASE_URL is given
	forget   context.CancelFunc      // ends what starts postgres again
	provider *http.Server            // nil when OIDC_ISSUER is given
	listener net.Listener            // the shop's
	tls      *authority              // nil without --tls
	labURL   string                  // the lab twin's address for browsers; "" without one
	stopLab  func() error
}

// Run runs the shop until ctx ends or something it needs has gone, and stops everything in the
// opposite order.
func (c *runCommand) Run(ctx context.Context, s *state) (err error) {
	dir, err := s.open()
	if err != nil {
		return err
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	d := &development{settings: c.Settings, direct: c.Migration, dir: dir, fail: fail,
		log: app.NewLog(os.Stderr, c.Settings.Logs.Format)}
	defer func() { err = errors.Join(err, d.stop()) }()
	if c.TLS {
		if d.tls, err = openAuthority(dir); err != nil {
			return err
		}
	}
	if err := d.prepare(ctx, c.ProviderAddr); err != nil {
		return err
	}
	if err := d.startLab(c.LabAddr); err != nil {
		return err
	}
	if d.labURL != "" {
		d.settings.Lessons.LabURL = d.labURL
	}
	shop, err := app.Open(ctx, d.settings, app.Options{Log: d.log, Version: "development",
		Listener: d.listener, Roots: d.roots()})
	if err != nil {
		return err
	}
	d.welcome(os.Stdout)
	err = shop.Serve(ctx)
	if gone, ok := errors.AsType[*goneError](context.Cause(ctx)); ok {
		return gone
	}
	return err
}

// prepare fills in every setting that was not given, starting what the setting then names.
func (d *development) prepare(ctx context.Context, providerAddr string) error {
	taken := d.listen()
	if err := d.startDatabase(ctx); err != nil {
		return err
	}
	if taken != nil {
		return taken
	}
	if err := d.fillKeys(); err != nil {
		return err
	}
	d.shortenMaxAge()
	return d.startProvider(providerAddr)
}

// startDatabase starts the private database unless one is given, and brings either up to date.
func (d *development) startDatabase(ctx context.Context) error {
	database := &d.settings.Database
	if database.URL == "" && database.URLFile == "" {
		server, err := startPostgres(ctx, d.dir, "the shop at "+d.settings.Listen.BaseURL, d.log)
		if err != nil {
			return explainBusy(err)
		}
		d.postgres = server
		database.URL = app.Secret(server.URL(pg.Database))
		var kept context.Context
		kept, d.forget = context.WithCancel(context.WithoutCancel(ctx))
		go server.Keep(kept)
	}
	return d.fillDatabase(ctx)
}

// fillDatabase brings the database up to date and gives it the products it lacks.
func (d *development) fillDatabase(ctx context.Context) error {
	ready, err := d.settings.Database.Resolve()
	if err != nil {
		return err
	}
	direct, err := d.direct.Address(ready)
	if err != nil {
		return err
	}
	if err := postgres.Migrate(ctx, direct.Reveal()); err != nil {
		return postgres.Explain(err)
	}
	store, err := postgres.Open(ctx, ready.URL.Reveal())
	if err != nil {
		return err
	}
	defer store.Close()
	inserted, err := store.Seed(ctx)
	if inserted > 0 {
		d.log.Info("the shop has new products", "count", inserted)
	}
	return err
}

// goneError says that something the shop needs has ended unasked.
type goneError struct{ sentence string }

func (e *goneError) Error() string { return e.sentence }

// secondShop is why two shops on localhost would end each other's sessions, and what helps.
const secondShop = "such as ADDR=127.0.0.1:8090: on localhost the two would sign each other out, as cookies tell " +
	"hosts apart and not ports"

// explainBusy says where the first `go run ./cmd/dev` is running.
func explainBusy(err error) error {
	var busy *pg.BusyError
	if !errors.As(err, &busy) {
		return err
	}
	return fmt.Errorf("already running: %s, with its data in %s; stop that first, or give this one its own DEV_DIR, "+
		"ADDR, PROVIDER_ADDR and LAB_ADDR, %s",
		busy.Note, filepath.Dir(busy.Dir), secondShop)
}

func (d *development) fillKeys() error {
	sessions := &d.settings.Sessions
	if sessions.Keys != "" || sessions.KeysFile != "" {
		return nil
	}
	keys, err := sessionKeys(d.dir)
	sessions.Keys = app.Secret(keys)
	return err
}

// shortenMaxAge makes the oldest authentication accepted at sign-in fit a shorter SESSION_ABSOLUTE,
// so that setting that one alone is enough to watch a session end.
func (d *development) shortenMaxAge() {
	whole, age := d.settings.Sessions.Absolute, &d.settings.Provider.MaxAge
	if whole > 0 && *age >= whole {
		*age = max(whole/2, time.Second)
		d.log.Info("OIDC_MAX_AGE is shortened to fit SESSION_ABSOLUTE", "max_age", *age)
	}
}

// startProvider starts the development provider unless an issuer is given. It is on the host
// idp.localhost, apart from the shop's, because cookies do not tell ports apart.
func (d *development) startProvider(addr string) error {
	oidc := &d.settings.Provider
	if oidc.ClientID == "" {
		oidc.ClientID = provider.DefaultClientID
	}
	public, err := oidc.PublicKeys()
	if err != nil {
		return err
	}
	if oidc.ClientSecret == "" && oidc.ClientSecretFile == "" && public == nil {
		oidc.ClientSecret = provider.DefaultClientSecret
	}
	if oidc.Issuer != "" {
		return nil
	}
	listener, err := listen(addr)
	if err != nil {
		return explainAddr("PROVIDER_ADDR", addr, err)
	}
	oidc.Issuer = "http://" + withPortOf("idp.localhost:0", listener)
	base := d.settings.Listen.BaseURL
	handler, err := provider.New(provider.Config{
		Issuer: oidc.Issuer, Dir: filepath.Join(d.dir, "provider"), ShopURLs: []string{base},
		BackchannelURL: base + "/auth/backchannel-logout", BackchannelRoots: d.roots(),
		ClientID: oidc.ClientID, ClientSecret: oidc.ClientSecret.Reveal(), ClientKeys: public, Log: d.log,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	d.provider = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go d.serve(listener)
	return nil
}

func (d *development) serve(listener net.Listener) {
	if err := d.provider.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		d.fail(&goneError{fmt.Sprintf("the development provider ended by itself, and the shop with it: %v", err)})
	}
}

// stop stops what runs beside the shop, the database last.
func (d *development) stop() error {
	var err error
	if d.listener != nil {
		_ = d.listener.Close() // the shop has closed it, if there was one
	}
	if d.stopLab != nil {
		err = d.stopLab()
	}
	if d.provider != nil && within(providerStop, d.provider.Shutdown) != nil {
		err = errors.Join(err, d.provider.Close())
	}
	if d.postgres != nil {
		d.forget()
		err = errors.Join(err, within(databaseStop, d.postgres.Stop))
	}
	return err
}

// withPortOf returns addr's host with the port that listener really has.
func withPortOf(addr string, listener net.Listener) string {
	host, _, _ := net.SplitHostPort(addr)
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return net.JoinHostPort(host, port)
}

func explainAddr(setting, addr string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		advice := fmt.Sprintf("%s is %s, which another program is using: stop that one, or set %s to another port", setting,
			addr, setting)
		if setting == "ADDR" {
			advice += ", " + secondShop
		}
		return errors.New(advice)
	}
	return fmt.Errorf("listen on %s (%s): %w", setting, addr, err)
}

// publicHost is how a browser on this machine names what listens on addr.
func publicHost(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
