#!/bin/sh
#
# What the Docker image does, without Docker:
#
#  1. each file that the Dockerfile names is there
#  2. docker/preload: a new data directory preloads the library
#  3. docker/initdb: "postgres" is emulated, and admin logs in with the password
#     and the control plane answers
#  4. without a password, and a second time, it does no harm
#
set -eu
unset MAKEFLAGS MAKELEVEL MFLAGS VPATH bindir

top=$(mktemp -d)
finish()
{
	[ ! -f "$top/data/postmaster.pid" ] ||
		$as "$bin/pg_ctl" -D "$top/data" -m immediate stop >/dev/null
	rm -rf "$top"
}
trap 'finish' EXIT
trap 'exit 130' INT TERM

test=0
is()
{
	test=$((test + 1))
	if [ "$2" = "$3" ]
	then
		echo "ok $test - $1"
	else
		echo "not ok $test - $1"
		echo "# got '$2', expected '$3'"
	fi
}

# 1
scripts=$(sed -n -e 's/^COPY \(docker[^ ]*\) .*/\1/p' \
	-e 's!^RUN /dsql_emu/\([^ ]*\).*!\1!p' Dockerfile)
for file in $scripts
do
	is "$file" "$(test -x "$file" && echo executable)" executable
done

# 2
bin=$(test/install "$top/install")
docker/preload "$(find "$top/install" -name postgresql.conf.sample -printf %h)"
export PATH="$bin:$PATH"
as=
if [ "$(id -u)" = 0 ]
then
	as="setpriv --reuid=${RUN_AS:-nobody} --regid=nogroup --clear-groups"
	chown -Rh "${RUN_AS:-nobody}" "$top"
fi
chmod 755 "$top"
export PGHOST="$top" PGPORT=5432
api_port=$(perl -MIO::Socket::INET -e '
	print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
$as "$bin/initdb" -D "$top/data" -U postgres --no-sync -E UTF8 --no-locale \
	>/dev/null 2>&1
echo 'local all admin scram-sha-256
local all all   trust' | $as tee "$top/data/pg_hba.conf" >/dev/null
$as "$bin/pg_ctl" -D "$top/data" -l "$top/server.log" \
	-o "-k $top -h '' -c dsql_emu.api_port=$api_port" -w start >/dev/null
is 'preloaded' "$(psql -XAt -U postgres -c 'SHOW shared_preload_libraries' postgres)" \
	dsql_emu
is 'port of the control plane' "$(sed -n 's/^dsql_emu.api_port = //p' \
	"$top/data/postgresql.conf")" 8100

# 3
export PGDATA="$top/data" DSQL_EMU_AUTH=off
POSTGRES_USER=postgres POSTGRES_PASSWORD="it's secret" docker/initdb
is 'admin' "$(PGPASSWORD="it's secret" psql -XAt -U admin -c 'SHOW server_version' postgres)" \
	16.15
is 'wrong password' "$(PGPASSWORD=secret psql -XAt -U admin -c 'SELECT 1' postgres 2>&1 |
	grep -c 'password authentication failed')" 1

is 'control plane' "$(perl -Itest/perl -MHTTP -e '
	print HTTP::request($ARGV[0], "GET", "/cluster")->{status}' "$api_port")" 200

# 4
docker/initdb
is 'a second time' "$(PGPASSWORD="it's secret" psql -XAt -U admin -c 'SHOW server_version' postgres)" \
	16.15

# 5
unset DSQL_EMU_AUTH
cat "$top/data/pg_hba.conf" - >"$top/pg_hba" <<'END'
host all all all scram-sha-256
END
cat "$top/pg_hba" >"$top/data/pg_hba.conf"
psql -Xq -U postgres -c 'SET dsql_emu.mode = off' \
	-c "ALTER ROLE postgres PASSWORD 'super'" postgres
initdb_log=$($as env POSTGRES_USER=postgres docker/initdb)
is 'the key is shown' "$(echo "$initdb_log" | grep -cE '^aws_secret_access_key = .{40}$')" 1
is 'only the owner reads it' "$(stat -c %a "$top/data/credentials")" 600
is 'it is made once' "$($as env POSTGRES_USER=postgres docker/initdb)" ''
port=$(perl -MIO::Socket::INET -e '
	print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
$as "$bin/pg_ctl" -D "$top/data" -l "$top/server.log" \
	-o "-k $top -h 127.0.0.1 -p $port -c dsql_emu.api_port=0" -w restart >/dev/null
export PGPORT="$port"
token=$(psql -XAt -U postgres -c "SELECT dsql.create_token(access_key_id,
	host => 'localhost') FROM dsql.access_keys" postgres)
tcp="host=localhost hostaddr=127.0.0.1 port=$port dbname=postgres
	sslmode=verify-full sslrootcert=$top/data/tls/ca.crt"
is 'admin with a token' "$(PGPASSWORD="$token" psql -XAt -c 'SHOW server_version' \
	"$tcp user=admin" 2>&1)" 16.15
is 'admin with the password' "$(PGPASSWORD="it's secret" psql -XAt -c 'SELECT 1' \
	"$tcp user=admin" 2>&1 | grep -c 'access denied')" 1
is 'the superuser with the password' "$(PGPASSWORD=super psql -XAt -c 'SELECT 1' \
	"$tcp user=postgres" 2>&1)" 1
is 'the superuser with another' "$(PGPASSWORD="$token" psql -XAt -c 'SELECT 1' \
	"$tcp user=postgres" 2>&1 | grep -c 'password authentication failed')" 1
is 'no TLS' "$(PGPASSWORD="$token" psql -XAt -c 'SELECT 1' \
	"$tcp user=admin sslmode=disable" 2>&1 | grep -c 'SSL is mandatory')" 1

echo "1..$test"
