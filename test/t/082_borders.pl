# A session in a cluster neither sees nor reaches another one, each attack beside
# the same with what is the session's own:
#
#  1. the functions of the control plane, dsql.api() and the view dsql.clusters
#  2. what ANALYZE has found in the other cluster's tables
#  3. names of what is not there: NULL and notices instead of errors
#  4. signals to sessions
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = DsqlEmu::emulated(q{
dsql_emu.create_delay = 0
dsql_emu.delete_delay = 0
dsql_emu.auto_analyze = off
autovacuum = off
});
$node->safe_psql('postgres', 'CREATE ROLE app LOGIN');
my $super = $node->safe_psql('postgres', 'SELECT current_user');
my %cluster = DsqlEmu::create_clusters($node, qw(shop bank));
my $default = $node->safe_psql('postgres', "SELECT identifier FROM dsql.clusters WHERE schema = 'public'");

# The answer, or SQLSTATE and message of the first error; notices go first.
sub ask
{
	my ($user, $cluster, $statement) = @_;
	local $ENV{PGOPTIONS} = $cluster ? "-c amzn-cluster-id=$cluster{$cluster}" : '';
	my ($status, $output, $errors) = $node->psql('postgres', $statement,
		extra_params => [ '-U', $user, '-v', 'VERBOSITY=verbose' ]);
	my ($notice) = $errors =~ /(?:NOTICE|WARNING):  \w{5}: (.*)$/m;
	return $errors =~ /ERROR:  (\w{5}: .*)$/m ? $1 : $errors if $status != 0;
	return join "\n", grep { defined && $_ ne '' } $notice, $output;
}

# 1
my $arn = $node->safe_psql('postgres', "SELECT arn FROM dsql.get_cluster('$cluster{bank}')");
my $own_arn = $arn =~ s/$cluster{bank}/$cluster{shop}/r;
my $stream = $node->safe_psql('postgres', qq{SELECT stream_identifier FROM dsql.create_stream('$cluster{bank}',
	'{"kinesis": {"streamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s", "roleArn": "arn:aws:iam::000000000000:role/r"}}')});
my $missing = qr/^Q0404: /;
foreach my $user ('admin', $super)
{
	foreach my $call (
		q{SELECT status FROM dsql.get_cluster('ID')},
		q{SELECT status FROM dsql.update_cluster('ID', deletion_protection_enabled => false)},
		q{SELECT dsql.put_cluster_policy('ID', '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "dsql:DbConnect", "Resource": "*"}]}', bypass_policy_lockout_safety_check => true)},
		q{SELECT dsql.get_cluster_policy('ID')},
		q{SELECT dsql.delete_cluster_policy('ID')},
		q{SELECT dsql.tag_resource('ARN', '{"a": "b"}')},
		q{SELECT dsql.list_tags_for_resource('ARN')},
		q{SELECT dsql.untag_resource('ARN', '{a}')},
		q{SELECT * FROM dsql.list_streams('ID')},
		q{SELECT dsql.api('GetCluster', '{"identifier": "ID"}')},
		q{SELECT dsql.set_cluster_status('ID', 'ACTIVE')})
	{
		my $theirs = $call =~ s/ID/$cluster{bank}/r =~ s/ARN/$arn/r;
		my $mine = $call =~ s/ID/$cluster{shop}/r =~ s/ARN/$own_arn/r;

		like(ask($user, 'shop', $theirs), $missing, "$user: $call");
		unlike(ask($user, 'shop', $mine), qr/^\w{5}: /, 'and for its own');
	}
	like(ask($user, 'shop', "SELECT dsql.get_stream('$cluster{bank}', '$stream')"), $missing, "$user: a stream");
	like(ask($user, 'shop', "SELECT dsql.set_stream_status('$cluster{bank}', '$stream', 'ACTIVE')"), $missing,
		"$user: the status of a stream");
	like(ask($user, 'shop', "SELECT dsql.delete_stream('$cluster{bank}', '$stream')"), $missing, "$user: the end of a stream");
	like(ask($user, 'shop', "SELECT dsql.update_cluster('$default', deletion_protection_enabled => false)"), $missing,
		"$user: the default cluster");
	like(ask($user, 'shop', "SELECT dsql.delete_cluster('$cluster{bank}')"), $missing, "$user: the end of another one");
	is(ask($user, 'shop', 'SELECT identifier FROM dsql.list_clusters()'), $cluster{shop}, "$user: the list");
	is(ask($user, 'shop', 'SELECT identifier FROM dsql.clusters'), $cluster{shop}, "$user: the view");
	is(ask($user, undef, 'SELECT count(*) FROM dsql.clusters'), 3, 'which shows all to sessions in none');
	is(ask($user, undef, "SELECT status FROM dsql.update_cluster('$cluster{bank}', deletion_protection_enabled => false)"),
		'ACTIVE', 'which may change them') if $user eq 'admin';
}
is(ask('admin', undef, "SELECT count(*) FROM dsql.get_stream('$cluster{bank}', '$stream')"), '1', 'the stream is there');

