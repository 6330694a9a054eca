# Kinesalite: a Kinesis for tests of change streams, which keeps its streams
# whatever happens to it; and the programs of test/clients/streams.mjs.
#
#	my $kinesis = Kinesalite->new;
#	$kinesis->start;
#	$kinesis->client('make', $kinesis->endpoint, 'changes', 3);
#	$kinesis->kill;

package Kinesalite;

use strict;
use warnings FATAL => 'all';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @running;

sub new
{
	my ($class) = @_;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	return bless { port => $port, folder => PostgreSQL::Test::Utils::tempdir() }, $class;
}

sub endpoint
{
	my ($self) = @_;
	return "http://127.0.0.1:$self->{port}";
}

sub start
{
	my ($self) = @_;
	my $output = '';
	$self->{program} = IPC::Run::start(
		[ 'node', '--no-warnings', "$ENV{CLIENTS}/streams.mjs", 'serve', $self->{port}, $self->{folder} ],
		'>', \$output, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	push @running, $self;
	$self->{program}->pump until $output =~ /ready/;
	return;
}

sub kill
{
	my ($self) = @_;
	my $program = delete $self->{program} or return;
	$program->signal('KILL');
	$program->finish;
	@running = grep { $_ != $self } @running;
	return;
}

sub client
{
	my ($self, @arguments) = @_;
	my ($output, $errors);
	IPC::Run::run([ 'node', '--no-warnings', "$ENV{CLIENTS}/streams.mjs", @arguments ],
		'>', \$output, '2>', \$errors)
	  or BAIL_OUT("streams.mjs @arguments: $errors");
	chomp $output;
	return $output;
}

END
{
	my $status = $?;
	$_->kill foreach @running;
	$? = $status;
}

1;
