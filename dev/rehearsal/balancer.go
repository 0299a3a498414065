package rehearsal

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"hookandtag.example/shop/dev/process"
)

// startBalancer starts HAProxy before the replicas, with the configuration of compose.scale.yaml.
func (s *stage) startBalancer(ctx context.Context) error {
	program, err := process.Find("haproxy", "haproxy")
	if err != nil {
		return err
	}
	cmd := exec.Command(program, "-db", "-f", filepath.Join(s.root, "deploy/scale/haproxy.cfg"))
	cmd.Env = append(os.Environ(), "LISTEN=127.0.0.1:"+s.port, "SHOP_HOST=localhost:"+s.port)
	for i, r := range s.shops {
		cmd.Env = append(cmd.Env, fmt.Sprintf("SHOP%d=127.0.0.1:%s", i+1, r.port))
	}
	s.balancer, err = s.serve(ctx, cmd, s.port, filepath.Join(s.dir, "haproxy.log"))
	return err
}
