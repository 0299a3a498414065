-- +goose Up
-- +goose StatementBegin
-- Lower case, umlauts as two letters, no accents: what is searched and what is looked for are both written like this.
-- The shop's catalog.Fold is the same.
CREATE FUNCTION fold(t text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(translate(
    replace(replace(replace(replace(replace(replace(replace(t, 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'Ä', 'ae'), 'Ö', 'oe'), 'Ü', 'ue'), 'ß', 'ss'),
    'éèêáàâóòôíúñçåøÉÈÊÁÀÂÓÒÔÍÚÑÇÅØ', 'eeeaaaoooiuncaoeeeaaaoooiuncao'));
-- +goose StatementEnd

-- +goose StatementBegin
-- The same with umlauts as one letter, for those who leave the dots out.
CREATE FUNCTION fold_bare(t text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN fold(translate(t, 'äöüÄÖÜ', 'aouAOU'));
-- +goose StatementEnd

CREATE TABLE products (
    id             bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    sku            text NOT NULL UNIQUE CHECK (sku ~ '^[A-Z0-9-]{3,20}$'),
    slug           text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9-]{2,80}$'),
    name           text NOT NULL CHECK (name <> ''),
    room           text NOT NULL CHECK (room IN ('hats', 'umbrellas', 'scarves', 'gloves', 'bags', 'hooks')),
    summary        text NOT NULL,
    description    text NOT NULL,
    care           text NOT NULL DEFAULT '',
    silhouette     text NOT NULL,
    weave          text NOT NULL,
    tone           text NOT NULL,
    price          bigint NOT NULL CHECK (price > 0),
    was_price      bigint CHECK (was_price > price),
    stock          integer NOT NULL CHECK (stock >= 0),
    purchase_limit integer CHECK (purchase_limit BETWEEN 1 AND 10),
    position       integer NOT NULL DEFAULT 0,
    search         tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('english', fold(name) || ' ' || fold_bare(name)), 'A') ||
        setweight(to_tsvector('english', fold(summary) || ' ' || fold_bare(summary) || ' ' || room), 'B') ||
        setweight(to_tsvector('english', fold(description || ' ' || care)), 'C')
    ) STORED,
    plain          text NOT NULL GENERATED ALWAYS AS (
        fold(name || ' ' || room || ' ' || summary) || ' ' || fold_bare(name || ' ' || summary)
    ) STORED
);
COMMENT ON COLUMN products.price IS 'euro cents, 19 % VAT included';
COMMENT ON COLUMN products.was_price IS 'the price before it was reduced; NULL: never';
COMMENT ON COLUMN products.purchase_limit IS 'pieces per order; NULL: no limit of its own';
COMMENT ON COLUMN products.plain IS 'for finding the inside of a word, when no word begins like the query';
COMMENT ON COLUMN products.position IS 'the featured order, lowest first';
CREATE INDEX products_search ON products USING gin (search);
CREATE INDEX products_room ON products (room, position);
CREATE INDEX products_position ON products (position, id);
CREATE INDEX products_price ON products (price, id);
CREATE INDEX products_name ON products (fold(name), id);

-- +goose Down
DROP TABLE products;
DROP FUNCTION fold_bare(text);
DROP FUNCTION fold(text);
