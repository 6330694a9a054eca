# shellcheck shell=sh disable=SC2034,SC2154
#
# What the parts of bench/run share; bench/run reads it, and then the part.
#
# A part calls start_servers, makes its databases with sql, names with variant
# what is to be compared, and then measures.  The variants take turns, and each
# is compared with the first one's figures of the same round, so that what else
# the machine does hits them alike.
#
# A part may use $rounds, $seconds, $clients and $scale (see bench/run), $bin
# (the server's executables), $work (a directory of its own, in which it runs)
# and $as (what to put before a command that must not run as root).

rounds=${ROUNDS:-10}
seconds=${SECONDS_PER_RUN:-3}
clients=${CLIENTS:-1}
scale=${SCALE:-1}
variants=

# --------------------------------------------------------------------------
# Servers
# --------------------------------------------------------------------------

# Usage: start_servers [settings [settings of the library's server]]
#
# Start one server without the library and one with it: stock and library.
# fsync is off: waiting for the disk would hide what is to be measured.
# Neither works in the background, unless the settings say so.
start_servers()
{
	for server in stock library
	do
		$as cp -a "$template" "$work/$server"
		{
			echo "listen_addresses = ''"
			echo "unix_socket_directories = '$work'"
			echo "port = $(port $server)"
			echo 'shared_buffers = 256MB'
			echo 'fsync = off'
			echo 'autovacuum = off'
			echo 'checkpoint_timeout = 1h'
			echo 'max_wal_size = 8GB'
			if [ $server = library ]
			then
				echo "shared_preload_libraries = 'dsql_emu'"
				echo 'dsql_emu.auto_analyze = off'
			fi
			echo "${1:-}"
			[ $server = stock ] || echo "${2:-}"
		} | $as tee -a "$work/$server/postgresql.conf" >/dev/null
		start_server $server
	done
}

start_server()
{
	$as "$bin/pg_ctl" -D "$work/$1" -l "$work/$1.log" -w start >/dev/null ||
		{ cat "$work/$1.log" >&2; exit 1; }
}

stop_servers()
{
	for server in stock library
	do
		[ ! -f "$work/$server/postmaster.pid" ] ||
			$as "$bin/pg_ctl" -D "$work/$server" -m "$1" -w stop >/dev/null
	done
}

# Both servers are reached through sockets in $work, under these ports.
stock_port=1
library_port=2
port()
{
	eval "echo \"\$$1_port\""
}

free_port()
{
	perl -MIO::Socket::INET -e '
		print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}

# Usage: use_tls
#
# Before start_servers: sets $tls_settings for it, with which the servers take
# connections in TLS, too.  These go through TCP, where the lowest ports are not
# everybody's.
use_tls()
{
	stock_port=$(free_port)
	library_port=$(free_port)
	$as "$bin/dsql_emu-tls" "$work/tls"
	tls_settings="
listen_addresses = '127.0.0.1'
ssl = on
ssl_cert_file = '$work/tls/server.crt'
ssl_key_file = '$work/tls/server.key'"
}

# Usage: sql server database [psql options]
#
# Run statements; the answers are printed unaligned, without headings.
# A database can be a connection string:
# "dbname=enforce options='-c dsql_emu.mode=off'".
sql()
{
	server=$1
	shift
	$as "$bin/psql" -XAtq -v ON_ERROR_STOP=1 -v scale="$scale" -h "$work" \
		-p "$(port "$server")" -U postgres -d "$@"
}

# --------------------------------------------------------------------------
# Variants
# --------------------------------------------------------------------------

# Usage: variant name server database
#
# The first variant is the one with which the others are compared.
variant()
{
	variants="$variants${variants:+ }$1"
	eval "server_of_$1=\$2 database_of_$1=\$3"
}

server_of()
{
	eval "echo \"\$server_of_$1\""
}

database_of()
{
	eval "echo \"\$database_of_$1\""
}

# Usage: compare what figures command [argument ...]
#
# Run "command variant argument ...", which prints one number for each of the
# named figures, in $rounds rounds, and print a line for each variant: of each
# figure the median, and of its ratios to the first variant's in the same round
# the median and the quartiles.
compare()
{
	what=$1
	figures=$2
	shift 2
	command=$1
	shift
	round=1
	order=$variants
	: >runs
	while [ "$round" -le "$rounds" ]
	do
		for name in $order
		do
			result=$("$command" "$name" "$@") || exit 1
			echo "$round $name $result" >>runs
		done
		case $order in
			*' '*) order="${order#* } ${order%% *}" ;;
		esac
		round=$((round + 1))
	done
	awk -v what="$what" -v variants="$variants" -v figures="$figures" '
		function sort(values, n,    i, j, t)
		{
			for (i = 2; i <= n; i++)
				for (j = i; j > 1 && values[j] < values[j - 1]; j--)
				{
					t = values[j]; values[j] = values[j - 1]; values[j - 1] = t
				}
		}
		function quantile(values, n, q,    at, low)
		{
			at = 1 + (n - 1) * q
			low = int(at)
			return low == n ? values[n] : \
				values[low] + (at - low) * (values[low + 1] - values[low])
		}
		function show(f, variant,    i, value, ratio, m)
		{
			m = 0
			for (i = 1; i <= n; i++)
			{
				value[i] = seen[f, i, variant] + 0
				if (seen[f, i, name[1]] + 0 != 0)
					ratio[++m] = value[i] / seen[f, i, name[1]]
			}
			sort(value, n)
			printf " %9.*f", quantile(value, n, 0.5) < 100, quantile(value, n, 0.5)
			if (variant == name[1])
				printf "  %-18s", ""
			else if (m == n)
			{
				sort(ratio, n)
				printf "  %.3f (%.2f-%.2f) ", quantile(ratio, n, 0.5), \
					quantile(ratio, n, 0.25), quantile(ratio, n, 0.75)
			}
			else
				printf "  %-18s", "-"
		}
		{
			for (f = 3; f <= NF; f++)
				seen[f - 2, $1, $2] = $f
			n = $1
		}
		END {
			count = split(variants, name)
			known = split(figures, figure)
			print what
			printf "    %-8s", ""
			for (f = 1; f <= known; f++)
				printf " %9s  %-18s", figure[f], f == 1 ? "ratio (quartiles)" : "ratio"
			print ""
			for (v = 1; v <= count; v++)
			{
				printf "    %-8s", name[v]
				for (f = 1; f <= known; f++)
					show(f, name[v])
				print ""
			}
		}' runs
}

