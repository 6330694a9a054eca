# Clusters, seen from outside of a session:
#
#  1. a connection names its cluster in either spelling, and stays in it
#  2. clusters that let nobody in, and how one wakes up
#  3. an ordinary role that names no cluster is in the default one
#  4. deleting a cluster ends its sessions; a worker drops its schemas, in a
#     rolled back transaction nothing happens
#  5. what was to happen happens after a crash, too, also one in the middle of it
#  6. dump and restore keep clusters
#  7. dropping the extension leaves the schemas, and they are the default
#     cluster's when it is created again
#  8. two calls at the same time: one after the other, one answer to one token
#  9. in the extended protocol, what was prepared or opened in another cluster
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;
use Wire;

my $node = DsqlEmu::emulated(q{
dsql_emu.create_delay = 0
dsql_emu.delete_delay = 0
});

sub sql
{
	return $node->safe_psql('postgres', @_);
}

# The answer, or the error, of a query in a connection with these options.
sub connected
{
	my ($options, $query, $user) = @_;
	local $ENV{PGOPTIONS} = $options;
	my ($code, $stdout, $stderr) = $node->psql('postgres', $query,
		extra_params => $user ? [ '-U', $user ] : []);
	return $code == 0 ? $stdout : $stderr;
}

sub create
{
	my ($schema) = @_;
	return sql("SELECT identifier FROM dsql.create_cluster('$schema', false)");
}

my $shop = create('shop');
my $bank = create('bank');
my $unknown = 'a' x 26;

# 1
is(connected("-c amzn-cluster-id=$shop", 'SELECT current_schema()'),
	'shop', "the service's spelling");
is(connected("-c amzn_cluster_id=$shop", 'SELECT current_schema()'),
	'shop', 'with underscores');
is(connected("--amzn-cluster-id=$shop", 'SELECT current_schema()'),
	'shop', 'as a long option');
is(connected("-c dsql_emu.cluster=$shop", 'SELECT current_schema()'),
	'shop', "the emulator's spelling");
is( connected(
		"-c dsql_emu.cluster=$shop -c amzn-cluster-id=$bank",
		'SELECT current_schema()'),
	'shop',
	'which goes first');
is(connected("-c amzn-cluster-id=$shop", 'SELECT dsql.current_cluster()'),
	$shop, 'current cluster');
connected("-c amzn-cluster-id=$shop",
	'CREATE TABLE t (id int PRIMARY KEY); CREATE SCHEMA side');
is(sql("SELECT 'shop.t'::regclass"), 'shop.t', 'a table is made there');
is( connected(
		"-c amzn-cluster-id=$shop -c search_path=side,bank,shop",
		'SELECT current_schemas(false)'),
	'{side,shop}',
	'the search path of the client, within the cluster');
is( connected(
		"-c amzn-cluster-id=$shop -c search_path=public",
		'SELECT current_schema(); SET search_path = side; RESET search_path; SHOW search_path'),
	"shop\nshop",
	'in which "public" is its own');
is( connected(
		"-c amzn-cluster-id=$shop -c search_path=side",
		'RESET search_path; SHOW search_path'),
	'side',
	'which RESET leads back to');
is( connected(
		"-c amzn-cluster-id=$shop",
		'SET search_path = side; RESET search_path; SHOW search_path'),
	'shop',
	'as else to the cluster');
sql('CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA shop TO reader');
sql("ALTER ROLE reader SET search_path = side, public");
sql("ALTER ROLE reader SET TimeZone = 'Asia/Tokyo'");
sql(q{ALTER USER "admin" SET search_path = "public", side});
my $paths = 'SHOW search_path; SET search_path = pg_catalog; RESET search_path;
	SHOW search_path; SHOW TimeZone';
is(connected("-c amzn-cluster-id=$shop", $paths, 'reader'),
	"side, shop\nside, shop\nAsia/Tokyo", "a role's own search path, and its other settings");
is(connected("-c amzn-cluster-id=$bank", $paths, 'reader'),
	"side, bank\nside, bank\nAsia/Tokyo", '... in another cluster');
