# The service's own clients, unmodified, against the control plane, whose clusters are
# schemas (those that are databases: 094_database_clusters_clients.pl):
#
#  1. the AWS SDK for JavaScript: test/clients/control_plane.mjs
#  2. boto3, where it is installed: test/clients/control_plane.py
#  3. the AWS command line, where it is installed and knows the service
#  4. the first where signatures are verified: test/clients/signed.mjs
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Clients;
use DsqlEmu;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $port = PostgreSQL::Test::Cluster::get_free_port();
my $node = DsqlEmu::emulated(qq{
dsql_emu.api_port = $port
dsql_emu.api_cluster_kind = schema
dsql_emu.create_delay = 2s
dsql_emu.update_delay = 50ms
dsql_emu.delete_delay = 50ms
dsql_emu.pending_delete_delay = 50ms
});

my $endpoint = "http://127.0.0.1:$port";

# 1
Clients::run_node('control_plane.mjs', $endpoint);

# 2
if (system("python3 -c 'import boto3; boto3.client(\"dsql\", \"us-east-1\").create_stream' 2>/dev/null") == 0)
{
	Clients::run('python3', 'test/clients/control_plane.py', $endpoint);
}
else
{
	diag 'NOT RUN: boto3 with a model of Aurora DSQL is not installed';
}

# 3
sub aws
{
	my ($command, $member) = @_;
	local @ENV{qw(AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_DEFAULT_REGION AWS_PAGER)} =
	  ('222233334444', 'x', 'us-east-1', '');
	local $ENV{AWS_ENDPOINT_URL_DSQL} = $endpoint;
	my $output = `aws --output json dsql $command 2>&1`;
	is($?, 0, "aws dsql $command") or diag $output;
	return unless defined $member;
	my ($value) = $output =~ /"$member": "([^"]*)"/;
	return $value;
}

if (`command -v aws >/dev/null && aws dsql get-cluster-policy --generate-cli-skeleton` =~ /"identifier"/)
{
	my $id = aws('create-cluster --no-deletion-protection-enabled', 'identifier');
	aws("wait cluster-active --identifier $id");
	my $arn = aws("get-cluster --identifier $id", 'arn');
	aws("update-cluster --identifier $id");
	aws("tag-resource --resource-arn $arn --tags a=b");
	aws("list-tags-for-resource --resource-arn $arn");
	aws("untag-resource --resource-arn $arn --tag-keys a");
	aws("get-vpc-endpoint-service-name --identifier $id");
	aws('list-clusters');
	is(aws("delete-cluster --identifier $id", 'status'), 'DELETING', 'command line');
}
else
{
	diag 'NOT RUN: an AWS command line that knows Aurora DSQL is not installed';
}

# 4
{
	local $ENV{KEY_ID} = 'AKIDALICE';
	local $ENV{KEY_SECRET} = "alice's/secret+key";
	$node->safe_psql('postgres', "SELECT * FROM dsql.create_access_key(
		'arn:aws:iam::444455556666:user/alice', 'AKIDALICE', 'alice''s/secret+key')");
	$node->append_conf('postgresql.conf', 'dsql_emu.api_auth = verify');
	$node->restart;
	Clients::run_node('signed.mjs', $endpoint);
}

$node->stop;
done_testing();
