# What psql and information_schema ask of an emulated session has to work as
# it does on the service: none of psql's describe commands may meet a refusal
# or a column that the catalogs lack.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = DsqlEmu::emulated();
foreach my $sql (
	'CREATE TABLE parent (id uuid PRIMARY KEY, name text NOT NULL, price numeric)',
	'CREATE TABLE child (id bigint GENERATED ALWAYS AS IDENTITY (CACHE 65536) PRIMARY KEY,
		parent_id uuid REFERENCES parent ON DELETE CASCADE, CHECK (id > 0))',
	'CREATE VIEW names AS SELECT name FROM parent',
	'CREATE SEQUENCE numbers CACHE 1',
	'CREATE DOMAIN positive AS integer CHECK (VALUE > 0)',
	'CREATE FUNCTION one() RETURNS integer LANGUAGE sql RETURN 1',
	'CREATE SCHEMA other',
	'CREATE ROLE regress_role WITH LOGIN',
	'GRANT SELECT ON parent TO regress_role',
	'CREATE STATISTICS both_columns ON name, price FROM parent',
	"COMMENT ON TABLE parent IS 'a table'")
{
	$node->safe_psql('postgres', $sql);
}

# A host of a newer major answers some of psql's queries for 16 differently:
# doc/limitations.md lists them.
my $host = $node->safe_psql('postgres',
	"SET dsql_emu.mode = off; SELECT current_setting('server_version_num')::int / 10000");
my %limitation = map { $_ => 1 } $host >= 17 ? ('\l', '\dO') : ();

foreach my $command (
	'\d', '\d+', '\d parent', '\d+ parent', '\d child', '\d+ child',
	'\d names', '\d+ names', '\d numbers', '\d child_pkey', '\d+ child_pkey',
	'\dt', '\dt+', '\di', '\di+', '\dv', '\dv+', '\ds', '\ds+', '\df',
	'\df+', '\du', '\du+', '\dg', '\dn', '\dn+', '\dp', '\ddp', '\z', '\dT',
	'\dT+', '\dD', '\dD+', '\dX', '\dx', '\dx+', '\dA', '\dA+', '\da',
	'\db', '\dc', '\dC', '\dd', '\des', '\dF', '\dFd', '\dL', '\dm', '\do',
	'\dO', '\dP', '\drds', '\dRp', '\dRs', '\dy', '\l', '\l+', '\sf one',
	'\sv names', '\conninfo', '\encoding')
{
	my ($stdout, $stderr);
	my ($name) = $command =~ /^(\\\w+)/;
	my $code = $node->psql(
		'postgres', $command,
		stdout => \$stdout,
		stderr => \$stderr,
		on_error_stop => 1);
	if ($limitation{$name})
	{
		like($stderr, qr/column .* does not exist/,
			"$command is the limitation that doc/limitations.md names");
		next;
	}
	is($stderr, '', $command);
	is($code, 0, "$command: exit code");
}

my $views = $node->safe_psql('postgres',
	"SELECT relname FROM pg_class
	 WHERE relnamespace = 'information_schema'::regnamespace AND relkind = 'v'
	   AND relname !~ '^_' ORDER BY 1");
my ($out, $err);
is( $node->psql(
		'postgres',
		join('', map { "SELECT * FROM information_schema.$_;\n" } split /\n/, $views),
		stdout => \$out,
		stderr => \$err),
	0,
	'all of information_schema');
is($err, '', 'without a message');

# The same for the role that users are.
foreach my $command ('\d', '\dt', '\d parent', '\df', '\du', '\dn')
{
	my ($stdout, $stderr);
	$node->psql(
		'postgres', $command,
		stdout => \$stdout,
		stderr => \$stderr,
		extra_params => [ '-U', 'admin' ]);
	is($stderr, '', "$command as admin");
}
$node->stop;
done_testing();