is(connected("-c amzn-cluster-id=$shop", $paths, 'admin'),
	"shop, side\nshop, side\nUTC", '... that of admin');
is(connected('', $paths, 'reader'),
	"side, public\nside, public\nAsia/Tokyo", '... in a session without a cluster');
is( connected("-c amzn-cluster-id=$shop -c search_path=pg_catalog",
		$paths, 'reader'),
	"pg_catalog\npg_catalog\nAsia/Tokyo", '... and that of the client before it');
sql('ALTER ROLE reader RESET search_path');
sql('ALTER USER "admin" RESET search_path');
is(connected("-c amzn-cluster-id=$shop", $paths, 'reader'),
	"shop\nshop\nAsia/Tokyo", 'without it, that of the cluster');
like(
	connected("-c amzn-cluster-id=$shop", "SELECT dsql.use_cluster('$bank')"),
	qr/ERROR:  the session was bound to cluster "$shop" when it connected/,
	'a connection stays where it is');
like(
	connected("-c amzn-cluster-id=$shop", 'SELECT dsql.use_cluster(NULL)'),
	qr/ERROR:  the session was bound to cluster/,
	'and does not leave');
like(
	connected("-c amzn-cluster-id=$shop", "SET amzn_cluster_id = '$bank'"),
	qr/ERROR:  /,
	'by no setting either');
like(
	connected("-c amzn-cluster-id=$shop", "SET dsql_emu.cluster = '$bank'"),
	qr/ERROR:  parameter "dsql_emu.cluster" cannot be set after connection start/,
	'of any spelling');
like(
	connected("-c amzn-cluster-id=$bank", 'SELECT * FROM shop.t'),
	qr/schema "shop" does not exist/,
	'and sees nothing else');
is(connected("-c amzn-cluster-id=$shop -c dsql_emu.mode=off",
		'SELECT current_schema()'),
	'public', 'without emulation there are no clusters');

like(
	connected('', "SELECT dsql.use_cluster('shop')"),
	qr/ERROR:  "shop" is not the identifier of a cluster\nHINT:  The cluster of the schema "shop" is "$shop"\./,
	'the name of a schema is none');

# 2
my $refused = 'FATAL:  unable to accept connection, access denied\n'
  . 'DETAIL:  Session Id: [a-z2-7]{26}\nHINT:  ';
like(connected("-c amzn-cluster-id=$unknown", 'SELECT 1'),
	qr/${refused}Cluster not found: $unknown/, 'unknown cluster');
like(connected('-c amzn-cluster-id=x', 'SELECT 1'),
	qr/${refused}Cluster not found: x/, 'what is no identifier');
foreach my $status ('CREATING', 'FAILED')
{
	sql("SELECT dsql.set_cluster_status('$shop', '$status')");
	like(connected("-c amzn-cluster-id=$shop", 'SELECT 1'),
		qr/${refused}The cluster is $status\./, $status);
}
sql("SELECT dsql.set_cluster_status('$shop', 'IDLE', true)");
like(
	connected("-c amzn-cluster-id=$shop", 'SELECT 1'),
	qr/${refused}The cluster's encryption key is not accessible\./,
	'key not accessible');
sql("SELECT dsql.set_cluster_status('$shop', 'UPDATING')");
is(connected("-c amzn-cluster-id=$shop", 'SELECT 1'), '1', 'UPDATING');
sql("SELECT dsql.set_cluster_status('$shop', 'IDLE')");
is(connected("-c amzn-cluster-id=$shop", 'SELECT 1'), '1', 'IDLE');
is(sql("SELECT status FROM dsql.get_cluster('$shop')"),
	'ACTIVE', 'which is ACTIVE again');

