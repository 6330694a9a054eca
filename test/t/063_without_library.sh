#!/bin/sh
#
# A build without libmicrohttpd and libcurl, where there was one with them before:
#
#  1. is linked without them
#  2. says at the server's start that the control plane does not answer over
#     HTTP, and that change streams are not sent, if they should; and only then
#  3. does all the rest
#
set -eu
unset MAKEFLAGS MAKELEVEL MFLAGS VPATH bindir

top=$(mktemp -d)
finish()
{
	[ ! -f "$top/data/postmaster.pid" ] ||
		"$bin/pg_ctl" -D "$top/data" -m immediate stop >/dev/null
	rm -rf "$top"
}
trap 'finish' EXIT
trap 'exit 130' INT TERM

. test/tap.sh

# 1.  What comes first in the path is a copy of PostgreSQL without its headers.
PATH=$(printf %s "$PATH" | sed "s!$(pg_config --bindir):!!g")
mkdir "$top/tree"
tar --exclude=./.git --exclude=./.dsql -cf - . | tar -C "$top/tree" -xf -
cd "$top/tree"
export MICROHTTPD=no LIBCURL=no
bin=$(test/install "$top/install")
is 'linked libraries' "$(readelf -d dsql_emu.so | grep -c -e microhttpd -e curl)" 0

# 2
cp -R "$INITDB_TEMPLATE" "$top/data"
cat >>"$top/data/postgresql.conf" <<END
shared_preload_libraries = 'dsql_emu'
listen_addresses = ''
unix_socket_directories = '$top'
END
export PGHOST="$top" PGPORT=5432
start()
{
	"$bin/pg_ctl" -D "$top/data" -l "$top/$1.log" -o "$2" -w start >/dev/null
}
complaint='LOG:  the control plane of dsql_emu is not available over HTTP$'
start off ''
unsent='LOG:  change streams of dsql_emu are not sent to Kinesis$'
is 'no port' "$(grep -c "$complaint" "$top/off.log")" 0
is 'no endpoint' "$(grep -c "$unsent" "$top/off.log")" 0
"$bin/pg_ctl" -D "$top/data" -w stop >/dev/null
start on '-c dsql_emu.api_port=8100 -c dsql_emu.kinesis_endpoint=http://localhost:1'
is 'a port' "$(grep -c "$complaint" "$top/on.log")" 1
is 'its hint' "$(grep -c 'HINT:  Install libmicrohttpd' "$top/on.log")" 1

is 'an endpoint' "$(grep -c "$unsent" "$top/on.log")" 1
is 'its hint' "$(grep -c 'HINT:  Install libcurl' "$top/on.log")" 1

# 3
is 'the control plane in SQL' "$("$bin/psql" -XAtq postgres \
	-c 'CREATE EXTENSION dsql_emu' \
	-c "SELECT status FROM dsql.create_cluster()")" CREATING
is 'change streams in SQL' "$("$bin/psql" -XAtq postgres \
	-c 'SET dsql_emu.create_delay = 0' -c 'CREATE TABLE t (id int PRIMARY KEY)' \
	-c "SELECT length(stream_identifier) FROM dsql.create_stream(dsql.current_cluster(),
		'{\"kinesis\": {\"streamArn\": \"arn:aws:kinesis:us-east-1:000000000000:stream/s\",
		\"roleArn\": \"arn:aws:iam::000000000000:role/r\"}}')" \
	-c 'INSERT INTO t VALUES (1)' -c 'SELECT status, waiting, error FROM dsql.streams' | xargs)" \
	'26 ACTIVE|1|'

echo "1..$test"
