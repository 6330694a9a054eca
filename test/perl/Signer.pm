# Signer: AWS Signature Version 4, written from its description.
#
# What the emulator verifies is made here by other code than the emulator's.
#
#	my $token = Signer::token(host => $host, secret => $secret, ...);
#	my $signature = Signer::request(method => 'GET', target => '/', ...);
#
# Arguments that are missing have the defaults below.

package Signer;

use strict;
use warnings FATAL => 'all';
use Digest::SHA qw(sha256_hex hmac_sha256 hmac_sha256_hex);
use POSIX qw(strftime);

sub encode
{
	my ($string) = @_;
	$string =~ s/([^A-Za-z0-9\-_.~])/sprintf '%%%02X', ord $1/ge;
	return $string;
}

sub time_of
{
	my ($seconds) = @_;
	return strftime('%Y%m%dT%H%M%SZ', gmtime $seconds);
}

sub sign
{
	my ($arg, $canonical) = @_;
	my $date = substr $arg->{time}, 0, 8;
	my $key = "AWS4$arg->{secret}";
	$key = hmac_sha256($_, $key)
	  foreach $date, $arg->{region}, 'dsql', 'aws4_request';
	return hmac_sha256_hex(
		"AWS4-HMAC-SHA256\n$arg->{time}\n$date/$arg->{region}/dsql/aws4_request\n"
		  . sha256_hex($canonical), $key);
}

sub defaults
{
	my %arg = (
		access_key => 'AKIAIOSFODNN7EXAMPLE',
		secret => 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
		region => 'us-east-1',
		@_);
	$arg{time} //= time_of($arg{now} // time);
	return %arg;
}

# A database authentication token.  signed_host is what some signers make of
# the host; replace, parameters in place of the usual ones, undef for none.
sub token
{
	my %arg = defaults(action => 'DbConnectAdmin', expires => 900, @_);
	my $date = substr $arg{time}, 0, 8;
	my %parameter = (
		'Action' => $arg{action},
		'X-Amz-Algorithm' => 'AWS4-HMAC-SHA256',
		'X-Amz-Credential' =>
		  "$arg{access_key}/$date/$arg{region}/dsql/aws4_request",
		'X-Amz-Date' => $arg{time},
		'X-Amz-Expires' => $arg{expires},
		'X-Amz-SignedHeaders' => 'host',
		%{ $arg{replace} // {} });
	$parameter{'X-Amz-Security-Token'} = $arg{session_token}
	  if defined $arg{session_token};
	my $query = join '&',
	  map { encode($_) . '=' . encode($parameter{$_}) }
	  grep { defined $parameter{$_} } sort keys %parameter;
	my $host = $arg{signed_host} // $arg{host};
	my $signature = sign(\%arg,
		"GET\n/\n$query\nhost:$host\n\nhost\n" . sha256_hex(''));
	return "$arg{host}/?$query&X-Amz-Signature=$signature";
}

# The headers of a signed request, "Name: value" each.  payload is stated in
# place of the body's hash.
sub request
{
	my %arg = defaults(method => 'GET', body => '', headers => {}, @_);
	my %header = (%{ $arg{headers} }, 'X-Amz-Date' => $arg{time});
	$header{'X-Amz-Security-Token'} = $arg{session_token}
	  if defined $arg{session_token};
	my %canonical = map { lc $_ => $header{$_} } keys %header;
	my $names = join ';', sort keys %canonical;
	my ($path, $query) = split /\?/, $arg{target}, 2;
	$path =~ s/%/%25/g;
	$query = join '&', sort split /&/, $query // '';
	my $signature = sign(
		\%arg,
		join "\n", $arg{method}, $path, $query,
		(map { "$_:$canonical{$_}" } sort keys %canonical), '', $names,
		$arg{payload} // sha256_hex($arg{body}));
	return (
		(map { "$_: $header{$_}" } sort keys %header),
		"Authorization: AWS4-HMAC-SHA256 Credential=$arg{access_key}/"
		  . substr($arg{time}, 0, 8)
		  . "/$arg{region}/dsql/aws4_request, SignedHeaders=$names, "
		  . "Signature=$signature");
}

1;
