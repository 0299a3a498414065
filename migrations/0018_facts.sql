-- +goose Up
-- Old and new replicas can run together: old ones neither read nor write the new columns.
ALTER TABLE products
    ADD COLUMN material text NOT NULL DEFAULT '',
    ADD COLUMN size     text NOT NULL DEFAULT '',
    ADD COLUMN weight   text NOT NULL DEFAULT '';
COMMENT ON COLUMN products.size IS 'measures, or the one size it comes in; empty: not given';

-- +goose Down
ALTER TABLE products DROP COLUMN material, DROP COLUMN size, DROP COLUMN weight;
