package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// FindBalancer returns the path of HAProxy's program, or a sentence that says what to install.
func FindBalancer() (string, error) {
	for _, name := range []string{"haproxy", "/usr/sbin/haproxy"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("HAProxy was not found: install it (Debian: `apt-get install haproxy`)")
}

// balancing is the load balancer's configuration, without stickiness. It asks /readyz, so a replica
// that closes gets no new request. When no replica is ready, because the database is away, any that
// lives answers, with the shop's page instead of the balancer's. GETs are repeated on another
// replica; a form never is, unless no connection was made.
const balancing = `
defaults
  mode http
  option redispatch 1
  option forwardfor
  retries 3
  retry-on conn-failure empty-response
  timeout connect 1s
  timeout client 30s
  timeout server 20s
  timeout queue 1s
frontend shop
  bind 127.0.0.1:%s
  http-request disable-l7-retry unless METH_GET
  use_backend alive if { nbsrv(ready) eq 0 }
  default_backend ready
backend ready
  balance roundrobin
  option httpchk
  http-check send meth GET uri /readyz hdr Host %s
  default-server inter 500ms fastinter 200ms downinter 500ms fall 1 rise 1
%s
backend alive
  balance roundrobin
  option httpchk
  http-check send meth GET uri /healthz hdr Host %s
  default-server inter 1s fall 2 rise 1
%s
`

func (s *stage) startBalancer(ctx context.Context) error {
	program, err := FindBalancer()
	if err != nil {
		return err
	}
	var servers strings.Builder
	for i, r := range s.shops {
		fmt.Fprintf(&servers, "  server shop%d 127.0.0.1:%s check\n", i+1, r.port)
	}
	host := "localhost:" + s.port
	file := filepath.Join(s.dir, "haproxy.cfg")
	if err := os.WriteFile(file, fmt.Appendf(nil, balancing, s.port, host, &servers, host, &servers), 0o600); err != nil {
		return err
	}
	s.balancer = exec.Command(program, "-db", "-f", file)
	if err := s.balancer.Start(); err != nil {
		s.balancer = nil
		return err
	}
	return s.await(ctx, "http://127.0.0.1:"+s.port+"/readyz")
}
