package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"hookandtag.example/shop/internal/customer"
	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/visitor"
)

// SignIn implements session.Store: one transaction, all of it or none.
//
// It holds a lock on (issuer, subject) and one on (issuer, sid) that back-channel logout takes too,
// in the same order, so that a logout by the provider is either seen here or sees the new session.
// Then it locks the customers of the new and of the old session by ascending id, as everyone does
// who changes sessions of more than one.
func (s *Store) SignIn(ctx context.Context, in session.SignInRecord) (done session.SignedIn, err error) {
	work, ok := in.Work.(visitor.Work)
	if !ok {
		return session.SignedIn{}, fmt.Errorf("sign in: the work is a %T, want a visitor.Work", in.Work)
	}
	err = s.inTx(ctx, func(tx *transaction) error {
		done = session.SignedIn{}
		var old oldSession
		if done.Owner, old, err = admit(ctx, tx, in, work.Identity); err != nil {
			return err
		}
		row := visitor.Along{Customer: customer.Customer{ID: done.Owner, Identity: work.Identity}}
		row.Customer.Issuer, row.Customer.Subject = in.Issuer, in.Subject
		var carts bothCarts
		b := &pgx.Batch{}
		queueReplacement(b, in, old, &done)
		if old.cart != 0 {
			carts.queueLock(b, old.cart, done.Owner)
			if err := tx.send(ctx, b); err != nil {
				return fmt.Errorf("replace session: %w", err)
			}
			b = &pgx.Batch{}
		}
		done.Result = carts.queueMerge(b, work.From)
		b.Queue(customerCart, done.Owner).QueryRow(func(found pgx.Row) error {
			err := found.Scan(&row.CartID)
			done.Along = row
			return err
		})
		return tx.sendLast(ctx, b)
	})
	if err != nil {
		return session.SignedIn{}, fmt.Errorf("sign in: %w", err)
	}
	return done, nil
}

// admit locks the identity, finds or makes its customer, and checks that they may sign in, by this
// authentication and from the session they had before, which it locks.
func admit(ctx context.Context, tx *transaction, in session.SignInRecord, who customer.Identity) (customerID int64,
	old oldSession, err error) {
	var before []byte
	if !in.Old.IsZero() {
		before = in.Old[:]
	}
	var loggedOut, disabled, stale bool
	var found foundOld
	b := &pgx.Batch{}
	queueIdentity(b, in.Issuer, in.Subject, in.ProviderSID)
	b.Queue(logoutMarked, in.Issuer, in.ProviderSID, in.Subject,
		in.IssuedAt).QueryRow(func(row pgx.Row) error { return row.Scan(&loggedOut) })
	b.Queue(makeCustomer, in.Issuer, in.Subject)
	b.Queue(lockCustomers, in.Issuer, in.Subject, before)
	b.Queue(updateCustomer, in.Issuer, in.Subject, who.Name, who.Email, who.EmailVerified, in.Age).
		QueryRow(func(row pgx.Row) error { return row.Scan(&customerID, &disabled, &stale) })
	found.queueLock(b, in)
	if err := tx.send(ctx, b); err != nil {
		return 0, oldSession{}, err
	}
	switch {
	case loggedOut: // OIDC Back-Channel Logout 1.0, 2.7
		return 0, oldSession{}, session.ErrLoggedOut
	case disabled: // ASVS 7.4.2
		return 0, oldSession{}, customer.ErrDisabled
	case stale: // ASVS 7.4.1, 7.5.2
		return 0, oldSession{}, session.ErrStaleAuthentication
	}
	old, err = found.judge(in, customerID)
	return customerID, old, err
}

// queueIdentity takes the two locks of one sign-in until the transaction ends, always in this
// order. An empty value is not locked.
func queueIdentity(b *pgx.Batch, issuer, subject, sid string) {
	for kind, value := range []string{subject, sid} {
		if value == "" {
			continue
		}
		name := strings.Join([]string{[]string{"subject", "sid"}[kind], issuer, value}, "\x1f")
		b.Queue(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, name)
	}
}

