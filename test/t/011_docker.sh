#!/bin/sh
#
# What the Docker image does, without Docker.  The official image's entry point
# has a substitute here that does the same in short.
#
#  1. each file that the Dockerfile names is there
#  2. docker/build installs what the image consists of, for 15 to 18 on Debian
#  3. what the environment gets wrong is refused before anything is made
#  4. a new data directory: databases, collation, scripts of the user; nobody is
#     listened to while it is made
#  5. clients connect as to the service; docker/health knows
#  6. a clean stop, and a start that changes nothing
#  7. a data directory of another version, and one of another image
#  8. DSQL_EMU_AUTH=off and back
#
set -eu
unset MAKEFLAGS MAKELEVEL MFLAGS VPATH bindir
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY DSQL_EMU_AUTH POSTGRES_DB \
	POSTGRES_USER POSTGRES_PASSWORD PGHOSTADDR PGDATABASE PGUSER PGPASSWORD

top=$(mktemp -d)
server=
finish()
{
	[ -z "$server" ] || kill -QUIT "$server" 2>/dev/null || :
	rm -rf "$top"
}
trap 'finish' EXIT
trap 'exit 130' INT TERM

. test/tap.sh
# How many lines of the log have this?
logged()
{
	grep -ce "$1" "$top/log" || :
}

# 1
file=$(sed -n 's!^RUN /dsql_emu/\([^ ]*\).*!\1!p' Dockerfile)
is "$file" "$(test -x "$file" && echo executable)" executable

# 2
as=
if [ "$(id -u)" = 0 ]
then
	as="setpriv --reuid=${RUN_AS:-nobody} --regid=nogroup --clear-groups"
fi
chmod 755 "$top"
mkdir "$top/tree" "$top/stubs"
tar --exclude=./.git --exclude=./.dsql -cf - . | tar -C "$top/tree" -xf -
for command in apt-get dpkg-query
do
	cat >"$top/stubs/$command" <<-'END'
		#!/bin/sh
		case $* in
			-S*curl*) echo 'libcurl4t64:any: /usr/lib/any/libcurl.so.4' ;;
			-S*) echo 'libmicrohttpd12t64:any: /usr/lib/any/libmicrohttpd.so.12' ;;
			-W*) echo 15.0 ;;
		esac
	END
