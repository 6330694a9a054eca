# Applications as AWS's guides have them, with libraries from npm, unmodified:
# test/clients/applications.mjs.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Clients;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use TlsServer;

my $server = TlsServer->new;
$server->sql('CREATE ROLE app LOGIN');
$server->sql("AWS IAM GRANT app TO '$TlsServer::user_arn'");

$server->be_client;
Clients::run_node('applications.mjs', $server->{cluster}, $server->node->port);

$server->node->stop;
done_testing();
