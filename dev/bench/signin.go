package bench

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// What every shop is at the provider.
const (
	clientID     = "bench"
	clientSecret = "only for the benchmark, and only on this machine"
)

// provider is an OpenID provider that knows everybody and asks nothing. It has no page: the sender
// makes the code, of the nonce and the customer's number.
type provider struct {
	issuer string
	key    *ecdsa.PrivateKey
	signer jose.Signer
	server http.Server
}

func startProvider(ctx context.Context) (p *provider, err error) {
	p = &provider{}
	if p.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	key := jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: p.key, KeyID: "bench"}}
	if p.signer, err = jose.NewSigner(key, nil); err != nil {
		return nil, err
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p.issuer = "http://" + l.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("POST /token", p.token)
	p.server.Handler = mux
	go func() { _ = p.server.Serve(l) }() // until stop
	return p, nil
}

func (p *provider) stop() { _ = p.server.Close() }

func (p *provider) discovery(w http.ResponseWriter, _ *http.Request) {
	respond(w, map[string]any{
		"issuer": p.issuer, "jwks_uri": p.issuer + "/keys", "token_endpoint": p.issuer + "/token",
		"authorization_endpoint": p.issuer + "/authorize", "response_types_supported": []string{"code"},
		"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"ES256"},
		"code_challenge_methods_supported": []string{"S256"},
	})
}

func (p *provider) keys(w http.ResponseWriter, _ *http.Request) {
	key := jose.JSONWebKey{Key: p.key.Public(), KeyID: "bench", Algorithm: string(jose.ES256), Use: "sig"}
	respond(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}})
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	nonce, customer, _ := strings.Cut(r.PostFormValue("code"), ".")
	now := time.Now().Unix()
	token, err := jwt.Signed(p.signer).Claims(map[string]any{
		"iss": p.issuer, "sub": customer, "aud": clientID, "exp": now + 300, "iat": now, "auth_time": now, "nonce": nonce,
	}).Serialize()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	respond(w, map[string]any{"access_token": "none", "token_type": "Bearer", "expires_in": 300, "id_token": token})
}

func respond(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// customersEach is how many customers each connection signs in, in turn.
const customersEach = 100

// signIns returns the step of a sign-in without a cart: the form, and the provider's callback.
func signIns(addr string, connections int) step {
	begin := newRequest("POST", addr, "/login", "", []byte("return_to=%2F"), 0)
	turn := make([]int, connections)
	return func(c *connection, i int) error {
		a, err := c.do(begin)
		if err != nil {
			return err
		}
		to, err := a.toProvider()
		if err != nil {
			return err
		}
		turn[i]++
		customer := strconv.Itoa(i*customersEach + turn[i]%customersEach)
		back := url.Values{"code": {to.Get("nonce") + "." + customer}, "state": {to.Get("state")}}
		a, err = c.do(newRequest("GET", addr, "/auth/callback?"+back.Encode(), a.cookie, nil, http.StatusSeeOther))
		if err == nil && a.location != "/" {
			err = fmt.Errorf("a sign-in led to %q, want /", a.location)
		}
		return err
	}
}

var refresh = regexp.MustCompile(`content="0;url=([^"]+)"`)

// toProvider returns the parameters that a redirect or a refresh brings to the provider.
func (a answer) toProvider() (url.Values, error) {
	to := a.location
	if found := refresh.FindSubmatch(a.body); found != nil {
		to = html.UnescapeString(string(found[1]))
	}
	u, err := url.Parse(to)
	if err != nil || u.Query().Get("state") == "" {
		return nil, fmt.Errorf("answer %d leads to %q, no provider: %w", a.status, to, err)
	}
	return u.Query(), nil
}
