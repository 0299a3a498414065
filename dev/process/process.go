// Package process starts programs for development and tests, and waits until they answer. Each ends
// when the program that started it ends, on Linux however that happens.
package process

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// poll is how often Serve asks whether a program is ready.
const poll = 3 * time.Millisecond

// Process is a program that runs, or has ended.
type Process struct {
	PID  int
	done chan struct{}
	err  error // how it ended; read only after done
	kill func(os.Signal) error
}

// Start starts cmd as another account, or as ourselves when who is nil, in a separate process
// group, so that the terminal's Ctrl-C reaches only us.
func Start(cmd *exec.Cmd, who *syscall.Credential) (*Process, error) {
	cmd.SysProcAttr = attributes(who)
	p := &Process{done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The parent-death signal is sent when the thread that started the child ends, not the process.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	p.PID, p.kill = cmd.Process.Pid, cmd.Process.Signal
	return p, nil
}

// Run runs a short-lived program; what it printed becomes part of the error.
func Run(ctx context.Context, cmd *exec.Cmd, who *syscall.Credential) error {
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	p, err := Start(cmd, who)
	if err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		p.End(syscall.SIGKILL)
		return ctx.Err()
	}
	if p.err != nil {
		return fmt.Errorf("%s: %w: %s", cmd.Path, p.err, strings.Join(strings.Fields(output.String()), " "))
	}
	return nil
}

// ExitError says that a program ended instead of getting ready.
type ExitError struct {
	Err error  // how it ended
	Log string // the end of what it wrote
}

// Error implements error.
func (e *ExitError) Error() string { return fmt.Sprintf("it ended (%v) and says: %s", e.Err, e.Log) }

// Serve starts cmd as Start does, adds what it prints to the file log, and returns once ready
// returns nil. It returns an *ExitError when the program ends, and an error with ready's last one
// when ctx ends first: the last from before, because the end of ctx itself says nothing about the
// program, which is killed then. Both quote the end of the log.
func Serve(ctx context.Context, cmd *exec.Cmd, who *syscall.Credential, log string,
	ready func(context.Context) error) (*Process, error) {
	output, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", cmd.Path, err)
	}
	defer output.Close()
	cmd.Stdout, cmd.Stderr = output, output
	p, err := Start(cmd, who)
	if err != nil {
		return nil, err
	}
	if err := p.await(ctx, log, ready); err != nil {
		p.Kill()
		return nil, err
	}
	return p, nil
}

func (p *Process) await(ctx context.Context, log string, ready func(context.Context) error) error {
	var last error
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		select {
		case <-p.done:
			return &ExitError{p.err, tail(log)}
		case <-ctx.Done():
			return fmt.Errorf("%w: %w; its log says: %s", ctx.Err(), last, tail(log))
		case <-time.After(poll):
		}
	}
}

// tail returns the last lines of file on one line.
func tail(file string) string {
	content, _ := os.ReadFile(file)
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(lines[max(0, len(lines)-4):], " | ")
}

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Signal sends sig. A program that is gone need not be signalled.
func (p *Process) Signal(sig os.Signal) { _ = p.kill(sig) }

// End sends sig and waits until the program has ended. It does nothing to a nil Process.
func (p *Process) End(sig os.Signal) {
	if p != nil {
		p.Signal(sig)
		<-p.done
	}
}

// Sleep waits for d, or until ctx ends.
func Sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// Kill ends the program and all that it has started.
func (p *Process) Kill() {
	_ = syscall.Kill(-p.PID, syscall.SIGKILL) // Start gave it a process group
	<-p.done
}

// Find returns the path of a program, which may be root's only, or one sentence that says which
// package of Debian has it.
func Find(name, debian string) (string, error) {
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s was not found: install it (Debian: `apt-get install %s`)", name, debian)
}

// FreePort returns a port of 127.0.0.1 that is free now.
func FreePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