# --------------------------------------------------------------------------
# pgbench
# --------------------------------------------------------------------------

# Usage: run_pgbench variant script [pgbench option ...]
run_pgbench()
{
	pgbench_variant=$1
	script=$2
	shift 2
	$as "$bin/pgbench" -n -h "$work" -p "$(port "$(server_of "$pgbench_variant")")" \
		-U postgres -D scale="$scale" -f "$script" "$@" \
		"$(database_of "$pgbench_variant")" 2>&1
}

# Usage: throughput variant script [pgbench option ...]
#
# For compare: transactions per second, the microseconds of processor time that
# the server's processes took for one, and the percentage of those that failed
# because they conflicted with another.
throughput()
{
	data=$work/$(server_of "$1")
	postmaster=$(head -n 1 "$data/postmaster.pid")
	children=$(wc -w <"/proc/$postmaster/task/$postmaster/children")
	before=$(ended_children "$postmaster" "$children")
	result=$(run_pgbench "$@" -T "$seconds") || { echo "$result" >&2; return 1; }
	after=$(ended_children "$postmaster" "$children")
	echo "$result" | awk -v ticks=$((after - before)) \
		-v second="$(getconf CLK_TCK)" '
		/^tps =/ { tps = $3 }
		/^number of transactions actually processed/ { count = $6 }
		/^number of failed transactions/ { failed = $5 }
		END {
			print tps, ticks / second * 1e6 / (count + failed), \
				100 * failed / (count + failed)
		}'
}

# The processor time of a postmaster's children that have ended, in ticks, once
# no more than so many are left.
ended_children()
{
	until [ "$(wc -w <"/proc/$1/task/$1/children")" -le "$2" ]
	do
		sleep 0.01
	done
	awk '{ print $16 + $17 }' "/proc/$1/stat"
}

# --------------------------------------------------------------------------
# Instructions
# --------------------------------------------------------------------------

# Usage: start_counting
#
# Start both servers anew under valgrind, where it is installed (else false):
# they are fit for count_instructions only.
start_counting()
{
	if ! command -v valgrind >/dev/null
	then
		echo 'Instructions are not counted, because valgrind is not installed.'
		return 1
	fi
	stop_servers fast
	for server in stock library
	do
		$as mkdir -p "$work/$server.counts"
		$as valgrind --tool=cachegrind --cache-sim=no --log-file=/dev/null \
			--cachegrind-out-file="$work/$server.counts/%p" \
			"$bin/postgres" -D "$work/$server" >"$work/$server.log" 2>&1 &
		until "$bin/pg_isready" -q -h "$work" -p "$(port "$server")"
		do
			kill -0 $! || { cat "$work/$server.log" >&2; exit 1; }
			sleep 0.1
		done
	done
	echo 'Instructions that a backend executes in user space for one transaction:'
}

# Usage: count_instructions what script [pgbench option ...]
#
# Print a line for each variant: the instructions of one transaction, and their
# ratio to the first variant's.  They depend on neither the machine's speed nor
# its load, but leave out the kernel's work.
count_instructions()
{
	what=$1
	shift
	first=
	for name in $variants
	do
		count_run "$name" "$@" -t 20 >/dev/null
		few=$(count_run "$name" "$@" -t 200) || exit 1
		many=$(count_run "$name" "$@" -t 1200) || exit 1
		each=$(((many - few) / 1000))
		: "${first:=$each}"
		echo "$each $first" | awk -v what="$what" -v name="$name" \
			'{ printf "%-31s %-8s %9d  %.3f\n", what, name, $1, $1 / $2 }'
	done
}

# The instructions of a run.  pgbench connects twice: once to look around, and
# once to do the work.
count_run()
{
	counts=$work/$(server_of "$1").counts
	rm -f "$counts"/*
	result=$(run_pgbench "$@" --random-seed=1) || { echo "$result" >&2; exit 1; }
	until [ "$(grep -l '^summary:' "$counts"/* 2>/dev/null | wc -l)" -ge 2 ]
	do
		sleep 0.05
	done
	sed -n 's/^summary: //p' "$counts"/* | awk '{ sum += $1 } END { printf "%.0f", sum }'
}
