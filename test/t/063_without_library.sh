#!/bin/sh
#
# A build without libmicrohttpd, where there was one with it before:
#
#  1. is linked without it
#  2. says at the server's start that the control plane does not answer over
#     HTTP, if it should; and only then
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

test=0
is()
{
	test=$((test + 1))
	if [ "$2" = "$3" ]
	then
		echo "ok $test - $1"
	else
		echo "not ok $test - $1"
		echo "# got '$2', expected '$3'"
	fi
}

# 1.  What comes first in the path is a copy of PostgreSQL without its headers.
PATH=$(printf %s "$PATH" | sed "s!$(pg_config --bindir):!!g")
mkdir "$top/tree"
tar --exclude=./.git --exclude=./.dsql -cf - . | tar -C "$top/tree" -xf -
cd "$top/tree"
export MICROHTTPD=no
bin=$(test/install "$top/install")
is 'linked libraries' "$(readelf -d dsql_emu.so | grep -c microhttpd)" 0

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
is 'no port' "$(grep -c "$complaint" "$top/off.log")" 0
"$bin/pg_ctl" -D "$top/data" -w stop >/dev/null
start on '-c dsql_emu.api_port=8100'
is 'a port' "$(grep -c "$complaint" "$top/on.log")" 1
is 'its hint' "$(grep -c 'HINT:  Install libmicrohttpd' "$top/on.log")" 1

# 3
is 'the control plane in SQL' "$("$bin/psql" -XAtq postgres \
	-c 'CREATE EXTENSION dsql_emu' \
	-c "SELECT status FROM dsql.create_cluster()")" CREATING

echo "1..$test"
