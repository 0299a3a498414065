//go:build oidcprovider

// Package oidcprovider tries the whole shop against oidc-provider, a certified OpenID provider for
// Node, with the steps that it is tried with against every provider. It needs Node 20 or newer and,
// once, npm ci in this directory; the test starts and stops the provider itself:
//
//	(cd deploy/oidc-provider && npm ci)
//	go test -tags oidcprovider ./deploy/oidc-provider
package oidcprovider

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/interop"
	"hookandtag.example/shop/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func TestShopWithOIDCProvider(t *testing.T) {
	if _, err := os.Stat("node_modules"); err != nil {
		t.Fatal("run npm ci in deploy/oidc-provider first: ", err)
	}
	t.Run("by secret", func(t *testing.T) {
		interop.Run(t, func(t *testing.T, at interop.Place) interop.Provider { return start(t, at) })
	})
	t.Run("by key", func(t *testing.T) {
		interop.Run(t, func(t *testing.T, at interop.Place) interop.Provider {
			private, public := interop.ClientKey(t)
			p := start(t, at, "CLIENT_JWKS="+public)
			p.Client = []string{"OIDC_CLIENT_KEY=" + private}
			return p
		})
	})
}

// start starts the provider of server.js, with more in its environment.
func start(t *testing.T, at interop.Place, more ...string) interop.Provider {
	t.Helper()
	command := exec.Command("node", "server.js")
	command.Env = append(append(os.Environ(), more...), "ISSUER="+at.Provider, "ADDR=127.0.0.1:0",
		"OPERATOR_ADDR=127.0.0.1:0",
		"SHOP_URL="+at.Shop, "BACKCHANNEL_URL="+at.Backchannel, "STOP_WITH_INPUT=1")
	command.Stderr = t.Output()
	input, err := command.StdinPipe() // it ends with us, however we do
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		input.Close()
		if err := command.Wait(); err != nil {
			t.Errorf("the provider ended with %v", err)
		}
	})
	addresses := printed(t, output)
	o := operator{t, "http://" + addresses["operator"]}
	return interop.Provider{
		Issuer: at.Provider, Address: addresses["provider"], Email: "email", Confirm: url.Values{"logout": {"yes"}},
		RotateKeys:   func() { o.post("/keys/rotate", nil) },
		WithdrawKeys: func() { o.post("/keys/withdraw", nil) },
		EndSession:   func(sid string) { o.post("/sessions/end", url.Values{"sid": {sid}}) },
		EndCustomer:  func(email string) { o.post("/sessions/end", url.Values{"email": {email}}) },
	}
}

// printed reads the two addresses that the provider prints when it listens.
func printed(t *testing.T, output io.Reader) map[string]string {
	t.Helper()
	addresses := map[string]string{}
	lines := bufio.NewScanner(output)
	for len(addresses) < 2 && lines.Scan() {
		name, address, _ := strings.Cut(lines.Text(), " ")
		addresses[name] = address
	}
	if addresses["provider"] == "" || addresses["operator"] == "" {
		t.Fatalf("the provider did not start: %v", lines.Err())
	}
	return addresses
}

// operator does at the provider what only an operator can.
type operator struct {
	t       *testing.T
	address string
}

func (o operator) post(path string, query url.Values) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, o.address+path+"?"+query.Encode(), http.NoBody)
	if err != nil {
		o.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		o.t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK || string(text) == "0" {
		o.t.Fatalf("%s: %s %s", path, answer.Status, text)
	}
}
