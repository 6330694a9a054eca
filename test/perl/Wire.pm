# Wire: PostgreSQL's protocol, spoken message by message.
#
# For tests that look at what libpq hides: which message an answer came for,
# and every field of errors and notices.  A server that asks for a password is
# not for this module.
#
#	my $wire = Wire->new(host => $socket_dir, port => $port, database => $db);
#	my @answers = $wire->query('SELECT 1');
#	my @answers = $wire->send(Wire::Parse('', $sql), Wire::Sync());
#
# An answer is a hash: "type" is the message's type byte; "error" and "notice"
# are hashes of fields by their type byte; "row" is a list of values, "columns"
# one of names, "tag" the command tag, "status" the transaction status.

package Wire;

use strict;
use warnings FATAL => 'all';
use IO::Socket::UNIX;

sub message
{
	my ($type, $content) = @_;
	return $type . pack('N', 4 + length $content) . $content;
}

sub Query { return message('Q', "$_[0]\0"); }
sub Parse { return message('P', "$_[0]\0$_[1]\0" . pack('n', 0)); }

# A portal, a statement, and its parameters as text
sub Bind
{
	my ($portal, $statement, @values) = @_;
	return message('B', "$portal\0$statement\0" . pack('nn', 0, scalar @values)
		  . join('', map { defined $_ ? pack('N/a*', $_) : pack('N', 0xffffffff) } @values)
		  . pack('n', 0));
}

sub Describe { return message('D', "$_[0]$_[1]\0"); }

# A portal, and how many rows it may return; all, if that is not given
sub Execute { return message('E', "$_[0]\0" . pack('N', $_[1] // 0)); }

sub Sync { return message('S', ''); }

sub new
{
	my ($class, %arg) = @_;
	my $socket =
	  IO::Socket::UNIX->new(Peer => "$arg{host}/.s.PGSQL.$arg{port}")
	  or die "could not connect to $arg{host}, port $arg{port}: $!";
	my $self = bless { socket => $socket, buffer => '' }, $class;
	my $user = $arg{user} // getpwuid($<);
	my $startup = "user\0$user\0database\0$arg{database}\0\0";

	my $begin = sub { $self->send(pack('NN', 8 + length $startup, 196608) . $startup) };
	$arg{refused} ? eval { $begin->() } : $begin->();
	return $self;
}

# A session in the database "postgres" of a TAP test's node
sub to_node
{
	my ($class, $node) = @_;
	return $class->new(
		host => $node->host, port => $node->port, database => 'postgres');
}

# The same in a mode of the emulator; "pid" is its process.
sub in_mode
{
	my ($class, $node, $mode) = @_;
	my $self = $class->to_node($node);
	$self->rows('SET dsql_emu.mode = off');
	$self->{pid} = ($self->rows('SELECT pg_backend_pid()'))[0][0];
	$self->rows("SET dsql_emu.mode = $mode");
	return $self;
}

sub query
{
	my ($self, $sql) = @_;
	return $self->send(Query($sql));
}

# The rows of statements that must not fail
sub rows
{
	my ($self, @statements) = @_;
	my @rows;
	foreach my $sql (@statements)
	{
		foreach my $answer ($self->query($sql))
		{
			die "$answer->{error}{C} $answer->{error}{M}\n" if $answer->{error};
			push @rows, $answer->{row} if $answer->{row};
		}
	}
	return @rows;
}

# The first error, or the last tag
sub outcome_of
{
	my (@answers) = @_;
	my ($error) = map { $_->{error} ? "$_->{error}{C} $_->{error}{M}" : () } @answers;
	return $error // (map { $_->{tag} // () } @answers)[-1];
}

sub outcome
{
	my ($self, $sql) = @_;
	return outcome_of($self->query($sql));
}

# Send messages, and read until the server is ready for the next query.
sub send
{
	my ($self, @messages) = @_;
	$self->post(@messages);
	return $self->receive;
}

# Send messages, and read the answers later.
sub post
{
	my ($self, @messages) = @_;
	$self->{socket}->print(join '', @messages);
	return;
}

# What was sent may make the server ready more than once.
sub receive
{
	my ($self) = @_;
	my @answers;

	do
	{
		my $type = $self->_read(1);
		my $content = $self->_read(unpack('N', $self->_read(4)) - 4);
		push @answers, _decode($type, $content);
		$self->{refusal} = $answers[-1]{error} if $type eq 'E';
		die "$answers[-1]{error}{C} $answers[-1]{error}{M}\n"
		  if $type eq 'E' && $answers[-1]{error}{V} eq 'FATAL';
	} until $answers[-1]{type} eq 'Z';
	return @answers;
}

# Ask this again and again, until the answer is true.
sub poll
{
	my ($self, $sql) = @_;
	my $end = time + 180;
	while (1)
	{
		return if grep { ($_->[0] // '') eq 't' } $self->rows($sql);
		die "never true: $sql\n" if time > $end;
		select undef, undef, undef, 0.005;
	}
}

sub _read
{
	my ($self, $count) = @_;
	while (length $self->{buffer} < $count)
	{
		$self->{socket}
		  ->sysread($self->{buffer}, 65536, length $self->{buffer})
		  or die "the server closed the connection";
	}
	return substr $self->{buffer}, 0, $count, '';
}

sub _decode
{
	my ($type, $content) = @_;
	my %answer = (type => $type);

	if ($type eq 'E' || $type eq 'N')
	{
		my %field = map { substr($_, 0, 1) => substr($_, 1) }
		  split /\0/, $content;
		$answer{ $type eq 'E' ? 'error' : 'notice' } = \%field;
	}
	elsif ($type eq 'D')
	{
		my ($count, $rest) = unpack 'na*', $content;
		while ($count-- > 0)
		{
			my $length = unpack 'l>', substr $rest, 0, 4, '';
			push @{ $answer{row} },
			  $length < 0 ? undef : substr $rest, 0, $length, '';
		}
	}
	elsif ($type eq 'T')
	{
		my ($count, $rest) = unpack 'na*', $content;
		while ($count-- > 0)
		{
			$rest =~ s/^([^\0]*)\0.{18}//s;
			push @{ $answer{columns} }, $1;
		}
	}
	elsif ($type eq 'C')
	{
		$answer{tag} = substr $content, 0, -1;
	}
	elsif ($type eq 'Z')
	{
		$answer{status} = $content;
	}
	return \%answer;
}

1;
