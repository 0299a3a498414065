package app_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"hookandtag.example/shop/dev/interop"
)

// Two replicas share a database and keys and nothing else. Each test says which of them answers.
type replicas struct {
	*interop.Fixture
	a, b *interop.Shop
}

func twoReplicas(t *testing.T) replicas {
	t.Helper()
	w := interop.Open(t, developmentProvider)
	return replicas{w, w.Shop, w.Replica(interop.OldKey)}
}

func (r replicas) visitorAt(s *interop.Shop) *interop.Visitor {
	v := r.Visitor()
	v.Use(s)
	return v
}

func TestSessionBegunOnOneReplicaIsUsedOnTheOtherAndEndsOnBoth(t *testing.T) { // ASVS 7.4.1
	t.Parallel()
	r := twoReplicas(t)
	v := r.visitorAt(r.a)
	v.Add(interop.Thing)
	v.Use(r.b)
	if n := v.CartCount(); n != 1 {
		t.Errorf("%d things in the cart on the other replica, want 1", n)
	}
	v.Use(r.a)
	v.SignIn(interop.Alice, "/account")
	v.Use(r.b)
	v.Add(interop.Thing)
	if !v.SignedIn() || v.CartCount() != 2 {
		t.Errorf("on the other replica signed in: %t, %d things in the cart", v.SignedIn(), v.CartCount())
	}
	tag := v.Tag()
	v.Use(r.a)
	v.SignOut()
	for _, s := range []*interop.Shop{r.b, r.a} {
		if page := r.ask(s, "/account", "__Host-tag="+tag); page.StatusCode != http.StatusSeeOther {
			t.Errorf("the tag of the ended session gets %s at %s", page.Status, s.Addr)
		}
	}
}

func TestEndingOtherDevicesOnOneReplicaEndsThemOnTheOther(t *testing.T) { // ASVS 7.5.2
	t.Parallel()
	r := twoReplicas(t)
	laptop, phone := r.visitorAt(r.a), r.visitorAt(r.b)
	laptop.SignIn(interop.Alice, "/account")
	phone.SignIn(interop.Alice, "/account")
	laptop.Press("/account/devices", "/account/devices/end-others")
	if why := phone.EndedBy(); why != "revoked" {
		t.Errorf("reason: got %q, want revoked", why)
	}
}

func TestSignInBegunOnOneReplicaIsFinishedOnTheOther(t *testing.T) {
	t.Parallel()
	r := twoReplicas(t)
	v := r.visitorAt(r.a)
	v.Add(interop.Thing)
	callback := v.AuthenticateUpTo(v.Begin("/cart"), interop.Alice)
	v.Use(r.b)
	if page := v.Open(callback, ""); page.URL.Path != "/cart" || !v.SignedIn() || v.CartCount() != 1 {
		t.Errorf("arrives at %s (%d), signed in %t with %d things", page.URL, page.Status, v.SignedIn(), v.CartCount())
	}
	v.Use(r.a)
	if !v.SignedIn() {
		t.Error("not signed in on the replica where it began")
	}
}

