# demo/dsql_emu-tls: a certificate that clients accept, and when it is made anew.
use strict;
use warnings FATAL => 'all';

use FindBin;
use PostgreSQL::Test::Utils;
use Test::More;

my $script = "$FindBin::RealBin/../../demo/dsql_emu-tls";
my $dir = PostgreSQL::Test::Utils::tempdir() . '/tls';

sub accepted
{
	my ($option, $name) = @_;
	return run_log(
		[
			'openssl', 'verify', '-x509_strict', '-purpose', 'sslserver',
			'-CAfile', "$dir/ca.crt", $option, $name, "$dir/server.crt"
		]);
}

my $cluster = 'a' x 26;
command_ok([ $script, $dir ], 'made');
ok(accepted('-verify_hostname', $_), "name: $_")
  foreach "$cluster.dsql.us-east-1.on.aws",
  "$cluster.dsql-3276bc.us-east-1.on.aws", "$cluster.dsql.eu-west-1.on.aws",
  'localhost';
ok(accepted('-verify_ip', $_), "address: $_") foreach '127.0.0.1', '::1';
ok(!accepted('-verify_hostname', $_), "not: $_")
  foreach "$cluster.dsql.moon-west-1.on.aws", 'dsql.us-east-1.on.aws',
  "x.$cluster.dsql.us-east-1.on.aws";
is((stat "$dir/$_.key")[2] & 0777, 0600, "only the owner reads $_.key")
  foreach 'ca', 'server';

sub contents
{
	return map { slurp_file("$dir/$_") } qw(ca.crt ca.key server.crt server.key);
}
my @before = contents();
command_ok([ $script, $dir ], 'once more');
is_deeply([ contents() ], \@before, 'what holds is left as it is');

command_ok([ $script, $dir, '*.dsql.moon-west-1.on.aws', 'db.example', '10.0.0.1' ],
	'more names');
my @after = contents();
is_deeply([ @after[ 0, 1 ] ], [ @before[ 0, 1 ] ], 'of the same authority');
isnt($after[2], $before[2], 'another certificate');
ok(accepted('-verify_hostname', $_), "name: $_")
  foreach "$cluster.dsql.moon-west-1.on.aws", 'db.example', 'localhost';
ok(accepted('-verify_ip', '10.0.0.1'), 'address: 10.0.0.1');

command_fails_like([ $script, $dir, "a\nb" ], qr/malformed name/,
	'a malformed name');
command_fails_like([$script], qr/^Usage/, 'no directory');
is_deeply([ contents() ], \@after, 'and nothing has changed');
is_deeply([ glob "$dir/new.*" ], [], 'nothing is left behind');

unlink "$dir/ca.key";
command_ok([ $script, $dir ], 'without the key of the authority');
ok(accepted('-verify_hostname', 'localhost'), 'all is made anew');

done_testing();
