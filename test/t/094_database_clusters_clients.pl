# Clusters with databases of their own, as the service's clients meet them:
#
#  1. an application with two of them: test/clients/database_clusters.mjs
#  2. the control plane through the AWS SDK for JavaScript, as with the other
#     kind: test/clients/control_plane.mjs
#  3. the service's connector for node-postgres: test/clients/connect.mjs
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Clients;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Signer;
use Test::More;
use TlsServer;

my $port = PostgreSQL::Test::Cluster::get_free_port();
my $server = TlsServer->new(
	settings => "dsql_emu.api_port = $port
dsql_emu.create_delay = 300ms
dsql_emu.update_delay = 50ms
dsql_emu.delete_delay = 50ms
dsql_emu.pending_delete_delay = 50ms");
my $node = $server->node;
my $endpoint = "http://127.0.0.1:$port";

$server->sql("SELECT dsql.create_access_key('arn:aws:sts::000000000000:assumed-role/r/s', 'ASIATEMPORARY', 's', 'a/b+c==')");

$server->be_client;
$ENV{USER_ARN} = $TlsServer::user_arn;

# 1
Clients::run_node('database_clusters.mjs', $endpoint, $node->port);

# 2
Clients::run_node('control_plane.mjs', $endpoint);

# 3
my $id = $server->sql("SELECT identifier FROM dsql.create_cluster(kind => 'database')");
$node->poll_query_until('postgres',
	"SELECT status FROM dsql.clusters WHERE identifier = '$id'", 'ACTIVE')
  or die 'timed out';
my $host = "$id.dsql.us-east-1.on.aws";
foreach my $sql ('CREATE ROLE app LOGIN', 'CREATE ROLE stranger LOGIN',
	"AWS IAM GRANT app TO '$TlsServer::user_arn'")
{
	my ($code, $stdout, $stderr) = $server->connect(
		host => $host, password => Signer::token(host => $host), sql => $sql);
	is($stderr, '', $sql);
}
Clients::run_node('connect.mjs', $id, $node->port);

$node->stop;
done_testing();
