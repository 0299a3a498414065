-- +goose Up
CREATE TABLE sessions (
    id           bytea PRIMARY KEY CHECK (length(id) = 32),
    handle       text NOT NULL UNIQUE,
    log_id       text NOT NULL,
    data         jsonb NOT NULL DEFAULT '{}',
    created      timestamptz NOT NULL DEFAULT now(),
    last_used    timestamptz NOT NULL DEFAULT now(),
    idle         interval NOT NULL CHECK (idle > interval '0'),
    absolute_end timestamptz NOT NULL,
    sweep_after  timestamptz NOT NULL,
    cart_id      bigint REFERENCES carts ON DELETE SET NULL,
    customer_id  bigint REFERENCES customers ON DELETE CASCADE,
    provider_sid text,
    auth_time    timestamptz,
    issued       timestamptz,
    id_token     text,
    user_agent   text NOT NULL DEFAULT '',
    ended        timestamptz,
    ended_reason text CHECK (ended_reason IN
        ('idle', 'absolute', 'signed_out', 'revoked', 'excess', 'back_channel', 'rotated', 'forgotten')),
    CHECK ((ended IS NULL) = (ended_reason IS NULL)),
    CHECK (isfinite(created) AND isfinite(last_used) AND isfinite(absolute_end) AND isfinite(coalesce(auth_time, created))),
    CHECK (ended IS NULL OR (data = '{}' AND id_token IS NULL)),
    CHECK (customer_id IS NULL OR (auth_time IS NOT NULL AND issued IS NOT NULL AND cart_id IS NULL))
) WITH (fillfactor = 80);
COMMENT ON COLUMN sessions.id IS 'SHA-256 of the token in the tag; the token itself is never stored';
COMMENT ON COLUMN sessions.handle IS 'names the session on the devices page; opens nothing';
COMMENT ON COLUMN sessions.log_id IS 'names the session in the log; opens nothing';
COMMENT ON COLUMN sessions.last_used IS 'the last recorded use; recorded at most every min(60 s, idle/30)';
COMMENT ON COLUMN sessions.absolute_end IS 'signed in: counted from auth_time';
COMMENT ON COLUMN sessions.auth_time IS 'when the provider authenticated the customer, by this database''s clock: the sign-in less the age the provider told (iat - auth_time)';
COMMENT ON COLUMN sessions.issued IS 'the ID token''s iat, by the provider''s clock: a logout told earlier does not end this session';
COMMENT ON COLUMN sessions.sweep_after IS 'not before this moment is there anything to sweep; in steps of 5 minutes, so that most touches stay off the index';
COMMENT ON COLUMN sessions.cart_id IS 'the anonymous cart; a customer''s cart is found by its customer_id';
COMMENT ON COLUMN sessions.id_token IS 'sealed; only sign-out reads it, as id_token_hint';
COMMENT ON COLUMN sessions.ended IS 'a row with ended set is a tombstone: data emptied, swept after 24 hours, never revived';
CREATE INDEX sessions_customer ON sessions (customer_id, created) WHERE ended IS NULL AND customer_id IS NOT NULL;
CREATE INDEX sessions_provider_sid ON sessions (provider_sid) WHERE ended IS NULL AND provider_sid IS NOT NULL;
CREATE INDEX sessions_cart ON sessions (cart_id) WHERE cart_id IS NOT NULL;
CREATE INDEX sessions_sweep ON sessions (sweep_after);

-- +goose StatementBegin
-- When a session ends by itself: at whichever of its two limits comes first.
CREATE FUNCTION session_end(s sessions) RETURNS timestamptz LANGUAGE sql STABLE
RETURN least(s.last_used + s.idle, s.absolute_end);
-- +goose StatementEnd

-- +goose StatementBegin
-- The one predicate that says whether a session is live, by the database's clock.
CREATE FUNCTION live(s sessions) RETURNS boolean LANGUAGE sql STABLE
RETURN s.ended IS NULL AND statement_timestamp() < least(s.last_used + s.idle, s.absolute_end);
-- +goose StatementEnd

CREATE TABLE used_attempts (
    state_hash bytea PRIMARY KEY CHECK (length(state_hash) = 32),
    expires    timestamptz NOT NULL
);
COMMENT ON TABLE used_attempts IS 'sign-in attempts whose callback has come back: a second one finds its row here';
CREATE INDEX used_attempts_expires ON used_attempts (expires);

CREATE TABLE used_logout_tokens (
    issuer  text NOT NULL,
    jti     text NOT NULL,
    expires timestamptz NOT NULL,
    PRIMARY KEY (issuer, jti)
);
COMMENT ON TABLE used_logout_tokens IS 'back-channel logout tokens already taken, so that none counts twice';
CREATE INDEX used_logout_tokens_expires ON used_logout_tokens (expires);

CREATE TABLE logout_marks (
    id       bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    issuer   text NOT NULL,
    subject  text,
    sid      text,
    issued   timestamptz NOT NULL,
    expires  timestamptz NOT NULL,
    CHECK (subject IS NOT NULL OR sid IS NOT NULL)
);
COMMENT ON TABLE logout_marks IS 'logouts told by the provider, kept for sign-ins that are still under way';
CREATE INDEX logout_marks_sid ON logout_marks (issuer, sid);
CREATE INDEX logout_marks_subject ON logout_marks (issuer, subject);
CREATE INDEX logout_marks_expires ON logout_marks (expires);

-- +goose Down
DROP TABLE logout_marks, used_logout_tokens, used_attempts;
DROP FUNCTION live(sessions);
DROP FUNCTION session_end(sessions);
DROP TABLE sessions;
