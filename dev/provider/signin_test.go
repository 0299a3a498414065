package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hookandtag.example/shop/dev/provider/providertest"
)

func TestSignInTellsTheShopWhoItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attempt := w.rp.Attempt()
	page := w.browser.Open(attempt.Address, callback)
	for _, shown := range []string{alice, bob, "<code>password</code>"} {
		if !strings.Contains(page.Body, shown) {
			t.Errorf("the login page does not show %s", shown)
		}
	}
	got := w.finish(attempt, page.Submit(credentials(alice), callback))
	if got.Name != "Alice Ambrose" || got.Email != alice || !got.EmailVerified || got.Azp != "shop" {
		t.Errorf("ID token says %+v", got)
	}
	if got.Subject == "" || got.SID == "" || got.AuthTime != w.clock.Now().Unix() {
		t.Errorf("sub %q, sid %q, auth_time %d", got.Subject, got.SID, got.AuthTime)
	}
	if got.Token.RefreshToken != "" {
		t.Error("got a refresh token")
	}
	info, err := w.rp.Provider.UserInfo(w.rp.Context, w.rp.OAuth.TokenSource(w.rp.Context, got.Token))
	must(t, err)
	if info.Subject != got.Subject || info.Email != alice || !info.EmailVerified {
		t.Errorf("userinfo says %+v", info)
	}
}

func TestScopesLimitTheClaims(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rp.OAuth.Scopes = []string{"openid", "offline_access"}
	got := w.signIn(w.browser, alice)
	if got.Name != "" || got.Email != "" || got.Token.RefreshToken != "" {
		t.Errorf("openid alone: got %+v", got)
	}
	if granted := got.Token.Extra("scope"); granted != "openid" {
		t.Errorf("granted %v", granted)
	}
}

func TestWrongPasswordShowsTheFormAgain(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]url.Values{
		"wrong password": {"email": {alice}, "password": {"Password"}},
		"unknown person": {"email": {"mallory@example.test"}, "password": {"password"}},
		"nothing":        {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			attempt := w.rp.Attempt()
			page := w.browser.Open(attempt.Address, callback).Submit(wrong, callback)
			if page.Status != http.StatusUnprocessableEntity || !strings.Contains(page.Body, `role="alert"`) {
				t.Fatalf("status %d:\n%s", page.Status, page.Body)
			}
			if len(w.browser.Cookies(w.issuer)) != 0 {
				t.Error("a failed sign-in set a cookie")
			}
			w.finish(attempt, page.Submit(credentials(alice), callback))
		})
	}
}

func TestCancelIsAccessDenied(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attempt := w.rp.Attempt()
	page := w.browser.Open(attempt.Address, callback)
	w.refused(attempt, page.Submit(url.Values{"action": {"cancel"}}, callback), "access_denied")

	again := page.Submit(credentials(alice), callback)
	if again.Status != http.StatusBadRequest {
		t.Errorf("a cancelled request was answered with %d", again.Status)
	}
}

func TestRequestExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := w.browser.Open(w.rp.Attempt().Address, callback)
	w.clock.pass(10 * time.Minute)
	if late := page.Submit(credentials(alice), callback); late.Status != http.StatusBadRequest {
		t.Errorf("a ten minutes old request was answered with %d", late.Status)
	}
}

func TestSecondSignInAsksNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.signIn(w.browser, alice)
	w.clock.pass(time.Hour)
	attempt := w.rp.Attempt(providertest.Param("max_age", "3600"))
	second := w.finish(attempt, w.browser.Open(attempt.Address, callback))
	if second.SID != first.SID || second.AuthTime != first.AuthTime || second.Subject != first.Subject {
		t.Errorf("single sign-on changed %+v to %+v", first, second)
	}
}

func TestPasswordIsAskedAgain(t *testing.T) {
	t.Parallel()
	for name, param := range map[string][2]string{
		"prompt=login":   {"prompt", "login"},
		"select_account": {"prompt", "select_account"},
		"max_age=0":      {"max_age", "0"},
		"max_age passed": {"max_age", "59"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			first := w.signIn(w.browser, alice)
			before := w.browser.Cookies(w.issuer)[0].Value
			w.clock.pass(time.Minute)
			attempt := w.rp.Attempt(providertest.Param(param[0], param[1]))
			page := w.browser.Open(attempt.Address, callback)
			if page.Status != http.StatusOK || !strings.Contains(page.Body, alice) {
				t.Fatalf("no login page: %d at %s", page.Status, page.URL)
			}
			again := w.finish(attempt, page.Submit(credentials(alice), callback))
			if again.SID != first.SID {
				t.Error("the same person's session got another sid")
			}
			if again.AuthTime != first.AuthTime+60 {
				t.Errorf("auth_time moved by %d s, want 60", again.AuthTime-first.AuthTime)
			}
			if w.browser.Cookies(w.issuer)[0].Value == before {
				t.Error("the cookie stayed the same")
			}
		})
	}
}

func TestPromptNoneShowsNoPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	none := providertest.Param("prompt", "none")
	attempt := w.rp.Attempt(none)
	w.refused(attempt, w.browser.Open(attempt.Address, callback), "login_required")

	first := w.signIn(w.browser, alice)
	attempt = w.rp.Attempt(none)
	if got := w.finish(attempt, w.browser.Open(attempt.Address, callback)); got.SID != first.SID {
		t.Error("prompt=none with a session gave another one")
	}
	w.clock.pass(time.Minute)
	attempt = w.rp.Attempt(none, providertest.Param("max_age", "30"))
	w.refused(attempt, w.browser.Open(attempt.Address, callback), "login_required")
}

func TestHintedPersonMustBeTheOneToSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hint := providertest.Param("id_token_hint", w.signIn(w.browser, alice).IDToken)
	w.signIn(w.browser, bob)

	attempt := w.rp.Attempt(hint, providertest.Param("prompt", "none"))
	w.refused(attempt, w.browser.Open(attempt.Address, callback), "login_required")

	attempt = w.rp.Attempt(hint)
	page := w.browser.Open(attempt.Address, callback).Submit(credentials(bob), callback)
	if page.Status != http.StatusUnprocessableEntity {
		t.Fatalf("bob answered for alice: %d at %s", page.Status, page.URL)
	}
	if got := w.finish(attempt, page.Submit(credentials(alice), callback)); got.Email != alice {
		t.Errorf("%s signed in", got.Email)
	}
}

func TestSessionAtTheProviderExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.signIn(w.browser, alice)
	w.clock.pass(8 * time.Hour)
	attempt := w.rp.Attempt()
	page := w.browser.Open(attempt.Address, callback)
	if page.Status != http.StatusOK {
		t.Fatalf("signed in without asking at %s", page.URL)
	}
	if got := w.finish(attempt, page.Submit(credentials(alice), callback)); got.SID == first.SID {
		t.Error("an expired session came back")
	}
}
