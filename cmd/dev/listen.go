package main

import (
	"errors"
	"net"
	"strings"
	"syscall"
)

// freePorts is how many free ports are looked at before giving up on one that is free at both of
// localhost's addresses.
const freePorts = 20

// listen listens on addr. Where its host is localhost, neither of that name's two addresses may be
// another program's: browsers choose between them.
func listen(addr string) (net.Listener, error) {
	for range freePorts - 1 {
		listener, err := listenOnce(addr)
		if !errors.Is(err, syscall.EADDRINUSE) || !strings.HasSuffix(addr, ":0") {
			return listener, err
		}
	}
	return listenOnce(addr)
}

func listenOnce(addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	host, _, _ := net.SplitHostPort(addr)
	own, port, _ := net.SplitHostPort(listener.Addr().String())
	for _, ip := range []string{"127.0.0.1", "::1"} {
		if host != "localhost" || ip == own {
			continue
		}
		// Not having the address at all is no trouble.
		other, err := net.Listen("tcp", net.JoinHostPort(ip, port))
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, errors.Join(err, listener.Close())
		}
		if err == nil {
			_ = other.Close()
		}
	}
	return listener, nil
}