done
chmod +x "$top/stubs"/*
for major in 15 16 17 18
do
	PG_MAJOR=$major PATH="$top/stubs:$PATH" "$top/tree/docker/build" \
		"$top/image$major" >"$top/build.log" 2>&1 || cat "$top/build.log"
	lib=$top/image$major/usr/local/lib/dsql_emu
	is "image of $major: packages" "$(xargs <"$lib/packages")" \
		'libcurl4t64 libmicrohttpd12t64'
done
is 'image: files' "$(grep -o '/usr/local/lib/dsql_emu/[a-z]*' Dockerfile |
	while read -r file
	do
		[ -f "$top/image18$file" ] || echo "$file"
	done)" ''
is 'image: library' "$(find "$top/image18" -name dsql_emu.so | wc -l)" 1
is 'image: the script is sourced' \
	"$(stat -c %a "$top/image18/docker-entrypoint-initdb.d/00-dsql_emu.sh")" 644
is 'PostgreSQL 14' "$(PG_MAJOR=14 PATH="$top/stubs:$PATH" docker/build "$top/x" 2>&1)" \
	'docker/build: PostgreSQL 14 is not supported: PG_MAJOR can be 15, 16, 17 or 18.'
mkdir "$top/alpine"
is 'Alpine' "$(PG_MAJOR=17 PATH="$top/alpine" /bin/sh docker/build "$top/x" 2>&1)" \
	"docker/build: this image of PostgreSQL is not Debian's: take one such as postgres:17, without -alpine."

# The machine's own PostgreSQL takes the place of the image.
bin=$(test/install "$top/install")
sharedir=$("$bin/pg_config" --sharedir)
docker/preload "$sharedir"
free_port()
{
	perl -MIO::Socket::INET -e '
		print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}
PGPORT=$(free_port)
API_PORT=$(free_port)
PGHOST=$top
PGDATA=$top/data
DSQL_EMU_CERTIFICATES=$top/certificates
export PGPORT API_PORT PGHOST PGDATA DSQL_EMU_CERTIFICATES PATH="$bin:$PATH"
mkdir "$DSQL_EMU_CERTIFICATES"
cat >>"$sharedir/postgresql.conf.sample" <<END
unix_socket_directories = '$top'
listen_addresses = '127.0.0.1'
END
cat >"$bin/docker-entrypoint.sh" <<'END'
#!/bin/bash
set -Eeo pipefail
[ "$1" = postgres ] || exec "$@"
if ! [ -s "$PGDATA/PG_VERSION" ]
then
	export POSTGRES_USER="${POSTGRES_USER:-postgres}"
	export POSTGRES_DB="${POSTGRES_DB:-$POSTGRES_USER}"
	export PGPASSWORD="$POSTGRES_PASSWORD"
	eval "LANG=en_US.UTF-8 initdb -U '$POSTGRES_USER' --no-sync $POSTGRES_INITDB_ARGS" >/dev/null
	# All clients are to be such that come from outside.
	printf 'local all all trust\nhost all all all scram-sha-256\n' >"$PGDATA/pg_hba.conf"
	pg_ctl -w start -o "-c listen_addresses=''" >/dev/null
	echo "ALTER ROLE $POSTGRES_USER PASSWORD :'password'" |
		psql -Xq -U "$POSTGRES_USER" -v password="$PGPASSWORD" postgres
	[ "$POSTGRES_DB" = postgres ] ||
		psql -Xq -U "$POSTGRES_USER" postgres -c "CREATE DATABASE $POSTGRES_DB"
	for script in "$SCRIPTS"/*
	do
		case $script in
			*.sh) . "$script" ;;
			*) psql -v ON_ERROR_STOP=1 -Xq -U "$POSTGRES_USER" -d "$POSTGRES_DB" -f "$script" ;;
		esac
	done
	pg_ctl -m fast -w stop >/dev/null
	unset PGPASSWORD
fi
exec "$@" -c dsql_emu.api_port="$API_PORT"
END
chmod +x "$bin/docker-entrypoint.sh"
[ -z "$as" ] || chown -Rh "${RUN_AS:-nobody}" "$top"

# The variables are for this one container.  Waits until it is healthy, or has
# ended.
start()
{
	: >"$top/log"
	# shellcheck disable=SC2086
	env "$@" $as "$PWD/docker/entrypoint" postgres >"$top/log" 2>&1 &
	server=$!
	tries=2000
	while kill -0 "$server" 2>/dev/null
	do
		! env "$@" docker/health >"$top/health" 2>&1 || return 0
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 0
	done
	wait "$server" || :
	server=
}
stop()
{
	kill -INT "$server"
	wait "$server" || :
	server=
}
superuser()
{
	PGOPTIONS='-c dsql_emu.mode=off' psql -XAtq -U postgres "$@" 2>&1
}

# 3
SCRIPTS=$top/scripts
export SCRIPTS
mkdir "$SCRIPTS"
cp docker/init-scripts "$SCRIPTS/00-dsql_emu.sh"
# What is wrong, and the sentence that says so.
refused()
{
	start POSTGRES_PASSWORD=x "$@"
	is "$*: refused" "$(head -n 1 "$top/log" | sed 's/:.*//')" dsql_emu
	is "$*: nothing is made" "$(ls "$PGDATA" 2>/dev/null)" ''
	is "$*: only that is said" "$(wc -l <"$top/log")" 1
}
refused DSQL_EMU_AUTH=on
is 'which words there are' "$(cat "$top/log")" \
	"dsql_emu: DSQL_EMU_AUTH is 'on': it must be verify, any or off."
refused DSQL_EMU_AUTH=VERIFY
refused AWS_ACCESS_KEY_ID=AKID
is 'both or none' "$(cat "$top/log")" \
	'dsql_emu: AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY: give both or none.'
refused AWS_SECRET_ACCESS_KEY=x
refused AWS_ACCESS_KEY_ID=a-b AWS_SECRET_ACCESS_KEY=x
refused POSTGRES_USER=admin
is 'another command' "$($as docker/entrypoint echo hello)" hello

