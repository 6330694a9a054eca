# dsql_emu-compare, and the page that is made by it:
#
#  1. each rule has a probe, or a reason why it has none, and says what the probe
#     expects
#  2. two recordings of dsql_emu are alike, and hold no secret
#  3. the page is what a recording gives
#  4. an answer that has changed is found, and one that is missing
#  5. nothing is done where the schema exists, and only what the program has made
#     is cleaned up
#  6. a recording that is interrupted leaves nothing
#
# The test runs beside the cluster of dsql_emu-run.
use strict;
use warnings FATAL => 'all';

# PostgreSQL's modules forget where the server is.
my %environment;
BEGIN
{
	%environment = %ENV;
	if (!$ENV{DSQL_EMU_TEST_INSIDE})
	{
		$ENV{DSQL_EMU_TEST_INSIDE} = 1;
		exec 'dsql_emu-run', '--', $^X, (map { "-I$_" } @INC), $0
		  or die "could not execute dsql_emu-run: $!";
	}
}

use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;

$ENV{$_} = $environment{$_} foreach grep { /^PG/ } keys %environment;
my $directory = PostgreSQL::Test::Utils::tempdir();

# Run it to its end: status, output, errors.
sub compare
{
	my (@arguments) = @_;
	my ($stdout, $stderr);
	IPC::Run::run([ 'dsql_emu-compare', @arguments ],
		'<', \undef, '>', \$stdout, '2>', \$stderr,
		IPC::Run::timeout(2 * $PostgreSQL::Test::Utils::timeout_default));
	return ($? >> 8, $stdout, $stderr);
}

sub query
{
	my ($sql) = @_;
	my $stdout;
	IPC::Run::run([ 'psql', '-XAtqc', $sql ], '>', \$stdout) or die "psql: $sql";
	chomp $stdout;
	return $stdout;
}

