-- +goose Up
CREATE TABLE checkouts (
    customer_id bigint PRIMARY KEY REFERENCES customers ON DELETE CASCADE,
    order_key   text NOT NULL UNIQUE,
    name        text NOT NULL DEFAULT '',
    street      text NOT NULL DEFAULT '',
    postcode    text NOT NULL DEFAULT '',
    city        text NOT NULL DEFAULT '',
    country     text NOT NULL DEFAULT '',
    delivery    text NOT NULL DEFAULT '' CHECK (delivery IN ('', 'collect', 'post')),
    changed     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE checkouts IS 'the checkout a customer is in the middle of: kept 30 days; the order takes its key and it gets a new one, the address stays for the next time';
COMMENT ON COLUMN checkouts.order_key IS 'goes with the order it leads to, so that no order is placed twice';

CREATE TABLE orders (
    id             bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    number         text NOT NULL UNIQUE,
    customer_id    bigint NOT NULL REFERENCES customers,
    order_key      text NOT NULL UNIQUE,
    status         text NOT NULL DEFAULT 'placed' CHECK (status IN ('placed', 'cancelled')),
    placed         timestamptz NOT NULL DEFAULT now(),
    name           text NOT NULL,
    street         text NOT NULL,
    postcode       text NOT NULL,
    city           text NOT NULL,
    country        text NOT NULL,
    delivery       text NOT NULL CHECK (delivery IN ('collect', 'post')),
    delivery_price bigint NOT NULL CHECK (delivery_price >= 0),
    total          bigint NOT NULL CHECK (total > 0),
    vat            bigint NOT NULL CHECK (vat >= 0)
);
CREATE INDEX orders_customer ON orders (customer_id, placed DESC);

CREATE TABLE order_lines (
    order_id   bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
    position   integer NOT NULL,
    product_id bigint REFERENCES products ON DELETE SET NULL,
    sku        text NOT NULL,
    name       text NOT NULL,
    silhouette text NOT NULL,
    weave      text NOT NULL,
    tone       text NOT NULL,
    quantity   integer NOT NULL CHECK (quantity > 0),
    price      bigint NOT NULL CHECK (price > 0),
    PRIMARY KEY (order_id, position)
);
COMMENT ON TABLE order_lines IS 'copied from the product when the order was placed, so that a later change of the catalogue changes no order';

-- +goose Down
DROP TABLE order_lines, orders, checkouts;