// logoutMarked refuses a sign-in whose ID token was issued no later than a logout. A mark with a
// sid means that session of the provider's; one with a subject alone means all of the subject's,
// and so does one with both for a sign-in that names no session.
const logoutMarked = `
SELECT EXISTS (
    SELECT FROM logout_marks
    WHERE issuer = $1 AND expires > statement_timestamp()
      AND issued >= $4
      AND (sid = nullif($2, '') AND coalesce(subject, $3) = $3
           OR (sid IS NULL OR $2 = '') AND subject = $3)
)`

const makeCustomer = `
INSERT INTO customers (issuer, subject)
SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM customers WHERE issuer = $1 AND subject = $2)
ON CONFLICT DO NOTHING`

// lockCustomers locks who signs in and whose session the browser had before.
const lockCustomers = `
SELECT FROM customers
WHERE id IN (SELECT id FROM customers WHERE issuer = $1 AND subject = $2
             UNION SELECT customer_id FROM sessions WHERE id = latest_session($3))
ORDER BY id FOR NO KEY UPDATE`

// updateCustomer also returns whether the authentication is from before the customer's sessions
// were revoked. Ages come in whole seconds, rounded up at worst, and are from before the
// transaction, which may have waited for locks since: they count from now(), when it began.
const updateCustomer = `
UPDATE customers c SET name = $3, email = $4, email_verified = $5, last_sign_in = statement_timestamp()
WHERE issuer = $1 AND subject = $2
RETURNING c.id, c.disabled IS NOT NULL,
    coalesce(c.auth_not_before > now() - $6::interval + interval '1 s', false)`

// oldSession is the session that a sign-in replaces.
type oldSession struct {
	id   *session.ID // nil: none
	cart int64       // the anonymous cart to claim; 0: none
}

// foundOld is the session the visitor signs in from, or the one that replaced it.
type foundOld struct {
	id                         []byte // nil: none
	owner, cart                int64
	open, followed, sinceBegun bool
	reason                     session.Reason
}

// queueLock locks the session, and the one it went on as, and finds how it ended, if it did.
func (f *foundOld) queueLock(b *pgx.Batch, in session.SignInRecord) {
	if in.Old.IsZero() {
		return
	}
	queueLatest(b, in.Old[:])
	b.Queue(judgeOld, in.Old[:], in.BegunAgo).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&f.id, &f.owner, &f.cart, &f.open, &f.reason, &f.followed, &f.sinceBegun},
			func() error { return nil })
		return err
	})
}

// judge says what of it a sign-in of the customer replaces. A session that replaced another
// counts if it is the same customer's.
func (f *foundOld) judge(in session.SignInRecord, customerID int64) (oldSession, error) {
	sinceBegun := !in.Old.IsZero() && (f.sinceBegun || in.OldLive)
	switch {
	case !f.open && sinceBegun && slices.Contains(endedByChoice, f.reason): // ASVS 7.4.1
		return oldSession{}, session.ErrSignedOut
	case f.open && f.followed && sinceBegun: // ASVS 15.4.2
		return oldSession{}, session.ErrOvertaken
	case !f.open || f.followed && f.owner != customerID: // ASVS 8.2.2
		return oldSession{}, nil
	}
	return oldSession{id: (*session.ID)(f.id), cart: f.cart}, nil
}

// endedByChoice are the reasons that refuse a sign-in in progress: someone wanted this browser
// signed out.
var endedByChoice = []session.Reason{session.SignedOut, session.Revoked, session.BackChannel, session.Forgotten}

