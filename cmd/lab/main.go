// Command lab runs the lab twin: the deliberately weak shop of the lessons. It listens on loopback
// by default, keeps everything in memory and is of no use to real customers.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"hookandtag.example/shop/internal/lab"
)

type commands struct {
	Serve       serveCommand       `cmd:"" default:"withargs" help:"Run the lab twin (default)."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask the running twin on this machine whether it is well."`
}

// address is where the twin listens and how browsers know it.
type address struct {
	Addr string `name:"lab-addr" env:"LAB_ADDR" default:"127.0.0.1:8082" help:"Where the twin listens: host:port."`
	URL  string `name:"lab-url" env:"LAB_URL" help:"The twin's address as browsers know it; LAB_ADDR's port on 127.0.0.1 when empty."`
}

// public is URL or, when that is empty, the port of Addr on 127.0.0.1.
func (a address) public() (string, error) {
	if a.URL != "" {
		return strings.TrimSuffix(a.URL, "/"), nil
	}
	_, port, err := net.SplitHostPort(a.Addr)
	return "http://127.0.0.1:" + port, err
}

type serveCommand struct {
	address `embed:""`
	Shop    string `name:"base-url" env:"BASE_URL" default:"http://localhost:8080" help:"The real shop's address as browsers know it."`
}

type healthcheckCommand struct {
	address `embed:""`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parsed := kong.Parse(&commands{}, kong.Name("lab"),
		kong.Description("The lab twin of Hook & Tag: a deliberately weak shop for the lessons."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	parsed.FatalIfErrorf(parsed.Run())
}

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context) error {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	public, err := c.public()
	if err != nil {
		return err
	}
	twin, err := lab.New(lab.Config{URL: public, Shop: c.Shop, Log: log})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	log.Info("the lab twin is open: a weak shop, for the lessons only", "addr", listener.Addr().String(), "url", public)
	return twin.Serve(ctx, listener)
}

// Run fails unless the twin answers.
func (c *healthcheckCommand) Run(ctx context.Context) error {
	public, err := c.public()
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+port+"/healthz", nil)
	if err != nil {
		return err
	}
	r.Host = strings.TrimPrefix(public, "http://")
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusOK {
		return fmt.Errorf("the twin answers %s", w.Status)
	}
	return nil
}
