package rogue

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

func (p *Provider) serveDiscovery(w http.ResponseWriter, s Script) {
	document := map[string]any{
		"issuer":                                         p.Issuer,
		"authorization_endpoint":                         p.Issuer + AuthorizePath,
		"token_endpoint":                                 p.Issuer + TokenPath,
		"userinfo_endpoint":                              p.Issuer + UserInfoPath,
		"end_session_endpoint":                           p.Issuer + EndSessionPath,
		"jwks_uri":                                       p.Issuer + KeysPath,
		"response_types_supported":                       []string{"code"},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"RS256"},
		"code_challenge_methods_supported":               []string{"S256"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic"},
		"authorization_response_iss_parameter_supported": true,
		"backchannel_logout_supported":                   true,
		"backchannel_logout_session_supported":           true,
	}
	if p.ClientKeys != nil {
		document["token_endpoint_auth_methods_supported"] = []string{"private_key_jwt"}
	}
	if p.SecretInForm {
		document["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
	}
	if s.Algorithm != "" {
		document["id_token_signing_alg_values_supported"] = []string{s.Algorithm}
	}
	change(s.Discovery, document)
	writeText(w, document, s.Text[DiscoveryPath])
}

func (p *Provider) serveKeys(w http.ResponseWriter, s Script) {
	p.mu.Lock()
	document := keySet(p.keys)
	p.mu.Unlock()
	change(s.Keys, document)
	writeText(w, document, s.Text[KeysPath])
}

// serveAuthorize signs the visitor in and sends them back, if the request is one that a careful
// client makes.
func (p *Provider) serveAuthorize(w http.ResponseWriter, r *http.Request, s Script) {
	query := r.URL.Query()
	back, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || query.Get("client_id") != ClientID || !p.redirects(query.Get("redirect_uri")) {
		http.Error(w, "unknown client or redirect_uri", http.StatusBadRequest)
		return
	}
	for name, want := range map[string]string{"response_type": "code", "code_challenge_method": "S256"} {
		if query.Get(name) != want {
			http.Error(w, name+" must be "+want, http.StatusBadRequest)
			return
		}
	}
	if !strings.Contains(" "+query.Get("scope")+" ", " openid ") || len(query.Get("code_challenge")) != 43 ||
		query.Get("state") == "" {
		http.Error(w, "scope openid, code_challenge and state are needed", http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {query.Get("state")}, "iss": {p.Issuer}, "code": {p.grant(query, s)}}
	if s.Response != nil {
		s.Response(answer)
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

func (p *Provider) grant(query url.Values, s Script) (code string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessions++
	code = rand.Text()
	p.codes[code] = &grant{query: query, subject: cmp.Or(s.Subject, "alice"), sid: fmt.Sprintf("sid-%d", p.sessions),
		auth: p.now().Add(-s.Age)}
	return code
}

// serveToken changes a code for tokens, once, if client, redirect URI and PKCE verifier are right.
func (p *Provider) serveToken(w http.ResponseWriter, r *http.Request, s Script) {
	if !p.isClient(r) {
		writeJSON(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	}
	p.mu.Lock()
	g := p.codes[r.PostForm.Get("code")]
	delete(p.codes, r.PostForm.Get("code"))
	p.mu.Unlock()
	if g == nil || r.PostForm.Get("grant_type") != "authorization_code" ||
		r.PostForm.Get("redirect_uri") != g.query.Get("redirect_uri") ||
		oauth2.S256ChallengeFromVerifier(r.PostForm.Get("code_verifier")) != g.query.Get("code_challenge") {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	access := rand.Text()
	p.mu.Lock()
	p.access[access] = g
	p.mu.Unlock()
	answer := map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 300,
		"id_token": p.idToken(g, access, s)}
	change(s.Token, answer)
	writeJSON(w, http.StatusOK, answer)
}

func (p *Provider) serveUserInfo(w http.ResponseWriter, r *http.Request, s Script) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	p.mu.Lock()
	g := p.access[token]
	p.mu.Unlock()
	if g == nil {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		writeJSON(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token"})
		return
	}
	claims := person(g.subject)
	claims["sub"] = g.subject
	change(s.UserInfo, claims)
	if !s.JWTInfo {
		writeText(w, claims, s.Text[UserInfoPath])
		return
	}
	header := p.header("JWT", s)
	change(s.Header, header)
	w.Header().Set("Content-Type", "application/jwt")
	io.WriteString(w, p.sign(s, header, claims))
}

func (p *Provider) serveEndSession(w http.ResponseWriter, r *http.Request) {
	back, err := url.Parse(r.URL.Query().Get("post_logout_redirect_uri"))
	if err != nil || r.URL.Query().Get("id_token_hint") == "" {
		http.Error(w, "id_token_hint and post_logout_redirect_uri are needed", http.StatusBadRequest)
		return
	}
	if state := r.URL.Query().Get("state"); state != "" {
		back.RawQuery = url.Values{"state": {state}}.Encode()
	}
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// idToken makes the ID token of a grant.
func (p *Provider) idToken(g *grant, access string, s Script) string {
	if s.Instead != "" {
		return s.Instead
	}
	now := p.now()
	claims := map[string]any{
		"iss": p.Issuer, "sub": g.subject, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"auth_time": g.auth.Unix(), "nonce": g.query.Get("nonce"), "sid": g.sid, "at_hash": accessHash(access, s.Algorithm),
	}
	if !s.Thin {
		maps.Copy(claims, person(g.subject))
	}
	if acr := g.query.Get("acr_values"); acr != "" {
		claims["acr"], _, _ = strings.Cut(acr, " ")
	}
	header := p.header("JWT", s)
	change(s.Header, header)
	change(s.Claims, claims)
	return p.sign(s, header, claims)
}

// accessHash is the at_hash of an access token. // OIDC Core 3.1.3.6
func accessHash(access, algorithm string) string {
	h := sha256.New()
	switch algorithm {
	case "ES384":
		h = sha512.New384()
	case "EdDSA":
		h = sha512.New()
	}
	h.Write([]byte(access))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:h.Size()/2])
}

func person(subject string) map[string]any {
	return map[string]any{"name": strings.ToUpper(subject[:1]) + subject[1:], "email": subject + "@example.test",
		"email_verified": true}
}

func change(f func(map[string]any), m map[string]any) {
	if f != nil {
		f(m)
	}
}

func writeText(w http.ResponseWriter, document map[string]any, change func(string) string) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(payload(document, change))
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value)
}
