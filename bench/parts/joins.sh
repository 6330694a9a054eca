# shellcheck shell=sh disable=SC2154
#
# What joins of tables cost that were never analyzed, which EXPLAIN takes for
# tables of a million rows: the same queries on
#
#	stock		a server without the library, on its heap tables
#	repeat		the same in another database: how far noise moves the ratio
#	service		tables of an emulated session
#	tracked		the same with dsql_emu.track_dpu on: these statements run with
#				the plans that EXPLAIN shows

start_servers
for database in stock repeat
do
	sql stock postgres -c "CREATE DATABASE $database"
	sql stock "$database" -f joins.sql
done
for database in service tracked
do
	sql library postgres -c "CREATE DATABASE $database"
	sql library "$database" -c 'CREATE EXTENSION dsql_emu' -f joins.sql
done
sql library postgres -c 'ALTER DATABASE tracked SET dsql_emu.track_dpu = on'

variant stock stock stock
variant repeat stock repeat
variant service library service
variant tracked library tracked

for script in joins_two joins_four joins_key
do
	for protocol in simple prepared
	do
		compare "$script, $protocol" 'tps us failed%' \
			throughput $script.sql -M $protocol -c 1
	done
done