# A token of a request is no way to its answer.
is(ask('admin', undef, "SELECT (dsql.create_stream('$cluster{bank}', '{\"kinesis\": {\"streamArn\": \"arn:aws:kinesis:us-east-1:000000000000:stream/s\", \"roleArn\": \"arn:aws:iam::000000000000:role/r\"}}', client_token => 'again')).stream_identifier IS NULL"),
	'f', 'a request with a token');
like(ask('admin', 'shop', "SELECT dsql.create_stream('$cluster{bank}', '{\"kinesis\": {\"streamArn\": \"arn:aws:kinesis:us-east-1:000000000000:stream/s\", \"roleArn\": \"arn:aws:iam::000000000000:role/r\"}}', client_token => 'again')"),
	$missing, 'its answer');

# 2
foreach my $schema ('shop', 'bank', 'public')
{
	my $cluster = $schema eq 'public' ? undef : $schema;

	is(ask('admin', $cluster, $_), '', "$schema: $_")
	  foreach 'CREATE TABLE t (id int PRIMARY KEY, what text)',
	  "INSERT INTO t SELECT g, 'of $schema' FROM generate_series(1, 100) g",
	  "CREATE STATISTICS s (mcv) ON what, id FROM t",
	  "CREATE STATISTICS e ON (upper(what)), (id + 1) FROM t",
	  'GRANT SELECT ON t TO app',
	  'ANALYZE t';
}
my %values = (
	pg_stats => 'most_common_vals', pg_stats_ext => 'most_common_vals', pg_stats_ext_exprs => 'most_common_vals');
