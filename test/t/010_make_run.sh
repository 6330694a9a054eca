#!/bin/sh
#
# make run and make stop, in a copy of the tree whose path has spaces:
#
#  1. the first run shows the demonstration, and its psql lines work: admin's with
#     TLS and a token; the first access key is shown once
#  2. the second run leaves server and data alone
#  3. a new build is installed, and the server restarted with its data; a new
#     SQL script, too
#  4. two runs at once wait for each other
#  5. a killed server is started again, even if another process has its id, its
#     file is empty, or a process of it needs time to end
#  6. ports that are taken are left alone
#  7. another major version of PostgreSQL gets data of its own
#  8. the superuser cannot connect over TCP
#  9. make stop, with a server and without
# 10. missing packages are named to a user who cannot install them
# 11. of several versions of PostgreSQL, 17 is taken
#
set -eu
unset MAKEFLAGS MAKELEVEL MFLAGS VPATH bindir

test=0
ok()
{
	test=$((test + 1))
	echo "ok $test - $1"
}
not_ok()
{
	test=$((test + 1))
	echo "not ok $test - $1"
	tail -n 20 "$top/out" | sed 's/^/# /'
}
is()
{
	if [ "$2" = "$3" ]
	then
		ok "$1"
	else
		not_ok "$1: got '$2', expected '$3'"
	fi
}
# Is this in the output of the last run?
like()
{
	if grep -qe "$2" "$top/out"
	then
		ok "$1"
	else
		not_ok "$1"
	fi
}

top=$(mktemp -d)
tree="$top/a tree"
finish()
{
	cd "$tree"
	demo/server stop >/dev/null || :
	[ -z "${listener:-}" ] || kill "$listener"
	cd /
	rm -rf "$top"
}
trap 'finish' EXIT
trap 'exit 130' INT TERM

chmod 755 "$top"
mkdir "$tree"
tar --exclude=./.git --exclude=./.dsql -cf - . | tar -C "$tree" -xf -
cd "$tree"

make_()
{
	status=0
	# What the environment says of another server is not looked at.
	PGHOSTADDR=127.0.0.9 PGSSLMODE=disable PGUSER=none PGCONNECT_TIMEOUT=none \
		make -s "$@" >"$top/out" 2>&1 </dev/null || status=$?
}
shows_control_plane()
{
	if command -v curl >/dev/null
	then
		like 'the control plane is shown' '"status": "DELETING"'
	else
		ok 'the control plane is shown # SKIP curl is missing'
	fi
}
# Run one of the psql lines that were printed, as they are: the first is admin's.
psql_line()
{
	line=$(grep '^    .*psql ' "$top/out" | sed -n "$1p")
	shift
	eval "$(grep '^    export ' "$top/out")
		$line -XAtc \"\$1\"" 2>&1
}
server_pid()
{
	head -n 1 .dsql/*/data/postmaster.pid
}
socket()
{
	grep '^    .*psql -h /tmp' "$top/out"
}

PORT=$(perl -MIO::Socket::INET -e '
	print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
API_PORT=$(perl -MIO::Socket::INET -e '
	print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
export PORT API_PORT

# 1
make_ run
is 'first run' $status 0
like 'demonstration' '^ERROR:  unsupported statement: Truncate$'
is 'it can change clusters' "$(grep -c '^ERROR:  the session was bound' "$top/out")" 0
is 'noise' "$(grep -Eci '^gcc|^make|warning|notice' "$top/out")" 0
is 'connection of admin' \
	"$(psql_line 1 'SELECT current_user, current_database()')" 'admin|postgres'
is 'as to the service' "$(psql_line 1 "SELECT ssl FROM pg_stat_ssl
	WHERE pid = (SELECT max(pid) FROM pg_stat_activity WHERE usename = 'admin')")" t
like 'the key is shown' '^    aws_secret_access_key = ....................'
is 'which only its owner reads' "$(stat -L -c %a .dsql/credentials)" 600
is 'as are the private keys' "$(stat -L -c %a .dsql/tls/*.key | sort -u)" 600
line=$(grep '^    .*psql ' "$top/out" | sed -n 's/^.*psql "//;s/"$//;1p')
is 'no token, no connection' "$(PGPASSWORD=x psql -Xc 'SELECT 1' \
	"$line sslmode=require" 2>&1 | grep -c 'access denied')" 1
is 'no TLS, no connection' "$(PGPASSWORD=x psql -Xc 'SELECT 1' \
	"$line sslmode=disable" 2>&1 | grep -c 'SSL is mandatory')" 1
secret=$(sed -n 's/^aws_secret_access_key = //p' .dsql/credentials)
is 'no secret in the log' "$(grep -cF "$secret" .dsql/*/server.log)" 0
is 'the extension is there' "$(psql_line 1 'TRUNCATE nothing')" \
	'ERROR:  unsupported statement: Truncate'
