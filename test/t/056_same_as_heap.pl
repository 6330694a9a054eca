# One session alone does the same on a table of ours as on one of heap's, with
# the same answers.  The scripts in test/same are run on both, each statement a
# transaction of its own, and then all together in one, with a savepoint for
# each statement, in mode off, as the service has none.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = DsqlEmu::emulated(q{
autovacuum = off
});

# All that psql says, output and errors, in one text.
sub answers
{
	my ($script, $access_method, $in_block) = @_;
	my $answers;
	local $ENV{PGOPTIONS} =
	  '-c dsql_emu.mode=off -c client_min_messages=warning'
	  . ' -c search_path=same'
	  . " -c default_table_access_method=$access_method";
	$node->safe_psql('postgres',
		'DROP SCHEMA IF EXISTS same CASCADE; CREATE SCHEMA same');
	IPC::Run::run(
		[
			$node->installed_command('psql'),
			'--no-psqlrc',
			'--echo-all',
			'--dbname' => $node->connstr('postgres'),
			'--set' => 'ON_ERROR_ROLLBACK=on',
			'--set' => 'begin='
			  . ($in_block ? 'BEGIN ISOLATION LEVEL REPEATABLE READ' : ''),
			'--set' => 'commit=' . ($in_block ? 'COMMIT' : ''),
			'--file' => $script
		],
		'>' => \$answers,
		'2>&1') or die "psql failed with $script";
	return $answers;
}

my $directory = $PostgreSQL::Test::Utils::tmp_check;

foreach my $script (glob "$FindBin::RealBin/../same/*.sql")
{
	my ($name) = $script =~ m{([^/]*)\.sql$};
	foreach my $in_block (0, 1)
	{
		foreach my $method ('heap', 'btree_table')
		{
			open my $file, '>', "$directory/$method.out" or die $!;
			print $file answers($script, $method, $in_block);
			close $file;
		}
		my $difference =
		  `diff -U5 $directory/heap.out $directory/btree_table.out`;
		is($difference, '', "$name, " . ($in_block ? 'in one block' : 'alone'));
	}
}

$node->stop;
done_testing();
