# Clusters that are a database of their own.
#
#  1. made, ACTIVE, connected to by host name and by amzn-cluster-id
#  2. two clusters with the same tables and schemas; what each shows of itself
#  3. what is refused: other databases, other keys, states, entering in SQL
#  4. jobs, limits, versions of the schema: each cluster's own
#  5. linked clusters: one database, two endpoints
#  6. the default cluster
#  7. roles: each cluster's own
#  8. what names the database, sessions and roles
#  9. deleted, and made again
# 10. the extension is updated
# 11. DROP EXTENSION says what stays
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Signer;
use Test::More;
use TlsServer;
use Wire;

my $server = TlsServer->new(
	settings => 'dsql_emu.create_delay = 0
dsql_emu.update_delay = 0
dsql_emu.delete_delay = 0
dsql_emu.max_connection_rate = -1
dsql_emu.accept_localhost = on');
my $node = $server->node;

sub sql
{
	my ($sql) = @_;
	return $server->sql($sql);
}

sub create
{
	my ($region, $arguments) = @_;
	return sql("SET dsql_emu.region = '$region'; SELECT identifier FROM dsql.create_cluster("
		  . "deletion_protection_enabled => false, kind => 'database'$arguments)");
}

sub wait_for
{
	my ($query, $expected) = @_;
	$node->poll_query_until('postgres', $query, $expected)
	  or die "timed out: $query";
	return;
}

sub wait_until_active
{
	my ($id) = @_;
	wait_for("SELECT status FROM dsql.clusters WHERE identifier = '$id'",
		'ACTIVE');
	return;
}

# A query in a cluster: its rows, and what it writes to stderr.
sub query
{
	my ($id, $sql, %arg) = @_;
	my $host = $arg{host} // "$id.dsql.us-east-1.on.aws";
	my ($code, $stdout, $stderr) = $server->connect(
		host => $host,
		user => $arg{user} // 'admin',
		password => $arg{password} // Signer::token(
			host => $host,
			region => $arg{region} // 'us-east-1',
			action => ($arg{user} // 'admin') eq 'admin' ? 'DbConnectAdmin' : 'DbConnect'),
		options => $arg{options} // {},
		sql => $sql);
	# psql has no quiet mode here: what it says of each statement is left out.
	$stdout =~ s/^(?:CREATE|DROP|ALTER|INSERT|CALL|SET)\b.*\n?//mg;
	chomp $stdout;
	return $stdout . $stderr;
}

# 1
my $rome = create('us-east-1', ", tags => '{\"Name\": \"rome\"}'");
my $oslo = create('us-east-1', '');
wait_until_active($rome);
wait_until_active($oslo);
my $template = sql(q{SELECT oid FROM pg_database WHERE datname = 'dsql_emu_template'});
is( sql("SELECT name, kind, schema, tables IS NULL, size < 10000000, database = left(identifier, 8) FROM dsql.clusters WHERE identifier = '$rome'"),
	'rome|database|public|t|t|t', 'dsql.clusters shows the kind');
is(query($rome, 'SELECT current_user, dsql.current_cluster()'),
	"admin|$rome", 'connected by host name');
is( query(
		$rome, 'SELECT current_user, dsql.current_cluster()',
		host => 'localhost',
		options => { options => "-c amzn-cluster-id=$rome" },
		password => Signer::token(host => "$rome.dsql.us-east-1.on.aws")),
	"admin|$rome", 'connected by amzn-cluster-id');

# 2
my %shown;
foreach my $id ($rome, $oslo)
{
	is( query($id, 'CREATE TABLE public.products (id int PRIMARY KEY, name text)')
		  . query($id, 'CREATE SCHEMA app')
		  . query($id, 'CREATE TABLE app.orders (id int PRIMARY KEY)')
		  . query($id, "INSERT INTO products VALUES (1, '$id')"),
		'', 'tables are made');
}
foreach my $id ($rome, $oslo)
{
	is(query($id, 'SELECT name FROM public.products'), $id, 'with other rows');
	is( query(
			$id,
			q{SELECT current_database(), current_catalog, current_schema(), current_setting('search_path')}
		),
		'postgres|postgres|public|"$user", public',
		'the database is called postgres');
	is(query($id, 'SELECT datname FROM pg_database'), 'postgres',
		'and is the only one');
	is( query($id, 'SELECT datname, d.oid = (SELECT oid FROM pg_catalog.pg_database) FROM pg_database d JOIN pg_class c ON true WHERE c.relname = \'products\''),
		'postgres|t', 'in any query');
	is( query(
			$id, q{SELECT table_catalog, table_schema, table_name FROM information_schema.tables WHERE table_schema IN ('public', 'app') ORDER BY 3}
		),
		"postgres|app|orders\npostgres|public|products",
		'the information schema shows its tables');
	is(query($id, '\dt'), 'public|products|table|admin', '\dt');
	# psql asks servers of 16 what those of 17 do not know: doc/limitations.md
	like(query($id, '\l'), qr/^postgres\|.*UTF8\|C\|C/, '\l')
	  if $node->pg_version < 17;
}

# 3
like( query($rome, 'SELECT 1', options => { dbname => 'template1' }),
	qr/FATAL:  database "template1" does not exist/,
	'there is no other database');
ok($node->log_contains(qr/FATAL:  3D000: database "template1" does not exist/),
	'SQLSTATE');
like( query($rome, 'SELECT 1', password => Signer::token(host => "$oslo.dsql.us-east-1.on.aws")),
	qr/unable to accept connection, access denied\n.*HINT:  The token is for the host $oslo/s,
	'a token for another cluster');
like( query($rome, 'SELECT 1', password => Signer::token(host => "$rome.dsql.us-east-1.on.aws", secret => 'x' x 40)),
	qr/HINT:  The request signature we calculated does not match/,
	'a wrong signature');
like( query($rome, 'SELECT 1', password => Signer::token(host => "$rome.dsql.us-east-1.on.aws", access_key => 'AKIANOSUCHKEY')),
	qr/HINT:  The security token included in the request is invalid/,
	'an unknown key');
sql("SELECT dsql.create_access_key('arn:aws:iam::000000000000:user/late', 'AKIALATE', 'secret')");
my @late = (password => Signer::token(host => "$rome.dsql.us-east-1.on.aws", access_key => 'AKIALATE', secret => 'secret'));
is(query($rome, 'SELECT 1', @late), '1', 'a key holds from its commit on');
sql("SELECT dsql.delete_access_key('AKIALATE')");
like(query($rome, 'SELECT 1', @late), qr/access denied/, 'up to its deletion');
sql("SELECT dsql.put_cluster_policy('$rome', '{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Deny\", \"Principal\": {\"AWS\": \"*\"}, \"Action\": \"dsql:DbConnectAdmin\", \"Resource\": \"*\"}]}')");
like(query($rome, 'SELECT 1'), qr/explicit deny in a resource-based policy/,
	'the policy counts');
is(query($oslo, 'SELECT 1'), '1', 'for its cluster');
sql("SELECT dsql.delete_cluster_policy('$rome')");
foreach my $status (qw(FAILED CREATING))
{
	sql("SELECT dsql.set_cluster_status('$rome', '$status')");
	like(query($rome, 'SELECT 1'), qr/HINT:  The cluster is $status/,
		"$status lets nobody in");
}
sql("SELECT dsql.set_cluster_status('$rome', 'IDLE')");
is(query($rome, 'SELECT 1'), '1', 'an IDLE cluster wakes up');
is(sql("SELECT status FROM dsql.clusters WHERE identifier = '$rome'"),
	'ACTIVE', 'and is ACTIVE');
my ($code, $stdout, $stderr) =
  $node->psql('postgres', "SELECT dsql.use_cluster('$rome')");
like( $stderr, qr/ERROR:  cluster "$rome" has a database of its own\nHINT:  Connect to $rome.dsql.us-east-1.on.aws, or with amzn-cluster-id=$rome\./,
	'dsql.use_cluster() says how to enter');
my $name = substr $rome, 0, 8;
like( query($rome, 'SELECT 1', host => 'localhost',
		options => { dbname => $name }, password => Signer::token(host => 'localhost')),
	qr/HINT:  The database can only be reached by the cluster's host name/,
	'clients do not get in by the name of the database');
like( query($rome, 'SELECT dsql.create_cluster()'),
	qr/ERROR:  55000: database "postgres" has no control plane.*HINT:  Connect to that database/s,
	'it has no control plane');

# 4
like( query($rome, 'CREATE INDEX ASYNC ON products (name)'),
	qr/^[a-z0-9]{26}$/, 'an index is built');
my $job = query($rome, "SELECT job_id FROM sys.jobs WHERE job_type = 'INDEX_BUILD'");
query($rome, "CALL sys.wait_for_job('$job')");
is( query($rome, "SELECT status, object_name FROM sys.jobs WHERE job_type = 'INDEX_BUILD'"),
	'completed|public.products_name_idx', 'which is shown');
is(query($oslo, "SELECT count(*) FROM sys.jobs WHERE job_type = 'INDEX_BUILD'"),
	'0', 'only there');
is(query($oslo, join '; ', map { "CREATE SCHEMA s$_" } 1 .. 9), '',
	'each has schemas of its own');
like(query($oslo, 'CREATE SCHEMA s10'),
	qr/ERROR:  54000: more than 10 schemas not allowed/, 'up to ten');
is(query($rome, 'CREATE SCHEMA s1'), '', 'in each of them');

# 5
my $one = create('us-east-1', ", multi_region_properties => '{\"witnessRegion\": \"us-west-2\"}'");
my $two = create('us-east-2',
	", multi_region_properties => '{\"witnessRegion\": \"us-west-2\", \"clusters\": [\"arn:aws:dsql:us-east-1:000000000000:cluster/$one\"]}'");
sql("SELECT dsql.update_cluster('$one', multi_region_properties => '{\"witnessRegion\": \"us-west-2\", \"clusters\": [\"arn:aws:dsql:us-east-2:000000000000:cluster/$two\"]}')");
wait_until_active($one);
is(query($one, 'CREATE TABLE shared (id int PRIMARY KEY)'), '', 'one of a pair');
my @two = (host => "$two.dsql.us-east-2.on.aws", region => 'us-east-2');
is( query($two, 'SELECT dsql.current_cluster(), count(*) FROM shared', @two),
	"$two|0", 'is the other');

my $vpc = sql("SET dsql_emu.region = 'us-east-2'; SELECT cluster_vpc_endpoint FROM dsql.get_vpc_endpoint_service_name('$two')");
is(query($two, 'SELECT dsql.current_cluster()', host => $vpc, region => 'us-east-2'),
	$two, 'by the name of its VPC endpoint');
my $tls = PostgreSQL::Test::Utils::slurp_file("$FindBin::RealBin/../../demo/dsql_emu-tls");
my %digits = $tls =~ /\b([a-z]+-[a-z]+-\d):([0-9a-f]{6})\b/g;
is( sql('SELECT string_agg(r || lpad(to_hex(hashtext(r) & 16777215), 6, \'0\'), \' \' ORDER BY r) FROM (VALUES '
		  . join(', ', map { "('$_' COLLATE \"C\")" } keys %digits) . ') v (r)'),
	join(' ', map { $_ . $digits{$_} } sort keys %digits),
	'the certificate is for the names of every Region');

# 6
my $default = $server->{cluster};
($code, $stdout, $stderr) = $node->psql('postgres',
	"SELECT dsql.update_cluster('$default', false); SELECT dsql.delete_cluster('$default')");
like($stderr, qr/ERROR:  the default cluster cannot be deleted/,
	'the default cluster stays');
like($stderr, qr/HINT:  DROP EXTENSION dsql_emu/, 'as long as the extension');

# 7
sub mapped
{
	my ($id, $user, $sql) = @_;
	return query($id, $sql, user => $user);
}

foreach my $id ($rome, $oslo)
{
	is( query($id, 'CREATE ROLE app_readwrite WITH LOGIN')
		  . query($id, 'CREATE ROLE r WITH LOGIN')
		  . query($id, "AWS IAM GRANT r TO '$TlsServer::user_arn'")
		  . query($id, "AWS IAM GRANT app_readwrite TO '$TlsServer::user_arn'")
		  . query($id, 'GRANT USAGE ON SCHEMA app TO r, app_readwrite'),
		'GRANTGRANTGRANT', 'roles of the same names');
}
query($rome, 'GRANT SELECT ON products TO r');
query($oslo, 'GRANT INSERT ON app.orders TO r');
query($oslo, 'GRANT r TO app_readwrite');
is(mapped($rome, 'r', 'SELECT current_user, session_user, user, name FROM products'),
	"r|r|r|$rome", 'a role connects');
foreach my $statement ('RESET SESSION AUTHORIZATION', 'SET SESSION AUTHORIZATION DEFAULT')
{
	like( mapped($rome, 'r', "$statement; $statement; SELECT current_user, current_setting('session_authorization')"),
		qr/^r\|r$/m, "$statement leaves it as it was");
}
like(mapped($oslo, 'r', 'SELECT * FROM products'),
	qr/ERROR:  42501: permission denied for table products/,
	'and holds what it has in its cluster');
is(mapped($oslo, 'app_readwrite', 'INSERT INTO app.orders VALUES (7)'),
	'', 'with other memberships');
like(mapped($rome, 'app_readwrite', 'INSERT INTO app.orders VALUES (7)'),
	qr/ERROR:  42501: permission denied for table orders/, 'in each');
foreach my $id ($rome, $oslo)
{
	is( query($id, q{SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1}),
		"admin\napp_readwrite\nr", 'pg_roles shows the cluster\'s');
	is( query($id, q{SELECT pg_role_name FROM sys.iam_pg_role_mappings ORDER BY 1}),
		"app_readwrite\nr", 'mappings, too');
}
is( query($rome, q{SELECT grantee, privilege_type FROM information_schema.role_table_grants WHERE table_name = 'products' AND grantee = 'r'}),
	'r|SELECT', 'the information schema shows the cluster\'s');
is( query($rome, q{SELECT relacl::text FROM pg_class WHERE relname = 'products'}),
	'{admin=arwdDxt' . ($node->pg_version < 17 ? '' : 'm') . '/admin,r=r/admin}',
	'ACLs show names');
is( query($oslo, q{SELECT 'r'::regrole, to_regrole('r') IS NOT NULL, has_table_privilege('r', 'app.orders', 'INSERT'), pg_has_role('app_readwrite', 'r', 'MEMBER'), pg_get_userbyid('r'::regrole)}),
	'r|t|t|t|r', 'functions know names');
is( query($oslo, q{SELECT m.rolname, g.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid WHERE m.rolname !~ '^pg_' AND g.rolname = 'r'}),
	'app_readwrite|r', 'memberships');
is(query($rome, 'SELECT count(*) FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member WHERE g.rolname = \'r\' AND m.rolname = \'app_readwrite\''),
	'0', 'of the cluster');
like(query($rome, 'CREATE ROLE r'), qr/ERROR:  42710: role "r" already exists/,
	'errors show names');
like(query($rome, 'DROP ROLE nobody_has'), qr/ERROR:  42704: role "nobody_has" does not exist/,
	'as their users wrote them');
query($rome, 'ALTER ROLE r SET search_path = app');
is(mapped($rome, 'r', 'SHOW search_path'), 'app', 'settings of a role');
is(mapped($oslo, 'r', 'SHOW search_path'), '"$user", public', 'of one cluster');
query($rome, 'GRANT app_readwrite TO admin; GRANT CREATE ON SCHEMA app TO app_readwrite');
query($rome, 'ALTER TABLE app.orders OWNER TO app_readwrite');
is(query($rome, '\dt app.*'), 'app|orders|table|app_readwrite', 'owners');
query($rome, 'ALTER TABLE app.orders OWNER TO admin');
query($rome, 'ALTER ROLE app_readwrite RENAME TO writer');
is( query($rome, q{SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1}),
	"admin\nr\nwriter", 'renamed');
query($oslo, "AWS IAM REVOKE r FROM '$TlsServer::user_arn'");
query($oslo, 'REVOKE ALL ON app.orders FROM r');
query($oslo, 'REVOKE ALL ON SCHEMA app FROM r');
is(query($oslo, 'DROP ROLE r'), '', 'dropped');
is( query($oslo, q{SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1}),
	"admin\napp_readwrite", 'in one cluster');
is(mapped($rome, 'r', 'SELECT current_user'), 'r', 'not in the other');
like(mapped($oslo, 'r', 'SELECT 1'), qr/access denied/, 'where it is no more');
sql('CREATE ROLE outside LOGIN');
like(query($rome, 'GRANT SELECT ON products TO outside'),
	qr/ERROR:  42704: role "outside" does not exist/, 'roles of the server are none of the cluster\'s');
like(mapped($rome, 'outside', 'SELECT 1'), qr/access denied/,
	'and cannot connect to it');
my $foreign = sql("SELECT oid FROM pg_roles WHERE rolname = 'r\@' || left('$rome', 8)");
is(query($oslo, "SELECT pg_get_userbyid($foreign), $foreign\::regrole"),
	"unknown (OID=$foreign)|$foreign", 'nor do OIDs tell of another\'s');
is(query($one, q{SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_'}),
	'admin', 'another cluster has admin');

# The server's names of a cluster's roles are out of reach for admin elsewhere, in
# the control plane's database, too.
my $roman = qq{"r\@$name"};
sql('SET dsql_emu.mode = off; CREATE TABLE public.kept (id int)');
query($default, 'CREATE ROLE local');
foreach my $statement (
	"DROP ROLE $roman",
	"ALTER ROLE $roman SET search_path = nowhere",
	"ALTER ROLE $roman RENAME TO stolen",
	"COMMENT ON ROLE $roman IS 'stolen'",
	"GRANT $roman TO admin",
	"GRANT local TO $roman",
	qq{CREATE ROLE "new\@$name"},
	qq{ALTER ROLE local RENAME TO "new\@$name"})
{
	like( query($default, $statement),
		qr/ERROR:  42501: (?:permission denied|must have)/, $statement);
}
query($default, 'ALTER ROLE admin SET search_path = nowhere');
is(query($default, 'SHOW search_path'), 'nowhere', 'settings of admin hold');
is(query($rome, 'SHOW search_path'), '"$user", public', 'in one database');
query($default, 'ALTER ROLE CURRENT_USER RESET ALL');
is(query($default, 'SHOW search_path'), 'public', 'until they are reset');
like(query($default, "AWS IAM GRANT $roman TO '$TlsServer::user_arn'"),
	qr/ERROR:  42704: Role r\@$name does not exist/, 'nor is it mapped there');
query($default, 'CREATE ROLE "new@elsewhere"');
is(query($default, 'DROP ROLE "new@elsewhere"; DROP ROLE local'), '',
	'others have such a name, too');
is(mapped($rome, 'r', 'SELECT current_user, current_setting(\'search_path\')'),
	'r|app', 'nothing has happened to it');

# 8
is( query($oslo, 'CREATE TABLE postgres.public.named (id int PRIMARY KEY, v text)')
	  . query($oslo, q{INSERT INTO "postgres"."public"."named" VALUES (1, 'postgres.public.named')})
	  . query($oslo, 'SELECT Postgres.public.named.v, n.v FROM postgres . public /* . */ . named JOIN "postgres"."public".named n USING (id)'),
	'postgres.public.named|postgres.public.named', 'names that begin with the database\'s');
like(query($oslo, 'CREATE INDEX ASYNC ON postgres.public.named (v)'),
	qr/^[a-z0-9]{26}$/, 'in an index that is built');
# What is parsed for a catalog while a statement is bound is another text.
my $wire = Wire->new(host => $node->host, port => $node->port, database => substr $oslo, 0, 8);
is_deeply(
	[ map { $_->{error} ? $_->{error}{M} : $_->{row} ? @{ $_->{row} } : () }
		  $wire->send(Wire::Parse('', 'SELECT datname FROM postgres.pg_catalog.pg_database'),
			Wire::Bind('', ''), Wire::Execute(''), Wire::Sync()) ],
	['postgres'],
	'in a statement that is bound');
undef $wire;
wait_for("SELECT count(*) FROM pg_stat_activity WHERE datname = left('$oslo', 8) AND backend_type = 'client backend'", '0');
like(query($oslo, 'SELECT 1 FROM other.public.named'),
	qr/ERROR:  0A000: cross-database references are not implemented: "other.public.named"/,
	'with another one\'s');
query($oslo, 'CREATE ROLE reader');
is( query($oslo, q{SELECT has_database_privilege('postgres', 'CREATE'), has_database_privilege('reader', 'postgres', 'CREATE'), has_database_privilege('admin', 'postgres', 'CREATE'), pg_database_size('postgres') = pg_database_size(current_database())}),
	't|f|t|t', 'functions know the database');
foreach my $call (q{has_database_privilege('template1', 'CREATE')}, q{pg_database_size('template1')})
{
	like(query($oslo, "SELECT $call"),
		qr/ERROR:  3D000: database "template1" does not exist/, 'and no other');
}
is( query($oslo, q{SELECT has_language_privilege('reader', 'sql', 'USAGE'), has_tablespace_privilege('reader', 'pg_default', 'CREATE'), has_parameter_privilege('reader', 'work_mem', 'SET')}),
	't|f|f', 'more functions that know names');
my $elsewhere = $node->background_psql('postgres');
is(query($oslo, 'SELECT datname, usename FROM pg_stat_activity'),
	'postgres|admin', 'sessions are the cluster\'s');
$elsewhere->query_safe('SET dsql_emu.mode = off');
my $pid = $elsewhere->query_safe('SELECT pg_backend_pid()');
my $numbers = 'SELECT count(*) FROM pg_stat_get_backend_idset() i WHERE pg_stat_get_backend_';
is(query($oslo, "${numbers}pid(i) = $pid"), '0', 'those with a number, too');
is(query($oslo, "${numbers}activity(i) ~ 'itself'"), '1', 'its own are shown');
like(query($oslo, "SELECT pg_terminate_backend($pid), pg_cancel_backend($pid)"),
	qr/^f\|f(?:.*WARNING:.* PID $pid is not a PostgreSQL backend process){2}/s,
	'no other session is ended');
$elsewhere->quit;
like(query($oslo, 'SELECT count(*) FROM pg_seclabels'), qr/^\d+$/,
	'a view that asks for tableoid');
query($oslo, 'GRANT reader TO admin');
$node->append_conf('postgresql.conf', 'log_min_messages = fatal');
$node->reload;
wait_for('SHOW log_min_messages', 'fatal');
like(query($oslo, 'GRANT reader TO admin'),
	$node->pg_version < 16 ? qr/NOTICE: .* role "admin" is already a member of role "reader"$/m :
	  qr/NOTICE: .* role "admin" has already been granted membership in role "reader" by role/,
	'notices show names');
like(query($oslo, 'CREATE ROLE reader'), qr/ERROR:  42710: role "reader" already exists/,
	'errors do, whatever is logged');
$node->append_conf('postgresql.conf', 'log_min_messages = warning');
$node->reload;
$node->safe_psql($name, 'SET dsql_emu.mode = off; CREATE TABLE wide AS SELECT g id FROM generate_series(1, 30000) g;
	ALTER TABLE wide SET (parallel_workers = 2); GRANT SELECT ON wide TO PUBLIC; ANALYZE wide');
$node->append_conf('postgresql.conf', "parallel_setup_cost = 0\nparallel_tuple_cost = 0\nparallel_leader_participation = off");
$node->reload;
wait_for('SHOW parallel_setup_cost', '0');
like(mapped($rome, 'r', 'SET dsql_emu.explain = postgresql; EXPLAIN SELECT max(current_user::text) FROM public.wide'),
	qr/Parallel Seq Scan/, 'a query with parallel workers');
is(mapped($rome, 'r', 'SELECT max(current_user::text || session_user::text) FROM public.wide'),
	'rr', 'these know the names, too');
$node->append_conf('postgresql.conf', "parallel_setup_cost = 1000\nparallel_tuple_cost = 0.1\nparallel_leader_participation = on");
$node->reload;
query($oslo, 'CREATE ROLE stranger');
like(query($oslo, 'ALTER DEFAULT PRIVILEGES FOR ROLE stranger GRANT SELECT ON TABLES TO PUBLIC'),
	qr/ERROR:  42501: permission denied to change default privileges/,
	'default privileges of a role that admin is not in');
query($oslo, 'ALTER DEFAULT PRIVILEGES FOR ROLE reader GRANT SELECT ON TABLES TO stranger');
like(query($oslo, '\ddp'), qr{^stranger=r/reader$}m, 'both names of a right');
query($oslo, 'DROP SCHEMA s9');
is( query($oslo, 'CREATE SCHEMA AUTHORIZATION reader')
	  . query($oslo, q{SELECT nspname, nspowner::regrole FROM pg_namespace WHERE nspname ~ '^reader'}),
	'reader|reader', 'a schema with its owner\'s name');
foreach my $body (q{AS 'SELECT current_user || session_user'}, q{BEGIN ATOMIC SELECT current_user || session_user; END},
	q{AS $$ SELECT string_agg(rolname, '') FROM pg_catalog.pg_roles WHERE rolname = current_user OR rolname = session_user || $1 $$})
{
	query($rome, "CREATE OR REPLACE FUNCTION who(text) RETURNS text LANGUAGE SQL STABLE $body");
	is(mapped($rome, 'r', q{SELECT replace(public.who(''), 'rr', 'r'), (SELECT replace(who, 'rr', 'r') FROM public.who('') who)}),
		'r|r', "in a function's body: $body");
}
query($rome, 'CREATE FUNCTION roles() RETURNS SETOF name LANGUAGE SQL STABLE AS $$ SELECT rolname FROM pg_catalog.pg_roles $$');
is(query($rome, q{SELECT * FROM roles() r WHERE r !~ '^pg_' ORDER BY 1}),
	"admin\nr\nwriter", 'in one that returns rows');
like(mapped($rome, 'r', 'CREATE SCHEMA x'),
	qr/ERROR:  42501: permission denied for database postgres/,
	'errors show the service\'s name of the database');

# 9
my $session = $node->background_psql($name);
sql(qq{SET dsql_emu.mode = off; GRANT SELECT ON public.kept TO "writer\@$name"});
sql("SELECT dsql.delete_cluster('$rome')");
wait_for("SELECT count(*) FROM pg_database WHERE datname = '$name'", '0');
is(sql("SELECT count(*) FROM dsql.cluster WHERE identifier = '$rome'"),
	'0', 'with its row');
like(query($rome, 'SELECT 1'), qr/HINT:  Cluster not found: $rome/,
	'it is gone');
is(query($oslo, 'SELECT count(*) FROM products'), '1', 'the other is there');
is(sql("SELECT rolname FROM pg_roles WHERE rolname LIKE '%\@$name'"),
	"writer\@$name", 'roles go with their cluster, but for what needs them elsewhere');
ok( $node->log_contains(
		qr/WARNING:  (?:\w+: )?role "writer\@$name" of a deleted cluster stays, because some objects depend on it/),
	'of which the log tells');
sql(qq{SET dsql_emu.mode = off; DROP TABLE public.kept; DROP ROLE "writer\@$name"});
my $again = create('us-east-1', '');
wait_until_active($again);
is(query($again, 'CREATE TABLE products (id int PRIMARY KEY)'), '',
	'another one has nothing of it');

# 10
is(sql(q{SELECT oid FROM pg_database WHERE datname = 'dsql_emu_template'}),
	$template, 'all clusters so far are copies of one template');
# As after an update of the library: the cluster and the template are of 1.0.
my $outdated = substr $again, 0, 8;
my ($version) = PostgreSQL::Test::Utils::slurp_file('dsql_emu.control') =~ /default_version = '(.*?)'/;
$node->safe_psql($outdated, 'SET dsql_emu.mode = off; DROP EXTENSION dsql_emu');
$node->safe_psql($outdated, "CREATE EXTENSION dsql_emu VERSION '1.0'");
sql("SET dsql_emu.mode = off; SET allow_system_table_mods = on;
	UPDATE pg_shseclabel SET label = replace(label, ' $version', ' 1.0')
		WHERE label ~ '^(cluster .* $again|template) '");
like(query($again, 'CREATE INDEX ASYNC ON products (id)'),
	qr/ERROR:  55000: the library of dsql_emu is version \Q$version\E, but the extension in this database is version 1\.0\nHINT:  Run ALTER EXTENSION dsql_emu UPDATE in the database of the cluster's control plane, which updates its clusters, too\./,
	'a cluster that is not updated');
is(query($again, 'SELECT count(*) FROM products'), '0', 'its rows can be read');
sql('ALTER EXTENSION dsql_emu UPDATE');
wait_for("SELECT count(*) FROM pg_shseclabel WHERE label ~ ' 1\\.0\\M'", '0');
is( $node->safe_psql($outdated, q{SELECT extversion FROM pg_extension WHERE extname = 'dsql_emu'}),
	$version, 'is updated with its control plane');
like(query($again, 'CREATE INDEX ASYNC ON products (id)'),
	qr/^[a-z0-9]{26}$/, 'and works again');
wait_for("SELECT count(*) FROM pg_database d JOIN pg_shseclabel l ON l.objoid = d.oid
	WHERE datname = 'dsql_emu_template' AND d.oid <> $template AND label = 'template $version'", '1');
my $newest = create('us-east-1', '');
wait_until_active($newest);
is(query($newest, 'SELECT 1'), '1', 'the template is made again');

# 11
($code, $stdout, $stderr) = $node->psql('postgres', 'DROP EXTENSION dsql_emu CASCADE');
my $left = substr $oslo, 0, 8;
like($stderr, qr/WARNING:  the databases of 4 clusters stay$/m,
	'DROP EXTENSION says that databases stay');
like($stderr, qr/^(?:DETAIL:  )?database "?$left"? with roles "app_readwrite\@$left", /m,
	'and roles');
like($stderr, qr/^HINT:  Nobody can connect to these clusters any more\. Remove them with DROP DATABASE, then DROP ROLE\.$/m,
	'and what to do');
like(query($oslo, 'SELECT 1', password => Signer::token(host => "$oslo.dsql.us-east-1.on.aws")),
	qr/FATAL:  the control plane of the cluster is gone/, 'nobody connects to them');
sql("DROP DATABASE \"$left\"");
sql("DROP ROLE $_") foreach split /\n/, sql("SELECT quote_ident(rolname) FROM pg_roles WHERE rolname ~ '\@$left\$'");
sql('CREATE EXTENSION dsql_emu');
($code, $stdout, $stderr) = $node->psql('postgres', 'DROP EXTENSION dsql_emu CASCADE');
like($stderr, qr/WARNING:  the databases of 3 clusters stay$/m, 'until they are removed');

done_testing();
