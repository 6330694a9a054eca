# The service's own clients, unmodified, against the control plane:
#
#  1. the AWS SDK for JavaScript: test/clients/control_plane.mjs
#  2. boto3, where it is installed: test/clients/control_plane.py
#
# test/run installs the first, into the folder $CLIENTS; what cannot be run is
# said, and is a failure where $REQUIRE_CLIENTS is set.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $port = PostgreSQL::Test::Cluster::get_free_port();
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf(
	'postgresql.conf', qq{
shared_preload_libraries = 'dsql_emu'
dsql_emu.api_port = $port
dsql_emu.create_delay = 300ms
dsql_emu.update_delay = 50ms
dsql_emu.delete_delay = 50ms
dsql_emu.pending_delete_delay = 50ms
});
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION dsql_emu');

# Run a program that prints TAP, and report what it reports.
sub run_program
{
	my (@command) = @_;
	my $planned;
	my $count = 0;
	open(my $output, '-|', @command, "http://127.0.0.1:$port")
	  or die "could not run $command[0]: $!";
	while (my $line = <$output>)
	{
		chomp $line;
		if ($line =~ /^(not )?ok \d+ - (.*)/)
		{
			$count++;
			ok(!$1, $2);
		}
		elsif ($line =~ /^1\.\.(\d+)$/)
		{
			$planned = $1;
		}
		else
		{
			diag $line;
		}
	}
	close $output;
	is($count, $planned, "$command[0] $command[-1] has come to its end");
	return;
}

sub not_run
{
	my ($what) = @_;
	fail("NOT RUN: $what") if $ENV{REQUIRE_CLIENTS};
  SKIP: { skip "NOT RUN: $what", 1; }
	diag "NOT RUN: $what";
	return;
}

# 1
if ($ENV{CLIENTS})
{
	run_program('node', '--no-warnings', "$ENV{CLIENTS}/control_plane.mjs");
}
else
{
	not_run('the AWS SDK for JavaScript, which could not be installed');
}

# 2
if (system("python3 -c 'import boto3; boto3.client(\"dsql\", \"us-east-1\").create_stream' 2>/dev/null") == 0)
{
	run_program('python3', 'test/clients/control_plane.py');
}
else
{
	diag 'NOT RUN: boto3 with a model of Aurora DSQL is not installed';
}

$node->stop;
done_testing();
