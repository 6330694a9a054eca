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

# Nothing that this machine knows of AWS comes in between.
delete @ENV{ grep { /^AWS_/ } keys %ENV };
$ENV{AWS_ACCESS_KEY_ID} = $TlsServer::access_key;
$ENV{AWS_SECRET_ACCESS_KEY} = $TlsServer::secret;
$ENV{AWS_EC2_METADATA_DISABLED} = 'true';
$ENV{NODE_EXTRA_CA_CERTS} = $server->ca;
Clients::run_node('applications.mjs', $server->{cluster}, $server->node->port);

$server->node->stop;
done_testing();
