#!/usr/bin/env bash
# Runs once, as the image makes the database of the first server: the other one may copy it, and from the next start on
# nothing is confirmed that is not on both disks.
set -euo pipefail
echo 'host replication all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
ALTER ROLE shop SET statement_timeout = '2s';
ALTER ROLE shop SET lock_timeout = '2s';
ALTER ROLE shop SET idle_in_transaction_session_timeout = '10s';
ALTER SYSTEM SET synchronous_standby_names = '*';
SQL
