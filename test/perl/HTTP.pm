# HTTP: requests to the control plane, byte by byte, and what comes back.
#
# For what the clients of the service cannot send, and what they do not show.
#
#	my $answer = HTTP::request($port, 'POST', '/cluster', body => '{}');
#	my $connection = HTTP->new($port);
#	$connection->send("GET /cluster HTTP/1.1\r\nHost: localhost\r\n\r\n");
#	my $answer = $connection->receive;
#
# An answer is a hash: "status", "headers" by their names in lower case, "body"
# and, of a body that is JSON, "json".

package HTTP;

use strict;
use warnings FATAL => 'all';
use IO::Socket::INET;
use JSON::PP;

my $timeout = $ENV{PG_TEST_TIMEOUT_DEFAULT} // 180;

sub new
{
	my ($class, $port) = @_;
	my $socket = IO::Socket::INET->new(
		PeerAddr => '127.0.0.1',
		PeerPort => $port) or return;
	return bless { socket => $socket, buffer => '' }, $class;
}

# Send bytes; a server that has hung up does not matter here.
sub send
{
	my ($self, $bytes) = @_;
	local $SIG{PIPE} = 'IGNORE';
	while (length $bytes)
	{
		my $count = $self->{socket}->syswrite($bytes) // return;
		substr $bytes, 0, $count, '';
	}
	return;
}

sub end_of_requests
{
	my ($self) = @_;
	return $self->{socket}->shutdown(1);
}

# Read what is there, or wait for something; but not forever.
sub _fill
{
	my ($self) = @_;
	my $readable = '';
	vec($readable, fileno $self->{socket}, 1) = 1;
	my $ready = select $readable, undef, undef, $timeout;
	die "the server has not answered in $timeout seconds\n" if $ready == 0;
	return $self->{socket}
	  ->sysread($self->{buffer}, 65536, length $self->{buffer});
}

# The next answer; undef if the server hangs up before it is whole.  An answer
# to HEAD has no body.
sub receive
{
	my ($self, %arg) = @_;
	while ($self->{buffer} !~ /\r\n\r\n/)
	{
		$self->_fill or return;
	}
	$self->{buffer} =~ s/\A(.*?)\r\n\r\n//s;
	my ($line, @lines) = split /\r\n/, $1;
	my %answer = (line => $line);
	($answer{status}) = $line =~ m{\AHTTP/1\.1 (\d{3}) .+\z}
	  or die "not a status line: $line";
	return $self->receive(%arg) if $answer{status} == 100;
	foreach (@lines)
	{
		my ($name, $value) = /\A([\w-]+): (.*)\z/ or die "not a header: $_";
		$answer{headers}{ lc $name } = $value;
	}
	my $length = $arg{head} ? 0 : $answer{headers}{'content-length'};
	while (length $self->{buffer} < $length)
	{
		$self->_fill or return;
	}
	$answer{body} = substr $self->{buffer}, 0, $length, '';
	$answer{json} = eval { decode_json($answer{body}) };
	return \%answer;
}

# Whether the server hangs up, having sent nothing more.
sub at_end
{
	my ($self) = @_;
	return $self->{buffer} eq '' && !$self->_fill;
}

# The bytes of a request with the headers that it needs.
sub bytes
{
	my ($method, $target, %arg) = @_;
	my %header = (
		'Host' => 'localhost',
		$method eq 'POST' || defined $arg{body}
		? ('Content-Type' => 'application/json')
		: (),
		defined $arg{body} ? ('Content-Length' => length $arg{body}) : (),
		%{ $arg{headers} // {} });
	return join "\r\n", "$method $target HTTP/1.1",
	  (map { "$_: $header{$_}" } grep { defined $header{$_} } sort keys %header),
	  '', $arg{body} // '';
}

# One request on a connection of its own.
sub request
{
	my ($port, $method, $target, %arg) = @_;
	my $connection = HTTP->new($port) or die "could not connect: $!";
	$connection->send(bytes($method, $target, %arg));
	return $connection->receive(head => $method eq 'HEAD');
}

1;