# 4
cat >"$SCRIPTS/20-schema.sql" <<'END'
CREATE TABLE made (id int PRIMARY KEY, name text);
INSERT INTO made VALUES (1, 'a'), (2, 'B'), (3, '_c'), (4, 'C');
\o :SCRIPTS/../port
SHOW dsql_emu.api_port;
SHOW listen_addresses;
END
sed -i "s!:SCRIPTS!$SCRIPTS!" "$SCRIPTS/20-schema.sql"
start POSTGRES_PASSWORD="it's secret" POSTGRES_DB=app
is 'a new data directory is healthy' "$(cat "$top/health")" ''
is 'nobody is listened to meanwhile' \
	"$(grep -E '^ +[0-9]' "$top/port" | tr -d ' ')" 0
is 'scripts are of admin' "$(superuser app -c "SELECT tableowner, amname FROM pg_tables
	JOIN pg_class ON relname = tablename JOIN pg_am a ON a.oid = relam
	WHERE tablename = 'made'")" 'admin|btree_table'
for name in postgres app
do
	is "$name: encoding and collation" "$(superuser "$name" -c \
		"SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database
		WHERE datname = '$name'")" 'UTF8|C'
	is "$name: extension" "$(superuser "$name" -c 'SELECT count(*) FROM dsql.clusters')" 1
	is "$name: the log tells" "$(logged "^dsql_emu: created version .* in database $name\.$")" 1
done
is 'text is sorted as there' "$(superuser app -c \
	"SELECT string_agg(name, ',' ORDER BY name) FROM made")" 'B,C,_c,a'
is 'no warning' "$(logged WARNING)" 0
is 'the key is shown' "$(logged '^aws_secret_access_key = .\{40\}$')" 1
is 'only the owner reads it' "$(stat -c %a "$PGDATA/credentials")" 600
is 'the certificate is there for others' \
	"$(cksum <"$top/certificates/ca.crt")" "$(cksum <"$PGDATA/tls/ca.crt")"
rm "$top/certificates/ca.crt"
control_plane()
{
	perl -Itest/perl -MHTTP -e '
		my $answer = HTTP::request($ENV{API_PORT}, "GET", "/cluster",
			headers => { Host => $ARGV[0] });
		print $answer->{status}, " ", scalar @{ $answer->{json}{clusters} // [] }' "$1"
}
is 'control plane' "$(control_plane localhost)" '200 0'
is 'by the name of the container' "$(control_plane "$(hostname)")" '200 0'
is 'by another name' "$(control_plane dsql)" '403 0'
is 'its database' "$(superuser app -c 'SHOW dsql_emu.api_database')" app

# 5
tcp="host=localhost hostaddr=127.0.0.1 sslmode=verify-full sslrootcert=$PGDATA/tls/ca.crt"
connect()
{
	PGPASSWORD=$1 psql -XAt "$tcp $2" -c 'SHOW server_version' 2>&1
}
token()
{
	superuser "$1" -c "SELECT dsql.create_token(access_key_id, host => 'localhost')
		FROM dsql.access_keys"
}
token=$(token app)
is 'the same key for both' "$(superuser app -c 'SELECT access_key_id FROM dsql.access_keys')" \
	"$(superuser postgres -c 'SELECT access_key_id FROM dsql.access_keys')"
is 'admin with a token' "$(connect "$token" 'dbname=app user=admin')" 16.15
is 'in the other database' "$(connect "$(token postgres)" 'dbname=postgres user=admin')" 16.15
is 'admin with the password' "$(connect "it's secret" 'dbname=app user=admin' |
	grep -c 'access denied')" 1
is 'the superuser with the password' \
	"$(connect "it's secret" 'dbname=app user=postgres')" 16.15
is 'the superuser with a token' "$(connect "$token" 'dbname=app user=postgres' |
	grep -c 'password authentication failed')" 1
is 'no TLS' "$(connect "$token" 'dbname=app user=admin sslmode=disable' |
	grep -c 'SSL is mandatory')" 1
superuser postgres -c "UPDATE dsql.access_key SET secret = secret || 'x'"
is 'no token, no health' "$(superuser postgres -c "ALTER SYSTEM SET dsql_emu.accept_localhost = off" \
	-c 'SELECT pg_reload_conf()' >/dev/null
	while docker/health >"$top/health" 2>&1; do :; done
	grep -c 'access denied' "$top/health")" 1
