# shellcheck shell=sh disable=SC2154
#
# What it costs to count and measure for the limits of transactions and rows,
# on tables of the service's kind in mode enforce:
#
#	off			all limits are switched off
#	repeat		the same in another database: how far noise moves the ratio
#	on			the service's limits, of which no statement reaches any

start_servers
for database in off repeat on
do
	sql library postgres -c "CREATE DATABASE limits_$database"
	sql library "limits_$database" -c 'CREATE EXTENSION dsql_emu' -f limits.sql
done
settings=$(sql library limits_on -c "SELECT setting FROM dsql.limits
	WHERE name NOT IN ('connections', 'connection_rate', 'connection_burst')")
for database in off repeat
do
	for setting in $settings
	do
		sql library postgres \
			-c "ALTER DATABASE limits_$database SET $setting = 0"
	done
done

variant off library limits_off
variant repeat library limits_repeat
variant on library limits_on

for script in insert insert_many insert_long update
do
	compare "$script" 'tps us failed%' \
		throughput limits_$script.sql -M prepared -c 1
done
for database in off repeat on
do
	sql library "dbname=limits_$database options='-c dsql_emu.mode=off'" \
		-c VACUUM -c CHECKPOINT
done
if start_counting
then
	# A server that was just started looks for work in each database.
	for name in $variants
	do
		count_run "$name" limits_update.sql -t 20 >/dev/null
	done
	for script in insert insert_many insert_long update
	do
		count_instructions "$script" limits_$script.sql -M prepared
	done
fi
