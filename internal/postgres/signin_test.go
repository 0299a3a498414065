package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hookandtag.example/shop/internal/cart"
	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/postgres"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

var (
	anonymousID = session.ID{1}
	signedInID  = session.ID{2}
)

// annSignsIn is a sign-in of ann from the anonymous session.
func annSignsIn() session.SignInRecord {
	return session.SignInRecord{
		NewRecord: session.NewRecord{ID: signedInID, Handle: "new", LogID: "new", Data: []byte(`{}`), Idle: time.Hour,
			Absolute: time.Hour},
		Old: anonymousID, Issuer: "https://idp.example", Subject: "ann",
		Work:        visitor.Work{Identity: customer.Identity{Name: "Ann"}, From: cart.Browsing},
		ProviderSID: "sid", IssuedAt: time.Now(), SealedToken: "sealed", PerOwner: 10,
	}
}

// visitorWithCart leaves an anonymous session with two units in its cart, and a customer who had
// one of another product.
func visitorWithCart(t *testing.T, pool *pgxpool.Pool) session.ID {
	t.Helper()
	exec(t, pool, `INSERT INTO products (sku, slug, name, room, summary, description, silhouette, weave, tone,
	    price, stock)
		SELECT 'SKU-' || n, 'slug-' || n, 'Name ' || n, 'hats', '', '', 'hat', 'plain', 'felt', 100, 20
		    FROM generate_series(1, 2) n`)
	exec(t, pool, `INSERT INTO customers (issuer, subject, name) VALUES ('https://idp.example', 'ann', 'Ann before')`)
	store := postgres.New(pool)
	guest, _, err := store.AddLine(t.Context(), cart.Owner{}, "SKU-1", 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = store.AddLine(t.Context(), cart.Owner{CustomerID: 1}, "SKU-2", 1); err != nil {
		t.Fatal(err)
	}
	err = store.InsertSession(t.Context(),
		session.NewRecord{ID: anonymousID, Handle: "old", LogID: "old", Data: []byte(`{"a": "b"}`), Idle: time.Hour,
			Absolute: time.Hour, Ref: guest})
	if err != nil {
		t.Fatal(err)
	}
	return anonymousID
}

func TestSignInIsAllOrNothingWhereverItBreaks(t *testing.T) { // ASVS 2.3.3, 15.4.2
	t.Parallel()
	act := func(ctx context.Context, store *postgres.Store, _ session.ID) error {
		_, err := store.SignIn(ctx, annSignsIn())
		return err
	}
	atEveryStatement(t, visitorWithCart, act, func(t *testing.T, pool *pgxpool.Pool, _ session.ID, err error) {
		signedIn := rows(t, pool, `SELECT count(*) FROM sessions s WHERE handle = 'new' AND live(s)`) == 1
		if signedIn {
			wantSignedIn(t, pool)
		} else {
			wantAnonymous(t, pool)
		}
		if err == nil && !signedIn {
			t.Error("got no error, want one: it did not work")
		}
		if signedIn {
			return
		}
		if _, err := postgres.New(pool).SignIn(t.Context(), annSignsIn()); err != nil {
			t.Errorf("a second try: %v", err)
		}
		wantSignedIn(t, pool)
	})
}

func wantSignedIn(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	for what, sql := range map[string]string{
		"the old session ended": `SELECT count(*) FROM sessions WHERE handle = 'old' AND ended_reason = 'rotated'
			AND data = '{}'`,
		"both products in one cart": `SELECT count(*) - 1 FROM cart_lines l JOIN carts k ON k.id = l.cart_id WHERE
			k.customer_id = 1 AND NOT l.saved`,
		"the anonymous cart is closed":  `SELECT count(*) FROM carts WHERE customer_id IS NULL AND closed IS NOT NULL`,
		"the customer has the new name": `SELECT count(*) FROM customers WHERE name = 'Ann'`,
	} {
		if rows(t, pool, sql) != 1 {
			t.Errorf("signed in, but not: %s", what)
		}
	}
}

func wantAnonymous(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	for what, sql := range map[string]string{
		"the old session lives": `SELECT count(*) FROM sessions s WHERE handle = 'old' AND live(s) AND data =
			'{"a": "b"}'`,
		"no other session": `SELECT count(*) FROM sessions`,
		"the anonymous cart as it was": `SELECT count(*) FROM carts k JOIN cart_lines l ON l.cart_id = k.id WHERE
			k.customer_id IS NULL AND k.closed IS NULL AND l.quantity = 2`,
		"the customer's cart as it was": `SELECT count(*) FROM carts k JOIN cart_lines l ON l.cart_id = k.id WHERE
			k.customer_id = 1`,
		"the customer's name as it was": `SELECT count(*) FROM customers WHERE name = 'Ann before'`,
	} {
		if rows(t, pool, sql) != 1 {
			t.Errorf("not signed in, but not: %s", what)
		}
	}
}
