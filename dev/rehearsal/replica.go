package rehearsal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hookandtag.example/shop/dev/process"
	"hookandtag.example/shop/dev/provider"
)

// replicas is how many processes of the shop there are.
const replicas = 3

// replica is one process of the shop.
type replica struct {
	port  string
	admin string // the port of its metrics
	*process.Process
}

func (s *stage) startShops(ctx context.Context) error {
	s.say("starting %d replicas of the shop", replicas)
	for range replicas {
		port, err := process.FreePort()
		if err != nil {
			return err
		}
		admin, err := process.FreePort()
		if err != nil {
			return err
		}
		r := &replica{port: port, admin: admin}
		s.shops = append(s.shops, r)
		s.say("its metrics are at http://127.0.0.1:%s/metrics", admin)
		if err := s.startShop(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// startShop starts one replica and returns once it is ready.
func (s *stage) startShop(ctx context.Context, r *replica) (err error) {
	cmd := exec.Command(s.program)
	cmd.Env = append(os.Environ(), "ADDR=127.0.0.1:"+r.port, "ADMIN_ADDR=127.0.0.1:"+r.admin,
		"BASE_URL="+s.base(), "DATABASE_URL="+s.address,
		"OIDC_ISSUER="+s.issuer(), "OIDC_CLIENT_ID="+provider.DefaultClientID,
		"OIDC_CLIENT_SECRET="+provider.DefaultClientSecret, "SESSION_KEYS="+strings.Repeat("0123456789abcdef", 4),
		"TRUSTED_PROXIES=127.0.0.1", "RATE_LIMITS=off", "STEP_UP_TOTAL=0", "INSECURE_HTTP=1")
	if r.Process, err = s.serve(ctx, cmd, r.port, s.logOf(r)); err != nil {
		return fmt.Errorf("a replica is not ready: %w", err)
	}
	return nil
}

// logOf is the file that a replica writes its log to.
func (s *stage) logOf(r *replica) string { return filepath.Join(s.dir, "shop-"+r.port+".log") }

// How long something may take to be ready on a machine that is busy otherwise, and one answer to
// whether it is: a connection that hangs must not use up the whole time.
const (
	readyTime   = 2 * time.Minute
	readyAnswer = 5 * time.Second
)

// serve starts the shop, or what stands before it, and returns once it is ready at the port.
func (s *stage) serve(ctx context.Context, cmd *exec.Cmd, port, log string) (*process.Process, error) {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	return process.Serve(ctx, cmd, nil, log, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, readyAnswer)
		defer cancel()
		_, err := ask(ctx, "http://127.0.0.1:"+port+"/readyz", "localhost:"+s.port)
		return err
	})
}

// ask returns what is answered with status 200 at an address; an empty host is the address's.
func ask(ctx context.Context, address, host string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Host = host
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", answer.Status, strings.Join(strings.Fields(string(text)), " "))
	}
	return text, err
}

// causes are why the replicas answered 5xx in that time, each once.
func (s *stage) causes(from, to time.Time) (all []string) {
	for _, r := range s.shops {
		text, _ := os.ReadFile(s.logOf(r)) // none: nothing was logged
		for text := range bytes.Lines(text) {
			var l struct {
				Time         time.Time
				Status       int
				Route, Error string
			}
			if json.Unmarshal(text, &l) != nil || l.Status < 500 || l.Time.Before(from) || l.Time.After(to) {
				continue
			}
			if cause := l.Route + ": " + l.Error; !slices.Contains(all, cause) {
				all = append(all, cause)
			}
		}
	}
	return all
}
