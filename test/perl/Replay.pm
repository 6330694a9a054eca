# Replay: does one after the other what the transactions of RandomLoad.pm have
# done, in plain Perl, and tells where an answer or a key cannot be right.
#
# Keys count as they are at a transaction's end.  In between it may have one that
# another transaction has taken meanwhile.
#
#	my $replay = Replay->new;
#	my @wrong = $replay->transaction($line);	# in the order of commits
#	my @rows = $replay->rows('account');		# as text, sorted

package Replay;

use strict;
use warnings FATAL => 'all';

use RandomLoad;

sub new
{
	my ($class) = @_;
	my $self = bless { map { $_ => {} } keys %RandomLoad::columns }, $class;
	$self->{account}{$_} = { id => $_, balance => RandomLoad::START, region => 0, pad => 'null' }
	  foreach 1 .. RandomLoad::ACCOUNTS;
	return $self;
}

sub rows
{
	my ($self, $table) = @_;
	return sort map { join '|', @{$_}{ @{ $RandomLoad::columns{$table} } } }
	  values %{ $self->{$table} };
}

sub get
{
	my ($self, $table, $id) = @_;
	return $self->{$table}{$id} // die "$table $id is not there\n";
}

# What two rows may not share
sub unique_keys
{
	my ($table, $row) = @_;
	return ($row->{k}) if $table eq 'item';
	return ($row->{slot}, $row->{name} eq 'null' ? 'null' : lc $row->{name},
		$row->{held} eq 't' ? $row->{place} : 'null')
	  if $table eq 'claim';
	return ();
}

sub check_unique
{
	my ($self, $table, $id) = @_;
	my @keys = unique_keys($table, $self->{$table}{$id});
	return if !@keys;
	foreach my $other (values %{ $self->{$table} })
	{
		my @others = unique_keys($table, $other);
		foreach my $i (0 .. $#keys)
		{
			die "$table $id: $keys[$i] is taken\n"
			  if $other->{id} != $id && $keys[$i] ne 'null' && $keys[$i] eq $others[$i];
		}
	}
	return;
}

sub put
{
	my ($self, $table, @values) = @_;
	my %row;
	@row{ @{ $RandomLoad::columns{$table} } } = @values;
	$self->{$table}{$values[0]} = \%row;
	$self->{written}{$table}{$values[0]} = 1;
	return;
}

sub dependents
{
	my ($self, $table, $parent) = @_;
	return grep { $_->{parent} eq $parent } values %{ $self->{$table} };
}

my %operation = (
	transfer => sub {
		my ($self, $from, $to, $sum, $from_after, $to_after) = @_;
		my ($one, $other) = map { $self->get('account', $_) } $from, $to;
		$one->{balance} -= $sum;
		$other->{balance} += $sum;
		die "account $from: $one->{balance}, not $from_after\n"
		  if $one->{balance} != $from_after;
		die "account $to: $other->{balance}, not $to_after\n"
		  if $other->{balance} != $to_after;
	},
	see => sub {
		my ($self, $table, $id, $column, $value) = @_;
		my $row = $self->get($table, $id);
		die "$table $id: $column is $row->{$column}, not $value\n"
		  if $row->{$column} ne $value;
	},
	there => sub { my ($self, @which) = @_; $self->get(@which); },
	set => sub {
		my ($self, $table, $id, $column, $value) = @_;
		$self->get($table, $id)->{$column} = $value;
	},
	count => sub {
		my ($self, $id, $n) = @_;
		my $counter = $self->{counter}{$id} //= { id => $id, n => 0 };
		$counter->{n}++;
		die "counter $id: $counter->{n}, not $n\n" if $counter->{n} != $n;
	},
	insert => sub {
		my ($self, $table, @values) = @_;
		$self->{taken}{$table}{$values[0]} //= $self->{$table}{$values[0]};
		$self->put($table, @values);
	},
	update => sub {
		my ($self, $table, @values) = @_;
		$self->get($table, $values[0]);
		$self->put($table, @values);
	},
	delete => sub {
		my ($self, $table, $id) = @_;
		my $other = delete $self->{taken}{$table}{$id};
		$self->get($table, $id);
		delete $self->{$table}{$id};
		$self->{$table}{$id} = $other if $other;
	},
	delete_parent => sub {
		my ($self, $id) = @_;
		$self->get('parent', $id);
		delete $self->{child}{$_->{id}} foreach $self->dependents('child', $id);
		$_->{parent} = 'null' foreach $self->dependents('ward', $id);
		$self->{written}{kid}{$_->{id}} = 1 foreach $self->dependents('kid', $id);
		delete $self->{parent}{$id};
	},
	parent_key => sub {
		my ($self, $id, $new) = @_;
		my $parent = $self->get('parent', $id);
		die "parent $new is there\n" if $self->{parent}{$new};
		delete $self->{parent}{$id};
		$parent->{id} = $new;
		$self->{parent}{$new} = $parent;
		$_->{parent} = $new
		  foreach map { $self->dependents($_, $id) } qw(child ward);
		$self->{written}{kid}{$_->{id}} = 1 foreach $self->dependents('kid', $id);
	});

sub transaction
{
	my ($self, $line) = @_;
	my @wrong;

	@$self{qw(written taken)} = ({}, {});
	foreach my $entry (split /;/, $line)
	{
		my ($name, @arguments) = split / /, $entry;
		eval { $operation{$name}->($self, @arguments); 1 }
		  or push @wrong, "$entry: $@";
	}
	foreach my $table (sort keys %{ $self->{taken} })
	{
		push @wrong, map { "$table $_ was there\n" }
		  grep { $self->{taken}{$table}{$_} } sort keys %{ $self->{taken}{$table} };
	}
	foreach my $table (sort keys %{ $self->{written} })
	{
		foreach my $id (sort keys %{ $self->{written}{$table} })
		{
			my $row = $self->{$table}{$id} // next;
			eval { $self->check_unique($table, $id); 1 } or push @wrong, $@;
			push @wrong, "$table $id: no parent $row->{parent}\n"
			  if ($row->{parent} // 'null') ne 'null' && !$self->{parent}{$row->{parent}};
		}
	}
	return @wrong;
}

1;
