# Random transactions of several sessions against each other, while tables are
# vacuumed, indexes built and dropped, and commits held up:
#
#  1. nothing fails, but with 40001; nobody waits for a row or a transaction
#  2. done one after the other in the order of their commits, the committed
#     transactions give the same answers, and the same rows in the end
#  3. exactly those are in the tables that were answered COMMIT
#  4. indexes and tables agree, both ways
#
# How long it takes, and more, can be set: see RandomRun.pm.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Agreement;
use PostgreSQL::Test::Utils;
use RandomRun;
use Test::More;
use Wire;

my $node = RandomRun::start(q{
autovacuum = on
autovacuum_naptime = 1
autovacuum_vacuum_threshold = 0
autovacuum_vacuum_scale_factor = 0
autovacuum_vacuum_insert_threshold = 0
autovacuum_vacuum_insert_scale_factor = 0
});

# DDL may meet a job's change of the catalog.
sub must_retry
{
	my ($wire, $sql) = @_;
	my @rows;
	while (!eval { @rows = $wire->rows($sql); 1 })
	{
		die $@ if $@ !~ / 40001 /;
	}
	return @rows;
}

my @vacuums = map { ("VACUUM $_", "VACUUM (DISABLE_PAGE_SKIPPING, FREEZE, INDEX_CLEANUP ON) $_") }
  sort keys %RandomLoad::columns;
my ($vacuum_wire, $index_wire);
my $vacuumed = 0;
sub vacuum
{
	if (!$vacuum_wire)
	{
		$vacuum_wire = Wire->to_node($node);
		$vacuum_wire->rows('SET dsql_emu.mode = off');
	}
	$vacuum_wire->rows($vacuums[ $vacuumed++ % @vacuums ]);
	return;
}

my @indexes = (
	'INDEX ASYNC extra_%d ON account (region)',
	'INDEX ASYNC extra_%d ON account (balance) INCLUDE (region)',
	'INDEX ASYNC extra_%d ON child (parent, v)',
	'UNIQUE INDEX ASYNC extra_%d ON bag (u)',
	'INDEX ASYNC extra_%d ON item (gen)');
my $built = 0;
sub build_index
{
	$index_wire //= Wire->to_node($node);
	my $index = $indexes[ $built % @indexes ];
	my $name = "extra_$built";
	my ($job) = must_retry($index_wire, sprintf "CREATE $index", $built++);
	must_retry($index_wire, "CALL sys.wait_for_job('$job->[0]')");
	my ($state) = $index_wire->rows("SELECT indisvalid FROM pg_index WHERE indexrelid = '$name'::regclass");
	die "$name is not valid\n" if $state->[0] ne 't';
	must_retry($index_wire, 'DROP INDEX extra_' . ($built - 4)) if $built >= 4;
	return;
}

my %count = RandomRun::run($node, beside => [ \&vacuum, \&build_index, RandomRun::holder($node) ]);
ok($count{$_}, "some: $_") foreach 'committed', 'OC000', 'read', 'rolled back';
RandomRun::check($node);

$node->stop;
done_testing();
