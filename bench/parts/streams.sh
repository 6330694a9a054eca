# shellcheck shell=sh disable=SC2154
#
# What a change stream costs those who write to its cluster:
#
#	none		a cluster without a stream
#	repeat		the same in another database: how far noise moves the ratio
#	stream		a cluster with one, whose records are read by nobody
#
# The records take at most 64 MB; old ones are deleted meanwhile.

start_servers '' "dsql_emu.create_delay = 0
	dsql_emu.stream_max_size = 64MB"
for database in none repeat stream
do
	sql library postgres -c "CREATE DATABASE streams_$database"
	sql library "streams_$database" -c 'CREATE EXTENSION dsql_emu' -f limits.sql
done
sql library "dbname=streams_stream options='-c dsql_emu.mode=off'" \
	-c "SELECT dsql.create_stream(dsql.current_cluster(), '{\"kinesis\": {
		\"streamArn\": \"arn:aws:kinesis:us-east-1:000000000000:stream/s\",
		\"roleArn\": \"arn:aws:iam::000000000000:role/r\"}}')" >/dev/null

variant none library streams_none
variant repeat library streams_repeat
variant stream library streams_stream

for script in insert insert_many update
do
	for number in $clients
	do
		compare "$script: $number client(s)" 'tps us failed%' \
			throughput limits_$script.sql -M prepared -c "$number"
	done
done

# Without what the deletion of old records costs, which is done elsewhere.
sql library postgres -c "ALTER SYSTEM SET dsql_emu.stream_max_size = '1GB'"
if start_counting
then
	# A server that was just started looks for work in each database.
	for name in $variants
	do
		count_run "$name" limits_insert.sql -t 20 >/dev/null
	done
	# What an update executes depends on when its page is pruned.
	for script in insert insert_many
	do
		count_instructions "$script" limits_$script.sql -M prepared
	done
fi
