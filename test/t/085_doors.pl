# Ways by which a user of a database could become more than that, each beside
# the nearest thing that admin may do.
#
#  1. what our own objects offer: functions that run with others' rights, what
#     PUBLIC may call, operators and functions in our views
#  2. operators, casts, types and functions that stand in front of others
#  3. owners, default privileges, extension membership, event triggers, large
#     objects, comments and labels; in the modes enforce and report
#  4. names that look like SQL
#  5. our functions, when they are called with nothing but NULL
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', q{
shared_preload_libraries = 'dsql_emu'
dsql_emu.create_delay = 0
dsql_emu.delete_delay = 0
dsql_emu.auto_analyze = off
});
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE theirs LOGIN; CREATE EXTENSION dsql_emu');
my $super = $node->safe_psql('postgres', 'SELECT current_user');

sub ask
{
	my ($user, $statement) = @_;
	my ($status, $output, $errors) = $node->psql('postgres', $statement,
		extra_params => [ '-U', $user, '-v', 'VERBOSITY=verbose' ]);
	return $errors =~ /ERROR:  (\w{5}: .*)$/m ? $1 : $errors if $status != 0;
	return $output;
}

# 1
my $ours = q{pronamespace IN ('dsql'::regnamespace, 'sys'::regnamespace)};
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_proc WHERE $ours AND prosecdef"), '0',
	'no function of ours runs with the rights of who made it');
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_proc WHERE $ours AND prolang NOT IN
		(SELECT oid FROM pg_language WHERE lanname IN ('c', 'internal')) AND prosqlbody IS NULL"), '0',
	'none in SQL looks names up when it is called');