foreach my $view (sort keys %values)
{
	my $found = "SELECT string_agg(DISTINCT schemaname, ',' ORDER BY schemaname) FROM $view WHERE tablename = 't'";

	is(ask('admin', 'shop', $found), 'shop', "$view");
	is(ask('admin', 'bank', $found), 'bank', "$view, the other one");
	is(ask('admin', undef, $found), 'public', "$view in the default cluster");
	is(ask($super, 'shop', $found), 'shop', "$view for a superuser in a cluster");
	is(ask($super, undef, $found), 'bank,public,shop', "$view for one in none");
	is(ask('admin', 'shop', "CREATE VIEW see AS SELECT schemaname, tablename FROM $view"), '', "a view of $view");
	is(ask('admin', 'shop', $found =~ s/FROM $view/FROM see/r), 'shop', 'shows no more');
	is(ask('admin', 'shop', 'DROP VIEW see'), '', 'and can be dropped');
	is(ask('admin', 'shop', "CREATE FUNCTION see(i anyelement) RETURNS text LANGUAGE sql AS \$\$ $found \$\$"), '',
		"a function that reads $view");
	is(ask('admin', 'shop', 'SELECT see(1)'), 'shop', 'shows no more');
	is(ask('admin', 'shop', 'DROP FUNCTION see(anyelement)'), '', 'and can be dropped');
	is(ask('admin', 'shop', "CREATE FUNCTION leak(a anyarray) RETURNS bool LANGUAGE sql IMMUTABLE COST 0.0001
			AS \$\$ SELECT array_to_string(a, ',')::int > 0 \$\$"), '', 'a function that tells its argument');
	unlike(ask('admin', 'shop', "SELECT count(*) FROM $view WHERE leak($values{$view}::text::text[])"),
		qr/of (bank|public)/i, 'is told nothing');
	is(ask('admin', 'shop', 'DROP FUNCTION leak(anyarray)'), '', 'and can be dropped');
}
# The catalog that these views read
{
	my $found = q{SELECT string_agg(DISTINCT n.nspname, ',' ORDER BY n.nspname)
		FROM pg_statistic JOIN pg_class c ON c.oid = starelid JOIN pg_namespace n ON n.oid = relnamespace
		WHERE relname = 't' AND stavalues1 IS NOT NULL};
	is(ask('admin', 'shop', $found), 'shop', 'pg_statistic');
	is(ask('admin', undef, $found), 'public', 'pg_statistic in the default cluster');
	is(ask($super, 'shop', $found), 'shop', 'pg_statistic for a superuser in a cluster');
	is(ask($super, undef, $found), 'bank,public,shop', 'pg_statistic for one in none');
	is(ask('app', 'shop', $found), '42501: permission denied for table pg_statistic', 'pg_statistic for another role');
	is(ask('admin', 'shop', q{SELECT string_agg(DISTINCT starelid::regclass::text, ',') FROM pg_statistic
		WHERE starelid IN (SELECT oid FROM pg_class WHERE relname IN ('pg_authid', 'access_key', 'pg_class'))}),
		'pg_class', 'pg_statistic for admin: nothing of the hashes of passwords and of keys');
	$node->safe_psql('postgres', 'ALTER ROLE admin SET dsql_emu.mode = report');
	is(ask('admin', 'shop', $found), 'shop', 'pg_statistic in report mode, too');
	$node->safe_psql('postgres', 'ALTER ROLE admin RESET dsql_emu.mode');
}
$node->safe_psql('postgres', 'ALTER ROLE admin SET dsql_emu.mode = report');
is(ask('admin', 'shop', "SELECT string_agg(DISTINCT schemaname, ',') FROM pg_stats WHERE tablename = 't'"), 'shop',
	'in report mode, too');
$node->safe_psql('postgres', 'ALTER ROLE admin RESET dsql_emu.mode');

# 3
$node->safe_psql('postgres', q{
	SET dsql_emu.mode = off;
	CREATE SEQUENCE bank.n; CREATE SEQUENCE shop.n;
	CREATE FUNCTION bank.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION shop.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
	CREATE DOMAIN bank.d AS int; CREATE DOMAIN shop.d AS int;
	CREATE OPERATOR bank.## (FUNCTION = bank.f, RIGHTARG = int); CREATE OPERATOR shop.## (FUNCTION = shop.f, RIGHTARG = int);
	CREATE COLLATION bank.c FROM "C"; CREATE COLLATION shop.c FROM "C";
	CREATE VIEW bank.v AS SELECT 1; CREATE VIEW shop.v AS SELECT 1;
	CREATE SCHEMA bank_too AUTHORIZATION admin; SECURITY LABEL FOR dsql_emu ON SCHEMA bank_too IS '} . $cluster{bank} . q{';
	ALTER SEQUENCE bank.n OWNER TO admin; ALTER DOMAIN bank.d OWNER TO admin; ALTER VIEW bank.v OWNER TO admin});
foreach my $call ("to_regclass('bank.t')", "to_regclass('postgres.bank.t')", "to_regclass('public.t')", "to_regclass('\"bank\".\"t\"')",
	"to_regproc('bank.f')", "to_regprocedure('bank.f(int)')", "to_regprocedure('shop.f(bank.d)')",
	"to_regtype('bank.d')", "to_regtype('bank.t[]')", "to_regoper('bank.##')",
	"to_regoperator('bank.##(none,int)')", "to_regcollation('bank.c')")
{
	is(ask('admin', 'shop', "SELECT $call IS NULL"), 't', $call);
}
is(ask('admin', 'shop', "SELECT $_ IS NULL"), 'f', $_)
  foreach "to_regclass('shop.t')", "to_regproc('shop.f')", "to_regprocedure('shop.f(int)')",
  "to_regtype('shop.d')", "to_regtype('shop.t[]')", "to_regoper('shop.##')", "to_regoperator('shop.##(none,int)')",
  "to_regcollation('shop.c')", "to_regclass('pg_class')";
is(ask($super, undef, "SELECT to_regclass('bank.t') IS NULL"), 'f', 'a superuser in no cluster');
is(ask('admin', 'shop', "SELECT 'bank.t'::regclass"), '3F000: schema "bank" does not exist', 'a name that must exist');

my $skipped = 'schema "bank" does not exist, skipping';
foreach my $statement ('DROP TABLE IF EXISTS bank.t', 'DROP VIEW IF EXISTS bank.v', 'DROP SEQUENCE IF EXISTS bank.n',
	'DROP DOMAIN IF EXISTS bank.d', 'DROP FUNCTION IF EXISTS bank.f(int)', 'DROP FUNCTION IF EXISTS shop.f(bank.d)',
	'DROP SCHEMA IF EXISTS bank', 'DROP INDEX IF EXISTS bank.t_pkey')
{
	is(ask('admin', 'shop', $statement), $skipped, $statement);
}
is(ask('admin', 'shop', 'DROP SCHEMA IF EXISTS bank_too'), 'schema "bank_too" does not exist, skipping', 'another schema of it');
is(ask('admin', 'shop', "ALTER TABLE $_"), 'relation "t" does not exist, skipping', "ALTER TABLE $_")
  foreach map { "IF EXISTS bank.t $_" } 'RENAME TO u', 'ADD COLUMN c int', 'DROP COLUMN i', 'OWNER TO admin',
  'SET SCHEMA shop', 'ADD CONSTRAINT c CHECK (i > 0) NOT VALID', 'ALTER COLUMN i SET DEFAULT 1';
is(ask('admin', 'shop', 'ALTER TABLE ASYNC IF EXISTS bank.t VALIDATE CONSTRAINT c'),
	'relation "t" does not exist, skipping', 'with ASYNC');
is(ask('admin', 'shop', 'ALTER TABLE bank.t ALTER COLUMN i TYPE text'),
	'0A000: unsupported ALTER TABLE ALTER COLUMN ... SET DATA TYPE statement', 'refusals come first');
is(ask('admin', 'shop', $_), '3F000: schema "bank" does not exist', $_)
  foreach 'ALTER TABLE bank.t ADD COLUMN c int', 'CREATE TABLE bank.t (i int)', 'CREATE TABLE IF NOT EXISTS bank.t (i int)',
  'CREATE SEQUENCE IF NOT EXISTS bank.n CACHE 1', 'CREATE OR REPLACE VIEW bank.v AS SELECT 1', 'CREATE DOMAIN bank.d AS int',
  q{CREATE OR REPLACE FUNCTION bank.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'};
is(ask('admin', 'shop', 'DROP TABLE bank.t'), '3F000: schema "bank" does not exist', 'without IF EXISTS');
is(ask('admin', 'shop', 'DROP TABLE IF EXISTS missing.t'), 'schema "missing" does not exist, skipping', 'as PostgreSQL says');
is(ask('admin', 'shop', 'DROP TABLE IF EXISTS shop.missing'), 'table "missing" does not exist, skipping', 'of its own');
is(ask('admin', 'shop', 'DROP TABLE IF EXISTS shop.t'), '', 'what is there is dropped');
is(ask('admin', 'bank', "SELECT count(*) FROM t"), '100', 'and nothing of the other cluster');

# 4
sub begin_session
{
	my ($user, $cluster) = @_;
	local $ENV{PGOPTIONS} = "-c amzn-cluster-id=$cluster{$cluster}";
	my $session = $node->background_psql('postgres', extra_params => [ '-U', $user ]);
	$session->query_safe("SELECT 'session of $cluster'");
	return $session;
}
my %session = map { $_ => begin_session('admin', $_) } qw(shop bank);
my %pid = map {
	$_ => $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE query ~ '^SELECT .session of $_'")
} keys %session;
foreach my $function (qw(pg_cancel_backend pg_terminate_backend))
{
	foreach my $user ('admin', $super)
	{
		is( ask($user, 'shop', "SELECT $function($pid{bank})"),
			"PID $pid{bank} is not a PostgreSQL backend process\nf",
			"$function() by $user does not reach another cluster's session");
	}
	is(ask('admin', 'shop', "SELECT $function($pid{shop})"), 't', 'it does its own');
}
is($session{bank}->query_safe('SELECT 1'), '1', 'that one goes on');
$session{bank}->quit;

$node->stop;

done_testing();
