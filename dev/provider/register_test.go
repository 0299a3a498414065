package provider_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hookandtag.example/shop/dev/provider/providertest"
)

const carol = "carol@example.test"

func registration(name, email, password string) url.Values {
	return url.Values{"name": {name}, "email": {email}, "password": {password}, "action": {"create"}}
}

// asksForAnAccount opens an attempt with prompt=create.
func (w *world) asksForAnAccount() (providertest.Attempt, *providertest.Page) {
	w.Helper()
	attempt := w.rp.Attempt(providertest.Param("prompt", "create"))
	return attempt, w.browser.Open(attempt.Address, callback)
}

// OIDC Prompt Create 1.0 4.1, 4.2
func TestAStrangerRegistersAndComesStraightBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var announced struct {
		Prompts []string `json:"prompt_values_supported"`
	}
	if err := w.rp.Provider.Claims(&announced); err != nil || !slices.Contains(announced.Prompts, "create") {
		t.Errorf("discovery announces %q (%v), want create among them", announced.Prompts, err)
	}
	attempt, page := w.asksForAnAccount()
	if page.Status != http.StatusOK || !strings.Contains(page.Body, "No e-mail is sent") {
		t.Fatalf("got %d, want the registration, which says that no e-mail is sent:\n%s", page.Status, page.Body)
	}
	got := w.finish(attempt, page.Submit(registration(" Carol Cole ", " Carol@Example.test", "correct horse"), callback))
	if got.Name != "Carol Cole" || got.Email != carol || got.EmailVerified || got.Subject == "" {
		t.Errorf("ID token says %+v, want Carol Cole with an address nobody has verified", got)
	}
	if got.AuthTime != w.clock.Now().Unix() {
		t.Errorf("auth_time is %d, want now", got.AuthTime)
	}
	info, err := w.rp.Provider.UserInfo(w.rp.Context, w.rp.OAuth.TokenSource(w.rp.Context, got.Token))
	if err != nil || info.Subject != got.Subject || info.Email != carol || info.EmailVerified {
		t.Errorf("userinfo says %+v, %v", info, err)
	}

	w.browser = providertest.NewBrowser(t)
	attempt = w.rp.Attempt()
	page = w.browser.Open(attempt.Address, callback)
	wrong := page.Submit(credentials(carol), callback) // the demo customers' password
	if wrong.Status != http.StatusUnprocessableEntity {
		t.Fatalf("the demo password of a registered person: got %d, want 422", wrong.Status)
	}
	right := url.Values{"email": {"CAROL@example.test"}, "password": {"correct horse"}}
	again := w.finish(attempt, page.Submit(right, callback))
	if again.Subject != got.Subject {
		t.Errorf("a second sign-in is of %q, want %q", again.Subject, got.Subject)
	}
}

// The browser drops the first answer of two and follows the second.
func TestAPressMadeTwiceIsAnsweredTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attempt, page := w.asksForAnAccount()
	for range 2 {
		page.Submit(registration("Carol Cole", carol, "correct horse"), callback)
	}
	got := w.finish(attempt, page.Submit(registration("Carol Cole", carol, "correct horse"), callback))
	if got.Name != "Carol Cole" {
		t.Errorf("signed in: got %+v, want Carol Cole", got)
	}
	_, page = w.asksForAnAccount()
	other := page.Submit(registration("Carol Cole", carol, "another horse"), callback)
	if other.Status != http.StatusUnprocessableEntity {
		t.Errorf("an address that is taken, with another password: got %d at %s, want 422", other.Status, other.URL)
	}
	w.browser = providertest.NewBrowser(t)
	attempt = w.rp.Attempt()
	page = w.browser.Open(attempt.Address, callback)
	page.Submit(credentials(alice), callback)
	w.finish(attempt, page.Submit(credentials(alice), callback))
}

func TestARegistrationIsCheckedAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, page := w.asksForAnAccount()
	for name, c := range map[string]struct {
		form  url.Values
		field string
	}{
		"no name":            {registration("", carol, "long enough"), "name"},
		"a name of lines":    {registration("Carol\nCole", carol, "long enough"), "name"},
		"no UTF-8":           {registration("Carol\xff", carol, "long enough"), "name"},
		"an endless name":    {registration(strings.Repeat("ä", 101), carol, "long enough"), "name"},
		"no address":         {registration("Carol", "", "long enough"), "email"},
		"half an address":    {registration("Carol", "carol@", "long enough"), "email"},
		"a name with it":     {registration("Carol", "C <carol@example.test>", "long enough"), "email"},
		"two addresses":      {registration("Carol", "a@example.test, b@example.test", "long enough"), "email"},
		"an endless one":     {registration("Carol", strings.Repeat("x", 250)+"@example.test", "long enough"), "email"},
		"one that is taken":  {registration("Carol", "Alice@example.test", "long enough"), "email"},
		"a short password":   {registration("Carol", carol, "7 chars"), "password"},
		"an endless one too": {registration("Carol", carol, strings.Repeat("x", 201)), "password"},
	} {
		got := page.Submit(c.form, callback)
		if got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, `id="`+c.field+`-problem"`) ||
			strings.Count(got.Body, `-problem">`) != 1 || !strings.Contains(got.Body, "<title>Error: ") {
			t.Errorf("%s: got %d, want 422 with the problem at %s:\n%s", name, got.Status, c.field, got.Body)
		}
		if c.field != "name" && !strings.Contains(got.Body, `value="Carol"`) {
			t.Errorf("%s: the name is not kept:\n%s", name, got.Body)
		}
		if strings.Contains(got.Body, c.form.Get("password")) {
			t.Errorf("%s: the page shows the password", name)
		}
	}
	if done := page.Submit(registration("Carol", carol, "long enough"), callback); done.Status != 0 {
		t.Errorf("the same request afterwards: got %d at %s, want the callback", done.Status, done.URL)
	}
}

func TestAStrangerFindsTheRegistrationOnTheLoginPageAndBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attempt := w.rp.Attempt()
	login := w.browser.Open(attempt.Address, callback)
	request := login.URL.Query().Get("request")
	if !strings.Contains(login.Body, `href="/register?request=`+request+`"`) {
		t.Fatalf("the login page leads to no registration:\n%s", login.Body)
	}
	register := w.browser.Open(w.issuer+"/register?request="+request, callback)
	if !strings.Contains(register.Body, `href="/login?request=`+request+`&amp;known=1"`) {
		t.Fatalf("the registration does not lead back:\n%s", register.Body)
	}
	if back := w.browser.Open(w.issuer+"/login?known=1&request="+request, callback); back.Status != http.StatusOK {
		t.Errorf("back at the login page: %d", back.Status)
	}
	w.finish(attempt, register.Submit(registration("Carol", carol, "long enough"), callback))
	used := register.Submit(registration("Carol", carol, "long enough"), callback)
	if used.Status != http.StatusBadRequest {
		t.Errorf("the same page again: got %d, want 400", used.Status)
	}
}

// Somebody is signed in at the provider already: a new account is asked for all the same, and the
// one before is signed out.
func TestARegistrationIsNotAnsweredByTheSessionOfAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.signIn(w.browser, alice)
	attempt, page := w.asksForAnAccount()
	if page.Status != http.StatusOK || !strings.Contains(page.Body, "Create an account") {
		t.Fatalf("got %d at %s, want the registration", page.Status, page.URL)
	}
	got := w.finish(attempt, page.Submit(registration("Carol", carol, "long enough"), callback))
	if got.Subject == before.Subject {
		t.Error("the new account is the one before")
	}
	if out := w.verifyLogout(<-w.logout); out.SessionID != before.SID {
		t.Errorf("session %q has ended, want %q", out.SessionID, before.SID)
	}
}

// Who has to sign in as somebody known makes no account instead.
func TestAReauthenticationLeadsToNoRegistration(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.signIn(w.browser, alice)
	attempt := w.rp.Attempt(providertest.Param("prompt", "login"), providertest.Param("id_token_hint", got.IDToken))
	login := w.browser.Open(attempt.Address, callback)
	request := login.URL.Query().Get("request")
	if page := w.browser.Open(w.issuer+"/register?request="+request, callback); page.URL.Path != "/login" {
		t.Errorf("the registration: got %d at %s, want the login page", page.Status, page.URL)
	}
	form := registration("Carol", carol, "long enough")
	form.Set("request", request)
	client := providertest.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.PostForm(w.issuer+"/register", form)
	must(t, err)
	answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest || len(answer.Cookies()) > 0 {
		t.Errorf("a posted registration: got %s with %v, want 400 and no cookie", answer.Status, answer.Cookies())
	}
}

func TestTurningBackFromTheRegistrationEndsTheRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attempt, page := w.asksForAnAccount()
	w.refused(attempt, page.Submit(url.Values{"action": {"cancel"}}, callback), "access_denied")
	again := page.Submit(registration("Carol", carol, "long enough"), callback)
	if again.Status != http.StatusBadRequest {
		t.Errorf("the same page afterwards: got %d at %s, want 400", again.Status, again.URL)
	}
}
