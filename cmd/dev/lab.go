package main

import (
	"context"
	"net"

	"hookandtag.example/shop/internal/lab"
)

// startLab starts the lab twin if the tutorial is on, unless its address is empty. It is on
// 127.0.0.1, apart from the shop's localhost: to browsers that is another site.
func (d *development) startLab(addr string) error {
	if on, err := d.settings.Lessons.On(); err != nil || !on || addr == "" {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return explainAddr("LAB_ADDR", addr, err)
	}
	d.labURL = "http://" + withPortOf("127.0.0.1:0", listener)
	twin, err := lab.New(lab.Config{URL: d.labURL, Shop: d.settings.Listen.BaseURL, Log: d.log})
	if err != nil {
		_ = listener.Close()
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- twin.Serve(ctx, listener) }()
	d.stopLab = func() error { cancel(); return <-served }
	return nil
}
