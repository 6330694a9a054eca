# TlsServer: a server that clients connect to as to the service.
#
# It listens on 127.0.0.1 with a certificate of dsql_emu-tls, and demands
# tokens of connections there; its socket is the administrator's.
#
#	my $server = TlsServer->new(settings => 'dsql_emu.create_delay = 0');
#	my ($code, $stdout, $stderr) =
#	  $server->connect(host => $host, password => $token, sql => 'SELECT 1');

package TlsServer;

use strict;
use warnings FATAL => 'all';
use FindBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

# The first key, which Signer uses where no other is given.
our $access_key = 'AKIAIOSFODNN7EXAMPLE';
our $secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
our $user_arn = 'arn:aws:iam::000000000000:user/admin';

sub new
{
	my ($class, %arg) = @_;
	my $node = PostgreSQL::Test::Cluster->new($arg{name} // 'main');
	my $tls = PostgreSQL::Test::Utils::tempdir();

	system_or_bail("$FindBin::RealBin/../../demo/dsql_emu-tls", $tls);
	$node->init;
	$node->append_conf(
		'postgresql.conf', qq{
shared_preload_libraries = 'dsql_emu'
listen_addresses = '127.0.0.1'
ssl = on
ssl_cert_file = '$tls/server.crt'
ssl_key_file = '$tls/server.key'
log_connections = on
log_error_verbosity = verbose
log_statement = all
dsql_emu.auth = verify
} . ($arg{settings} // ''));
	$node->start;
	my $self = bless { node => $node, tls => $tls }, $class;
	$self->sql('CREATE EXTENSION dsql_emu');
	$self->sql("SELECT dsql.create_access_key('$user_arn', '$access_key', '$secret')");
	$self->{cluster} = $self->sql('SELECT dsql.current_cluster()');
	$self->{host} = "$self->{cluster}.dsql.us-east-1.on.aws";
	return $self;
}

sub node { return $_[0]{node}; }
sub host { return $_[0]{host}; }
sub ca { return "$_[0]{tls}/ca.crt"; }

# From here on, clients are the user of the first key, and trust the server.
# Nothing that this machine knows of AWS comes in between.
sub be_client
{
	my ($self) = @_;
	delete @ENV{ grep { /^AWS_/ } keys %ENV };
	$ENV{AWS_ACCESS_KEY_ID} = $access_key;
	$ENV{AWS_SECRET_ACCESS_KEY} = $secret;
	$ENV{AWS_EC2_METADATA_DISABLED} = 'true';
	$ENV{NODE_EXTRA_CA_CERTS} = $self->ca;
	return;
}

# A query through the socket, as the superuser.
sub sql
{
	my ($self, $sql) = @_;
	return $self->{node}->safe_psql('postgres', $sql);
}

# A query through TLS by psql.  undef for host is the address, which is sent as
# no server name.
sub connect
{
	my ($self, %arg) = @_;
	my $host = exists $arg{host} ? $arg{host} : $self->{host};
	my %option = (
		host => $host // '127.0.0.1',
		hostaddr => '127.0.0.1',
		port => $self->{node}->port,
		dbname => 'postgres',
		user => $arg{user} // 'admin',
		sslrootcert => $self->ca,
		gssencmode => 'disable',
		%{ $arg{options} // {} });
	$option{sslmode} //= 'verify-full';
	local $ENV{PGPASSWORD} = $arg{password};
	delete $ENV{PGPASSWORD} if !defined $arg{password};
	my ($stdout, $stderr) = ('', '');

	# A file: psql may be refused and gone before it would read from a pipe.
	my $sql = "$self->{tls}/statements.sql";
	PostgreSQL::Test::Utils::append_to_file("$sql.new", $arg{sql} // 'SELECT current_user');
	rename "$sql.new", $sql or die $!;
	IPC::Run::run(
		[
			'psql', '-XAtw', '-v', 'VERBOSITY=verbose', '-d',
			join ' ', map { "$_='$option{$_}'" } sort keys %option
		],
		'<', $sql,
		'>', \$stdout, '2>', \$stderr);
	chomp $stdout;
	return ($? >> 8, $stdout, $stderr);
}

1;
