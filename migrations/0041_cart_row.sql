-- +goose Up
-- The lines of a cart move into its row, so that a page joins and aggregates nothing for them and an addition updates one row.
-- Old and new replicas must not run together: an old one still shows carts, but fails to change them.
LOCK TABLE carts, cart_lines IN ACCESS EXCLUSIVE MODE;

-- PostgreSQL reads a table's CHECK anew for each statement and keeps those of a domain. array_to_tsvector drops what is repeated,
-- and refuses NULL.
CREATE DOMAIN cart_products AS bigint[] CHECK (length(array_to_tsvector(VALUE::text[])) = cardinality(VALUE));
CREATE DOMAIN cart_quantities AS integer[] CHECK (1 <= ALL (VALUE) AND 10 >= ALL (VALUE) AND array_position(VALUE, NULL) IS NULL);

ALTER TABLE carts
    ADD COLUMN products         cart_products   NOT NULL DEFAULT '{}',
    ADD COLUMN quantities       cart_quantities NOT NULL DEFAULT '{}',
    ADD COLUMN prices           bigint[]        NOT NULL DEFAULT '{}',
    ADD COLUMN added            timestamptz[]   NOT NULL DEFAULT '{}',
    ADD COLUMN saved_products   cart_products   NOT NULL DEFAULT '{}',
    ADD COLUMN saved_quantities cart_quantities NOT NULL DEFAULT '{}',
    ADD COLUMN saved_prices     bigint[]        NOT NULL DEFAULT '{}',
    ADD COLUMN saved_added      timestamptz[]   NOT NULL DEFAULT '{}';
COMMENT ON COLUMN carts.products IS 'the lines, one element of products, quantities, prices and added each; the last comes first on the page';
COMMENT ON COLUMN carts.prices IS 'the price when it was added, to show a change; the price of today is charged';
COMMENT ON COLUMN carts.saved_products IS 'saved for later, not part of what will be ordered; in columns like those of the lines';

UPDATE carts c
SET products = coalesce(l.products, '{}'), quantities = coalesce(l.quantities, '{}'), prices = coalesce(l.prices, '{}'),
    added = coalesce(l.added, '{}'), saved_products = coalesce(l.saved_products, '{}'),
    saved_quantities = coalesce(l.saved_quantities, '{}'), saved_prices = coalesce(l.saved_prices, '{}'),
    saved_added = coalesce(l.saved_added, '{}')
FROM (
    SELECT cart_id,
           array_agg(product_id) FILTER (WHERE NOT saved) AS products, array_agg(product_id) FILTER (WHERE saved) AS saved_products,
           array_agg(quantity) FILTER (WHERE NOT saved) AS quantities, array_agg(quantity) FILTER (WHERE saved) AS saved_quantities,
           array_agg(price_added) FILTER (WHERE NOT saved) AS prices, array_agg(price_added) FILTER (WHERE saved) AS saved_prices,
           array_agg(added) FILTER (WHERE NOT saved) AS added, array_agg(added) FILTER (WHERE saved) AS saved_added
    FROM (SELECT * FROM cart_lines ORDER BY cart_id, position, added, product_id DESC) last_on_top
    GROUP BY cart_id
) l
WHERE l.cart_id = c.id;
DROP TABLE cart_lines;

ALTER TABLE carts ADD CONSTRAINT carts_lines_check CHECK (
    (cardinality(products), cardinality(products), cardinality(products)) =
        (cardinality(quantities), cardinality(prices), cardinality(added))
    AND (cardinality(saved_products), cardinality(saved_products), cardinality(saved_products)) =
        (cardinality(saved_quantities), cardinality(saved_prices), cardinality(saved_added)));

CREATE VIEW cart_lines AS
SELECT c.id AS cart_id, l.product_id, l.saved, l.quantity, l.price_added, l.added, l.position::integer
FROM carts c, LATERAL (
    SELECT false AS saved, n.*
    FROM unnest(products, quantities, prices, added) WITH ORDINALITY AS n (product_id, quantity, price_added, added, position)
    UNION ALL
    SELECT true, n.* FROM unnest(saved_products, saved_quantities, saved_prices, saved_added) WITH ORDINALITY AS n
) l;
COMMENT ON VIEW cart_lines IS 'the lines of all carts as rows; position is their order on the page, highest first';

-- +goose Down
DROP VIEW cart_lines;
CREATE TABLE cart_lines (
    cart_id     bigint NOT NULL REFERENCES carts ON DELETE CASCADE,
    product_id  bigint NOT NULL REFERENCES products,
    saved       boolean NOT NULL DEFAULT false,
    quantity    integer NOT NULL CHECK (quantity BETWEEN 1 AND 10),
    price_added bigint NOT NULL,
    added       timestamptz NOT NULL DEFAULT now(),
    position    integer NOT NULL DEFAULT 0,
    PRIMARY KEY (cart_id, product_id, saved)
);
INSERT INTO cart_lines (cart_id, saved, product_id, quantity, price_added, added, position)
SELECT c.id, l.* FROM carts c, LATERAL (
    SELECT false, * FROM unnest(products, quantities, prices, added) WITH ORDINALITY
    UNION ALL
    SELECT true, * FROM unnest(saved_products, saved_quantities, saved_prices, saved_added) WITH ORDINALITY
) l (saved, product_id, quantity, price_added, added, position)
WHERE l.product_id IN (SELECT id FROM products);
ALTER TABLE carts DROP COLUMN products, DROP COLUMN quantities, DROP COLUMN prices, DROP COLUMN added,
    DROP COLUMN saved_products, DROP COLUMN saved_quantities, DROP COLUMN saved_prices, DROP COLUMN saved_added;
DROP DOMAIN cart_products, cart_quantities;
