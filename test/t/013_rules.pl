# Every rule is asserted somewhere: a test's expected output, or a TAP test, has
# its full text with its SQLSTATE.
#
# A text belongs to the rule that has most words of its own in common with it:
# "unsupported statement: Truncate" is not a test of "unsupported statement: %s".
# Rules that share one text cannot be told apart, and count together.  The
# details of a job are no error, and have no SQLSTATE to be seen.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;

# The rule that no statement can meet here: what PostgreSQL has learned that no
# list knows.
my %not_here = map { $_ => 1 } qw(statement_other);

my $node = DsqlEmu::emulated();

# The pattern of a format.
sub pattern
{
	my ($format) = @_;
	return join '',
	  map {
			$_ eq '%%' ? '%'
		  : $_ eq '%s' ? '.+'
		  : /^%/ ? '-?\d+'
		  : quotemeta
	  } $format =~ /%(?:s|%|l*d)|[^%]+/g;
}

my @rules;
foreach my $row (
	split /\n/,
	$node->safe_psql(
		'postgres',
		"SELECT id, kind, sqlstate, replace(message, E'\\n', '\\n') FROM dsql.rules"))
{
	my ($id, $kind, $sqlstate, $format) = split /\|/, $row, 4;
	my ($message, $detail) = split /\\n/, $format;
	my $pattern = pattern($message);
	push @rules,
	  {
		id => $id,
		sqlstate => $sqlstate,
		pattern => qr/^$pattern$/,
		within => qr/$pattern/,
		detail => defined $detail ? pattern($detail) : undef,
		specific => length($message =~ s/%(?:s|l*d)//gr),
		asserted => $not_here{$id} ? 1 : 0,
		is_details => $kind eq 'job details',
	  };
}
cmp_ok(scalar @rules, '>', 200, 'rules');

# Count a text that a test expects, with what stands around it.
sub note_text
{
	my ($text, $around) = @_;
	my @matching = grep { $text =~ $_->{pattern} } @rules;
	my ($most) = sort { $b <=> $a } map { $_->{specific} } @matching;

	foreach my $rule (@matching)
	{
		next if $rule->{specific} < $most;
		$rule->{asserted}++
		  if $around =~ /\b$rule->{sqlstate}\b/
		  && (!defined $rule->{detail} || $around =~ /$rule->{detail}/);
	}
}

foreach my $file (glob 'expected/*.out')
{
	my $text = slurp_file($file);
	my @parts = split /^(?:ERROR|FATAL):  /m, $text;
	shift @parts;
	foreach my $rule (grep { $_->{is_details} } @rules)
	{
		$rule->{asserted}++ if $text =~ /\| $rule->{within} +\|/;
	}
	foreach my $part (@parts)
	{
		# With VERBOSITY sqlstate, the text is echoed in the line after it.
		my ($text) = $part =~ /\A(?:[0-9A-Z]{5}\n)?(.*)$/m;
		note_text($text, $part);
	}
}

# In Perl, look for what the patterns match; quotes end a text.
foreach my $file (glob 'test/t/*.pl')
{
	my @lines = split /\n/, slurp_file($file) =~ s/\\([^\w])/$1/gr;
	foreach my $i (0 .. $#lines)
	{
		my $around = join "\n",
		  map { $lines[$_] } grep { $_ >= 0 && $_ <= $#lines } $i - 4 .. $i + 4;
		my @matching = grep { $lines[$i] =~ $_->{within} } @rules;
		my ($most) =
		  sort { $b <=> $a } map { $_->{specific} } @matching;
		foreach my $rule (@matching)
		{
			$rule->{asserted}++
			  if $rule->{specific} == $most
			  && $around =~ /\b$rule->{sqlstate}\b/;
		}
	}
}

is( join(', ', map { $_->{id} } grep { !$_->{asserted} } @rules),
	'', 'rules whose text no test expects');

$node->stop;
done_testing();
