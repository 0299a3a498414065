package rehearsal

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"hookandtag.example/shop/dev/process"
)

// fault is something that breaks, is broken for a while, and is mended.
type fault struct {
	name   string
	begin  func(context.Context) error
	during func(context.Context) error // again and again while it lasts; may be nil
	end    func(context.Context) error // may be nil
}

func (s *stage) faults() []fault {
	all := []fault{
		{"database gone", func(context.Context) error { s.primary.Crash(); return nil }, nil, s.primary.Start},
		{"database slow: 0.4 s of each second nobody finds a session", nothing,
			s.sql("BEGIN; LOCK TABLE sessions; SELECT pg_sleep(0.4); COMMIT; SELECT pg_sleep(0.6)"), nil},
		{"database read only", s.setting("default_transaction_read_only = on"), nil,
			s.setting("default_transaction_read_only = off")},
		{"connections cut, four times a second", nothing,
			s.sql("SELECT pg_terminate_backend(pid), pg_sleep(0.25) FROM pg_stat_activity WHERE usename = 'shop'"), nil},
		{"database out of connections", s.outOfConnections, nil, s.sql("ALTER ROLE shop CONNECTION LIMIT -1")},
		{"provider gone", func(context.Context) error { return s.provider.Close() }, nil,
			func(context.Context) error { return s.serveProvider() }},
		{"provider slow: 3 s for each answer", s.delayProvider(3 * time.Second), nil, s.delayProvider(0)},
		{"a replica killed", func(context.Context) error { s.shops[0].End(syscall.SIGKILL); return nil }, nil,
			func(ctx context.Context) error { return s.startShop(ctx, s.shops[0]) }},
		{"the database's clock 10 minutes back", s.moveTimes("+"), nil, s.moveTimes("-")},
		{"standby gone", func(context.Context) error { s.standby.Crash(); return nil }, nil, s.standby.Start},
	}
	if s.disk != "" {
		all = append(all, fault{"disk full", s.fillDisk, s.write, s.emptyDisk})
	}
	return all
}

func nothing(context.Context) error { return nil }

func (s *stage) sql(statements string) func(context.Context) error {
	return func(ctx context.Context) error { return s.exec(ctx, statements) }
}

// outOfConnections lets no new connection in, and cuts those there are once that counts.
func (s *stage) outOfConnections(ctx context.Context) error {
	if err := s.exec(ctx, "ALTER ROLE shop CONNECTION LIMIT 0"); err != nil {
		return err
	}
	return s.exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop'")
}

func (s *stage) setting(line string) func(context.Context) error {
	return func(ctx context.Context) error { return set(ctx, s.primary, line) }
}

// moveTimes moves the times of sessions as if the clock had moved the other way: what one process
// sees of a clock cannot be changed without its help.
func (s *stage) moveTimes(sign string) func(context.Context) error {
	return func(ctx context.Context) error {
		return s.exec(ctx, strings.ReplaceAll(`UPDATE sessions SET created = created + i, last_used = last_used + i,
			absolute_end = absolute_end + i, sweep_after = sweep_after + i
			FROM (SELECT interval '10 min' AS i) x WHERE ended IS NULL`, "+", sign))
	}
}

// delayed answers as late as the stage says.
type delayed struct {
	next http.Handler
	by   *atomic.Int64
}

// ServeHTTP implements http.Handler.
func (d delayed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	process.Sleep(r.Context(), time.Duration(d.by.Load()))
	d.next.ServeHTTP(w, r)
}

func (s *stage) delayProvider(by time.Duration) func(context.Context) error {
	return func(context.Context) error { s.providerDelay.Store(int64(by)); return nil }
}

func (s *stage) serveProvider() error {
	listener, err := net.Listen("tcp", "127.0.0.1:"+s.providerPort)
	if err != nil {
		return err
	}
	s.provider = &http.Server{Handler: delayed{s.issuing, &s.providerDelay}, ReadHeaderTimeout: 10 * time.Second}
	go func(server *http.Server) { _ = server.Serve(listener) }(s.provider)
	return nil
}

// smallDisk mounts 600 MB of memory for the primary and returns where, or the common directory
// where that is not allowed.
func (s *stage) smallDisk() string {
	dir := filepath.Join(s.dir, "disk")
	if os.Mkdir(dir, 0o711) != nil ||
		exec.Command("mount", "-t", "tmpfs", "-o", "size=600m,mode=0711", "tmpfs", dir).Run() != nil {
		s.say("no disk gets full: this account may not mount a small one")
		return s.dir
	}
	s.disk = dir
	return dir
}

func (s *stage) ballast() string { return filepath.Join(s.disk, "ballast") }

func (s *stage) fillDisk(context.Context) error {
	f, err := os.Create(s.ballast())
	if err != nil {
		return err
	}
	defer f.Close()
	block := make([]byte, 64<<10)
	for err == nil {
		_, err = f.Write(block)
	}
	return nil
}

// write fills the part of the write-ahead log that the database has set aside.
func (s *stage) write(ctx context.Context) error {
	_ = s.exec(ctx, "SELECT pg_logical_emit_message(false, 'full', repeat('x', 8000000))") // fails: that is what it is for
	process.Sleep(ctx, 100*time.Millisecond)
	return nil
}

// emptyDisk makes room again, and starts the primary if it has stopped for the lack of it.
func (s *stage) emptyDisk(ctx context.Context) error {
	if err := os.Remove(s.ballast()); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if s.exec(ctx, "CHECKPOINT") == nil {
			return nil
		}
		process.Sleep(ctx, 200*time.Millisecond)
	}
	s.primary.Crash()
	return s.primary.Start(context.WithoutCancel(ctx))
}
