# The examples for users, as they are, against a running server:
#
#  1. docker/app, the application of docker/compose.yaml
#  2. the examples of doc/ci.md are short, and that for Node works; a substitute
#     for Testcontainers gives it the server in place of a container
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Clients;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use TlsServer;

my $api_port = PostgreSQL::Test::Cluster::get_free_port();
my $server = TlsServer->new(settings => "
dsql_emu.accept_localhost = on
dsql_emu.api_port = $api_port
");
my $node = $server->node;
$server->sql("SELECT dsql.create_access_key(access_key_id => 'local', secret_access_key => 'local-secret')");

my $directory = PostgreSQL::Test::Utils::tempdir();
mkdir "$directory/node_modules" or die $!;
mkdir "$directory/node_modules/testcontainers" or die $!;
symlink $server->{tls}, "$directory/tls" or die $!;
PostgreSQL::Test::Utils::append_to_file("$directory/node_modules/testcontainers/package.json",
	'{"type": "module", "main": "index.js"}');
PostgreSQL::Test::Utils::append_to_file("$directory/node_modules/testcontainers/index.js", <<'END');
import { execFileSync } from 'node:child_process';
import { strict as assert } from 'node:assert';

const { SERVER_PORT: port, SERVER_DIRECTORY: PGDATA } = process.env;
export const Wait = { forHealthCheck: () => 'healthy' };
export class GenericContainer {
  constructor(image) { assert.equal(image, 'dsql_emu'); }
  withEnvironment(environment) { assert.ok(environment.POSTGRES_PASSWORD); return this; }
  withExposedPorts(exposed) { assert.equal(exposed, 5432); return this; }
  withWaitStrategy(strategy) { assert.equal(strategy, 'healthy'); return this; }
  async start() { return this; }
  getMappedPort(exposed) { assert.equal(exposed, 5432); return Number(port); }
  async exec([command, ...rest]) {
    return { output: execFileSync(command, rest, { env: { PGDATA } }).toString() };
  }
}
END
$ENV{SERVER_PORT} = $node->port;
$ENV{SERVER_DIRECTORY} = $directory;

# Nothing that this machine knows of AWS, or of authorities, comes in between.
delete @ENV{ 'NODE_EXTRA_CA_CERTS', grep { /^AWS_/ } keys %ENV };
$ENV{AWS_EC2_METADATA_DISABLED} = 'true';

# Run a program in the folder, and say what it says.
sub output
{
	my ($program) = @_;
	my $output = `cd $directory && node --no-warnings $program 2>&1; echo \$?`;
	return $output;
}

my %block;
my $document = slurp_file('doc/ci.md');
while ($document =~ /^```(\w+)\n(.*?)^```$/msg)
{
	$block{$1} = $2;
}
is(join(' ', sort keys %block), 'go java js python sh yaml', 'examples');
foreach my $language (qw(go java js python))
{
	cmp_ok(scalar split(/\n/, $block{$language}), '<', 15, "$language: under fifteen lines");
}

if ($ENV{CLIENTS})
{
	foreach my $package (glob "$ENV{CLIENTS}/node_modules/*")
	{
		symlink $package, "$directory/node_modules/" . $package =~ s{.*/}{}r or die $!;
	}

	# 1
	{
		local @ENV{qw(AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION)} =
		  ('local', 'local-secret', 'us-east-1');
		local @ENV{qw(AWS_ENDPOINT_URL_DSQL CLUSTER_ENDPOINT NODE_EXTRA_CA_CERTS PGPORT)} =
		  ("http://localhost:$api_port", 'localhost', $server->ca, $node->port);
		system_or_bail('cp', 'docker/app/app.mjs', $directory);
		is(output('app.mjs'), "clusters: 0\nvisits: 1\n0\n", 'docker/app');
		is(output('app.mjs'), "clusters: 0\nvisits: 2\n0\n", 'docker/app, again');
	}

	# 2
	PostgreSQL::Test::Utils::append_to_file("$directory/example.mjs", $block{js});
	PostgreSQL::Test::Utils::append_to_file("$directory/use.mjs", <<'END');
import { pool } from './example.mjs';

const { rows } = await pool.query('SELECT current_user, count(*) FROM visit');
console.log(rows[0].current_user, rows[0].count);
await pool.end();
END
	is(output('use.mjs'), "admin 2\n0\n", 'doc/ci.md: Node');
}
else
{
	Clients::not_run('the examples for Node, whose packages could not be installed');
}

my $package = slurp_file('docker/app/package.json');
my $tested = slurp_file('test/clients/package.json');
while ($package =~ /"(@?[\w\/-]+)": "(\d[\d.]*)"/g)
{
	like($tested, qr/"\Q$1\E": "\Q$2\E"/, "docker/app: $1 is the version that is tested");
}

$node->stop;
done_testing();
