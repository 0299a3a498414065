-- +goose Up
-- Nobody reads which cart another was merged into, and for each cart that was deleted the reference had all the others searched.
-- The column itself stays for now: the version before this one still writes it while this one is rolled out.
ALTER TABLE carts DROP CONSTRAINT carts_merged_into_fkey;
COMMENT ON COLUMN carts.merged_into IS 'no longer written nor read';

-- +goose Down
UPDATE carts SET merged_into = NULL WHERE merged_into IS NOT NULL;
ALTER TABLE carts ADD CONSTRAINT carts_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES carts ON DELETE SET NULL;
COMMENT ON COLUMN carts.merged_into IS NULL;
