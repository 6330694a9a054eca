# shellcheck shell=sh disable=SC2154
#
# Clusters that are a database of their own: how long it takes until 1, 10 and
# 100 of them are ACTIVE, what each takes on disk and in the memory of the server's
# own processes, and what a connection costs, in TLS, with a token, for one
# SELECT 1, to
#
#	default		the default cluster
#	cluster		one with a database of its own
#
# The first cluster of a server also waits for the template.

use_tls
start_servers "$tls_settings" "
dsql_emu.auth = verify
dsql_emu.accept_localhost = on
dsql_emu.create_delay = 0
dsql_emu.max_single_region_clusters = 1000000
dsql_emu.max_connection_rate = -1
dsql_emu.max_connection_burst = -1"
sql library postgres -c 'CREATE EXTENSION dsql_emu' \
	-c "SELECT dsql.create_access_key(access_key_id => 'bench')" >/dev/null

now()
{
	echo $(($(date +%s%N) / 1000000))
}

# Usage: make_clusters count
#
# dsql.clusters, which looks at all of their files, is not asked meanwhile.
make_clusters()
{
	begin=$(now)
	sql library postgres -o /dev/null -c "SELECT dsql.create_cluster(kind => 'database')
		FROM generate_series(1, $1)"
	while [ "$(sql library postgres -c "SELECT count(*) FROM dsql.cluster
		WHERE kind = 'database' AND status_until = 'infinity'")" != 0 ]
	do
		sleep 0.02
	done
	echo $(($(now) - begin))
}

# The memory of its own that each process of the server has, in kB.
memory()
{
	postmaster=$(head -n 1 "$work/library/postmaster.pid")
	for pid in $postmaster $(cat "/proc/$postmaster/task/$postmaster/children")
	do
		cat "/proc/$pid/status" 2>/dev/null || :
	done | awk '/^RssAnon:/ { sum += $2 } END { print sum }'
}

before=$(memory)
echo
echo 'clusters until ACTIVE    ms'
printf '%-24s %s\n' 'the first' "$(make_clusters 1)"
for count in 1 10 100
do
	printf '%-24s %s\n' "$count more" "$(make_clusters $count)"
done
printf '%-24s %s\n' 'disk of one, in kB' "$(sql library postgres -c \
	"SELECT (avg(size) / 1024)::int FROM dsql.clusters WHERE kind = 'database'")"
printf '%-24s %s\n' 'memory of all, in kB' "$(($(memory) - before))"
echo

# Usage: connection host
connection()
{
	token=$(sql library postgres -c "SELECT dsql.create_token('bench',
		host => '$1', expires => 604800)")
	echo "host=$1 hostaddr=127.0.0.1 port=$(port library) dbname=postgres
		user=admin password='$token' sslmode=require gssencmode=disable"
}
variant default library "$(connection localhost)"
variant cluster library "$(connection "$(sql library postgres -c \
	"SELECT endpoint FROM dsql.clusters WHERE kind = 'database' LIMIT 1")")"
# The process that judges connections is there before its time is taken.
run_pgbench cluster connect.sql -C -t 1 >/dev/null
compare 'connection' 'tps us failed%' throughput connect.sql -C
