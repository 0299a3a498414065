-- +goose Up
-- Old and new replicas can run together: old ones neither read nor write the new column.
ALTER TABLE products ADD COLUMN changed_in bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN products.changed_in IS 'the transaction that last changed something a page shows';
CREATE INDEX products_changed_in ON products (changed_in, id);

-- +goose StatementBegin
CREATE FUNCTION mark_product_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;
-- +goose StatementEnd

CREATE TRIGGER product_added BEFORE INSERT ON products
FOR EACH ROW EXECUTE FUNCTION mark_product_changed();

-- A page shows a stock only up to ten, the most that one order may hold.
CREATE TRIGGER product_changed BEFORE UPDATE ON products
FOR EACH ROW WHEN (
    (OLD.sku, OLD.slug, OLD.name, OLD.room, OLD.summary, OLD.description, OLD.care, OLD.silhouette, OLD.weave, OLD.tone,
     OLD.price, OLD.was_price, OLD.purchase_limit, OLD.position, least(OLD.stock, 10))
    IS DISTINCT FROM
    (NEW.sku, NEW.slug, NEW.name, NEW.room, NEW.summary, NEW.description, NEW.care, NEW.silhouette, NEW.weave, NEW.tone,
     NEW.price, NEW.was_price, NEW.purchase_limit, NEW.position, least(NEW.stock, 10))
) EXECUTE FUNCTION mark_product_changed();

-- +goose StatementBegin
-- A checksum of the changes by this transaction and later ones. Transactions commit out of order, so the newest number alone
-- would hide an earlier transaction that commits after it.
CREATE FUNCTION catalog_changes(horizon bigint) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT coalesce(bit_xor(hashint8extended(id, changed_in)), 0) FROM products WHERE changed_in >= horizon);
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION catalog_changes(bigint);
DROP TRIGGER product_changed ON products;
DROP TRIGGER product_added ON products;
DROP FUNCTION mark_product_changed();
ALTER TABLE products DROP COLUMN changed_in;
