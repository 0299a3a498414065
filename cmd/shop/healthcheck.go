package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

type healthcheckCommand struct {
	Addr  string `name:"addr" env:"ADDR" default:"localhost:8080" help:"Where the shop listens."`
	Ready bool   `help:"Ask whether it is ready for visitors, not only alive: database reachable and migrated."`
}

// healthLimit is how long the shop has to answer.
const healthLimit = 2 * time.Second

// Run fails unless the shop answers that it is well.
func (c *healthcheckCommand) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, healthLimit)
	defer cancel()
	address, err := c.address()
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	direct := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy
	answer, err := direct.Do(r)
	if err != nil {
		return fmt.Errorf("ask the shop: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, answer.Status)
	}
	return nil
}

// address is where to ask from the same machine: a shop that listens on every interface is asked on
// loopback.
func (c *healthcheckCommand) address() (string, error) {
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return "", fmt.Errorf("ADDR is %q: it must be host:port or :port", c.Addr)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	path := "/healthz"
	if c.Ready {
		path = "/readyz"
	}
	return "http://" + net.JoinHostPort(host, port) + path, nil
}
