-- +goose Up
-- Old and new replicas may run together: the old ones leave the column empty, and then a session's successor is unknown.
ALTER TABLE sessions ADD COLUMN replaced_by bytea CHECK (replaced_by IS NULL OR ended IS NOT NULL);
COMMENT ON COLUMN sessions.replaced_by IS 'the id of the session that this one went on as, under a new tag; that one may have ended or been swept since';

-- +goose StatementBegin
-- The session that a session goes on as: the last of its successors that still has a row, itself if it has none.
CREATE FUNCTION latest_session(start bytea) RETURNS bytea LANGUAGE sql STABLE AS $$
    WITH RECURSIVE chain (id, next, depth) AS (
        SELECT id, replaced_by, 1 FROM sessions WHERE id = start
        UNION ALL
        SELECT s.id, s.replaced_by, c.depth + 1 FROM chain c JOIN sessions s ON s.id = c.next WHERE c.depth < 1000
    )
    SELECT id FROM chain ORDER BY depth DESC LIMIT 1
$$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION latest_session(bytea);
ALTER TABLE sessions DROP COLUMN replaced_by;
