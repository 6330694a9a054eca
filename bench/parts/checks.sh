# shellcheck shell=sh disable=SC2154
#
# What the checks of statements cost where there is nothing to refuse: the same
# workload on
#
#	stock		a server without the library
#	repeat		the same in another database: how far noise moves the ratio
#	loaded		a server with the library, in a database without the extension
#	enforce		the same server, in a database with the extension, in mode
#				enforce, on plain heap tables

start_servers
for server in stock library
do
	for database in plain other
	do
		sql $server postgres -c "CREATE DATABASE $database"
		sql $server $database -f init.sql
	done
done
sql library other -c 'CREATE EXTENSION dsql_emu'

variant stock stock plain
variant repeat stock other
variant loaded library plain
variant enforce library other

for script in select_only simple_update
do
	for protocol in simple prepared
	do
		for count in $clients
		do
			compare "$script, $protocol, $count client(s)" \
				'tps us failed%' \
				throughput $script.sql -M $protocol -c "$count" -j "$count"
		done
	done
done

# What the runs left to clean up must not be counted.
for server in stock library
do
	for database in plain other
	do
		sql $server "dbname=$database options='-c dsql_emu.mode=off'" \
			-c VACUUM
	done
done
if start_counting
then
	for script in select_only simple_update
	do
		for protocol in simple prepared
		do
			count_instructions "$script, $protocol" $script.sql -M $protocol
		done
	done
fi
