-- +goose Up
-- A replica of the version before cannot sign in, revoke or disable after this step, and answers 500 to those; its pages and
-- carts go on, and everyone stays signed in. Stop the old replicas first, or replace them soon after.
ALTER TABLE customers RENAME COLUMN proof_after TO auth_not_before;
COMMENT ON COLUMN customers.auth_not_before IS 'when sessions of this customer were last revoked: only a later authentication at the provider signs in again';
ALTER TABLE carts DROP COLUMN merged_into;

-- +goose Down
ALTER TABLE carts ADD COLUMN merged_into bigint CHECK (merged_into IS NULL OR closed IS NOT NULL);
COMMENT ON COLUMN carts.merged_into IS 'no longer written nor read';
ALTER TABLE customers RENAME COLUMN auth_not_before TO proof_after;
COMMENT ON COLUMN customers.proof_after IS 'when sessions of this customer were last revoked: only a later proof at the provider signs in again';