sub wakes_up
{
	my ($when) = @_;
	my $waking =
	  qr/FATAL:  unable to accept connection, waking up cluster, please retry later/;

	sql("SELECT dsql.set_cluster_status('$shop', 'INACTIVE')");
	is(sql("SELECT status FROM dsql.get_cluster('$shop')"),
		'INACTIVE', "$when: INACTIVE");
	like(connected("-c amzn-cluster-id=$shop", 'SELECT 1'),
		$waking, "$when: wakes up");
	like(connected("-c amzn-cluster-id=$shop", 'SELECT 1'),
		$waking, "$when: still");
	is(sql("SELECT status FROM dsql.get_cluster('$shop')"),
		'INACTIVE', "$when: INACTIVE meanwhile");
	sql("SELECT dsql.advance_clock('1 minute')");
	is(sql("SELECT status FROM dsql.get_cluster('$shop')"),
		'ACTIVE', "$when: awake");
	is(connected("-c amzn-cluster-id=$shop", 'SELECT 1'),
		'1', "$when: takes connections");
	is(sql("SELECT status FROM dsql.cluster WHERE identifier = '$shop'"),
		'ACTIVE', "$when: for good");
	sql("SELECT dsql.reset_clock()");
	is(sql("SELECT status FROM dsql.get_cluster('$shop')"),
		'ACTIVE', "$when: really");
}
$node->append_conf('postgresql.conf', 'dsql_emu.wake_delay = 30s');
$node->reload;
wakes_up('first time');
wakes_up('second time');

# 3
sql('GRANT USAGE ON SCHEMA shop, bank TO PUBLIC');
sub as_admin
{
	my ($options, $query) = @_;
	local $ENV{PGOPTIONS} = $options;
	my ($code, $stdout, $stderr);

	# As any client does: another session's change of the schema may be new.
	do
	{
		($code, $stdout, $stderr) =
		  $node->psql('postgres', $query, extra_params => [ '-U', 'admin' ]);
	} while ($code != 0 && $stderr =~ /\(OC001\)/ && $query !~ /CREATE/);
	return $code == 0 ? $stdout : $stderr;
}
is(as_admin('', 'SELECT current_schema()'), 'public', 'admin');
like(
	as_admin('', 'SELECT * FROM shop.t'),
	qr/schema "shop" does not exist/,
	'admin is confined to the default cluster');
is( as_admin("-c amzn-cluster-id=$shop",
		'CREATE TABLE a (id int PRIMARY KEY); SELECT count(*) FROM a'),
	'0',
	'or to the one that was named');
is(as_admin('', "SELECT dsql.use_cluster('$shop'); SELECT count(*) FROM a")
	  =~ s/\n//r,
	'0', 'later as well');
like(as_admin('', "SET dsql_emu.mode = 'off'"),
	qr/permission denied/, 'and cannot end that');

# 4
sub session
{
	my ($cluster) = @_;
	local $ENV{PGOPTIONS} = "-c amzn-cluster-id=$cluster";
	local $ENV{PGAPPNAME} = "in $cluster";
	return $node->background_psql('postgres', on_error_stop => 0);
}

# Is nobody left in the cluster?
sub wait_for_end
{
	my ($cluster) = @_;
	return $node->poll_query_until('postgres',
		"SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'in $cluster'");
}

