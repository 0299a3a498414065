-- +goose Up
-- Old and new replicas can run together: old ones do not read what the trigger now watches as well.
DROP TRIGGER product_changed ON products;
CREATE TRIGGER product_changed BEFORE UPDATE ON products
FOR EACH ROW WHEN (
    (OLD.sku, OLD.slug, OLD.name, OLD.room, OLD.summary, OLD.description, OLD.care, OLD.silhouette, OLD.weave, OLD.tone,
     OLD.material, OLD.size, OLD.weight, OLD.price, OLD.was_price, OLD.purchase_limit, OLD.position, least(OLD.stock, 10))
    IS DISTINCT FROM
    (NEW.sku, NEW.slug, NEW.name, NEW.room, NEW.summary, NEW.description, NEW.care, NEW.silhouette, NEW.weave, NEW.tone,
     NEW.material, NEW.size, NEW.weight, NEW.price, NEW.was_price, NEW.purchase_limit, NEW.position, least(NEW.stock, 10))
) EXECUTE FUNCTION mark_product_changed();

-- +goose Down
DROP TRIGGER product_changed ON products;
CREATE TRIGGER product_changed BEFORE UPDATE ON products
FOR EACH ROW WHEN (
    (OLD.sku, OLD.slug, OLD.name, OLD.room, OLD.summary, OLD.description, OLD.care, OLD.silhouette, OLD.weave, OLD.tone,
     OLD.price, OLD.was_price, OLD.purchase_limit, OLD.position, least(OLD.stock, 10))
    IS DISTINCT FROM
    (NEW.sku, NEW.slug, NEW.name, NEW.room, NEW.summary, NEW.description, NEW.care, NEW.silhouette, NEW.weave, NEW.tone,
     NEW.price, NEW.was_price, NEW.purchase_limit, NEW.position, least(NEW.stock, 10))
) EXECUTE FUNCTION mark_product_changed();
