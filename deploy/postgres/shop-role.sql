-- The role the running shop connects as. The image runs this once, as the owner, when it makes the database.
-- It may sign in and has no right to anything yet: shop migrate --grant-to gives it what it needs.
\getenv password SHOP_DATABASE_PASSWORD
CREATE ROLE shop LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';
