# admin holds no right that counts outside an emulated session:
#
#  1. attributes and memberships, after CREATE EXTENSION and after the update of
#     an old installation in which admin had taken more
#  2. what admin may do with roles of the emulator, in a session of its own
#  3. roles that others made, and PostgreSQL's own, are out of its reach; so is
#     everything in another database, in mode off, and in a function
#  4. the ways by which a job's worker, or ANALYZE, ran GRANT for it
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'dsql_emu'");
$node->start;
my $superuser = $node->safe_psql('postgres', 'SELECT quote_ident(current_user)');

# The SQLSTATE and message of the first error, or "".
sub error_as
{
	my ($user, $database, @statements) = @_;
	my ($status, undef, $errors) = $node->psql(
		$database, join(";\n", @statements),
		extra_params => [ '-U', $user, '-v', 'VERBOSITY=verbose' ]);
	return $status == 0 ? '' : $errors =~ /ERROR:  (\w{5}: .*)$/m ? $1 : $errors;
}

sub admins_rights
{
	return $node->safe_psql('postgres', q{
		SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,
			(SELECT string_agg(roleid::regrole::text, ',' ORDER BY roleid::regrole::text) FROM pg_auth_members
			 WHERE member = r.oid AND roleid < 16384)
		FROM pg_roles r WHERE rolname = 'admin'});
}

# 1
$node->safe_psql('postgres', "CREATE EXTENSION dsql_emu VERSION '1.0'");
$node->safe_psql('postgres', q{
	SET dsql_emu.mode = off;
	ALTER ROLE admin CREATEDB;
	GRANT pg_execute_server_program, pg_read_all_data TO admin;
	CREATE ROLE mapped LOGIN;
	CREATE ROLE theirs LOGIN;
	INSERT INTO dsql.access_key VALUES
		('AKIAAAAAAAAAAAAAAAAA', 's', NULL, 'arn:aws:iam::000000000000:user/a', '{DbConnect,DbConnectAdmin}', now()),
		('AKIABBBBBBBBBBBBBBBB', 's', NULL, 'arn:aws:iam::000000000000:user/b', '{DbConnect}', now()),
		('AKIACCCCCCCCCCCCCCCC', 's', NULL, 'arn:aws:iam::000000000000:user/c', '{}', now());
	INSERT INTO dsql.iam_mapping VALUES ('', 'mapped'::regrole, 'arn:aws:iam::000000000000:user/m', 7, 10)});
is(admins_rights(), 'f|t|t|f|f|pg_execute_server_program,pg_read_all_data', 'an old installation');
$node->safe_psql('postgres', 'ALTER EXTENSION dsql_emu UPDATE');
is(admins_rights(), 'f|f|f|f|f|', 'the update takes away what counts');
is($node->safe_psql('postgres', 'SELECT actions FROM dsql.access_key ORDER BY id'), "{dsql:*}\n{DbConnect}\n{}",
	'keys of 1.0 may call the control plane, unless they were restricted');
is(error_as('admin', 'postgres', 'ALTER ROLE mapped NOINHERIT'), '', 'a mapped role is managed');
$node->safe_psql('postgres', 'DROP EXTENSION dsql_emu; CREATE EXTENSION dsql_emu');
is(admins_rights(), 'f|f|f|f|f|', 'a new installation');

