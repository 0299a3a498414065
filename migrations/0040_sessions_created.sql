-- +goose NO TRANSACTION
-- +goose Up
-- Operators list the newest sessions by this index, however many there are. Built without keeping anyone from writing; what an
-- attempt that was broken off has left is taken away first.
DROP INDEX CONCURRENTLY IF EXISTS sessions_created;
CREATE INDEX CONCURRENTLY sessions_created ON sessions (created);

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS sessions_created;
