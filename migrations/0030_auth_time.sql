-- +goose Up
-- A provider that is not asked when it authenticated a customer (OIDC_MAX_AGE=0) leaves auth_time empty. Replicas of the version
-- before never write that, and read it as an authentication at this moment: set OIDC_MAX_AGE=0 only when they are gone.
ALTER TABLE sessions DROP CONSTRAINT sessions_check3;
ALTER TABLE sessions ADD CONSTRAINT sessions_customer_check CHECK (customer_id IS NULL OR (issued IS NOT NULL AND cart_id IS NULL)) NOT VALID;
ALTER TABLE sessions VALIDATE CONSTRAINT sessions_customer_check;
COMMENT ON COLUMN sessions.absolute_end IS 'signed in: counted from auth_time, or from the sign-in where that is empty';
COMMENT ON COLUMN sessions.auth_time IS 'when the provider authenticated the customer, by this database''s clock: the sign-in less the age the provider told (iat - auth_time); empty when it was not asked: nothing recent is proven then';

-- +goose Down
DELETE FROM sessions WHERE customer_id IS NOT NULL AND auth_time IS NULL;
ALTER TABLE sessions DROP CONSTRAINT sessions_customer_check;
ALTER TABLE sessions ADD CONSTRAINT sessions_check3 CHECK (customer_id IS NULL OR (auth_time IS NOT NULL AND issued IS NOT NULL AND cart_id IS NULL));
COMMENT ON COLUMN sessions.absolute_end IS 'signed in: counted from auth_time';
COMMENT ON COLUMN sessions.auth_time IS 'when the provider authenticated the customer, by this database''s clock: the sign-in less the age the provider told (iat - auth_time)';
