#!/usr/bin/env bash
# Starts one of two PostgreSQL servers, and the PgBouncer beside it, which ends with it: a primary that comes back as a
# standby must not be behind connections that found a primary. OTHER is the host of the other server, BEGINS=1 on the one
# that makes the database. After that no server starts as a primary: each start is as a standby of the other, and only a
# person, or the tool that takes their place, promotes (docs/operations.md, "Past one machine").
set -euo pipefail

other="host=$OTHER port=5432 user=$POSTGRES_USER password=$POSTGRES_PASSWORD"

if [ ! -s "$PGDATA/PG_VERSION" ]; then
	if [ "${BEGINS:-}" != 1 ]; then
		# Fails until the other server is there; compose starts this one again.
		pg_basebackup -d "$other" -D "$PGDATA" -c fast -X stream
	fi
fi
if [ -s "$PGDATA/PG_VERSION" ]; then
	touch "$PGDATA/standby.signal"
	grep -q primary_conninfo "$PGDATA/postgresql.auto.conf" ||
		printf "primary_conninfo = '%s'\n" "$other" >>"$PGDATA/postgresql.auto.conf"
fi

mkdir -p /tmp/pooler
cd /tmp/pooler
printf 'listen_addr = *\nlisten_port = 6432\nunix_socket_dir =\n[databases]\n* = host=127.0.0.1 port=5432\n' >place.ini
printf '"shop" "%s"\n' "$SHOP_DATABASE_PASSWORD" >users.txt
pgbouncer -q /etc/pgbouncer/pgbouncer.ini &

exec docker-entrypoint.sh postgres -c wal_log_hints=on -c wal_keep_size=1GB -c max_connections=200
