-- +goose Up
-- Recording a use of a session or a change of a cart touches no index any more, so that PostgreSQL updates the row in place (HOT):
-- sweep_after is a lower bound, which only the sweeper moves on. Old and new replicas may run together: the old ones still
-- move it with every use, and their sweeper reads all anonymous carts.
COMMENT ON COLUMN sessions.sweep_after IS 'nothing is to be swept before this moment; the sweeper moves it on for a session that is still needed';

ALTER TABLE carts ADD COLUMN sweep_after timestamptz NOT NULL DEFAULT now() + interval '24 hours';
COMMENT ON COLUMN carts.sweep_after IS 'an anonymous cart is not to be swept before this moment; the sweeper moves it on for a cart that a session still holds';
ALTER TABLE carts SET (fillfactor = 80);
DROP INDEX carts_anonymous_changed;
CREATE INDEX carts_sweep ON carts (sweep_after) WHERE customer_id IS NULL;

-- Operators list a customer's ended sessions by this index, too.
DROP INDEX sessions_customer;
CREATE INDEX sessions_customer ON sessions (customer_id, created) WHERE customer_id IS NOT NULL;

-- +goose Down
DROP INDEX sessions_customer;
CREATE INDEX sessions_customer ON sessions (customer_id, created) WHERE ended IS NULL AND customer_id IS NOT NULL;
DROP INDEX carts_sweep;
CREATE INDEX carts_anonymous_changed ON carts (changed) WHERE customer_id IS NULL;
ALTER TABLE carts RESET (fillfactor);
ALTER TABLE carts DROP COLUMN sweep_after;
COMMENT ON COLUMN sessions.sweep_after IS 'not before this moment is there anything to sweep; in steps of 5 minutes, so that most touches stay off the index';
