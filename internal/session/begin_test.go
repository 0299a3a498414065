package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
)

// beginWith makes every route begin a session with a record that insert writes.
func beginWith(s *site, insert session.Insert) {
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		err := s.sessions.Begin(r.Context(), insert)
		fmt.Fprint(w, s.sessions.Ref(r.Context()), " ", err)
	})
}

func TestASessionBeginsWithItsFirstRecordInOneTransaction(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.exec(`INSERT INTO products (sku, slug, name, room, summary, description, silhouette, weave, tone, price, stock)
		VALUES ('ONE', 'one', 'One', 'hats', '', '', 'hat', 'plain', 'felt', 100, 1000)`)
	store := postgres.New(s.pool)
	beginWith(s, func(ctx context.Context, n session.NewRecord) (int64, error) {
		id, _, err := store.AddFirstLine(ctx, n, "ONE", 1)
		return id, err
	})
	b := s.browser()
	b.get("/").wants(t, "1 <nil>")
	if n := s.count(`SELECT count(*) FROM sessions s JOIN carts c ON c.id = s.cart_id`); n != 1 {
		t.Errorf("got %d sessions with a cart, want 1", n)
	}
	b.get("/").wants(t, "1 "+session.ErrBegun.Error()) // the browser has the tag, and the session its cart
}

func TestASessionDoesNotBeginWhenItsFirstRecordIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	refused := errors.New("refused")
	beginWith(s, func(context.Context, session.NewRecord) (int64, error) { return 0, refused })
	b := s.browser()
	b.get("/").wants(t, "0 refused")
	if n := s.count(`SELECT count(*) FROM sessions`); n != 0 || b.tag != "" {
		t.Errorf("got %d sessions and the tag %q, want none", n, b.tag)
	}
}

func TestNoSessionBeginsWhereARequestMayNotWrite(t *testing.T) { // ASVS 7.3.1
	t.Parallel()
	s := open(t)
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		s.sessions.Passive(r.Context())
		fmt.Fprint(w, s.sessions.Begin(r.Context(), func(context.Context, session.NewRecord) (int64, error) {
			t.Error("a row was written")
			return 0, nil
		}))
	})
	s.browser().get("/").wants(t, session.ErrReadOnly.Error())
}