is 'admin makes a table' \
	"$(psql_line 1 'CREATE TABLE kept (a int)')" 'CREATE TABLE'
is 'connection of the superuser' \
	"$(psql_line 2 'SET dsql_emu.mode = off')" 'SET'
is 'the demonstration leaves nothing' "$(psql_line 2 "SELECT count(*)
	FROM pg_database WHERE datname LIKE '%demo%'")" 0
like 'which is told' '^The demonstration had a cluster of its own, which is gone'
socket=$(socket)
shows_control_plane
is 'where it is' "$(sed -n 's/^ *export AWS_ENDPOINT_URL_DSQL=//p' "$top/out")" \
	"http://127.0.0.1:$API_PORT"

# 2
pid=$(server_pid)
make_ run
is 'second run' $status 0
is 'same server' "$(server_pid)" "$pid"
like 'demonstration again' '^ERROR:  unsupported statement: Truncate$'
is 'nothing is built or started' \
	"$(grep -cE '^(Building|Starting)' "$top/out")" 0
is 'the secret is not shown again' "$(grep -c secret_access_key "$top/out")" 0
is 'data is kept' "$(psql_line 1 'SELECT count(*) FROM kept')" 0

# 3
echo '# changed' >>dsql_emu.control
for script in dsql_emu--?.?--?.?.sql
do
	echo "COMMENT ON SCHEMA dsql IS 'changed';" >>"$script"
done
make_ run
is 'run after a build' $status 0
like 'the restart is told' 'restarting the server'
like 'the new script is told' '^dsql_emu--.*\.sql has changed'
is 'the extension is from the new script' \
	"$(psql_line 2 "SELECT obj_description('dsql'::regnamespace)")" changed
is 'the new file is installed' \
	"$(find .dsql/*/install -name dsql_emu.control -exec tail -n 1 {} +)" '# changed'
is 'data is kept' "$(psql_line 1 'SELECT count(*) FROM kept')" 0

# 4
pid=$(server_pid)
make -s run >"$top/out2" 2>&1 </dev/null &
make_ run
is 'run beside another run' $status 0
if wait $!
then
	ok 'the other run'
else
	not_ok 'the other run'
fi
is 'same server' "$(server_pid)" "$pid"