is($node->safe_psql('postgres', "SELECT string_agg(proname, ' ' ORDER BY proname COLLATE \"C\") FROM pg_proc
		WHERE $ours AND has_function_privilege('theirs', oid, 'EXECUTE') AND proname ~
		'^(api|create_|delete_|update_|put_|tag_|untag_|set_.*status|advance|reset|fail_job|run_jobs|stream_|check_|finding)'
		AND proname NOT IN ('create_index_async')"), '',
	'PUBLIC calls none that changes what is not its own');
is($node->safe_psql('postgres', q{
		SELECT count(*) FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
			JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
			LEFT JOIN pg_operator o ON d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid
			LEFT JOIN pg_proc p ON d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid
		WHERE c.relnamespace IN ('dsql'::regnamespace, 'sys'::regnamespace)
			AND (o.oid IS NOT NULL OR p.pronamespace NOT IN ('dsql'::regnamespace, 'sys'::regnamespace, 'pg_catalog'::regnamespace))}),
	'0', 'our views use operators and functions of PostgreSQL and of ours');
is($node->safe_psql('postgres', q{
		SELECT string_agg(c.relname, ' ') FROM pg_class c
		WHERE relnamespace = 'dsql'::regnamespace AND relkind = 'r'
			AND (has_table_privilege('admin', oid, 'SELECT') OR has_table_privilege('admin', oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))}),
	'', 'admin has no rights on our tables');

# 2 and 3
my @refused = (
	'CREATE OPERATOR public.= (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int)',
	'CREATE CAST (int AS text) WITH INOUT AS IMPLICIT',
	'CREATE TYPE trap', 'CREATE TYPE trap AS (a int)',
	'CREATE AGGREGATE trap (int) (SFUNC = int4pl, STYPE = int)',
	'CREATE OPERATOR CLASS trap FOR TYPE int USING btree AS OPERATOR 1 <',
	"CREATE FUNCTION trap() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'",
	"CREATE FUNCTION trap() RETURNS int LANGUAGE c AS 'dsql_emu', 'dsql_now'",
	"CREATE FUNCTION trap() RETURNS int LANGUAGE internal AS 'pg_backend_pid'",
	'CREATE FUNCTION dsql.trap() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
	'CREATE FUNCTION sys.trap() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
	'CREATE FUNCTION pg_catalog.trap() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
	'CREATE OR REPLACE FUNCTION dsql.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT NULL::timestamptz $$',
	'CREATE TABLE dsql.trap (id int PRIMARY KEY)', 'CREATE TABLE sys.trap (id int PRIMARY KEY)',
	'CREATE VIEW dsql.trap AS SELECT 1', 'DROP VIEW dsql.clusters', 'DROP FUNCTION dsql.now()',
	'ALTER TABLE dsql.cluster OWNER TO admin', 'INSERT INTO dsql.access_key VALUES (1)',
	'SELECT secret FROM dsql.access_key', 'DELETE FROM dsql.job', 'GRANT ALL ON dsql.cluster TO admin',
	'ALTER SCHEMA dsql OWNER TO admin', 'DROP SCHEMA dsql CASCADE',
	'DROP EXTENSION dsql_emu', 'ALTER EXTENSION dsql_emu ADD TABLE mine', 'ALTER EXTENSION dsql_emu DROP VIEW dsql.clusters',
	'ALTER EXTENSION dsql_emu UPDATE', 'CREATE EXTENSION file_fdw', 'CREATE EXTENSION plpython3u',
	"ALTER TABLE mine OWNER TO $super", 'ALTER TABLE mine OWNER TO theirs', "ALTER FUNCTION f(int) OWNER TO $super",
	"ALTER SCHEMA own OWNER TO $super", "REASSIGN OWNED BY admin TO $super", "SET ROLE $super",
	"SET SESSION AUTHORIZATION $super", "ALTER DEFAULT PRIVILEGES FOR ROLE $super GRANT ALL ON TABLES TO admin",
	'ALTER DEFAULT PRIVILEGES FOR ROLE theirs GRANT ALL ON TABLES TO admin',
	'CREATE EVENT TRIGGER trap ON ddl_command_end EXECUTE FUNCTION f()',
	'CREATE TRIGGER trap BEFORE INSERT ON mine FOR EACH ROW EXECUTE FUNCTION f()',
	'CREATE RULE trap AS ON INSERT TO mine DO ALSO SELECT 1',
	"SELECT lo_import('/etc/passwd')", "SELECT lo_export(1, '/tmp/trap')", 'ALTER LARGE OBJECT 1 OWNER TO admin',
	"COMMENT ON ROLE $super IS 'x'", "COMMENT ON DATABASE template1 IS 'x'", "COMMENT ON EXTENSION dsql_emu IS 'x'",
	"SECURITY LABEL FOR dsql_emu ON ROLE theirs IS 'managed'", "SECURITY LABEL FOR dsql_emu ON ROLE $super IS 'managed'",
	"SECURITY LABEL FOR dsql_emu ON SCHEMA own IS 'aaaaaaaaaaaaaaaaaaaaaaaaaa'",
	"COPY mine FROM PROGRAM 'id'", "COPY mine TO '/tmp/trap'", "COPY mine FROM '/etc/passwd'",
	"SELECT pg_read_file('postgresql.conf')", "SELECT pg_ls_dir('.')", 'SELECT pg_reload_conf()',
	"SELECT pg_read_binary_file('PG_VERSION')", 'SELECT rolpassword FROM pg_authid',
	'UPDATE pg_class SET relowner = 10', 'UPDATE pg_statistic SET stanullfrac = 0', 'SELECT FROM pg_statistic FOR UPDATE',
	"ALTER SYSTEM SET log_statement = 'all'", "LOAD 'dsql_emu'", 'CREATE TABLESPACE trap LOCATION \'/tmp\'',
	"CREATE SUBSCRIPTION trap CONNECTION 'dbname=postgres' PUBLICATION p", 'CREATE PUBLICATION trap FOR ALL TABLES',
	"SELECT pg_create_logical_replication_slot('trap', 'test_decoding')",
	"SELECT dsql.create_access_key()", "SELECT dsql.create_token('AKIAAAAAAAAAAAAAAAAA')",
	"SELECT dsql.fail_job('a', 'b')", "SELECT dsql.advance_clock('1 day')",
	"SELECT dsql.table_am_handler(NULL)", "SELECT dsql.replace_default_cluster()", 'SET dsql_emu.mode = off',
	"SELECT set_config('dsql_emu.mode', 'off', false)", "ALTER ROLE admin SET dsql_emu.mode = off",
	"ALTER DATABASE postgres SET dsql_emu.mode = off");
my @allowed = (
	# A warning: no privileges were granted
	'GRANT USAGE, CREATE ON SCHEMA dsql TO admin',
	'CREATE FUNCTION lower(text) RETURNS text LANGUAGE sql AS $$ SELECT $1 $$', 'DROP FUNCTION public.lower(text)',
	'CREATE DOMAIN d AS int', 'DROP DOMAIN d',
	'CREATE ROLE friend', 'GRANT friend TO admin', 'ALTER SCHEMA own OWNER TO friend', 'ALTER SCHEMA own OWNER TO admin',
	'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO friend', 'ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM friend',
	"COMMENT ON ROLE friend IS 'x'", 'DROP ROLE friend', 'COMMENT ON TABLE mine IS \'x\'',
	'COPY mine TO STDOUT', 'SELECT count(*) FROM pg_stats', 'SELECT count(*) FROM dsql.access_keys', 'SELECT dsql.now() IS NULL');

is(ask('admin', $_), '', $_) foreach 'CREATE TABLE mine (id int PRIMARY KEY, a int)', 'CREATE SCHEMA own',
  'CREATE FUNCTION f(i int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT i $$';
foreach my $mode ('enforce', 'report')
{
	$node->safe_psql('postgres', "ALTER ROLE admin SET dsql_emu.mode = $mode");
	foreach my $statement (@refused)
	{
		# What is harmless may be done where the dialect only reports.
		my $outcome = ask('admin', $statement);
		my $harmless = $mode eq 'report' &&
		  $statement =~ /^CREATE (OPERATOR public|AGGREGATE|TYPE|TRIGGER|RULE|PUBLICATION)|plpgsql/;

		$harmless || like($outcome, qr/^(42501|0A000|42P17|22023|55000|42704|42883|42601|2BP01|25001|XX000|28000|42P01|0LP01): /,
			"$mode: $statement");
	}
	like(ask('admin', $_), qr/^(\d*|[tf])$/, "$mode: $_") foreach @allowed;
	is($node->safe_psql('postgres', q{
			SET dsql_emu.mode = off;
			SELECT (SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles
					WHERE (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication) AND oid >= 16384),
				(SELECT count(*) FROM pg_auth_members m WHERE member = 'admin'::regrole),
				(SELECT count(*) FROM pg_seclabels WHERE provider = 'dsql_emu'),
				(SELECT count(*) FROM pg_shseclabel WHERE provider = 'dsql_emu'),
				(SELECT count(*) FROM pg_class WHERE relnamespace IN ('dsql'::regnamespace, 'sys'::regnamespace) AND relowner <> 10),
				(SELECT count(*) FROM pg_largeobject_metadata),
				has_schema_privilege('admin', 'dsql', 'CREATE')}),
		'|0|0|0|0|0|f', "$mode: nothing came of it");
	$node->safe_psql('postgres', q{
		SET dsql_emu.mode = off; SET client_min_messages = warning;
		DROP TRIGGER IF EXISTS trap ON mine; DROP RULE IF EXISTS trap ON mine; DROP AGGREGATE IF EXISTS trap(int);
		DROP FUNCTION IF EXISTS trap(); DROP TYPE IF EXISTS trap CASCADE; DROP PUBLICATION IF EXISTS trap;
		DROP OPERATOR IF EXISTS public.= (int, int)});
}
$node->safe_psql('postgres', 'ALTER ROLE admin RESET dsql_emu.mode');

# A user's function of the name of PostgreSQL's is not called by us.
is(ask('admin', $_), '', $_) foreach
  q{CREATE FUNCTION format(text, text) RETURNS text LANGUAGE sql AS $$ SELECT 'trap' $$},
  q{CREATE FUNCTION count(int) RETURNS bigint LANGUAGE sql AS $$ SELECT 666::bigint $$};
is($node->safe_psql('postgres', 'SET search_path = public, pg_catalog; SELECT schema FROM dsql.clusters'), 'public',
	'our views are what they were');

# 4
my $drop = q{DROP TABLE public.mine; --};
foreach my $name ("a'; $drop", "a\"; $drop", "a\$\$; $drop", 'a"', "a'", 'a\\', '%s %n', "caf\x{c3}\x{a9}", 'SELECT', '-c')
{
	my $quoted = '"' . $name =~ s/"/""/gr . '"';
	my $index = $quoted =~ s/^"/"i/r;
	my $literal = q{E'} . $name =~ s/(['\\])/\\$1/gr . q{'};

	is(ask('admin', "CREATE ROLE $quoted"), '', "a role named $name");
	is(ask('admin', "GRANT $quoted TO admin"), '', 'granted');
	is(ask('admin', "ALTER ROLE $quoted SET search_path = 'public'"), '', 'altered');
	is(ask('admin', "COMMENT ON ROLE $quoted IS $literal"), '', 'commented on');
	is(ask('admin', "REVOKE $quoted FROM admin"), '', 'revoked');
	is(ask('admin', "DROP ROLE $quoted"), '', 'dropped');

	is(ask('admin', "CREATE SCHEMA $quoted"), '', "a schema named $name");
	is(ask('admin', "CREATE TABLE $quoted.$quoted ($quoted int PRIMARY KEY, a int)"), '', 'a table');
	is(ask('admin', "INSERT INTO $quoted.$quoted VALUES (1, 1)"), '', 'a row');
	my $job = ask('admin', "CREATE INDEX ASYNC $index ON $quoted.$quoted (a)");
	is(ask('admin', "CALL sys.wait_for_job('$job')"), 't', 'an index');
	is(ask('admin', "ALTER TABLE $quoted.$quoted ADD CONSTRAINT $quoted CHECK (a > 0) NOT VALID"), '', 'a constraint');
	$job = ask('admin', "ALTER TABLE ASYNC $quoted.$quoted VALIDATE CONSTRAINT $quoted");
	is(ask('admin', "CALL sys.wait_for_job('$job')"), 't', 'which is validated');
	is(ask('admin', "DROP SCHEMA $quoted CASCADE"), '', 'dropped');

	my $identifier = ask('admin', "SELECT identifier FROM dsql.create_cluster(schema_name => $literal, deletion_protection_enabled => false)");
	like($identifier, qr/^([a-z0-9]{26}|22023: .*|42\w{3}: .*)$/, 'a cluster, or none');
	next if $identifier !~ /^\w{26}$/;
	local $ENV{PGOPTIONS} = "-c amzn-cluster-id=$identifier";
	is(ask('admin', "CREATE TABLE x (id int PRIMARY KEY)"), '', 'a table in it');
	is(ask('admin', "SELECT current_schema() = $literal"), 't', 'its schema');
	$ENV{PGOPTIONS} = '';
	like(ask('admin', "SELECT status FROM dsql.delete_cluster('$identifier')"), qr/^DELETING$/, 'and its end');
}
is(ask('admin', 'SELECT count(*) FROM mine'), '0', 'the table is still there');

# 5
my $calls = $node->safe_psql('postgres', q{
	SELECT format('SELECT %s(%s);', p.oid::regproc,
		(SELECT string_agg('NULL::' || t::regtype, ', ') FROM unnest(proargtypes) t))
	FROM pg_proc p WHERE pronamespace IN ('dsql'::regnamespace, 'sys'::regnamespace)
		AND pronargs > 0 AND prokind = 'f' AND prorettype <> ALL
			('{index_am_handler, table_am_handler, trigger, event_trigger}'::regtype[])});
cmp_ok(scalar(split /\n/, $calls), '>', 40, 'functions that have arguments');
$node->psql('postgres', $calls, on_error_stop => 0);
ok(!$node->log_contains(qr/terminated by signal/), 'take NULL');

$node->stop;
done_testing();
