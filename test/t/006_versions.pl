# The library and the extension's SQL objects:
#
#  1. an installation of 1.0, with rows in every table, is the same after ALTER
#     EXTENSION UPDATE as a new one, and keeps its rows
#  2. a table of ours with columns that the library does not know
#  3. a library that is newer or older than the extension: what needs our tables
#     fails with one error, everything else works, and jobs wait
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf(
	'postgresql.conf', q{
shared_preload_libraries = 'dsql_emu'
log_min_messages = debug1
});
$node->start;
my ($version) = slurp_file('dsql_emu.control') =~ /default_version = '(.*?)'/;

sub error_of
{
	my ($database, $sql) = @_;
	my ($status, $out, $errors) = $node->psql($database, $sql, on_error_stop => 1);
	return $status == 0 ? '' : $errors =~ s/^psql:<stdin>:\d+: //gmr;
}

# 1
# What can be said of each object of the extension, without OIDs.
my $description = q{
	WITH member AS (
		SELECT d.classid, d.objid, i.type, i.identity
		FROM pg_depend d
			CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) i
		WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e')
	SELECT m.type, m.identity, obj_description(m.objid, m.classid::regclass::name),
		pg_describe_object(m.classid, m.objid, 0),
		CASE WHEN p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) END,
		p.proacl::text, pg_get_viewdef(c.oid), c.relacl::text, c.reloptions::text,
		c.relam, n.nspacl::text, pg_get_userbyid(coalesce(p.proowner, c.relowner, n.nspowner)),
		(SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
				a.attnotnull, a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid),
				col_description(a.attrelid, a.attnum)), ', ' ORDER BY a.attnum)
			FROM pg_attribute a LEFT JOIN pg_attrdef d
				ON d.adrelid = a.attrelid AND d.adnum = a.attnum
			WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
		(SELECT string_agg(pg_get_indexdef(x.indexrelid), ', ' ORDER BY 1)
			FROM pg_index x WHERE x.indrelid = c.oid),
		(SELECT string_agg(pg_get_constraintdef(k.oid), ', ' ORDER BY k.conname)
			FROM pg_constraint k WHERE k.conrelid = c.oid),
		(SELECT array_agg(condition) FROM pg_extension e,
			unnest(e.extconfig, e.extcondition) AS x (relation, condition)
			WHERE relation = c.oid)
	FROM member m LEFT JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
		LEFT JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
		LEFT JOIN pg_namespace n ON m.classid = 'pg_namespace'::regclass AND n.oid = m.objid
	ORDER BY 1, 2};

sub description_of
{
	my ($database) = @_;
	return $node->safe_psql($database, "SET dsql_emu.mode = off; $description");
}

$node->safe_psql('postgres', 'CREATE DATABASE old');
$node->safe_psql('old', "CREATE EXTENSION dsql_emu VERSION '1.0'");
my $rows = q{
	SELECT 'job', to_jsonb(t) FROM dsql.job t
	UNION ALL SELECT 'cluster', to_jsonb(t) - '{kind,database}'::text[] FROM dsql.cluster t
	UNION ALL SELECT 'stream', to_jsonb(t) FROM dsql.stream t
	UNION ALL SELECT 'client_token', to_jsonb(t) FROM dsql.client_token t
	UNION ALL SELECT 'access_key', to_jsonb(t) FROM dsql.access_key t
	UNION ALL SELECT 'iam_mapping', to_jsonb(t) FROM dsql.iam_mapping t
	ORDER BY 1, 2};
