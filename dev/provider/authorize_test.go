package provider_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/provider/providertest"
)

func TestMetadataAnnouncesWhatIsThereAndNothingElse(t *testing.T) {
	t.Parallel()
	got := newWorld(t).rp.Metadata
	if !got.IssParameter || !got.Backchannel || !got.BackchannelSession || got.EndSession == "" {
		t.Errorf("not announced: %+v", got)
	}
	for what, list := range map[string][]string{
		"code":                got.ResponseTypes,
		"authorization_code":  got.GrantTypes,
		"S256":                got.CodeChallengeMethods,
		"client_secret_basic": got.TokenAuthMethods,
	} {
		if !slices.Equal(list, []string{what}) {
			t.Errorf("announces %v, want %s alone", list, what)
		}
	}
	if got.RevocationEndpoint != "" || got.IntrospectionEndpoint != "" {
		t.Errorf("announces endpoints that are not there: %+v", got)
	}
}

// Each of these is answered at the client, with state and iss.
func TestInvalidRequestIsToldToTheClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, test := range map[string]struct {
		change url.Values // an empty value takes the parameter away
		want   string
	}{
		"no PKCE":                {url.Values{"code_challenge": {""}, "code_challenge_method": {""}}, "invalid_request"},
		"PKCE without challenge": {url.Values{"code_challenge": {""}}, "invalid_request"},
		"plain PKCE":             {url.Values{"code_challenge_method": {"plain"}}, "invalid_request"},
		"PKCE without method":    {url.Values{"code_challenge_method": {""}}, "invalid_request"},
		"unknown PKCE method":    {url.Values{"code_challenge_method": {"S512"}}, "invalid_request"},
		"no scope":               {url.Values{"scope": {""}}, "invalid_scope"},
		"scope without openid": {
			url.Values{"scope": {"profile"}}, "invalid_scope"},
		"implicit flow":    {url.Values{"response_type": {"id_token"}}, "unsupported_response_type"},
		"fragment":         {url.Values{"response_mode": {"fragment"}}, "invalid_request"},
		"form_post":        {url.Values{"response_mode": {"form_post"}}, "invalid_request"},
		"none and login":   {url.Values{"prompt": {"none login"}}, "invalid_request"},
		"request object":   {url.Values{"request": {"e30.e30."}}, "request_not_supported"},
		"foreign id token": {url.Values{"id_token_hint": {"e30.e30.e30"}}, "login_required"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			attempt := w.rp.Attempt()
			(&world{T: t, rp: w.rp}).refused(attempt,
				providertest.NewBrowser(t).Open(changed(t, attempt.Address, test.change), callback), test.want)
		})
	}
}

// These must never leave the provider: the address is not the client's, or nobody's.
func TestUnregisteredCallbackIsNeverFollowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, change := range map[string]url.Values{
		"other host":           {"redirect_uri": {"http://evil.example/auth/callback"}},
		"other path":           {"redirect_uri": {callback + "/x"}},
		"with a query":         {"redirect_uri": {callback + "?x=1"}},
		"other port":           {"redirect_uri": {"http://localhost:8081/auth/callback"}},
		"missing":              {"redirect_uri": {""}},
		"unknown client":       {"client_id": {"shop2"}},
		"missing client":       {"client_id": {""}},
		"max_age not a number": {"max_age": {"soon"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := providertest.NewBrowser(t).Open(changed(t, w.rp.Attempt().Address, change), "http://evil.example")
			if page.Status != http.StatusBadRequest || !strings.Contains(page.Body, "<h1>") {
				t.Errorf("%d at %s:\n%s", page.Status, page.URL, page.Body)
			}
		})
	}
}

func TestRequestMayBePosted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attempt := w.rp.Attempt()
	address, query, _ := strings.Cut(attempt.Address, "?")
	response, err := providertest.Client().Post(address, "application/x-www-form-urlencoded", strings.NewReader(query))
	must(t, err)
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Request.URL.Path != "/login" {
		t.Errorf("%s at %s", response.Status, response.Request.URL)
	}
}

func TestLoginHintIsFilledIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attempt := w.rp.Attempt(providertest.Param("login_hint", bob))
	page := w.browser.Open(attempt.Address, callback)
	got := w.finish(attempt, page.Submit(url.Values{"password": {"password"}}, callback))
	if got.Email != bob {
		t.Errorf("%s signed in", got.Email)
	}
}

func changed(t *testing.T, address string, change url.Values) string {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	query := u.Query()
	for name, value := range change {
		query[name] = value
		if value[0] == "" {
			query.Del(name)
		}
	}
	u.RawQuery = query.Encode()
	return u.String()
}
