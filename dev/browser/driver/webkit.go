package driver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"hookandtag.example/shop/dev/process"
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

// StartWebKit starts WebKitGTK's small browser with a fresh profile, until the test ends.
func StartWebKit(t testing.TB) Window {
	t.Helper()
	driver, browser, screen, err := WebKit()
	must(t, err)
	home := t.TempDir()
	var display string
	launch(t, exec.Command(screen, "-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"),
		says(`^(\d+)`, &display))
	port, err := process.FreePort()
	must(t, err)
	command := exec.Command(driver, "--host=127.0.0.1", "--port="+port)
	command.Env = append(os.Environ(), "DISPLAY=:"+display, "HOME="+home, "XDG_CACHE_HOME="+home, "XDG_DATA_HOME="+home,
		"GDK_BACKEND=x11", "NO_AT_BRIDGE=1", "LIBGL_ALWAYS_SOFTWARE=1")
	s := &session{address: "http://127.0.0.1:" + port}
	launch(t, command, func(ctx context.Context, _ string) error {
		return s.call(ctx, http.MethodGet, "/status", nil, nil)
	})
	must(t, s.begin(t.Context(), browser))
	t.Cleanup(s.end)
	w, err := s.current(t.Context())
	must(t, err)
	return w
}

// session is a WebDriver session.
type session struct {
	address  string // of the driver, and then of the session
	selected string
}

func (s *session) begin(ctx context.Context, browser string) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
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

func (s *session) end() {
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	_ = s.call(ctx, http.MethodDelete, "", nil, nil) // the driver is killed next
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
