# Each rule of the dialect refuses what it is for, in its own words, and lets
# pass what stands next to it: the same statement without the piece that is
# refused, or where the service lacks the whole statement, one that does the same
# for something that it has.  test/nearest.txt has a pair for each rule.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;

# Rules of other kinds are not about the form of a statement: limits
# (034_limits.pl), conflicts, jobs and connections (030, 040, 071), and what is
# newer than the service's version, which not every server's parser can read.
my @kinds = (
	'alter table', 'function', 'index', 'object', 'query', 'role',
	'sequence', 'setting', 'statement', 'table', 'transaction', 'type', 'view');

# Nothing is refused by these in a superuser's session on every version:
# what no list knows yet, and what only another role can be refused.
my %not_here = map { $_ => 1 } qw(statement_other role_default_privileges role_iam_permission);

my $node = DsqlEmu::emulated(<<~'END');
	dsql_emu.auto_analyze = off
	dsql_emu.schema_conflicts = off
	dsql_emu.max_schemas = 100
	END

my @pairs;
foreach my $block (split /\n{2,}/, slurp_file('test/nearest.txt'))
{
	next if $block =~ /^#/;
	my ($id, $refused, $accepted, @more) = split /\n/, $block;
	die "not three lines: $block" if !defined $accepted || @more;
	push @pairs, { id => $id, refused => $refused, accepted => $accepted };
}

my %rules;
my $kinds = join ', ', map { "'$_'" } @kinds;
foreach my $row (
	split /\n/,
	$node->safe_psql(
		'postgres',
		"SELECT id, sqlstate, split_part(message, E'\\n', 1)
		 FROM dsql.rules WHERE kind IN ($kinds)"))
{
	my ($id, $sqlstate, $message) = split /\|/, $row, 3;
	my $pattern = join '', map { /^%/ ? '.+' : quotemeta } $message =~ /%\w+|[^%]+/g;
	$rules{$id} = qr/^ERROR:  $sqlstate: $pattern$/;
}
cmp_ok(scalar keys %rules, '>', 150, 'rules');

my %paired = map { $_->{id} => 1 } @pairs;
is(join(', ', grep { !$paired{$_} && !$not_here{$_} } sort keys %rules),
	'', 'rules without a pair');
is(join(', ', grep { !$rules{$_} } sort keys %paired), '', 'pairs without a rule');

my $anew = <<~'END';
	SET dsql_emu.mode = off;
	SET client_min_messages = error;
	DROP SCHEMA IF EXISTS nearest, other, other2, n CASCADE;
	DELETE FROM dsql.iam_mapping;
	DROP ROLE IF EXISTS nearest_a, nearest_b, nearest_c;
	CREATE ROLE nearest_a LOGIN;
	CREATE ROLE nearest_c;
	CREATE SCHEMA nearest;
	CREATE SCHEMA other;
	SET search_path = nearest;
	CREATE TABLE t (id int PRIMARY KEY, a int, b text, CONSTRAINT positive CHECK (a > 0) NOT VALID);
	CREATE INDEX t_a ON t (a);
	CREATE UNIQUE INDEX t_ab ON t (a, b);
	CREATE TABLE u (id int PRIMARY KEY);
	CREATE VIEW v AS SELECT a FROM u, t;
	CREATE SEQUENCE s CACHE 1;
	CREATE DOMAIN d AS int;
	CREATE TYPE mood AS ENUM ('glad');
	CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;
	CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
	CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
	RESET dsql_emu.mode;
	END

# What psql writes to its error output belongs to the last mark.
my $script = "\\set VERBOSITY verbose\n";
foreach my $pair (@pairs)
{
	foreach my $form ('anew', 'refused', 'anew', 'accepted')
	{
		$script .= "\\warn @ $pair->{id} $form\n"
		  . ($form eq 'anew' ? $anew : "$pair->{$form};\nROLLBACK;\n");
	}
}
my ($result, $stdout, $stderr) =
  $node->psql('postgres', $script, on_error_stop => 0);

my (%errors, $mark);
foreach my $line (split /\n/, $stderr)
{
	if ($line =~ /^@ (.+)$/)
	{
		$mark = $1;
		$errors{$mark} //= [];
	}
	elsif ($line =~ /(ERROR:  .*)/)
	{
		push @{ $errors{$mark} }, $1;
	}
}
foreach my $pair (@pairs)
{
	my $id = $pair->{id};
	my $refused = $errors{"$id refused"};

	is(join("\n", @{ $errors{"$id anew"} }), '', "$id: set-up");
	like($refused->[0] // 'not refused', $rules{$id} // qr/^$/, "$id: $pair->{refused}");
	is(join("\n", @{ $errors{"$id accepted"} }), '', "$id: $pair->{accepted}");
}

$node->stop;
done_testing();
