# A migration of one session that makes tables and queues many index builds,
# as AWS's sample of the pet clinic and the adapters of Django and Rails do:
#
#  1. schema_conflicts = on: its own jobs fail none of its statements, whenever
#     they run.  $OC001_RUNS runs, by default 3
#  2. the same where the phases of a job end in the middle of a transaction
#  3. strict: that transaction fails with OC001, each time, and so does its retry,
#     because the job has ended between the two; the second retry passes
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Wire;

my %columns = (
	vets => 'first_name varchar(30), last_name varchar(30)',
	specialties => 'name varchar(80)',
	vet_specialties => 'vet_id uuid NOT NULL, specialty_id uuid NOT NULL',
	types => 'name varchar(80)',
	owners => 'first_name varchar(30), last_name varchar(30), city varchar(80)',
	pets => 'name varchar(30), birth_date date, type_id uuid, owner_id uuid',
	visits => 'pet_id uuid, visit_date date, description varchar(255)',
	users => 'username varchar(20), enabled boolean');
my @indexes = (
	[ 'vets', 'last_name' ],
	[ 'vets', 'first_name, last_name' ],
	[ 'specialties', 'name' ],
	[ 'vet_specialties', 'vet_id' ],
	[ 'vet_specialties', 'specialty_id' ],
	[ 'types', 'name' ],
	[ 'owners', 'last_name' ],
	[ 'owners', 'city' ],
	[ 'pets', 'name' ],
	[ 'pets', 'owner_id' ],
	[ 'visits', 'pet_id' ],
	[ 'users', 'username' ]);

my $stale = '40001 schema has been updated by another transaction (OC001)';

my $node = DsqlEmu::start(
	'dsql_emu.max_connection_lifetime' => 0,
	'dsql_emu.auto_analyze' => 'on');
$node->safe_psql('postgres', 'CREATE EXTENSION dsql_emu');
my $two = Wire->to_node($node);
my $watch = Wire->in_mode($node, 'off');

# Run a migration.  "query" sends a statement; "meanwhile" is called in the
# transaction after each index.  Returns the statements that failed, with their
# errors.
sub migrate
{
	my ($query, $meanwhile) = @_;
	my @failed;

	my $run = sub {
		my ($sql) = @_;
		my @answers = $query->($sql);
		return 1 if !grep { $_->{error} } @answers;
		push @failed, Wire::outcome_of(@answers) . ": $sql";
		return 0;
	};

	# One statement of the schema in each transaction, beside which the
	# framework notes what has been done.
	my $note = sub {
		my ($what) = @_;
		$run->('BEGIN') or return 0;
		$meanwhile->($what) if $meanwhile;
		foreach my $sql ("SELECT count(*) FROM history WHERE name = '$what'",
			"INSERT INTO history (name) VALUES ('$what')", 'COMMIT')
		{
			next if $run->($sql);
			$query->('ROLLBACK');
			return 0;
		}
		return 1;
	};

	$run->('CREATE TABLE history (name text PRIMARY KEY, at timestamptz DEFAULT now())');
	foreach my $table (sort keys %columns)
	{
		$run->("CREATE TABLE $table (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), $columns{$table})");
	}
	foreach my $number (0 .. $#indexes)
	{
		my ($table, $column) = @{ $indexes[$number] };
		$run->("CREATE INDEX ASYNC i$number ON $table ($column)");
		1 while !$note->("i$number") && @failed < 50;

		# Another table has rows and columns added meanwhile.
		my ($next) = @{ $indexes[ ($number + 3) % @indexes ] };
		if ($next ne 'vet_specialties')
		{
			$run->("INSERT INTO $next (id) VALUES (gen_random_uuid()), (gen_random_uuid())");
		}
		$run->("ALTER TABLE $next ADD COLUMN extra$number text");
	}
	$run->('GRANT SELECT ON ALL TABLES IN SCHEMA public TO admin');
	$run->('DROP INDEX i0');
	$run->('DROP TABLE users');
	$run->('SELECT count(*) FROM owners JOIN pets ON owner_id = owners.id');
	return @failed;
}

sub simple
{
	my ($wire) = @_;
	return sub { $wire->query($_[0]) };
}

sub extended
{
	my ($wire) = @_;
	return sub {
		$wire->send(Wire::Parse('', $_[0]), Wire::Bind('', ''), Wire::Execute(''), Wire::Sync());
	};
}

# Every job has done its work.  Drop everything, for the next run.
sub clean_up
{
	my ($name) = @_;

	DsqlEmu::wait_until($watch, "SELECT count(*) = 0 FROM dsql.job
		WHERE status IN ('submitted', 'processing') AND start_after <= now()");
	is_deeply(
		[
			$watch->rows("SELECT (SELECT count(*) FROM dsql.job WHERE status = 'failed'),
				count(*) FILTER (WHERE indisvalid), count(*)
				FROM pg_index WHERE indexrelid::regclass::text ~ '^i[0-9]'")
		],
		[ [ 0, 10, 10 ] ],
		"$name: all indexes are valid");
	$watch->rows("DROP TABLE $_") foreach grep { $_ ne 'users' } 'history', sort keys %columns;
	return;
}

# 1
my $runs = $ENV{OC001_RUNS} // 3;
foreach my $run (1 .. $runs)
{
	my $wire = Wire->to_node($node);
	is_deeply([ migrate($run % 2 ? extended($wire) : simple($wire)) ],
		[], "on: jobs run beside it, run $run");
	clean_up("run $run");
}

# 2 and 3: the job does all that it can while the transaction is open.  Its
# last phase waits for the transaction's snapshot.
sub migrate_in_mode
{
	my ($mode) = @_;
	my $wire = Wire->to_node($node);
	my $send = extended($wire);
	my $running = 0;
	my %met;

	my $query = sub {
		my @answers = $send->(@_);
		if ($running && $answers[-1]{status} eq 'I')
		{
			$two->receive;
			$running = 0;
		}
		return @answers;
	};
	my $run_jobs = sub {
		my ($what) = @_;
		return if $met{$what}++;
		$two->post(Wire::Query('CALL dsql.run_jobs()'));
		$running = 1;
		DsqlEmu::wait_until($watch, "SELECT count(*) = 1 FROM pg_locks
			WHERE locktype = 'virtualxid' AND NOT granted");
	};

	$wire->rows("SET dsql_emu.schema_conflicts = $mode", 'SET dsql_emu.manual_jobs = on');
	my @failed = migrate($query, $run_jobs);
	$two->rows('CALL dsql.run_jobs()');
	clean_up($mode);
	return @failed;
}

is_deeply([ migrate_in_mode('on') ], [], 'on: phases of a job end in a transaction');
my @failed = migrate_in_mode('strict');
is_deeply(
	\@failed,
	[
		map { ("$stale: SELECT count(*) FROM history WHERE name = 'i$_'", "$stale: BEGIN") }
		  0 .. $#indexes
	],
	'strict: that fails the transaction, and its last phase the next one');

$node->stop;
done_testing();
