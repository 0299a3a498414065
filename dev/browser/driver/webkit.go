package driver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// WebKit returns the paths of WebKitGTK's driver, of its small browser and of a screen without a
// monitor, or one sentence that says what to install.
func WebKit() (driver, browser, screen string, err error) {
	driver, noDriver := exec.LookPath("WebKitWebDriver")
	screen, noScreen := exec.LookPath("Xvfb")
	browsers, _ := filepath.Glob("/usr/lib/*/webkit2gtk-4.1/MiniBrowser")
	if noDriver != nil || noScreen != nil || len(browsers) == 0 {
		return "", "", "", errors.New("WebKitGTK's driver was not found: install it " +
			"(Debian: `apt-get install webkit2gtk-driver libwebkit2gtk-4.1-0 xvfb`)")
	}
	return driver, browsers[0], screen, nil
}

// StartWebKit starts WebKitGTK's small browser with a fresh profile. stop ends it.
func StartWebKit(ctx context.Context) (w Window, stop func() error, err error) {
	driver, browser, screen, err := WebKit()
	if err != nil {
		return nil, nil, err
	}
	var undo []func() error
	stop = func() error { return stops(undo) }
	home, err := os.MkdirTemp("", "webkit-")
	if err != nil {
		return nil, stop, err
	}
	undo = append(undo, func() error { return os.RemoveAll(home) })
	display := exec.Command(screen, "-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp")
	p, err := launch(display, display.StdoutPipe)
	if err != nil {
		return nil, stop, err
	}
	undo = append(undo, p.stop)
	number, err := p.line(ctx, "")
	if err != nil {
		return nil, stop, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, stop, err
	}
	_, port, _ := net.SplitHostPort(address)
	command := exec.Command(driver, "--host=127.0.0.1", "--port="+port)
	command.Env = append(os.Environ(), "DISPLAY=:"+number, "HOME="+home, "XDG_CACHE_HOME="+home, "XDG_DATA_HOME="+home,
		"GDK_BACKEND=x11", "NO_AT_BRIDGE=1", "LIBGL_ALWAYS_SOFTWARE=1")
	if p, err = launch(command, command.StdoutPipe); err != nil {
		return nil, stop, err
	}
	undo = append(undo, p.stop)
	s := &session{address: "http://" + address}
	if err := s.begin(ctx, browser); err != nil {
		return nil, stop, err
	}
	undo = append(undo, s.end)
	tab, err := s.current(ctx)
	return tab, stop, err
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// session is a WebDriver session.
type session struct {
	address  string // of the driver, and then of the session
	selected string
}

func (s *session) begin(ctx context.Context, browser string) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for s.call(ctx, http.MethodGet, "/status", nil, nil) != nil {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the driver of WebKitGTK does not get ready: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	var made struct {
		ID string `json:"sessionId"`
	}
	err := s.call(ctx, http.MethodPost, "/session", object{"capabilities": object{"alwaysMatch": object{
		"acceptInsecureCerts":      true,
		"webkitgtk:browserOptions": object{"binary": browser, "args": []string{"--automation"}},
	}}}, &made)
	s.address += "/session/" + made.ID
	return err
}

func (s *session) end() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	return s.call(ctx, http.MethodDelete, "", nil, nil)
}

// call sends a command and reads its value into result.
func (s *session) call(ctx context.Context, method, path string, params object, result any) error {
	body := []byte{}
	if method == http.MethodPost {
		var err error
		if body, err = json.Marshal(params); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, s.address+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var answer struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, answer.Value)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(answer.Value, result)
}

func (s *session) current(ctx context.Context) (Window, error) {
	t := &webkitTab{session: s}
	err := s.call(ctx, http.MethodGet, "/window", nil, &t.handle)
	s.selected = t.handle
	return t, err
}

type webkitTab struct {
	*session
	handle string
}

// command sends a command to this tab.
func (t *webkitTab) command(ctx context.Context, path string, params object, result any) error {
	if t.selected != t.handle {
		if err := t.call(ctx, http.MethodPost, "/window", object{"handle": t.handle}, nil); err != nil {
			return err
		}
		t.selected = t.handle
	}
	return t.call(ctx, http.MethodPost, path, params, result)
}

// Open implements Window.
func (t *webkitTab) Open(ctx context.Context, address string) error {
	return t.command(ctx, "/url", object{"url": address}, nil)
}

// Run implements Window.
func (t *webkitTab) Run(ctx context.Context, expression string, value any) error {
	script := "const done = arguments[0]; Promise.resolve(" + expression + ").then(v => done(v ?? null))"
	return t.command(ctx, "/execute/async", object{"script": script, "args": []any{}}, value)
}

// Back implements Window.
func (t *webkitTab) Back(ctx context.Context) error { return t.command(ctx, "/back", object{}, nil) }

// Resize implements Window.
func (t *webkitTab) Resize(ctx context.Context, width, height int) error {
	return t.command(ctx, "/window/rect", object{"width": width, "height": height}, nil)
}

// Tab implements Window.
func (t *webkitTab) Tab(ctx context.Context) (Window, error) {
	other := &webkitTab{session: t.session}
	var made struct {
		Handle string `json:"handle"`
	}
	if err := t.command(ctx, "/window/new", object{"type": "tab"}, &made); err != nil {
		return nil, err
	}
	other.handle = made.Handle
	return other, nil
}