my $named = q{LIKE 'dsql\_emu\_compare%'};
sub left_over
{
	return query("SELECT nspname FROM pg_namespace WHERE nspname $named
		UNION ALL SELECT rolname FROM pg_roles WHERE rolname $named
		UNION ALL SELECT pg_role_name FROM sys.iam_pg_role_mappings");
}

# 1
my (%probes, %unseen);
foreach my $block (split /\n{2,}/, slurp_file('compare/dsql_emu-probes.txt'))
{
	$unseen{$1} = 1 if $block =~ /^unseen (\S+)\nwhy: /m;
	next if $block !~ /^probe (\S+)\n/;
	my %probe = (text => $block);
	$probes{$1} = \%probe;
	($probe{evidence}) = $block =~ /^evidence: (.*)$/m;
	@{ $probe{expect} } = $block =~ /^expect: (.*)$/mg;
	@{ $probe{near} } = $block =~ /^near: (.*)$/mg;
}
my @rules = map { decode_json($_) } split /\n/,
  query('SELECT row_to_json(r) FROM dsql.rules r');
cmp_ok(scalar @rules, '>', 200, 'rules');

my (@missing, @far, @differing);
foreach my $rule (@rules)
{
	my $id = $rule->{id};
	my $probe = $probes{$id};
	push @missing, $id if !$probe && !$unseen{$id};
	next if !$probe;
	push @far, $id
	  if $rule->{kind} !~ /^(?:job|concurrency|connection)/
	  && !$probes{"$id/near"}
	  && !grep { $probes{$_} } @{ $probe->{near} };

	my ($message) = split /\n/, $rule->{message};
	my $pattern = join '', map { /^%/ ? '.+' : quotemeta } $message =~ /%(?:s|l*d)|[^%]+/g;
	$pattern = qr/(?:^$rule->{sqlstate}(?:$| $pattern)|^rows .*$pattern)/;
	push @differing, $id
	  if !grep { $_ =~ $pattern } @{ $probe->{expect} };
	push @differing, "$id, evidence"
	  if ($probe->{evidence} // 'unknown') !~ /^$rule->{evidence}\b/
	  && !($rule->{evidence} eq 'inferred' && ($probe->{expect}[-1] // '') =~ /^\w{5}$/);
}
is(join(', ', @missing), '', 'rules without a probe');
is(join(', ', @far), '', 'rules without what is accepted next to them');
is(join(', ', @differing), '', 'rules that say something else');

# 2
my @files = ("$directory/first", "$directory/second");
is_deeply([ compare('record', '--output', $_) ], [ 0, '', '' ], 'a recording') foreach @files;
is(left_over(), '', 'nothing is left');
my ($status, $stdout) = compare('diff', @files);
is($status, 0, 'two recordings are alike') or diag($stdout);
like($stdout, qr/^\d+ alike(?:, \d+ racy)?$/m, 'and that is said');

my $recording = slurp_file($files[0]);
unlike($recording, qr/X-Amz-|\Q$ENV{AWS_SECRET_ACCESS_KEY}\E|\Q$ENV{AWS_ACCESS_KEY_ID}\E/,
	'no token');
my @lines = map { decode_json($_) } split /\n/, $recording;
my ($truncate) = grep { ($_->{probe} // '') eq 'statement_truncate' } @lines;
is_deeply(
	$truncate,
	{
		probe => 'statement_truncate',
		protocol => 'simple',
		steps => [
			{
				sql => 'TRUNCATE t',
				results => [ { sqlstate => '0A000', message => 'unsupported statement: Truncate' } ]
			}
		]
	},
	'an answer');

# 3
SKIP:
{
	skip 'the page shows the answers on PostgreSQL 15', 1 if `postgres -V` !~ / 15\./;
	my $page = (compare('report', $files[0]))[1];
	ok($page eq slurp_file('doc/conformance.md'),
		'doc/conformance.md is up to date (else: make conformance)');
	append_to_file("$directory/page", $page);
	IPC::Run::run([ 'diff', 'doc/conformance.md', "$directory/page" ], '>', \my $changes);
	diag($changes) if $changes;
}

# 4
append_to_file("$directory/changed", $recording =~ s/statement: Truncate/stmt: Truncate/r);
($status, $stdout) = compare('diff', $files[0], "$directory/changed");
is($status, 1, 'an answer has changed');
like($stdout, qr/^statement_truncate simple\n  TRUNCATE t\n  - 0A000 unsupported statement: Truncate\n  \+ 0A000 unsupported stmt: Truncate\n/m,
	'it is shown');
append_to_file("$directory/missing", $recording =~ s/^.*"statement_truncate","protocol":"simple".*\n//mr);
($status, $stdout) = compare('diff', $files[0], "$directory/missing");
is($status, 1, 'an answer is missing');
like($stdout, qr/^statement_truncate simple: only in /m, 'it is named');
is((compare('diff', $files[0], 'doc/conformance.md'))[0], 2, 'no recording');

# 5
query('CREATE SCHEMA dsql_emu_compare');
is_deeply(
	[ compare('record') ],
	[ 2, '', 'dsql_emu-compare: dsql_emu_compare exists: another run is not over, or was'
		  . " interrupted; see \"dsql_emu-compare clean\"\n" ],
	'refused where the schema exists');
is_deeply(
	[ compare('clean') ],
	[ 2, '', "dsql_emu-compare: schema dsql_emu_compare was not made by dsql_emu-compare\n" ],
	'not cleaned up');
is(left_over(), 'dsql_emu_compare', 'it is still there');
query('DROP SCHEMA dsql_emu_compare');

# 6
my ($pipe, $errors) = ('', '');
my $run = IPC::Run::start([ 'dsql_emu-compare', 'record', '--only', '^statement' ],
	'<', \undef, '>', \$pipe, '2>', \$errors,
	IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
$run->pump until $pipe =~ /statement_analyze/;
$run->signal('TERM');
$run->finish;
is($? >> 8, 130, 'interrupted') or diag($errors);
is(left_over(), '', 'nothing is left of it');

done_testing();