# 5
cp -p .dsql/*/data/postmaster.pid "$top/postmaster.pid"
kill -KILL "$pid"
make_ run
is 'run after a crash' $status 0
like 'it is told' 'starting it and recovering its data \.\.\.$'
is 'the socket is where it was' "$(socket)" "$socket"
is 'data is kept' "$(psql_line 1 'SELECT count(*) FROM kept')" 0

make_ stop
cp -p "$top/postmaster.pid" .dsql/*/data
sed -i "1s/.*/$$/" .dsql/*/data/postmaster.pid
make_ run
is 'run with a stale postmaster.pid' $status 0
is 'data is kept' "$(psql_line 1 'SELECT count(*) FROM kept')" 0

make_ stop
: >"$(echo .dsql/*/data)/postmaster.pid"
(cd .dsql/*/data && exec sleep 1000) &
sleeper=$!
make -s run >"$top/out" 2>&1 </dev/null &
while ! grep -q 'recovering its data' "$top/out" && kill -0 $!
do
	:
done
kill "$sleeper"
if wait $!
then
	ok 'run while an earlier server ends'
else
	not_ok 'run while an earlier server ends'
fi
is 'data is kept' "$(psql_line 1 'SELECT count(*) FROM kept')" 0

# 6
make_ stop
perl -MIO::Socket::INET -e '
	my @sockets = map { IO::Socket::INET->new(Listen => 1, ReuseAddr => 1,
		LocalAddr => "127.0.0.1", LocalPort => $_) or die }
		@ENV{"PORT", "API_PORT"};
	open(my $ready, ">", $ARGV[0]) && close $ready;
	sleep' "$top/ready" &
listener=$!
while ! [ -e "$top/ready" ] && kill -0 "$listener"
do
	:
done
make_ run
is 'run while the port is taken' $status 0
like 'the other port is told' "^Port $PORT is taken: the server listens on port [0-9]*\.$"
like 'also of the control plane' \
	"^Port $API_PORT is taken: the control plane listens on port [0-9]*\.$"
shows_control_plane
is 'data is kept' "$(psql_line 1 'SELECT count(*) FROM kept')" 0

# 7
pg_config=$(command -v "${PG_CONFIG:-pg_config}")
cat >"$top/pg_config" <<END
#!/bin/sh
"$pg_config" "\$@" | sed 's/^PostgreSQL [0-9]*/PostgreSQL 99/'
END
chmod +x "$top/pg_config"
make_ run PG_CONFIG="$top/pg_config"
is 'run with another major version' $status 0
like 'the earlier server is stopped' 'The server is stopped. Its data, of PostgreSQL [0-9]*, stays in .dsql/[0-9]*.$'
is 'data of its own' "$(psql_line 1 'SELECT count(*) FROM kept')" \
	'ERROR:  relation "kept" does not exist
LINE 1: SELECT count(*) FROM kept
                             ^'

# 8
sed -i 's/user=admin/user=postgres/' "$top/out"
case $(psql_line 1 'SELECT 1') in
	*'pg_hba.conf rejects connection'*) ok 'superuser over TCP' ;;
	*) not_ok 'superuser over TCP' ;;
esac

# 9
make_ stop
is 'stop' $status 0
like 'it is told' '^The server is stopped\.'
make_ stop
is 'stop again' $status 0
like 'there is none' '^No server is running\.$'

# 10
mkdir "$top/bin"
cat >"$top/bin/dpkg-query" <<'END'
#!/bin/sh
case $* in *' gcc') echo not-installed ;; *) echo installed ;; esac
END
for command in sudo apt-get
do
	cat >"$top/bin/$command" <<-'END'
		#!/bin/sh
		echo "$0 $*" >&2
		exit 1
	END
done
chmod +x "$top"/bin/*
status=0
env -u PG_CONFIG PATH="$top/bin:$PATH" demo/server run >"$top/out" 2>&1 ||
	status=$?
is 'run without a package' $status 1
if [ "$(id -u)" = 0 ]
then
	like 'root installs it' 'apt-get update'
else
	like 'the line to install it' '^    sudo apt-get update && sudo apt-get install -y gcc$'
fi


# 11.  The others, and the one that is found by its name, are no PostgreSQL that
# could be installed.
for major in 15 17 18
do
	mkdir -p "$top/majors/$major/bin"
	ln -s "$("$pg_config" --bindir)/postgres" "$top/majors/$major/bin"
done
cat >"$top/majors/17/bin/pg_config" <<END
#!/bin/sh
"$pg_config" "\$@" | sed 's/^PostgreSQL [0-9]*/PostgreSQL 917/'
END
mkdir "$top/others"
cat >"$top/others/pg_config" <<END
#!/bin/sh
case \$1 in
	--version) echo 'PostgreSQL 915.1' ;;
	--pgxs) "$pg_config" --pgxs ;;
	*) echo /nonexistent ;;
esac
END
ln -s "$top/others/pg_config" "$top/majors/15/bin"
ln -s "$top/others/pg_config" "$top/majors/18/bin"
printf '#!/bin/sh\necho installed\n' >"$top/others/dpkg-query"
chmod +x "$top"/others/* "$top/majors/17/bin/pg_config"
status=0
env -u PG_CONFIG POSTGRESQL_DIR="$top/majors" PATH="$top/others:$PATH" \
	demo/server run >"$top/out" 2>&1 </dev/null || status=$?
is 'run with several versions' $status 0
is 'it is 17 that runs' "$(find .dsql/9*/data -name postmaster.pid | sed 's!.dsql/\([0-9]*\)/.*!\1!')" 917
make_ stop

echo "1..$test"
