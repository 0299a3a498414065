-- +goose NO TRANSACTION
-- +goose Up
-- PostgreSQL reads the text of each CHECK anew for each statement, and for eight of them that took more than finding and writing
-- the row. One call is short, and PL/pgSQL keeps what it has read of the function. The table is held for a moment at a time: the
-- old checks go when the rows have been read, which keeps nobody waiting. What an attempt that was broken off has left is taken
-- away first.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION session_valid(s sessions) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    broken text := CASE
        WHEN length(s.id) <> 32 THEN 'id is 32 bytes long'
        WHEN s.idle <= interval '0' THEN 'idle is longer than nothing'
        WHEN NOT (isfinite(s.created) AND isfinite(s.last_used) AND isfinite(s.absolute_end)
            AND isfinite(coalesce(s.auth_time, s.created))) THEN 'no time is infinite'
        WHEN s.customer_id IS NOT NULL AND (s.issued IS NULL OR s.cart_id IS NOT NULL)
            THEN 'a customer''s session has issued, and no cart_id'
        WHEN (s.ended IS NULL) <> (s.ended_reason IS NULL) THEN 'ended and ended_reason come together'
        WHEN s.ended_reason NOT IN
            ('idle', 'absolute', 'signed_out', 'revoked', 'excess', 'back_channel', 'rotated', 'forgotten')
            THEN 'ended_reason is one of those known'
        WHEN s.ended IS NULL AND s.replaced_by IS NOT NULL THEN 'only an ended session has replaced_by'
        WHEN s.ended IS NOT NULL AND (s.data <> '{}' OR s.id_token IS NOT NULL)
            THEN 'an ended session has no data and no id_token'
        END;
BEGIN
    IF broken IS NULL THEN
        RETURN true;
    END IF;
    RAISE check_violation USING MESSAGE = 'a row of sessions breaks a rule: ' || broken, TABLE = 'sessions',
        CONSTRAINT = 'sessions_valid_check';
END $$;
-- +goose StatementEnd
COMMENT ON FUNCTION session_valid(sessions) IS 'true, or an error that says which rule a row breaks';
ALTER TABLE sessions DROP CONSTRAINT IF EXISTS sessions_valid_check,
    ADD CONSTRAINT sessions_valid_check CHECK (session_valid(sessions)) NOT VALID;
ALTER TABLE sessions VALIDATE CONSTRAINT sessions_valid_check;
ALTER TABLE sessions DROP CONSTRAINT IF EXISTS sessions_id_check, DROP CONSTRAINT IF EXISTS sessions_idle_check,
    DROP CONSTRAINT IF EXISTS sessions_ended_reason_check, DROP CONSTRAINT IF EXISTS sessions_check,
    DROP CONSTRAINT IF EXISTS sessions_check1, DROP CONSTRAINT IF EXISTS sessions_check2,
    DROP CONSTRAINT IF EXISTS sessions_check4, DROP CONSTRAINT IF EXISTS sessions_customer_check;

-- +goose Down
ALTER TABLE sessions ADD CONSTRAINT sessions_id_check CHECK (length(id) = 32),
    ADD CONSTRAINT sessions_idle_check CHECK (idle > interval '0'),
    ADD CONSTRAINT sessions_ended_reason_check CHECK (ended_reason IN
        ('idle', 'absolute', 'signed_out', 'revoked', 'excess', 'back_channel', 'rotated', 'forgotten')),
    ADD CONSTRAINT sessions_check CHECK ((ended IS NULL) = (ended_reason IS NULL)),
    ADD CONSTRAINT sessions_check1 CHECK (isfinite(created) AND isfinite(last_used) AND isfinite(absolute_end)
        AND isfinite(coalesce(auth_time, created))),
    ADD CONSTRAINT sessions_check2 CHECK (ended IS NULL OR (data = '{}' AND id_token IS NULL)),
    ADD CONSTRAINT sessions_check4 CHECK (replaced_by IS NULL OR ended IS NOT NULL),
    ADD CONSTRAINT sessions_customer_check CHECK (customer_id IS NULL OR (issued IS NOT NULL AND cart_id IS NULL)),
    DROP CONSTRAINT sessions_valid_check;
DROP FUNCTION session_valid(sessions);
