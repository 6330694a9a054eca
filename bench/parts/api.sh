# shellcheck shell=sh disable=SC2154
#
# What the control plane's HTTP API does: rounds of creating, describing and
# deleting a cluster, and of describing one, per second, and the microseconds
# that one takes, at 1 and 16 connections.  Clusters are ACTIVE at once and gone
# at once, but for their schemas, which a job drops meanwhile.
#
# Then the memory of the two processes, of their own, after 1000 requests of
# all kinds and after many: it should not grow.  REQUESTS is how many (100000).

api_port=$(perl -MIO::Socket::INET -e '
	print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
start_servers '' "dsql_emu.api_port = $api_port
	dsql_emu.api_database = bench
	dsql_emu.api_cluster_kind = schema
	dsql_emu.max_single_region_clusters = 1000000
	dsql_emu.create_delay = 0
	dsql_emu.delete_delay = 0"
sql library postgres -c 'CREATE DATABASE bench'
sql library bench -c 'CREATE EXTENSION dsql_emu'
variant http library bench

# For compare: rounds per second, and the microseconds of one.
api()
{
	"$top/bench/api.pl" "$api_port" "$2" "$3" seconds "$seconds"
}

for connections in 1 16
do
	compare "create, get, delete: $connections connection(s)" 'rounds/s us' \
		api "$connections" cycle
	compare "get: $connections connection(s)" 'rounds/s us' \
		api "$connections" get
done

# The memory of its own, in kB, of the API's server or worker.
memory()
{
	pid=$(sql library postgres -c "SELECT pid FROM pg_stat_activity
		WHERE backend_type = 'dsql_emu API $1'")
	sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status"
}

echo "memory in kB        server  worker"
for count in 1000 "${REQUESTS:-100000}"
do
	"$top/bench/api.pl" "$api_port" 4 mixed requests "$count" >/dev/null
	printf '%8d requests  %7d %7d\n' "$count" "$(memory server)" "$(memory worker)"
done
