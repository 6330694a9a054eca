# shellcheck shell=sh disable=SC2154
#
# What it costs to read all of a small table in the order of its primary key, as
# the service does, on tables whose rows were inserted in another order:
#
#	heap		as the heap has them, because enable_indexscan is off
#	repeat		the same: how far noise moves the ratio
#	key			in the order of the key

start_servers
sql library postgres -c 'CREATE DATABASE ordered'
sql library ordered -c 'CREATE EXTENSION dsql_emu'
for rows in 10 100
do
	sql library ordered -c "CREATE TABLE order_$rows (id uuid PRIMARY KEY,
			v varchar(100))" -c "INSERT INTO order_$rows
			SELECT md5(g::text)::uuid, 'the text of a row' FROM
			generate_series(1, $rows) AS g" -c "ANALYZE order_$rows"
	echo "SELECT * FROM order_$rows" >order_$rows.sql
done

variant heap library "dbname=ordered options='-c enable_indexscan=off'"
variant repeat library "dbname=ordered options='-c enable_indexscan=off'"
variant key library ordered

for rows in 10 100
do
	compare "$rows rows" 'tps us failed%' \
		throughput order_$rows.sql -M prepared -c 1
done
if start_counting
then
	# A server that was just started looks for work in each database.
	for name in $variants
	do
		count_run "$name" order_10.sql -t 20 >/dev/null
	done
	for rows in 10 100
	do
		count_instructions "$rows rows" order_$rows.sql -M prepared
	done
fi
