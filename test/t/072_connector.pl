# The service's connector for node-postgres and the AWS SDK's signer, unmodified:
# test/clients/connect.mjs.  And libpq, which negotiates TLS either way.
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

my $server = TlsServer->new;
my $node = $server->node;

$server->sql('CREATE ROLE app LOGIN');
$server->sql('CREATE ROLE stranger LOGIN');
$server->sql("AWS IAM GRANT app TO '$TlsServer::user_arn'");
$server->sql("SELECT dsql.create_access_key('arn:aws:sts::000000000000:assumed-role/r/s', 'ASIATEMPORARY', 's', 'a/b+c==')");

$server->be_client;
Clients::run_node('connect.mjs', $server->{cluster}, $node->port);

# TLS from the first byte on came with PostgreSQL 17, to libpq and the server.
my ($major) = `psql --version` =~ /(\d+)/;
foreach my $negotiation (qw(postgres direct))
{
	next if $negotiation eq 'direct' && $major < 17;
	my ($code, $stdout, $stderr) = $server->connect(
		password => Signer::token(host => $server->host),
		options => $major < 17 ? {} : { sslnegotiation => $negotiation });
	is($stdout, 'admin', "TLS negotiation of libpq: $negotiation")
	  or diag $stderr;
}

$node->stop;
done_testing();
