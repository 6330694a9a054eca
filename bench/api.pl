#!/usr/bin/perl
#
# Usage: api.pl PORT CONNECTIONS cycle|get|mixed seconds SECONDS
#        api.pl PORT CONNECTIONS cycle|get|mixed requests REQUESTS
#
# Send requests to the control plane, the next one when the last is answered,
# and print how many rounds there were in a second and the median, in us, of
# what a round took.  A round is
#
#	cycle	CreateCluster, GetCluster, DeleteCluster
#	get		GetCluster
#	mixed	one of those, and of requests that are refused, in turn

use strict;
use warnings FATAL => 'all';
use IO::Socket::INET;
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(time);

my ($port, $connections, $kind, $unit, $amount) = @ARGV;
my $socket;

sub request
{
	my ($method, $target, $body) = @_;
	my $head = "$method $target HTTP/1.1\r\nHost: localhost\r\n";
	$head .= "Content-Type: application/json\r\nContent-Length: " . length($body) . "\r\n"
	  if defined $body;
	my $bytes = "$head\r\n" . ($body // '');
	$socket->syswrite($bytes) == length $bytes or die "could not send";
	my $answer = '';
	until ($answer =~ /\r\nContent-Length: (\d+)(?=\r\n).*?\r\n\r\n(.*)/s && length $2 >= $1)
	{
		$socket->sysread($answer, 65536, length $answer)
		  or die "the server hung up: $answer";
	}
	return $answer;
}

sub create
{
	my ($id) = request('POST', '/cluster', '{"deletionProtectionEnabled": false}')
	  =~ /"identifier": "([a-z2-7]{26})"/ or die 'no cluster was created';
	return $id;
}

sub connect_to
{
	$socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") or die "$@";
	setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;
	return;
}

connect_to();
my $kept = create();
my %round = (
	cycle => sub {
		my $id = create();
		request('GET', "/cluster/$id") =~ /^HTTP\/1.1 200/ or die 'it is not found';
		request('DELETE', "/cluster/$id") =~ /^HTTP\/1.1 200/ or die 'it is not deleted';
	},
	get => sub {
		request('GET', "/cluster/$kept") =~ /^HTTP\/1.1 200/ or die 'it is not found';
	});
my @mixed = (
	$round{get},
	sub { request('GET', '/nothing'); },
	sub { request('GET', '/cluster?max-results=10'); },
	sub { request('POST', "/cluster/$kept", '{"a": "' . 'x' x rand(20000) . '"}'); },
	sub { request('POST', "/cluster/$kept", '{"a": '); },
	sub { request('GET', '/cluster/none'); },
	sub { connect_to(); request('DELETE', '/cluster/' . 'a' x 26); });
my $turn = 0;
$round{mixed} = sub { $mixed[ $turn++ % @mixed ]->(); };

my @readers;
my $start = time;
foreach my $number (1 .. $connections)
{
	pipe(my $reader, my $writer) or die "could not make a pipe: $!";
	push @readers, $reader;
	next if fork;
	connect_to();
	my @times;
	for (my $now = time; $unit eq 'seconds' ? $now < $start + $amount
		: @times < $amount / $connections;)
	{
		$round{$kind}->();
		my $end = time;
		push @times, $end - $now;
		$now = $end;
	}
	print $writer join("\n", @times), "\n";
	close $writer;
	exit 0;
}
my @times;
foreach my $reader (@readers)
{
	push @times, map { chomp; $_ } <$reader>;
}
my $seconds = time - $start;
wait foreach 1 .. $connections;
$round{get}->();
@times = sort { $a <=> $b } @times;
printf "%.1f %.0f\n", @times / $seconds, 1e6 * $times[ @times / 2 ];
request('DELETE', "/cluster/$kept");
