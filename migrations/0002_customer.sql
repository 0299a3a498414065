-- +goose Up
CREATE TABLE customers (
    id              bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    issuer          text NOT NULL CHECK (issuer <> ''),
    subject         text NOT NULL CHECK (subject <> '' AND length(subject) <= 255),
    name            text NOT NULL DEFAULT '',
    email           text NOT NULL DEFAULT '',
    email_verified  boolean NOT NULL DEFAULT false,
    disabled        timestamptz,
    created         timestamptz NOT NULL DEFAULT now(),
    last_sign_in    timestamptz,
    UNIQUE (issuer, subject)
);
COMMENT ON TABLE customers IS 'known by issuer and subject, never by e-mail (OIDC Core 5.7)';
COMMENT ON COLUMN customers.disabled IS 'since when this customer may not sign in; their sessions end with it';

-- +goose Down
DROP TABLE customers;
