-- +goose Up
ALTER TABLE customers ADD COLUMN proof_after timestamptz;
COMMENT ON COLUMN customers.proof_after IS 'when sessions of this customer were last revoked: only a later proof at the provider signs in again';

-- +goose Down
ALTER TABLE customers DROP COLUMN proof_after;