# 2
foreach my $statement (
	'CREATE ROLE app LOGIN',
	'CREATE ROLE reader IN ROLE app',
	'CREATE ROLE owner ROLE app ADMIN CURRENT_USER',
	'GRANT app TO admin',
	'GRANT owner TO reader WITH ADMIN OPTION',
	'REVOKE owner FROM reader',
	q{ALTER ROLE app SET search_path = 'public'},
	'ALTER ROLE app RESET ALL',
	'ALTER ROLE app NOINHERIT',
	q{COMMENT ON ROLE app IS 'an application'},
	'ALTER ROLE reader RENAME TO viewer',
	'DROP ROLE viewer')
{
	is(error_as('admin', 'postgres', $statement), '', $statement);
}
is(admins_rights(), 'f|f|f|f|f|', 'with nothing for admin itself');
is($node->safe_psql('postgres', "SELECT pg_has_role('admin', 'app', 'MEMBER'),
		rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = 'app'"),
	't|f', 'the role that admin made');
is(error_as('app', 'postgres', 'CREATE ROLE x'), '42501: permission denied to create role',
	'another role makes none');
is($node->safe_psql('postgres', "SELECT current_user",
		extra_params => [ '-U', 'admin' ]), 'admin', 'the user is admin again');
is(error_as('admin', 'postgres', 'DROP ROLE missing'), '42704: role "missing" does not exist',
	'a role that does not exist');

# 3
foreach my $statement (
	'ALTER ROLE theirs NOINHERIT', 'DROP ROLE theirs', 'GRANT theirs TO app',
	'GRANT app TO theirs', 'ALTER ROLE theirs RENAME TO ours',
	q{ALTER ROLE theirs SET search_path = 'public'},
	'CREATE ROLE x IN ROLE theirs', 'CREATE ROLE x ROLE theirs',
	"ALTER ROLE $superuser NOINHERIT", "GRANT $superuser TO app",
	"GRANT app TO admin GRANTED BY $superuser",
	q{COMMENT ON ROLE theirs IS 'x'}, 'DROP ROLE app, theirs')
{
	like(error_as('admin', 'postgres', $statement), qr/^(42501|0A000|42939|0L000|0LP01|2BP01)/, $statement);
}
like(error_as('admin', 'postgres', 'GRANT pg_execute_server_program TO app'), qr/^0A000/,
	'a role of PostgreSQL');
# What an administrator has added to a role of admin's does not become admin's.
$node->safe_psql('postgres', q{
	CREATE ROLE plain1; CREATE ROLE files; CREATE ROLE indirect; CREATE ROLE maker;
	SET dsql_emu.mode = off;
	GRANT pg_read_server_files TO files;
	GRANT files TO indirect;
	ALTER ROLE maker CREATEROLE});
foreach my $role (qw(files indirect maker))
{
	like(error_as('admin', 'postgres', $_),
		qr/^42501: (must have admin option on role|permission denied to grant role|permission denied to create role)/, $_)
	  foreach "GRANT $role TO admin", "GRANT $role TO app", "CREATE ROLE x IN ROLE $role";
	is(error_as('admin', 'postgres', "ALTER ROLE $role NOINHERIT"), '', "$role can be altered");
}
is(error_as('admin', 'postgres', $_), '', $_)
  foreach 'GRANT plain1 TO admin', 'REVOKE plain1 FROM admin', 'REVOKE files FROM app';
$node->safe_psql('postgres', 'ALTER ROLE admin SET dsql_emu.mode = report');
like(error_as('admin', 'postgres', 'GRANT pg_execute_server_program TO admin'), qr/^42501/,
	'the same in report mode');
like(error_as('admin', 'postgres', q{ALTER ROLE app SET log_statement = 'all'}), qr/^42501/,
	'a setting of superusers in report mode');
like(error_as('admin', 'postgres', 'CREATE ROLE x CREATEROLE'), qr/^42501/,
	'an attribute in report mode');
is(error_as('admin', 'postgres', 'CREATE ROLE reported; DROP ROLE reported'), '',
	'what the service lets admin do, in report mode');
$node->safe_psql('postgres', 'ALTER ROLE admin SET dsql_emu.mode = off');
like(error_as('admin', 'postgres', 'CREATE ROLE x'), qr/^42501/, 'mode off');
$node->safe_psql('postgres', 'ALTER ROLE admin RESET dsql_emu.mode');
$node->safe_psql('template1', 'CREATE DATABASE plain');
foreach my $statement ('CREATE ROLE x', 'GRANT pg_execute_server_program TO admin', 'DROP ROLE app')
{
	like(error_as('admin', 'plain', $statement), qr/^42501/, "in another database: $statement");
}
like(error_as('admin', 'postgres',
		'CREATE FUNCTION make() RETURNS int LANGUAGE sql AS $$ CREATE ROLE x; SELECT 1 $$',
		'SELECT make()'), qr/^(42501|0A000)/, 'in a function');

# 4
is(error_as('admin', 'postgres', $_), '', $_) foreach (
	'CREATE FUNCTION e(i anyelement) RETURNS anyelement LANGUAGE sql VOLATILE
		AS $$ GRANT pg_execute_server_program TO admin; SELECT i $$',
	'CREATE FUNCTION f(i int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT public.e(i) $$',
	'CREATE TABLE t (id int PRIMARY KEY, a int)',
	'INSERT INTO t VALUES (1, 1)');
my $id = $node->safe_psql('postgres', 'CREATE INDEX ASYNC ti ON t (f(a))',
	extra_params => [ '-U', 'admin' ]);
is($node->safe_psql('postgres', "CALL sys.wait_for_job('$id')"), 'f', 'the index is not built');
is(admins_rights(), 'f|f|f|f|f|', 'CREATE INDEX ASYNC');
is(error_as('admin', 'postgres', 'ALTER TABLE t ADD CONSTRAINT c CHECK (f(a) > 0) NOT VALID'),
	'', 'a constraint');
$id = $node->safe_psql('postgres', 'ALTER TABLE ASYNC t VALIDATE CONSTRAINT c',
	extra_params => [ '-U', 'admin' ]);
is($node->safe_psql('postgres', "CALL sys.wait_for_job('$id')"), 'f', 'it is not validated');
is(admins_rights(), 'f|f|f|f|f|', 'VALIDATE CONSTRAINT');
is(error_as('admin', 'postgres', 'CREATE STATISTICS s ON (f(a)), (f(a) + 1) FROM t'), '', 'statistics');
$node->psql('postgres', 'SET dsql_emu.mode = off; ANALYZE t');
is(admins_rights(), 'f|f|f|f|f|', 'ANALYZE');

$node->stop;
done_testing();