$node->safe_psql('old', <<~'END');
	SET dsql_emu.mode = off;
	CREATE ROLE mapped LOGIN;
	INSERT INTO dsql.job VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaa', 'ANALYZE', 'completed',
		NULL, 1259, 1, 'public.t', NULL, now(), now(), now(), '');
	INSERT INTO dsql.cluster SELECT (jsonb_populate_record(c, '{"identifier":
		"bbbbbbbbbbbbbbbbbbbbbbbbbb", "position": 1, "schema": "s", "home":
		"bbbbbbbbbbbbbbbbbbbbbbbbbb"}')).* FROM dsql.cluster c;
	INSERT INTO dsql.stream SELECT 'cccccccccccccccccccccccccc', identifier, 1, 'ACTIVE',
		'infinity', 'infinity', now(), 'UNORDERED', 'JSON', '{}', NULL, now(), '{}'
		FROM dsql.cluster WHERE position = 1;
	INSERT INTO dsql.client_token VALUES ('000000000000', 'us-east-1', 'CreateCluster',
		'', 'token', '{}', '{}', now());
	INSERT INTO dsql.access_key VALUES ('AKIAOLD', 'secret', NULL,
		'arn:aws:iam::000000000000:user/admin', '{*}', now());
	INSERT INTO dsql.iam_mapping VALUES ('', 'mapped'::regrole,
		'arn:aws:iam::000000000000:user/mapped', 7, 10);
	END
my $before = $node->safe_psql('old', "SET dsql_emu.mode = off; $rows");
is(scalar(() = $before =~ /^(?:job|cluster|stream|client_token|access_key|iam_mapping)\|/mg),
	7, 'rows in every table');
like(error_of('old', 'SELECT dsql.create_cluster()'),
	qr/^ERROR:  the library of dsql_emu is version \Q$version\E, but the extension in this database is version 1\.0\nHINT:  Run ALTER EXTENSION dsql_emu UPDATE, or install the library of version 1\.0\.$/m,
	'the library is newer');
is(error_of('old', 'SELECT 1; CREATE TABLE t (id int PRIMARY KEY, v int)'),
	'', 'statements that need no table of ours');
$node->safe_psql('old', 'ALTER EXTENSION dsql_emu UPDATE');
is($node->safe_psql('old', "SET dsql_emu.mode = off; $rows"), $before, 'the rows are kept');
is(error_of('old', 'SELECT dsql.create_cluster()'), '', 'the extension is updated');

$node->safe_psql('postgres', 'CREATE EXTENSION dsql_emu');
my $new = description_of('postgres');
cmp_ok(length $new, '>', 20000, 'a description of every object');
is(description_of('old'), $new, 'updated and new are the same');

# 2
$node->safe_psql('postgres', 'SET dsql_emu.mode = off; ALTER TABLE dsql.job '
	  . join(', ', map { "ADD COLUMN later_$_ text DEFAULT 'x'" } 1 .. 9));
$node->safe_psql('postgres', 'CREATE TABLE t (id int PRIMARY KEY, v int)');
my $id = $node->safe_psql('postgres', 'CREATE INDEX ASYNC i ON t (v)');
is($node->safe_psql('postgres', "CALL sys.wait_for_job('$id')"), 't',
	'a job in a table with more columns');
is($node->safe_psql('postgres',
		"SET dsql_emu.mode = off; SELECT status, later_9 FROM dsql.job WHERE id = '$id'"),
	'completed|', 'and its row');

# 3
sub pretend
{
	my ($pretended) = @_;
	$node->safe_psql('postgres',
		"SET dsql_emu.mode = off; ALTER SYSTEM SET dsql_emu.debug_library_version = '$pretended'");
	$node->reload;
	$node->poll_query_until('postgres',
		"SELECT current_setting('dsql_emu.debug_library_version') = '$pretended'");
}

foreach my $other ('0.9', '9.9')
{
	my $error = qr/^ERROR:  the library of dsql_emu is version \Q$other\E, but the extension in this database is version \Q$version\E\nHINT:  Run ALTER EXTENSION dsql_emu UPDATE/m;
	my $name = 'i' . ($other =~ s/\.//r);

	$id = $node->safe_psql('postgres',
		"SET dsql_emu.manual_jobs = on; CREATE INDEX ASYNC $name ON t (v)");
	pretend($other);
	like(error_of('postgres', 'CREATE INDEX ASYNC j ON t (v)'), $error, "$other: ASYNC");
	like(error_of('postgres', 'SELECT dsql.create_cluster()'), $error, "$other: a cluster");
	like(error_of('postgres', 'CALL dsql.run_jobs()'), $error, "$other: jobs");
	is(error_of('postgres', 'INSERT INTO t VALUES (1, 1); UPDATE t SET v = 2; DELETE FROM t'),
		'', "$other: rows");
	is(error_of('postgres', 'CREATE TABLE u (id int PRIMARY KEY)'), '', "$other: a table");
	is($node->safe_psql('postgres', "SELECT status FROM sys.jobs WHERE job_id = '$id'"),
		'submitted', "$other: the job waits");
	pretend('');
	$node->safe_psql('postgres', 'CALL dsql.run_jobs()');
	is($node->safe_psql('postgres', "SELECT status FROM sys.jobs WHERE job_id = '$id'"),
		'completed', "$other: and is done when the versions fit");
	$node->safe_psql('postgres', 'DROP TABLE u');
}
unlike(slurp_file($node->logfile), qr/terminated by signal|server process .* exited with exit code [^01]/,
	'no process died');

$node->stop;
done_testing();
