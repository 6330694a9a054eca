# shellcheck shell=sh disable=SC2154
#
# What a thousand clusters cost those who use one, and how long it takes to
# make another:
#
#	one			a database with one cluster beside the default one
#	repeat		the same in another database: how far noise moves the ratio
#	thousand	a database with a thousand
#
# "ms" is what one call of dsql.create_cluster() takes, round trip included.

start_servers '' "dsql_emu.max_single_region_clusters = 1000000
	dsql_emu.create_delay = 0
	dsql_emu.delete_delay = 0"

# Usage: make_database name clusters
make_database()
{
	sql library postgres -c "CREATE DATABASE $1"
	sql library "$1" -c 'CREATE EXTENSION dsql_emu'
	cluster=$(sql library "$1" -c "SELECT min(identifier) FROM
		(SELECT (dsql.create_cluster('bench_' || g, false)).identifier
		 FROM generate_series(1, $2) g) made")
	sql library "$(in_cluster "$1" "$cluster")" -f clusters.sql
	sql library "dbname=$1 options='-c dsql_emu.mode=off'" \
		-c 'VACUUM ANALYZE'
}

in_cluster()
{
	echo "dbname=$1 options='-c amzn-cluster-id=$2'"
}

# The milliseconds of a call, in the variant's database.
create()
{
	database=$(database_of "$1" | sed 's/^dbname=\([a-z]*\).*/\1/')
	result=$($as "$bin/pgbench" -n -h "$work" -p "$(port library)" -U postgres \
		-f clusters_create.sql -t 50 "$database" 2>&1) ||
		{ echo "$result" >&2; return 1; }
	sql library "$database" -c "SELECT dsql.delete_cluster(identifier)
		FROM dsql.clusters WHERE schema LIKE '__________________________'" \
		-o /dev/null
	sql library "dbname=$database options='-c dsql_emu.mode=off'" -c VACUUM
	echo "$result" | sed -n 's/^latency average = \([0-9.]*\) ms$/\1/p'
}

make_database one 1
variant one library "$(in_cluster one "$cluster")"
make_database repeat 1
variant repeat library "$(in_cluster repeat "$cluster")"
make_database thousand 1000
variant thousand library "$(in_cluster thousand "$cluster")"

compare 'create_cluster' 'ms' create
compare 'session start' 'tps us failed%' throughput clusters_select.sql -C
for script in select update
do
	compare "$script" 'tps us failed%' \
		throughput clusters_$script.sql -M prepared
done
if start_counting
then
	# A server that was just started looks for work in each database.
	for name in $variants
	do
		count_run "$name" clusters_update.sql -t 20 >/dev/null
	done
	for script in select update
	do
		count_instructions "$script" clusters_$script.sql -M prepared
	done
fi
