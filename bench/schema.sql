-- What the shops beside ours keep, each in its own database.
CREATE TABLE products (
    sku     text PRIMARY KEY,
    slug    text NOT NULL UNIQUE,
    name    text NOT NULL,
    room    text NOT NULL,
    summary text NOT NULL,
    price   bigint NOT NULL,
    stock   integer NOT NULL
);
CREATE INDEX products_room ON products (room);

-- express-session with connect-pg-simple, as its table.sql has it
CREATE TABLE session (sid varchar PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL);
CREATE INDEX "IDX_session_expire" ON session (expire);

-- scs with pgxstore, as its documentation has it
CREATE TABLE sessions (token text PRIMARY KEY, data bytea NOT NULL, expiry timestamptz NOT NULL);
CREATE INDEX sessions_expiry_idx ON sessions (expiry);

-- the floor: one row, one statement
CREATE TABLE floor_sessions (
    id       bytea PRIMARY KEY,
    cart     jsonb NOT NULL DEFAULT '{}',
    used     timestamptz NOT NULL DEFAULT now(),
    customer text
);
