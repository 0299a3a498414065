package driver

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// Firefox returns the path of Firefox, or one sentence that says what to install.
func Firefox() (string, error) {
	for _, name := range []string{"firefox-esr", "firefox"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("firefox was not found: install it (Debian: `apt-get install firefox-esr`)")
}

// preferences keep Firefox from asking anything of the network on its own.
const preferences = `user_pref("remote.active-protocols", 1);
user_pref("app.update.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("dom.security.https_only_mode", false);
`

// StartFirefox starts Firefox without a screen and with a fresh profile, until the test ends.
func StartFirefox(t testing.TB) Window {
	t.Helper()
	path, err := Firefox()
	must(t, err)
	profile := t.TempDir()
	must(t, os.WriteFile(filepath.Join(profile, "user.js"), []byte(preferences), 0o600))
	command := exec.Command(path, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0")
	command.Env = append(os.Environ(), "HOME="+profile, "MOZ_CRASHREPORTER_DISABLE=1")
	var address string
	launch(t, command, says("WebDriver BiDi listening on (.+)", &address))
	connection, _, err := websocket.Dial(t.Context(), address+"/session", nil)
	must(t, err)
	connection.SetReadLimit(-1)
	t.Cleanup(func() { _ = connection.CloseNow() })
	w, err := (&bidi{connection: connection}).begin(t.Context())
	must(t, err)
	return w
}

// bidi is a WebDriver BiDi session: one command at a time.
type bidi struct {
	connection *websocket.Conn
	last       int
}

type object = map[string]any

// call sends a command and waits for its answer; events are passed over.
func (b *bidi) call(ctx context.Context, method string, params object, result any) error {
	b.last++
	if err := wsjson.Write(ctx, b.connection, object{"id": b.last, "method": method, "params": params}); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	for {
		var answer struct {
			ID      int             `json:"id"`
			Result  json.RawMessage `json:"result"`
			Error   string          `json:"error"`
			Message string          `json:"message"`
		}
		if err := wsjson.Read(ctx, b.connection, &answer); err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		switch {
		case answer.ID != b.last:
		case answer.Error != "":
			return fmt.Errorf("%s: %s: %s", method, answer.Error, answer.Message)
		case result == nil:
			return nil
		default:
			return json.Unmarshal(answer.Result, result)
		}
	}
}

func (b *bidi) begin(ctx context.Context) (Window, error) {
	capabilities := object{"alwaysMatch": object{"acceptInsecureCerts": true}}
	if err := b.call(ctx, "session.new", object{"capabilities": capabilities}, nil); err != nil {
		return nil, err
	}
	var tree struct {
		Contexts []struct {
			Context string `json:"context"`
		} `json:"contexts"`
	}
	if err := b.call(ctx, "browsingContext.getTree", object{}, &tree); err != nil {
		return nil, err
	}
	if len(tree.Contexts) == 0 {
		return b.tab(ctx)
	}
	return &firefoxTab{b, tree.Contexts[0].Context}, nil
}

func (b *bidi) tab(ctx context.Context) (Window, error) {
	var made struct {
		Context string `json:"context"`
	}
	err := b.call(ctx, "browsingContext.create", object{"type": "tab"}, &made)
	return &firefoxTab{b, made.Context}, err
}

type firefoxTab struct {
	*bidi
	context string
}

// Open implements Window.
func (f *firefoxTab) Open(ctx context.Context, address string) error {
	return f.call(ctx, "browsingContext.navigate", object{"context": f.context, "url": address, "wait": "complete"}, nil)
}

// Run implements Window.
func (f *firefoxTab) Run(ctx context.Context, expression string, value any) error {
	var answer struct {
		Result struct {
			Value string `json:"value"`
		} `json:"result"`
		Exception struct {
			Text string `json:"text"`
		} `json:"exceptionDetails"`
	}
	err := f.call(ctx, "script.evaluate", object{
		"expression": "Promise.resolve(" + expression + ").then(v => JSON.stringify(v ?? null))",
		"target":     object{"context": f.context}, "awaitPromise": true, "userActivation": true,
	}, &answer)
	if err != nil {
		return err
	}
	if answer.Exception.Text != "" {
		return fmt.Errorf("%s: %s", expression, answer.Exception.Text)
	}
	return json.Unmarshal([]byte(answer.Result.Value), value)
}

// Back implements Window.
func (f *firefoxTab) Back(ctx context.Context) error {
	return f.call(ctx, "browsingContext.traverseHistory", object{"context": f.context, "delta": -1}, nil)
}

// Resize implements Window.
func (f *firefoxTab) Resize(ctx context.Context, width, height int) error {
	return f.call(ctx, "browsingContext.setViewport", object{"context": f.context,
		"viewport": object{"width": width, "height": height}}, nil)
}

// Tab implements Window.
func (f *firefoxTab) Tab(ctx context.Context) (Window, error) { return f.tab(ctx) }
