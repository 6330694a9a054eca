# shellcheck shell=sh disable=SC2154
#
# What it costs to verify the token of a connection: connections one after the
# other, each in TLS and for one SELECT 1, to
#
#	stock		a server without the library, which trusts them
#	off			an emulated database, with dsql_emu.auth = off
#	verify		the same, with dsql_emu.auth = verify

use_tls
start_servers "$tls_settings" "
dsql_emu.accept_localhost = on
dsql_emu.max_connection_rate = -1
dsql_emu.max_connection_burst = -1"
sql stock postgres -c 'CREATE ROLE admin LOGIN'
sql library postgres -c 'CREATE EXTENSION dsql_emu' \
	-c "SELECT dsql.create_access_key(access_key_id => 'bench')" >/dev/null
token=$(sql library postgres -c "SELECT dsql.create_token('bench',
	host => 'localhost', expires => 604800)")

connection()
{
	echo "host=localhost hostaddr=127.0.0.1 port=$(port "$1") dbname=postgres
		user=admin password='$token' sslmode=require gssencmode=disable"
}
variant stock stock "$(connection stock)"
variant off library "$(connection library)"
variant verify library "$(connection library)"

# Let connections of a variant be what it is called.
switch_to()
{
	[ "$1" != stock ] || return 0
	sql library "dbname=postgres options='-c dsql_emu.mode=off'" \
		-c "ALTER SYSTEM SET dsql_emu.auth = $1" \
		-c 'SELECT pg_reload_conf()' >/dev/null
	until [ "$(sql library postgres -c 'SHOW dsql_emu.auth')" = "$1" ]
	do
		sleep 0.01
	done
}

# Usage: connections variant [pgbench option ...]
connections()
{
	name=$1
	shift
	switch_to "$name"
	throughput "$name" connect.sql -C "$@"
}

for count in $clients
do
	compare "connections, $count at a time" 'number us failed%' \
		connections -c "$count" -j "$count"
done
