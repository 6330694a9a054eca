# Clients: the service's own clients, driven by programs that print TAP.
#
# test/run installs them, with the programs of test/clients, into the folder
# $CLIENTS.  What cannot be run is said, and is a failure where $REQUIRE_CLIENTS
# is set.
#
#	Clients::run_node('control_plane.mjs', $endpoint);
#	Clients::run('python3', 'test/clients/control_plane.py', $endpoint);

package Clients;

use strict;
use warnings FATAL => 'all';
use Test::More;

# Run a program, and report what it reports.
sub run
{
	my (@command) = @_;
	my $planned;
	my $count = 0;
	open(my $output, '-|', @command) or die "could not run $command[0]: $!";
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
	is($count, $planned, "$command[0] has come to its end");
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

sub run_node
{
	my ($program, @arguments) = @_;
	return not_run("$program, whose packages could not be installed")
	  if !$ENV{CLIENTS};
	return run('node', '--no-warnings', "$ENV{CLIENTS}/$program", @arguments);
}

1;