func TestOneCallbackOnBothReplicasAtOnceMakesOneSession(t *testing.T) { // ASVS 15.4.2
	t.Parallel()
	r := twoReplicas(t)
	v := r.visitorAt(r.a)
	callback, err := url.Parse(v.AuthenticateUpTo(v.Begin("/account"), interop.Alice))
	must(t, err)
	var cookies []string
	for _, c := range v.Cookies(r.Place.Shop + "/auth/callback") {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	answers := make([]answered, 2)
	var both sync.WaitGroup
	for i, s := range []*interop.Shop{r.a, r.b} {
		both.Go(func() { answers[i] = r.ask(s, callback.RequestURI(), strings.Join(cookies, "; ")) })
	}
	both.Wait()
	tags := slices.DeleteFunc(append(answers[0].Cookies(), answers[1].Cookies()...),
		func(c *http.Cookie) bool { return c.Name != "__Host-tag" })
	if len(tags) != 1 || r.Count(`SELECT count(*) FROM sessions`) != 1 {
		t.Fatalf("%d tags and %d sessions, want one of each (%s, %s)", len(tags), r.Count(`SELECT count(*) FROM sessions`),
			answers[0].Status, answers[1].Status)
	}
	if all := answers[0].Header.Get("Location") + answers[1].Header.Get("Location"); !strings.Contains(all,
		"problem=attempt-repeated") {
		t.Errorf("the second is not answered as one, or its code went to the provider: %s, %s", answers[0].Status,
			answers[1].Status)
	}
	for _, s := range []*interop.Shop{r.a, r.b} {
		if page := r.ask(s, "/account", "__Host-tag="+tags[0].Value); page.StatusCode != http.StatusOK {
			t.Errorf("the one tag gets %s at %s", page.Status, s.Addr)
		}
	}
}

func TestLogoutToldToOneReplicaEndsTheSessionUsedOnTheOther(t *testing.T) { // OIDC Back-Channel Logout 1.0
	t.Parallel()
	r := twoReplicas(t) // logout tokens go to the first
	laptop, phone := r.visitorAt(r.b), r.visitorAt(r.b)
	laptop.SignIn(interop.Alice, "/account")
	phone.SignIn(interop.Alice, "/account")
	r.Provider.EndSession(laptop.SID())
	if why := laptop.EndedBy(); why != "back_channel" {
		t.Errorf("reason: got %q, want back_channel", why)
	}
	if !phone.SignedIn() {
		t.Error("another session is out, too")
	}
}

func TestLogoutTokenCountsOnceOverAllReplicas(t *testing.T) { // Back-Channel Logout 1.0, 2.6
	t.Parallel()
	r := twoReplicas(t)
	v := r.visitorAt(r.b)
	v.SignIn(interop.Alice, "/account")
	r.Provider.EndSession(v.SID())
	token := r.LastLogoutToken()
	if token == "" {
		t.Fatal("no logout token came")
	}
	for _, s := range []*interop.Shop{r.b, r.a} {
		answer, err := http.PostForm("http://"+s.Addr+"/auth/backchannel-logout", url.Values{"logout_token": {token}})
		must(t, err)
		answer.Body.Close()
		if answer.StatusCode != http.StatusBadRequest {
			t.Errorf("the same token again gets %s at %s", answer.Status, s.Addr)
		}
	}
}

func TestStepUpBegunOnOneReplicaIsFinishedOnTheOther(t *testing.T) { // ASVS 7.5.3
	t.Parallel()
	r := twoReplicas(t)
	v, phone := r.visitorAt(r.a), r.visitorAt(r.b)
	v.SignIn(interop.Alice, "/account")
	phone.SignIn(interop.Alice, "/account")
	r.Change(`UPDATE sessions SET auth_time = auth_time - interval '6 minutes'`)
	asks := v.Press("/account/devices", "/account/devices/end-others")
	callback := v.AuthenticateUpTo(asks.SubmitTo("/login", nil, r.Place.Provider), interop.Alice)
	v.Use(r.b)
	page := v.Open(callback, "")
	if page.URL.Path != "/resume" || !phone.SignedIn() {
		t.Fatalf("arrives at %s (%d), the phone signed in: %t", page.URL, page.Status, phone.SignedIn())
	}
	page.SubmitTo("/account/devices/end-others", nil, "")
	phone.Use(r.a)
	if why := phone.EndedBy(); why != "revoked" {
		t.Errorf("reason: got %q, want revoked", why)
	}
}

type answered struct {
	*http.Response
	text string
}

// ask sends a GET to a replica, as a browser at the shop's address does, and follows nothing.
func (r replicas) ask(s *interop.Shop, path, cookies string) answered {
	r.Helper()
	request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://"+s.Addr+path, http.NoBody)
	must(r.T, err)
	request.Host = strings.TrimPrefix(r.Place.Shop, "http://")
	request.Header.Set("Cookie", cookies)
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		r.Error(err)
		return answered{Response: &http.Response{}}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		r.Error(err)
	}
	return answered{answer, string(text)}
}
