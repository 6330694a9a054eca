# shellcheck shell=sh disable=SC2154
#
# What optimistic concurrency costs: the same workloads, prepared, on
#
#	stock		heap tables of a server without the library, at REPEATABLE READ
#	enforce		tables with access method btree_table, in mode enforce
#
# by each number of clients in CLIENTS.  Transactions that fail because they met
# another one are tried again until they commit; only the counter makes many of
# them fail.  COPY, by one session, is of batches with as many rows as a
# transaction may have.

start_servers 'max_connections = 50' 'dsql_emu.max_connection_lifetime = 0'
sql stock postgres -c 'CREATE DATABASE bench'
sql stock postgres -c "ALTER DATABASE bench SET default_transaction_isolation = 'repeatable read'"
sql library postgres -c 'CREATE DATABASE bench'
sql library bench -c 'CREATE EXTENSION dsql_emu'
for server in stock library
do
	sql $server bench -f concurrency.sql
done

variant stock stock bench
variant enforce library bench

# Usage: fill variant table
#
# Give the table the rows it had at the beginning, and no others.
fill()
{
	case $2 in
		account) rows='SELECT i, 0, 0, md5(i::text) FROM generate_series(1, 100000 * :scale) i' ;;
		gone) rows='SELECT i, md5(i::text) FROM generate_series(1, 500000) i' ;;
		counter) rows='SELECT 1, 0' ;;
		*) rows="SELECT WHERE false" ;;
	esac
	session='dbname=bench'
	[ "$1" = stock ] || session="$session options='-c dsql_emu.mode=off'"
	printf '%s;\n' "TRUNCATE $2" "INSERT INTO $2 $rows" \
		"VACUUM (ANALYZE, FREEZE) $2" CHECKPOINT |
		sql "$(server_of "$1")" "$session"
	# The backend's time is not that of the run that follows.
	sleep 0.2
}

# For compare: throughput on a table as it was at the beginning.
throughput_on()
{
	fill "$2" "$1"
	shift
	throughput "$@" --max-tries=0
}
on_account() { throughput_on account "$@"; }
on_counter() { throughput_on counter "$@"; }
on_entry() { throughput_on entry "$@"; }
on_gone() { throughput_on gone "$@"; }

# For compare: batches of 3000 rows in a second.
copy_batches()
{
	fill "$1" copied
	before=$(date +%s%N)
	sql "$(server_of "$1")" bench -f copies
	echo "$before $(date +%s%N)" | awk '{ print 100 / (($2 - $1) / 1e9) }'
}

for count in $clients
do
	for pair in read:account insert:entry update:account delete:gone \
		mixed:account counter:counter
	do
		compare "${pair%:*}, prepared, $count client(s)" 'tps us failed%' \
			"on_${pair#*:}" "${pair%:*}.sql" -M prepared -c "$count" -j "$count"
	done
done

awk 'BEGIN {
	for (i = 1; i <= 3000; i++)
		print i "\tsome text that is not too short to be a row, number " i
}' >rows
awk 'BEGIN {
	for (i = 1; i <= 100; i++)
		print "\\copy copied (a, b) FROM rows"
}' >copies
compare 'COPY of 3000 rows' 'batches/s' copy_batches

for name in $variants
do
	for table in account entry gone counter
	do
		fill "$name" "$table"
	done
done
if start_counting
then
	for script in read insert update delete mixed counter
	do
		count_instructions "$script, prepared" $script.sql -M prepared
	done
fi
