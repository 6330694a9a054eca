# The spellings that PostgreSQL's grammar does not know, as drivers send them.
#
#  1. both protocols understand them, wherever the statement is in the text,
#     and a database without the extension does not
#  2. errors point at the same token as PostgreSQL's, whatever the encoding
#  3. messages that are sent without waiting are read one by one
#  4. long texts, and texts of many statements
#  5. what only looks like them does the same as in a database without the
#     extension
#  6. other callers of the scanner's hash function get what they always got
#  7. the fuzz test
#  8. where the keyword list cannot be changed, the server still starts
#  9. a library that is loaded first sees the statements, too
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;
use Wire;

my $node = DsqlEmu::emulated();
$node->safe_psql('template1', 'CREATE DATABASE plain');

my %where = (host => $node->host, port => $node->port);
my $emulated = Wire->new(%where, database => 'postgres');
my $plain = Wire->new(%where, database => 'plain');

sub first_error
{
	my ($error) = grep { defined } map { $_->{error} } @_;
	return $error // {};
}

# The error's SQLSTATE, message and position.
sub complaint
{
	my $error = first_error(@_);
	return join '|', map { $error->{$_} // '' } 'C', 'M', 'P';
}

# How a text can be sent.
my %form = (
	'simple query' => \&Wire::Query,
	'unnamed statement' => sub { (Wire::Parse('', $_[0]), Wire::Sync()) },
	'named statement' => sub { (Wire::Parse('s', $_[0]), Wire::Sync()) });

# 1
foreach my $text (
	'CREATE INDEX ASYNC i ON nowhere (a)',
	"create/**/unique--\nindex /* /* */ */ async if not exists i on nowhere (a)",
	'ALTER TABLE ASYNC nowhere VALIDATE CONSTRAINT c',
	"AWS IAM GRANT r TO 'arn:aws:iam::123456789012:role/r'",
	"aws--\niam revoke \"r\" from E'arn'")
{
	foreach my $form (sort keys %form)
	{
		my @messages = $form{$form}->("  /* x */ $text;");
		isnt(first_error($emulated->send(@messages))->{C},
			'42601', "$text, $form");
		is(first_error($plain->send(@messages))->{C},
			'42601', '... not in a database without the extension');
	}
	isnt(first_error($emulated->query(";; SELECT ';' ; $text; SELECT 2"))->{C},
		'42601', "$text, among others");
}

# 2
sub same_complaint
{
	my ($text, $model, $name) = @_;
	foreach my $form (sort keys %form)
	{
		my $complaint = complaint($emulated->send($form{$form}->($text)));
		is($complaint, complaint($plain->send($form{$form}->($model))),
			"$name, $form");
		like($complaint, qr/^42601\|.+\|\d+$/, '... which is a syntax error');
	}
}

same_complaint(
	"CREATE INDEX ASYNC public.i ON t (a)",
	"CREATE INDEX       public.i ON t (a)",
	'qualified name');
foreach (
	[ 'LATIN1', "\xe9" ], [ 'SJIS', "\x83\x5c\x83\x5c" ],
	[ 'UTF8', "\xc3\xa9" ], [ 'BIG5', "\xa5\x5c" ])
{
	my ($encoding, $letter) = @$_;
	$_->query("SET client_encoding = '$encoding'") for $emulated, $plain;
	same_complaint(
		"/* $letter' */ CREATE INDEX ASYNC \"$letter\".i ON t (a)",
		"/* $letter' */ CREATE INDEX       \"$letter\".i ON t (a)",
		$encoding);
	same_complaint(
		"AWS IAM GRANT \"$letter\" TO '$letter' '$letter'",
		"COMMENT ON ROLE \"$letter\" IS '$letter' '$letter'"
		  =~ s/COMMENT ON ROLE/SET IAM TO   /r =~ s/IS/ ,/r,
		"$encoding, AWS IAM");
}
$_->query("SET client_encoding = 'UTF8'") for $emulated, $plain;

# 3
my $count = 500;
my $refused = 0;
$emulated->{socket}
  ->print(Wire::Query('CREATE INDEX ASYNC public.i ON t (a)') x $count);
for (1 .. $count)
{
	$refused++ if complaint($emulated->receive) =~ /"\."\|26$/;
}
is($refused, $count, 'each of many messages in one packet');
like(
	complaint(
		$emulated->send(
			Wire::Parse('', 'SELECT 1'),
			Wire::Bind('', ''),
			Wire::Execute(''),
			Wire::Parse('s1', "SELECT 'AWS IAM'"),
			Wire::Parse('', 'CREATE INDEX ASYNC public.i ON t (a)'),
			Wire::Sync())),
	qr/"\."\|26$/,
	'Parse messages that are sent together');

# 4
my $padding = "SELECT 'CREATE INDEX ASYNC', '"
  . ('/* ; AWS IAM ' x 100_000) . "';";
like(
	complaint(
		$emulated->query("$padding CREATE INDEX ASYNC public.i ON t (a)")),
	qr/^42601\|.*"\."\|@{[ length($padding) + 27 ]}$/,
	'behind a long string');
$emulated->query($_) for 'BEGIN', 'SELECT 1/0';
foreach my $statement (
	'CREATE INDEX ASYNC i ON t (a);',
	"AWS IAM GRANT r TO 'arn';",
	'CREATE TABLE t (a int);')
{
	is( first_error($emulated->query($statement x 20_000))->{C},
		'25P02', "20000 times $statement");
}
$emulated->query('ROLLBACK');

# 5
my $script = <<'SQL';
CREATE TABLE async (async int, aws text, iam text DEFAULT 'AWS IAM');
COPY async (async, aws) FROM stdin;
1	AWS IAM GRANT r TO 'x';
2	; CREATE INDEX ASYNC i ON t (a);
\.
SELECT * FROM async aws ORDER BY aws.async;
CREATE INDEX "ASYNC" ON async (async);
ALTER TABLE async ADD aws_iam int, ALTER aws SET DEFAULT 'ALTER TABLE ASYNC t VALIDATE CONSTRAINT c';
ALTER TABLE async VALIDATE CONSTRAINT async;
ALTER TABLE ONLY async ADD CONSTRAINT async CHECK (async > 0) NOT VALID;
ALTER TABLE async VALIDATE CONSTRAINT async;
CREATE FUNCTION async() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	aws text := 'AWS IAM GRANT';
BEGIN
	-- ; CREATE INDEX ASYNC i ON async (aws)
	CREATE INDEX async_iam ON async (iam);
	EXECUTE 'CREATE INDEX async ON async (aws)';
	RETURN aws;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END $$;
SELECT async();
CREATE FUNCTION iam() RETURNS text LANGUAGE sql
BEGIN ATOMIC SELECT CASE WHEN true THEN ';' END; SELECT iam FROM async aws; END;
SELECT iam();
DO $$ BEGIN EXECUTE 'CREATE INDEX ASYNC i ON async (aws)'; END $$;
CREATE FUNCTION aws() RETURNS void LANGUAGE sql AS 'CREATE INDEX ASYNC i ON async (aws)';
SELECT U&'\0061; AWS IAM' AS "AWS IAM", E'\'; AWS IAM' AS create, B'1' AS alter;
AWS;
IAM;
ASYNC;
SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'async'::regclass ORDER BY 1;
SQL
my %output;
foreach my $database ('postgres', 'plain')
{
	my ($stdout, $stderr);
	local $ENV{PGOPTIONS} = '-c dsql_emu.mode=report';
	$node->psql($database, $script, stdout => \$stdout, stderr => \$stderr,
		on_error_stop => 0);

	# what report mode adds
	$stderr =~ s/^.*WARNING: .*\n//mg;
	$stderr =~ s/^psql:<stdin>:\d+: //mg;
	$output{$database} = "$stdout\n$stderr";
}
is($output{postgres}, $output{plain}, 'a script about a table called async');
like($output{plain}, qr/^1\|AWS IAM GRANT r TO 'x';\|AWS IAM$/m,
	'... which does something');

# 6
foreach my $form (sort keys %form)
{
	my $text =
	  "SELECT quote_ident(w), format('%I.%s', w, 'create') FROM unnest(ARRAY['create', 'alter', 'aws', 'CREATE']) w";
	my @got = map { [ map { @{ $_->{row} // [] } } $_->send(
				Wire::Parse('', $text), Wire::Bind('', ''),
				Wire::Execute(''), Wire::Sync()), $_->query($text) ] }
	  $emulated, $plain;
	is_deeply($got[0], $got[1], 'quote_ident() and format()');
}

# 7
$ENV{PGHOST} = $node->host;
$ENV{PGPORT} = $node->port;
my ($stdout, $stderr) = run_command(
	[ $^X, "$FindBin::RealBin/../fuzz_syntax", 'postgres', 'plain' ]);
like($stdout, qr/^seed \d+: /, 'fuzz test');
note "$stdout$stderr";

# 8
my $dir = PostgreSQL::Test::Utils::tempdir();
append_to_file("$dir/mprotect.c", <<'C');
#include <errno.h>
#include <sys/mman.h>

int
mprotect(void *address, size_t size, int protection)
{
	errno = EACCES;
	return -1;
}
C
system_or_bail('cc', '-shared', '-fPIC', '-o', "$dir/mprotect.so",
	"$dir/mprotect.c");
$node->stop;
my $offset = -s $node->logfile;
{
	local $ENV{LD_PRELOAD} = "$dir/mprotect.so";
	$node->start;
}
my @warnings = slurp_file($node->logfile, $offset) =~
  /WARNING:  could not change the list of keywords: (.*)/g;
is_deeply(\@warnings, ['Permission denied'], 'one warning');
$emulated = Wire->new(%where, database => 'postgres');
like(
	complaint($emulated->query('CREATE INDEX ASYNC i ON t (a)')),
	qr/^42601\|syntax error at or near "i"/,
	'then there is no CREATE INDEX ASYNC');
$node->stop;

# 9
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'pg_stat_statements, dsql_emu'
compute_query_id = on
CONF
$node->start;
$node->safe_psql('plain', 'CREATE EXTENSION pg_stat_statements');
$node->safe_psql('postgres', 'CREATE ROLE iam_user LOGIN');
my $grant =
  "AWS IAM GRANT iam_user TO 'arn:aws:iam::000000000000:role/r'";
my $revoke =
  "AWS IAM REVOKE iam_user FROM 'arn:aws:iam::000000000000:role/r'";
my $session = Wire->new(%where, database => 'postgres');
is_deeply([ map { $_->{tag} // () } $session->query($grant) ],
	['GRANT'], 'AWS IAM GRANT, simple query');
is_deeply(
	[
		map { $_->{tag} // () }
		  $session->send(Wire::Parse('', $revoke), Wire::Bind('', ''),
			Wire::Execute(''), Wire::Sync())
	],
	['REVOKE'],
	'AWS IAM REVOKE, extended query');
# From 16 on, both are one CALL for it.
is( $node->safe_psql(
		'plain',
		"SELECT sum(calls) FROM pg_stat_statements WHERE query LIKE 'AWS IAM %'"),
	'2',
	'pg_stat_statements counts them');
$node->stop;

done_testing();
