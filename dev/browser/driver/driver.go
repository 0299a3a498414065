// Package driver drives Firefox, by WebDriver BiDi, and WebKitGTK, by WebDriver, with the few
// commands that a journey through the shop needs. Both accept the certificate of any server.
package driver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Window is a tab of a browser. An error of a command is the browser's or the connection's; a
// script that throws is one too.
type Window interface {
	// Open goes to an address and returns when the page has loaded.
	Open(ctx context.Context, address string) error
	// Run evaluates a JavaScript expression in the page and reads its value, which must be JSON, into
	// value. A promise is waited for.
	Run(ctx context.Context, expression string, value any) error
	// Back presses the Back button. It may return before the page is on screen.
	Back(ctx context.Context) error
	// Resize gives the page's area about this size, in CSS pixels.
	Resize(ctx context.Context, width, height int) error
	// Tab opens another tab of the same browser, with the same cookies.
	Tab(ctx context.Context) (Window, error)
}

const (
	startLimit = time.Minute
	stopLimit  = 5 * time.Second
)

// process is a program that runs until stop.
type process struct {
	command *exec.Cmd
	output  *bufio.Reader
}

// launch starts a program and reads what it prints on one of its two outputs.
func launch(command *exec.Cmd, output func() (io.ReadCloser, error)) (*process, error) {
	printed, err := output()
	if err != nil {
		return nil, err
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that its children can be stopped with it
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", command.Path, err)
	}
	return &process{command: command, output: bufio.NewReader(printed)}, nil
}

// line returns the rest of the first line that has prefix in it, and reads on to the end, so that
// the program never waits for a reader.
func (p *process) line(ctx context.Context, prefix string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	found := make(chan string, 1)
	go func() {
		defer close(found)
		for {
			text, err := p.output.ReadString('\n')
			if _, rest, ok := strings.Cut(text, prefix); ok {
				found <- strings.TrimSpace(rest)
				_, _ = io.Copy(io.Discard, p.output)
				return
			}
			if err != nil {
				return
			}
		}
	}()
	select {
	case text, ok := <-found:
		if !ok {
			return "", fmt.Errorf("%s ended before it was ready", p.command.Path)
		}
		return text, nil
	case <-ctx.Done():
		return "", fmt.Errorf("%s does not get ready: %w", p.command.Path, ctx.Err())
	}
}

// stop ends the program and its children at once.
func (p *process) stop() error {
	if err := syscall.Kill(-p.command.Process.Pid, syscall.SIGKILL); err != nil {
		return fmt.Errorf("stop %s: %w", p.command.Path, err)
	}
	_ = p.command.Wait() // it was killed
	return nil
}

// stops runs stop functions, the last first.
func stops(all []func() error) (err error) {
	for i := len(all) - 1; i >= 0; i-- {
		err = errors.Join(err, all[i]())
	}
	return err
}
