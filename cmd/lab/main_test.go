package main

import (
	"context"
	"net"
	"testing"

	"hookandtag.example/shop/dev/shoptest"
)

func TestTheTwinServesAndIsWell(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := address{Addr: listener.Addr().String()}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	check := healthcheckCommand{at}
	if err := check.Run(t.Context()); err == nil {
		t.Error("a twin that does not run is well")
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- (&serveCommand{address: at, Shop: "http://localhost:8080"}).Run(ctx) }()
	shoptest.Eventually(t, "the twin is well", func() bool { return check.Run(t.Context()) == nil })
	stop()
	if err := <-served; err != nil {
		t.Errorf("stopping: %v", err)
	}
}

func TestThePublicAddressFollowsThePort(t *testing.T) {
	t.Parallel()
	for at, want := range map[address]string{
		{Addr: "127.0.0.1:9000"}:                           "http://127.0.0.1:9000",
		{Addr: ":8082", URL: "http://twin.localhost:1234"}: "http://twin.localhost:1234",
		{Addr: ":8082", URL: "http://twin.localhost/"}:     "http://twin.localhost",
		{Addr: ":8082"}: "http://127.0.0.1:8082",
	} {
		if got, err := at.public(); err != nil || got != want {
			t.Errorf("%+v: %s, %v; want %s", at, got, err, want)
		}
	}
	if _, err := (address{Addr: "8082"}).public(); err == nil {
		t.Error("an address without a host was taken")
	}
}
