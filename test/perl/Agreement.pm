# Agreement: do indexes and tables say the same?
#
#	my @complaints = Agreement::complaints($wire);
#
# $wire is a session with dsql_emu.mode off, in a database with the extension
# amcheck.  It looks at the tables of schema public, and returns a line for each
# index that
#
#  - is not a B-tree in good order, or has no entry for a tuple of its table,
#  - leads to a tuple more than once, to one that is not there, or not to one
#    that is, when it is read from one end to the other,
#  - does not lead from a tuple's own key to that tuple, which is tried for
#    some of those that have no nulls.

package Agreement;

use strict;
use warnings FATAL => 'all';

# All plans but this one
sub allow
{
	my ($wire, @allowed) = @_;
	my %allowed = map { $_ => 1 } @allowed;
	$wire->rows(map { "SET enable_$_ = " . ($allowed{$_} ? 'on' : 'off') }
		  qw(seqscan indexscan indexonlyscan bitmapscan sort hashjoin mergejoin));
	return;
}

sub check_index
{
	my ($wire, $table, $index, $keys, $condition) = @_;
	my $key = join ', ', @$keys;
	my $query = "SELECT ctid::text FROM $table WHERE $condition";

	$wire->rows("SELECT bt_index_parent_check('$index', true, true)");

	allow($wire, 'seqscan');
	my @tuples = sort map { $_->[0] } $wire->rows($query);

	allow($wire, 'indexscan');
	my ($plan) = $wire->rows("EXPLAIN $query ORDER BY $key");
	die "is not used: $plan->[0]\n" if $plan->[0] !~ /Index Scan using \Q$index\E/;
	my @found = sort map { $_->[0] } $wire->rows("$query ORDER BY $key");
	die "leads to @found, the table has @tuples\n" if "@found" ne "@tuples";

	my $columns = join ', ', map { "quote_literal($_)" } @$keys;
	my $nulls = join ' AND ', map { "$_ IS NOT NULL" } @$keys;
	allow($wire, 'seqscan');
	my @looked_up = $wire->rows("SELECT ctid::text, $columns FROM $table WHERE $condition AND $nulls LIMIT 100");
	allow($wire, 'indexscan');
	foreach my $tuple (@looked_up)
	{
		my ($tid, @values) = @$tuple;
		my $same = join ' AND ', map { "$keys->[$_] = $values[$_]" } 0 .. $#values;
		die "does not lead to $tid\n"
		  if !grep { $_->[0] eq $tid } $wire->rows("$query AND $same");
	}
	return;
}

sub complaints
{
	my ($wire) = @_;
	my @complaints;

	foreach my $row ($wire->rows(q{
		SELECT i.indrelid::regclass, i.indexrelid::regclass,
			coalesce(pg_get_expr(i.indpred, i.indrelid), 'true'),
			string_agg(pg_get_indexdef(i.indexrelid, n, true), E'\t' ORDER BY n)
		FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid,
			generate_series(1, i.indnkeyatts) n
		WHERE c.relnamespace = 'public'::regnamespace
		GROUP BY i.indrelid, i.indexrelid, i.indpred ORDER BY 1, 2}))
	{
		my ($table, $index, $condition, $keys) = @$row;
		eval { check_index($wire, $table, $index, [ split /\t/, $keys ], $condition); 1 }
		  or push @complaints, "$index: $@";
	}
	allow($wire, qw(seqscan indexscan indexonlyscan bitmapscan sort hashjoin mergejoin));
	return @complaints;
}

1;
