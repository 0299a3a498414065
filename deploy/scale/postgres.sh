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
# PgBouncer gets what the server keeps of the role's password: from the password itself its one thread would derive keys
# at each connection. After ALTER ROLE shop PASSWORD it gets the new one.
secret() {
	psql -qAt -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "SELECT format('\"%s\" \"%s\"', rolname, rolpassword)
		FROM pg_authid WHERE rolname = 'shop'" >users.new 2>/dev/null && [ -s users.new ]
}
(
	until secret; do sleep 0.2; done
	cp users.new users.txt
	pgbouncer -q /etc/pgbouncer/pgbouncer.ini &
	while sleep 5; do
		if secret && ! cmp -s users.new users.txt; then
			cp users.new users.txt
			kill -HUP $!
		fi
	done
) &

exec docker-entrypoint.sh postgres -c wal_log_hints=on -c wal_keep_size=1GB -c max_connections=200
