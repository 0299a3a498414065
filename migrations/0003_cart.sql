-- +goose Up
CREATE TABLE carts (
    id          bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    customer_id bigint UNIQUE REFERENCES customers ON DELETE CASCADE,
    merged_into bigint REFERENCES carts ON DELETE SET NULL,
    closed      timestamptz,
    undo        jsonb,
    created     timestamptz NOT NULL DEFAULT now(),
    changed     timestamptz NOT NULL DEFAULT now(),
    CHECK (merged_into IS NULL OR closed IS NOT NULL),
    CHECK (customer_id IS NULL OR closed IS NULL)
);
COMMENT ON COLUMN carts.customer_id IS 'the customer who owns the cart; NULL: the anonymous session whose cart_id names it';
COMMENT ON COLUMN carts.closed IS 'merged at sign-in or forgotten: no line may be added any more';
COMMENT ON COLUMN carts.undo IS 'the last merge or removal, kept until the next change of the cart';
CREATE INDEX carts_anonymous_changed ON carts (changed) WHERE customer_id IS NULL;

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
COMMENT ON COLUMN cart_lines.saved IS 'true: saved for later, not part of what will be ordered';
COMMENT ON COLUMN cart_lines.price_added IS 'the price when it was added, to show a change; the price of today is charged';

COMMENT ON COLUMN cart_lines.position IS 'the order on the page, highest first';

-- +goose StatementBegin
-- The most pieces of a product that a cart may hold today. The shop's cart.Cap is the same rule.
CREATE FUNCTION line_cap(stock integer, purchase_limit integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN least(stock, coalesce(purchase_limit, 10), 10);
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION line_cap(integer, integer);
DROP TABLE cart_lines, carts;
