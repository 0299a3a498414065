package session_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"hookandtag.example/shop/internal/session"
)

func TestARouteThatIsNotBehindTheHandlerSaysSo(t *testing.T) {
	t.Parallel()
	s := open(t)
	defer func() {
		if said := fmt.Sprint(recover()); !strings.Contains(said, "not wrapped by Manager.Handler") {
			t.Errorf("panic: got %q, want it to name Manager.Handler", said)
		}
	}()
	s.sessions.Owner(t.Context())
}

func TestTheSameCartIsKeptOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		id := s.sessions.Ref(r.Context())
		fmt.Fprint(w, id != 0, s.sessions.KeepRef(r.Context(), id))
	})
	if _, writes := s.sql.since(func() { visitor.get("/").wants(t, "true <nil>") }); writes != 0 {
		t.Errorf("%d writes, want none", writes)
	}
}

func TestAnExpiredSessionsCartMayBeExchangedForAnother(t *testing.T) {
	t.Parallel()
	s := open(t)
	visitor := s.anonymous()
	s.exec(`INSERT INTO carts (id) OVERRIDING SYSTEM VALUE VALUES (77)`)
	s.exec(`UPDATE sessions SET absolute_end = statement_timestamp()`)
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		s.sessions.Put(r.Context(), "a", "b")
		fmt.Fprint(w, s.sessions.KeepRef(r.Context(), 77))
	})
	visitor.get("/").wants(t, "<nil>")
	if n := s.count(`SELECT count(*) FROM sessions s WHERE live(s) AND cart_id = 77 AND data ? 'a'`); n != 1 {
		t.Errorf("got %d sessions with the other cart and the value, want 1", n)
	}
}

func TestNoCartIsKeptOnceTheAnswerHasLeft(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		fmt.Fprint(w, s.sessions.KeepRef(r.Context(), 1))
	})
	s.browser().get("/").wants(t, session.ErrAnswered.Error())
}

func TestALiveSessionKeepsItsFirstCart(t *testing.T) {
	t.Parallel()
	s := open(t)
	visitor := s.browser()
	visitor.post("/put", "key=a&value=b").wants(t, "cart=0 ")
	visitor.post("/cart", "")
	visitor.get("/").wants(t, "cart=1 ", "a=b")
}

func TestACustomersSessionTakesNoAnonymousCart(t *testing.T) { // ASVS 8.2.2
	t.Parallel()
	s := open(t)
	alice := s.signedIn("alice")
	a := alice.post("/cart", "")
	if a.status != http.StatusOK || !strings.Contains(a.body, "customer=alice cart=0 ") {
		t.Errorf("got %d %s, want alice's page without a cart", a.status, a.body)
	}
}

func TestFormTokenBelongsToOneSession(t *testing.T) { // NIST 800-63B 5.1
	t.Parallel()
	s := open(t)
	alice, bob := s.signedIn("alice"), s.signedIn("bob")
	token := alice.get("/form").body
	for _, c := range []struct {
		who  *browser
		form string
		want string
	}{{alice, token, "true"}, {bob, token, "false"}, {alice, "", "false"}, {alice, bob.get("/form").body, "false"},
		{s.anonymous(), "", "true"}} {
		c.who.post("/form", "form_token="+c.form).wants(t, c.want)
	}
	if visitors := s.anonymous().get("/form").body; visitors != "" {
		t.Errorf("a visitor's forms carry %q, want nothing", visitors)
	}
	alice.post("/signin", "who=alice")
	alice.post("/form", "form_token="+token).wants(t, "false")
}

func TestACartKeptBeforeASignOutIsForgottenWithIt(t *testing.T) {
	t.Parallel()
	s := open(t)
	visitor := s.browser()
	visitor.post("/put", "key=a&value=b")
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		kept := s.sessions.KeepRef(r.Context(), 7)
		before := s.sessions.Ref(r.Context())
		_, err := s.sessions.SignOut(r.Context())
		fmt.Fprint(w, kept, before, err, s.sessions.Ref(r.Context()))
	})
	if a, want := visitor.get("/"), "<nil> 7 <nil> 0"; a.body != want {
		t.Errorf("got %q, want %q", a.body, want)
	}
}