sub schemas
{
	return sql(
		"SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace
		 WHERE nspname !~ '^pg_|^information_schema|^dsql|^sys'");
}

my $in_shop = session($shop);
my $in_bank = session($bank);
is($in_shop->query('SELECT current_schema()'), 'shop', 'a session');
is( sql("SELECT schema, sessions FROM dsql.clusters ORDER BY schema"),
	"bank|1\npublic|1\nshop|1",
	'sessions are counted');
is( sql("SET dsql_emu.mode = off; SELECT sessions FROM dsql.clusters WHERE schema = 'public'"),
	'0',
	'but for those that are not emulated');
sql("BEGIN; SELECT dsql.create_cluster('never'); ROLLBACK");
is(schemas(), 'bank public shop side', 'a cluster that was rolled back');
$in_bank->query('BEGIN; CREATE TABLE locked (id int PRIMARY KEY)');
sql("SELECT dsql.delete_cluster('$bank')");
ok(wait_for_end($bank), 'a session ends with its cluster');
is($in_shop->query('SELECT current_schema()'), 'shop', 'and no other');
is(schemas(), 'public shop side', 'and the schema is gone');
is(sql('SELECT count(*) FROM dsql.clusters'), '2', 'and the cluster');
$in_shop->quit;
$in_bank->{run}->kill_kill;
ok($node->poll_query_until('postgres',
		"SELECT sessions = 0 FROM dsql.clusters WHERE schema = 'shop'"),
	'who left is not counted');

# with a delay it is the worker's
$bank = create('bank');
sql("SET dsql_emu.delete_delay = '1h'; SELECT dsql.delete_cluster('$bank')");
like(connected("-c amzn-cluster-id=$bank", 'SELECT 1'),
	qr/${refused}The cluster is DELETING\./, 'DELETING');
is(schemas(), 'bank public shop side', 'the schema is there till the end');
sql("SELECT dsql.advance_clock('1h')");
ok( $node->poll_query_until(
		'postgres',
		"SELECT count(*) = 0 FROM pg_namespace WHERE nspname = 'bank'"),
	'a worker drops it');
sql('SELECT dsql.reset_clock()');
$bank = create('bank');
sql("SET dsql_emu.delete_delay = 100; SELECT dsql.delete_cluster('$bank')");
ok( $node->poll_query_until(
		'postgres',
		"SELECT count(*) = 0 FROM pg_namespace WHERE nspname = 'bank'"),
	'also when the time just passes');

# 5
$node->append_conf('postgresql.conf', 'restart_after_crash = on');
$bank = create('bank');
my $slow = sql(
	"SET dsql_emu.create_delay = '1h'; SELECT identifier FROM dsql.create_cluster('slow')"
);
my $updating = create('updating');
sql("SET dsql_emu.update_delay = '1h'; SELECT dsql.update_cluster('$updating', kms_encryption_key => 'k')");
my $pending = sql(
	q{SELECT identifier FROM dsql.create_cluster('pending', false, multi_region_properties => '{"witnessRegion": "us-west-2"}')}
);
my $other = sql(qq{
	SELECT dsql.api('CreateCluster', '{"deletionProtectionEnabled": false, "multiRegionProperties":
		{"witnessRegion": "us-west-2", "clusters": ["arn:aws:dsql:us-east-1:000000000000:cluster/$pending"]}}',
		'us-east-2') ->> 'identifier'});
sql(qq{
	SELECT dsql.update_cluster('$pending', multi_region_properties =>
		'{"clusters": ["arn:aws:dsql:us-east-2:000000000000:cluster/$other"]}');
	SET dsql_emu.pending_delete_delay = '1h';
	SELECT dsql.delete_cluster('$pending');
	SELECT dsql.api('DeleteCluster', '{"identifier": "$other"}', 'us-east-2')});
sql("SET dsql_emu.delete_delay = 500; SELECT dsql.delete_cluster('$bank')");
my $unfinished = $node->background_psql('postgres', on_error_stop => 0);
$unfinished->query("BEGIN; SELECT dsql.create_cluster('unfinished')");
$node->stop('immediate');
$unfinished->{run}->kill_kill;
$node->start;
is(sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'unfinished'"),
	'0', 'what was not committed is not there after a crash');
is(sql("SELECT status FROM dsql.get_cluster('$updating')"),
	'UPDATING', 'still UPDATING');
is(sql("SELECT status FROM dsql.get_cluster('$pending')"),
	'PENDING_DELETE', 'still PENDING_DELETE');
is(sql("SELECT status FROM dsql.get_cluster('$slow')"),
	'CREATING', 'still CREATING after a crash');
ok( $node->poll_query_until(
		'postgres',
		"SELECT count(*) = 0 FROM pg_namespace WHERE nspname = 'bank'"),
	'and what was being deleted goes');
sql("SELECT dsql.advance_clock('1h')");
is(sql("SELECT status FROM dsql.get_cluster('$slow')"),
	'ACTIVE', 'and what was being made is made');