// judgeOld finds the last successor of a session, or the session itself: whose it is, its anonymous
// cart, whether it can be signed in from, why it ended, whether it is a successor, and whether it
// ended, or was replaced, since the sign-in began ($2 before the transaction, which may have waited
// for locks since). An anonymous session that its absolute limit alone ended can be signed in from,
// too: a new tag would have kept its cart.
const judgeOld = `
SELECT s.id, coalesce(s.customer_id, 0), coalesce(s.cart_id, 0),
       live(s) OR s.customer_id IS NULL AND s.ended IS NULL AND statement_timestamp() < s.last_used + s.idle,
       coalesce(s.ended_reason, ''), s.id <> $1,
       coalesce(CASE WHEN s.ended IS NULL THEN o.ended ELSE s.ended END > now() - $2::interval, false)
FROM sessions s, sessions o WHERE s.id = latest_session($1) AND o.id = $1 FOR UPDATE OF s`

const endReplaced = `
UPDATE sessions s SET ended_reason = CASE WHEN s.customer_id IS NULL OR s.customer_id = $2 THEN 'rotated'
    ELSE 'signed_out' END,
    replaced_by = $3, ` + tombstone + `
WHERE s.id = $1
RETURNING s.log_id, s.ended_reason`

const insertSignedIn = `
INSERT INTO sessions (id, handle, log_id, data, idle, absolute_end, sweep_after, user_agent, customer_id,
    provider_sid, auth_time, issued, id_token)
VALUES (@id, @handle, @log, @data, @idle, now() + @absolute::interval,
    statement_timestamp() + least(@idle::interval, @absolute::interval),
    @agent, @customer, nullif(@sid, ''), CASE WHEN NOT @undated
        THEN now() - @age::interval END, @issued, @id_token)`

const endExcess = `
UPDATE sessions s SET ended_reason = 'excess', ` + tombstone + `
WHERE s.id IN (SELECT o.id FROM sessions o WHERE o.customer_id = $1 AND live(o) ORDER BY o.created DESC,
    o.id = $3 DESC OFFSET $2) AND live(s)` + returningLogID

// noteElsewhere leaves a notice in the customer's other sessions, in place of older ones of its
// kind, but not when the sign-in only replaces one of their sessions.
const noteElsewhere = `
UPDATE sessions s SET data = jsonb_build_object($4::text, '') ||
    (s.data - ARRAY(SELECT k FROM jsonb_object_keys(s.data) k WHERE starts_with(k, '` + session.ElsewherePrefix + `')))
WHERE s.customer_id = $1 AND s.id <> $2 AND live(s) AND jsonb_typeof(s.data) = 'object'
  AND NOT EXISTS (SELECT FROM sessions o WHERE o.id = $3 AND o.customer_id = $1)`

// queueReplacement ends the old session, begins the new one, and ends the oldest beyond the
// customer's number.
func queueReplacement(b *pgx.Batch, in session.SignInRecord, old oldSession, done *session.SignedIn) {
	args, customerID := newSessionArgs(in.NewRecord), done.Owner
	args["absolute"], args["customer"], args["sid"] = in.Absolute-in.Age, customerID, in.ProviderSID
	args["undated"] = in.NoAuthTime
	args["age"], args["issued"], args["id_token"] = in.Age, in.IssuedAt, in.SealedToken
	var replaced session.ID
	if old.id != nil {
		replaced = *old.id
		b.Queue(endReplaced, replaced[:], customerID, in.ID[:]).QueryRow(func(row pgx.Row) error {
			done.Replaced.ID = replaced
			return row.Scan(&done.Replaced.LogID, &done.Replaced.Reason)
		})
	}
	b.Queue(insertSignedIn, args)
	b.Queue(endExcess, customerID, in.PerOwner, in.ID[:]).Query(func(rows pgx.Rows) (err error) {
		done.Excess, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	b.Queue(noteElsewhere, customerID, in.ID[:], replaced[:], in.NoticeKey)
}

const customerCart = `SELECT coalesce(max(id), 0) FROM carts WHERE customer_id = $1`
