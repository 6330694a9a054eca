# shellcheck shell=sh disable=SC2154
#
# What background jobs cost.  On one server, in one database in mode enforce:
#
#	direct		CREATE INDEX CONCURRENTLY, by a session in mode off
#	repeat		the same again: how far noise moves the ratio
#	async		CREATE INDEX ASYNC, until sys.wait_for_job() returns
#
# First on a table of SCALE million rows, while two clients change rows of it as
# fast as they can; then on an empty table, where all that counts is how soon a
# worker is there: the median of 20, each begun when no worker is left.

start_servers
sql library postgres -c 'CREATE DATABASE bench'
sql library bench -c 'CREATE EXTENSION dsql_emu' \
	-c 'CREATE TABLE empty (id bigint PRIMARY KEY, a bigint)' \
	-c 'CREATE TABLE big (id bigint PRIMARY KEY, a bigint, b text)'
off="dbname=bench options='-c dsql_emu.mode=off'"
sql library "$off" -c "INSERT INTO big
	SELECT i, (i::bigint * 7919) % 1000003, md5(i::text)
	FROM generate_series(1, $((1000000 * scale))) i" -c 'VACUUM (ANALYZE, FREEZE) big'
echo 'CREATE INDEX CONCURRENTLY :index ON :table (a);' >direct.sql
cp direct.sql repeat.sql
cat >async.sql <<'END'
CREATE INDEX ASYNC :index ON :table (a) \gset
CALL sys.wait_for_job(:'job_id') \g /dev/null
END
cat >writer.sql <<'END'
\set id random(1, 1000000 * :scale)
UPDATE big SET a = a + 1 WHERE id = :id;
END

variant direct library "$off"
variant repeat library "$off"
variant async library bench

# For compare: the seconds that a build takes, and how many rows a second were
# changed meanwhile.
build()
{
	session=$(database_of "$1")
	$as "$bin/pgbench" -n -h "$work" -p "$(port library)" -U postgres \
		-D scale="$scale" -f writer.sql -M prepared -c 2 -j 2 -T 3600 \
		--max-tries=0 bench >writer.log 2>&1 &
	writer=$!
	until [ "$(sql library "$off" -c "SELECT count(*) FROM pg_stat_activity
			WHERE application_name = 'pgbench' AND query LIKE 'UPDATE%'")" = 2 ]
	do
		sleep 0.01
	done
	changed=$(rows_changed)
	before=$(date +%s%N)
	sql library "$session" -v index=i -v table=big -f "$1.sql"
	after=$(date +%s%N)
	changed=$(($(rows_changed) - changed))
	kill $writer
	{ wait $writer; } 2>/dev/null || :
	[ "$(sql library "$off" -c "SELECT indisvalid FROM pg_index
			WHERE indexrelid = 'i'::regclass")" = t ] || exit 1
	sql library "$off" -c 'DROP INDEX i' -c 'VACUUM big' -c CHECKPOINT
	echo "$before $after $changed" |
		awk '{ s = ($2 - $1) / 1e9; print s, $3 / s }'
}

rows_changed()
{
	sql library "$off" -c 'SELECT rows_written FROM dsql.stats'
}

# For compare: the median of 20 in milliseconds.
build_empty()
{
	session=$(database_of "$1")
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20
	do
		cat <<-END
			\\set index i$i
			SELECT clock_timestamp() AS before \\gset
			\\i $1.sql
			SELECT extract(epoch FROM clock_timestamp() - :'before') * 1000;
			DROP INDEX :index;
			CALL dsql.run_jobs();
			SELECT pg_sleep(0.05) \\g /dev/null
		END
	done >empty.sql
	sql library "$session" -v table=empty -f empty.sql | sort -n |
		awk '{ v[NR] = $1 } END { print (v[10] + v[11]) / 2 }'
}

compare "a table of $scale million rows, two writers" 'seconds writes/s' build
compare 'an empty table' 'ms' build_empty