is(sql("SELECT status FROM dsql.get_cluster('$updating')"),
	'ACTIVE', 'and what was being changed is changed');
ok( $node->poll_query_until(
		'postgres',
		"SELECT count(*) = 0 FROM pg_namespace WHERE nspname = 'pending'"),
	'and the pair is gone');
sql('SELECT dsql.reset_clock()');

# The worker is in the middle of it: it waits for somebody who reads a table.
$bank = create('bank');
connected("-c amzn-cluster-id=$bank", 'CREATE TABLE read (id int PRIMARY KEY)');
my $reader = $node->background_psql('postgres', on_error_stop => 0);
$reader->query("SET dsql_emu.mode = off; BEGIN; SELECT * FROM bank.read");
sql("SET dsql_emu.delete_delay = 100; SELECT dsql.delete_cluster('$bank')");
ok( $node->poll_query_until('postgres', q{
		SELECT count(*) = 1 FROM pg_locks
		WHERE NOT granted AND relation = 'bank.read'::regclass}),
	'a worker drops a schema');
$node->stop('immediate');
$reader->{run}->kill_kill;
$node->start;
ok( $node->poll_query_until(
		'postgres',
		"SELECT count(*) = 0 FROM pg_namespace WHERE nspname = 'bank'"),
	'another one does it after a crash');
is(sql("SELECT count(*) FROM dsql.clusters WHERE schema = 'bank'"),
	'0', 'and the cluster is gone');

# 6
my $default = sql('SELECT dsql.current_cluster()');
sql("SELECT dsql.set_cluster_status('$slow', 'ACTIVE')");
sql("SELECT dsql.tag_resource('arn:aws:dsql:us-east-1:000000000000:cluster/$shop', '{\"Name\": \"Shop\"}')");
sql("SELECT dsql.create_stream('$shop', '{\"kinesis\": {\"streamArn\": \"arn:aws:kinesis:us-east-1:000000000000:stream/s\", \"roleArn\": \"arn:aws:iam::000000000000:role/r\"}}')");
my $by_token = sql("SELECT identifier FROM dsql.create_cluster('by_token', client_token => 'token')");
connected("-c amzn-cluster-id=$shop", "INSERT INTO t VALUES (1)");

# What there is of clusters, but for what differs by nature.
my $inventory = q{
	SELECT c.identifier, c.position, c.schema, c.home, c.status, c.tags,
		   (SELECT string_agg(nspname, ' ' ORDER BY nspname)
			FROM pg_seclabel JOIN pg_namespace n ON n.oid = objoid
			WHERE label = identifier AND provider = 'dsql_emu'),
		   (SELECT count(*) FROM dsql.stream s WHERE s.cluster = c.identifier)
	FROM dsql.cluster c ORDER BY c.position};
my $before = sql($inventory);
my $dump = $node->basedir . '/dump.sql';
{
	local $ENV{PGOPTIONS} = '-c dsql_emu.mode=off';
	$node->command_ok([ 'pg_dump', '-f', $dump, 'postgres' ], 'pg_dump');
	$node->safe_psql('template1', 'CREATE DATABASE copy');
	$node->command_ok(
		[ 'psql', '-X', '-v', 'ON_ERROR_STOP=1', '-d', 'copy', '-f', $dump ],
		'restore');
}
is($node->safe_psql('copy', $inventory), $before, 'restored clusters');
is($node->safe_psql('copy', 'SELECT dsql.current_cluster()'),
	$default, 'the default cluster among them');
is( $node->safe_psql('copy',
		"SELECT identifier FROM dsql.create_cluster('by_token', client_token => 'token')"
	),
	$by_token,
	'client tokens as well');
{
	local $ENV{PGOPTIONS} = "-c amzn-cluster-id=$shop";
	is($node->safe_psql('copy', 'SELECT * FROM t'), '1', 'their tables');
	my ($code, $stdout, $stderr) =
	  $node->psql('copy', 'CREATE TABLE slow.planted (id int PRIMARY KEY)');
	like($stderr, qr/schema "slow" does not exist/, 'their walls');
}
$node->safe_psql('copy', "SELECT dsql.update_cluster('$slow', false)");
$node->safe_psql('copy', "SELECT dsql.delete_cluster('$slow')");
is( $node->safe_psql(
		'copy', "SELECT count(*) FROM pg_namespace WHERE nspname = 'slow'"),
	'0',
	'and can be deleted');