superuser postgres -c "ALTER SYSTEM RESET dsql_emu.accept_localhost"

# 6
stop
is 'a clean stop' "$(sed '1,/received fast shutdown request/d' "$top/log" |
	grep -cE 'FATAL|database system is shut down$')" 1
start POSTGRES_PASSWORD="it's secret" POSTGRES_DB=app DSQL_EMU_API_HOSTS=dsql,other
is 'a second start' "$(logged '^dsql_emu')" 0
is 'the certificate is there again' "$(ls "$top/certificates")" ca.crt
is 'by a name that was given' "$(control_plane dsql)" '200 0'
is 'data is kept' "$(superuser app -c 'SELECT count(*) FROM made')" 4
stop

# 7
version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" dsql_emu.control)
start POSTGRES_PASSWORD="it's secret" POSTGRES_DB=app
for name in postgres app
do
	superuser "$name" -c 'SET client_min_messages = error' -c 'DROP EXTENSION dsql_emu CASCADE' \
		-c "CREATE EXTENSION dsql_emu VERSION '1.0'"
done
stop
$as sed -i 's/^# dsql_emu [0-9.]*,/# dsql_emu 1.0,/' "$PGDATA/dsql_emu.conf"
cat >>"$sharedir/extension/dsql_emu--1.0--$version.sql" <<'SQL'
DO $$
BEGIN
	EXECUTE format('COMMENT ON SCHEMA dsql IS %L', 'ports ' ||
		current_setting('listen_addresses') || current_setting('dsql_emu.api_port'));
END;
$$;
SQL
start POSTGRES_PASSWORD="it's secret" POSTGRES_DB=app
for name in postgres app
do
	is "$name: an older version is told" "$(logged \
		"^dsql_emu: updated database $name from version 1\.0 to $version\.$")" 1
	is "$name: while nobody is listened to" "$(superuser "$name" -c \
		"SELECT obj_description('dsql'::regnamespace)")" 'ports 0'
done
is 'no new key' "$(logged aws_secret_access_key)" 0
is 'data is kept' "$(superuser app -c 'SELECT count(*) FROM made')" 4
stop

$as rm -rf "$PGDATA"
$as "$bin/initdb" -D "$PGDATA" -U postgres --no-sync -E LATIN1 --no-locale >/dev/null 2>&1
$as sed -i -e "s/^shared_preload_libraries = .*/shared_preload_libraries = 'pg_stat_statements'/" \
	"$PGDATA/postgresql.conf"
echo 'host all all all scram-sha-256' | $as tee -a "$PGDATA/pg_hba.conf" >/dev/null
start POSTGRES_PASSWORD=secret
is 'another image: the library' "$(superuser postgres -c 'SHOW shared_preload_libraries')" \
	'pg_stat_statements, dsql_emu'
is 'another image: healthy' "$(cat "$top/health")" ''
is 'another image: the log tells' \
	"$(logged '^dsql_emu: \(the data directory is not\|added the library\|created version\)')" 3
is 'another image: encoding' "$(logged 'WARNING:  database "postgres" does not compare text')" 1

hba="host all \"postgres\" all scram-sha-256
host all all all trust"
is 'pg_hba.conf' "$(grep '^host all ' "$PGDATA/pg_hba.conf")" "$hba"
stop

# 8
start POSTGRES_PASSWORD=secret DSQL_EMU_AUTH=off
is 'off: passwords are asked for again' "$(grep '^host all ' "$PGDATA/pg_hba.conf")" \
	'host all all all scram-sha-256'
is 'off: healthy' "$(cat "$top/health")" ''
is 'off: admin has the password' "$(PGPASSWORD=secret psql -XAt -U admin -h "$top" \
	-c 'SHOW server_version' postgres)" 16.15
stop
start POSTGRES_PASSWORD=secret DSQL_EMU_AUTH=any AWS_ACCESS_KEY_ID=AKID AWS_SECRET_ACCESS_KEY=x
is 'any: tokens are asked for' "$(grep '^host all ' "$PGDATA/pg_hba.conf")" "$hba"
is 'any: healthy' "$(cat "$top/health")" ''
stop

echo "1..$test"
