package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/session"
)

// SignIn implements session.Store: one transaction, all of it or none.
//
// It holds a lock on (issuer, subject) and one on (issuer, sid) that back-channel logout takes too, in the same order,
// so that a logout told by the provider meanwhile is either seen here or sees the new session.
func (s *Store) SignIn(ctx context.Context, in session.SignInRecord) (done session.SignedIn, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := admit(ctx, tx, in, &done.Customer); err != nil {
			return err
		}
		guestCart, err := replaceSession(ctx, tx, in, &done)
		if err != nil {
			return err
		}
		if done.Merged, err = mergeCarts(ctx, tx, guestCart, done.Customer.ID, in.Intent); err != nil {
			return err
		}
		return tx.QueryRow(ctx, customerCart, done.Customer.ID).Scan(&done.CartID, &done.Units)
	})
	if err != nil {
		return session.SignedIn{}, fmt.Errorf("sign in: %w", err)
	}
	return done, nil
}

// admit locks the identity, finds or makes its customer, and checks that they may sign in, and by this proof.
func admit(ctx context.Context, tx pgx.Tx, in session.SignInRecord, c *customer.Customer) error {
	if err := lockIdentity(ctx, tx, in.Identity.Issuer, in.Identity.Subject, in.ProviderSID); err != nil {
		return err
	}
	var loggedOut, disabled, stale bool
	b := &pgx.Batch{}
	b.Queue(logoutMarked, in.Identity.Issuer, in.ProviderSID, in.Identity.Subject, in.IssuedAt).QueryRow(func(row pgx.Row) error { return row.Scan(&loggedOut) })
	b.Queue(upsertCustomer, in.Identity.Issuer, in.Identity.Subject, in.Identity.Name, in.Identity.Email, in.Identity.EmailVerified, in.Age).
		QueryRow(func(row pgx.Row) error { return row.Scan(&c.ID, &disabled, &stale) })
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if loggedOut {
		return session.ErrLoggedOut
	}
	if disabled {
		return customer.ErrDisabled
	}
	if stale {
		return session.ErrStaleProof
	}
	c.Identity = in.Identity
	return nil
}

// lockIdentity takes the two locks of one sign-in until the transaction ends, always in this order. An empty value is not locked.
func lockIdentity(ctx context.Context, tx pgx.Tx, issuer, subject, sid string) error {
	for kind, value := range []string{subject, sid} {
		if value == "" {
			continue
		}
		name := strings.Join([]string{[]string{"subject", "sid"}[kind], issuer, value}, "\x1f")
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, name); err != nil {
			return fmt.Errorf("lock identity: %w", err)
		}
	}
	return nil
}

// logoutMarked refuses a sign-in whose ID token was issued no later than a logout. A mark with a sid means that session of the provider's; one with a
// subject alone means all of the subject's, and so does one with both for a sign-in that names no session.
const logoutMarked = `
SELECT EXISTS (
    SELECT FROM logout_marks
    WHERE issuer = $1 AND expires > statement_timestamp()
      AND issued >= $4
      AND (sid = nullif($2, '') AND coalesce(subject, $3) = $3
           OR (sid IS NULL OR $2 = '') AND subject = $3)
)`

// upsertCustomer also tells whether the proof is from before the customer's sessions were revoked. Ages come in whole seconds, rounded up at worst.
const upsertCustomer = `
INSERT INTO customers AS c (issuer, subject, name, email, email_verified, last_sign_in)
VALUES ($1, $2, $3, $4, $5, statement_timestamp())
ON CONFLICT (issuer, subject) DO UPDATE
SET name = excluded.name, email = excluded.email, email_verified = excluded.email_verified, last_sign_in = excluded.last_sign_in
RETURNING c.id, c.disabled IS NOT NULL, coalesce(c.proof_after > statement_timestamp() - $6::interval + interval '1 s', false)`

// endReplaced also takes an anonymous session that its absolute limit ended, whose cart would have gone on under a new tag.
var endReplaced = `
UPDATE sessions s SET ended_reason = CASE WHEN s.customer_id IS NULL OR s.customer_id = $2 THEN 'rotated' ELSE 'signed_out' END, ` + tombstone + `
WHERE s.id = $1 AND (live(s) OR s.customer_id IS NULL AND s.ended IS NULL AND s.absolute_end <= s.last_used + s.idle)
RETURNING coalesce(s.cart_id, 0)`

var insertSignedIn = `
INSERT INTO sessions (id, handle, log_id, data, idle, absolute_end, sweep_after, user_agent, customer_id, provider_sid, auth_time, issued, id_token)
VALUES (@id, @handle, @log, @data, @idle, statement_timestamp() + @absolute::interval,
    ` + fmt.Sprintf(sweepAfter, "statement_timestamp() + least(@idle::interval, @absolute::interval)") + `,
    @agent, @customer, nullif(@sid, ''), statement_timestamp() - @age::interval, @issued, @id_token)`

var endExcess = `
UPDATE sessions s SET ended_reason = 'excess', ` + tombstone + `
WHERE s.id IN (SELECT o.id FROM sessions o WHERE o.customer_id = $1 AND live(o) ORDER BY o.created DESC, o.id = $3 DESC OFFSET $2) AND live(s)` + returningLogID

// tellOthers leaves a notice in the customer's other sessions, in place of older ones of its kind, but not when a session of theirs only goes on under a new tag.
const tellOthers = `
UPDATE sessions s SET data = jsonb_build_object($4::text, $5::text) ||
    (s.data - ARRAY(SELECT k FROM jsonb_object_keys(s.data) k WHERE starts_with(k, '` + session.ElsewherePrefix + `')))
WHERE s.customer_id = $1 AND s.id <> $2 AND live(s) AND jsonb_typeof(s.data) = 'object'
  AND NOT EXISTS (SELECT FROM sessions o WHERE o.id = $3 AND o.customer_id = $1)`

// replaceSession ends the old session, begins the new one, and ends the oldest beyond the customer's number. It returns the anonymous cart to claim, 0 for none.
func replaceSession(ctx context.Context, tx pgx.Tx, in session.SignInRecord, done *session.SignedIn) (guestCart int64, err error) {
	args, customerID := newSessionArgs(in.NewRecord), done.Customer.ID
	args["absolute"], args["customer"], args["sid"] = in.Absolute-in.Age, customerID, in.ProviderSID
	args["age"], args["issued"], args["id_token"] = in.Age, in.IssuedAt, in.SealedToken
	b := &pgx.Batch{}
	if !in.Old.IsZero() {
		b.Queue(endReplaced, in.Old[:], customerID).Query(func(rows pgx.Rows) error {
			_, err := pgx.ForEachRow(rows, []any{&guestCart}, func() error { return nil })
			return err
		})
	}
	b.Queue(insertSignedIn, args)
	b.Queue(endExcess, customerID, in.PerCustomer, in.ID[:]).Query(func(rows pgx.Rows) (err error) {
		done.Excess, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	b.Queue(tellOthers, customerID, in.ID[:], in.Old[:], in.NoticeKey, in.Notice)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return 0, fmt.Errorf("replace session: %w", err)
	}
	return guestCart, nil
}

const customerCart = `
SELECT coalesce(max(k.id), 0), coalesce(sum(l.quantity) FILTER (WHERE p.stock > 0), 0)
FROM carts k LEFT JOIN cart_lines l ON l.cart_id = k.id AND NOT l.saved
LEFT JOIN products p ON p.id = l.product_id
WHERE k.customer_id = $1`