is(sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'slow'"),
	'1', 'the original is untouched');

# 7
$node->safe_psql('copy', 'DROP EXTENSION dsql_emu');
is( $node->safe_psql('copy', q{
		SELECT count(*) FILTER (WHERE nspname IN ('shop', 'side')),
			   (SELECT count(*) FROM pg_seclabel), (SELECT count(*) FROM shop.t)
		FROM pg_namespace}),
	'2|0|1',
	'schemas stay, without labels');
$node->safe_psql('copy', 'CREATE EXTENSION dsql_emu');
is( $node->safe_psql('copy',
		'SELECT schema, tables FROM dsql.clusters'),
	'public|2',
	'and are the default cluster');

# 8
my $first = $node->background_psql('postgres', on_error_stop => 0);
my $second = $node->background_psql('postgres', on_error_stop => 0);
$first->query('BEGIN');
my $made = $first->query(
	"SELECT identifier FROM dsql.create_cluster('once', client_token => 'same')");
$second->query_until(qr/begun/, q{\echo begun
SELECT identifier FROM dsql.create_cluster('once', client_token => 'same');
});
ok( $node->poll_query_until(
		'postgres',
		"SELECT count(*) = 1 FROM pg_locks WHERE NOT granted AND relation = 'dsql.cluster'::regclass"
	),
	'the second waits');
is(sql('SELECT count(*) FROM dsql.list_clusters()') > 0,
	1, 'reading does not');
$first->query('COMMIT');
is($second->query('SELECT 1'), "$made\n1", 'and gets the same answer');
$first->quit;
$second->quit;

# 9
my $one = create('one');
my $two = create('two');
foreach ([ $one, 'one' ], [ $two, 'two' ])
{
	connected("-c amzn-cluster-id=$_->[0]",
		"CREATE TABLE t (id int PRIMARY KEY, what text)");
	connected("-c amzn-cluster-id=$_->[0]",
		"INSERT INTO t VALUES (1, '$_->[1]'), (2, '$_->[1]')");
}
my $wire = Wire->new(
	host => $node->host,
	port => $node->port,
	database => 'postgres');

# Rows and errors of what is sent.
sub answers
{
	return join ' ', map {
			$_->{row} ? @{ $_->{row} }
		  : $_->{error} ? join(' ', @{ $_->{error} }{qw(C M)})
		  : ()
	} $wire->send(@_, Wire::Sync());
}

sub use_cluster
{
	return (
		Wire::Parse('use', "SELECT dsql.use_cluster('$_[0]')"),
		Wire::Bind('use', 'use'), Wire::Execute('use'),
		Wire::message('C', "Suse\0"));
}

sub run_prepared { return (Wire::Bind('', $_[0]), Wire::Execute('')); }

answers(use_cluster($one));
answers(
	Wire::Parse('plain', 'SELECT what FROM t WHERE id = 1'),
	Wire::Parse('qualified', 'SELECT what FROM one.t WHERE id = 1'));
foreach my $time (1 .. 6)
{
	is(answers(run_prepared('plain'), run_prepared('qualified')),
		'one one', "prepared statements ($time)");
}
answers(use_cluster($two));
is(answers(run_prepared('plain')), 'two', 'in another cluster');
is(answers(run_prepared('qualified')),
	'3F000 schema "one" does not exist', 'which has no such schema');
my $next = Wire::message('E', "portal\0" . pack('N', 1));
is( answers(
		Wire::Parse('both', 'SELECT what FROM t'), Wire::Bind('portal', 'both'),
		$next, use_cluster($one), $next),
	'two  34000 portal "portal" does not exist',
	'a portal does not outlive its cluster');

$node->stop;

done_testing();
