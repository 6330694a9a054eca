# The service's own numbers of tables, views and sequences, which are too many
# for the SQL tests: the last one passes, one more fails.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = DsqlEmu::emulated(q{
autovacuum = off
});

sub answer
{
	my ($stdout, $stderr);
	$node->psql('postgres', "\\set VERBOSITY verbose\n$_[0]",
		stdout => \$stdout, stderr => \$stderr);
	return $stderr =~ s/\n.*//sr =~ s/^psql:\S+ //r;
}

# All but one, a thousand in a transaction.
foreach (
	[ 'TABLE %s ()', 999 ],
	[ 'VIEW %s AS SELECT 1 AS one', 4999 ],
	[ 'SEQUENCE %s CACHE 1', 4999 ])
{
	my ($create, $count) = @$_;
	my $name = lc substr $create, 0, 1;
	for (my $first = 1; $first <= $count; $first += 1000)
	{
		my $last = $first + 999 < $count ? $first + 999 : $count;
		$node->safe_psql(
			'postgres', qq{
SET dsql_emu.mode = off;
DO \$\$ BEGIN
	FOR i IN $first .. $last LOOP
		EXECUTE format('CREATE $create', '$name' || i);
	END LOOP;
END \$\$});
	}
}

is(answer('CREATE TABLE last (a integer)'), '', 'table 1000');
is( answer('CREATE TABLE more (a integer)'),
	'ERROR:  54000: creating more than 1000 tables not allowed',
	'table 1001');
is(answer('CREATE VIEW last_view AS SELECT 1 AS one'), '', 'view 5000');
is( answer('CREATE VIEW more AS SELECT 1 AS one'),
	'ERROR:  54000: creating more than 5000 views not allowed',
	'view 5001');
is( answer(
		'DROP TABLE t1; CREATE TABLE with_sequence (a bigint GENERATED ALWAYS AS IDENTITY (CACHE 1))'
	),
	'',
	'sequence 5000');
is( answer('CREATE SEQUENCE more CACHE 1'),
	'ERROR:  54000: creating more than 5000 sequences is not allowed',
	'sequence 5001');
is( answer('DROP SEQUENCE s1; CREATE SEQUENCE another CACHE 1'),
	'', 'one that was dropped makes room');

$node->stop;
done_testing();
