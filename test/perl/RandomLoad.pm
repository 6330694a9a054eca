# RandomLoad: random transactions that tell what they did, and a replay of them.
#
# Each transaction writes a line about itself into the table "log": what it did
# to which row, and what it was answered.  All that it relies on, it has read
# from rows that it changes or locks, or it is a key that it takes.  So it must
# have gone as if all transactions had run one after the other, in the order of
# their commits: Replay.pm does that, without any database, and has the answers
# and the end to compare with.
#
# Whatever fails, but for 40001, is a bug: each statement is one that the
# transaction's own snapshot allows.
#
#	my $load = RandomLoad->new(wire => $wire, session => 1, seed => 1);
#	$load->transaction;		# begins, commits or fails; does not retry
#
# It counts what became of them in $load->{count}, and keeps the numbers of
# those that committed in $load->{committed}.

package RandomLoad;

use strict;
use warnings FATAL => 'all';

use constant ACCOUNTS => 12;
use constant START => 100;

our @schema = (
	'CREATE TABLE log (id bigint PRIMARY KEY, line text)',
	'CREATE TABLE account (id int PRIMARY KEY, balance int, region int, pad text)',
	'CREATE TABLE counter (id int PRIMARY KEY, n int)',
	'CREATE TABLE claim (id bigint PRIMARY KEY, slot int UNIQUE, name text, place int, held boolean)',
	'CREATE TABLE parent (id int PRIMARY KEY, name text)',
	'CREATE TABLE child (id bigint PRIMARY KEY, v int,
		parent int REFERENCES parent ON UPDATE CASCADE ON DELETE CASCADE)',
	'CREATE TABLE ward (id bigint PRIMARY KEY,
		parent int REFERENCES parent ON UPDATE CASCADE ON DELETE SET NULL)',
	'CREATE TABLE kid (id bigint PRIMARY KEY,
		parent int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)',
	'CREATE TABLE item (id int PRIMARY KEY, gen int, k int UNIQUE)',
	'CREATE TABLE bag (u bigint, v int)',
	'CREATE UNIQUE INDEX ASYNC claim_name ON claim (lower(name))',
	'CREATE UNIQUE INDEX ASYNC claim_place ON claim (place) WHERE held',
	sprintf('INSERT INTO account SELECT i, %d, 0 FROM generate_series(1, %d) i',
		START, ACCOUNTS));

# To be made with dsql_emu.mode off: it changes rows and undoes that.
our $undone = q{
CREATE FUNCTION undone(one int, other int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE account SET balance = balance + 1 WHERE id IN (one, other);
	DELETE FROM item WHERE id = one;
	INSERT INTO counter VALUES (1000 + one, 1);
	PERFORM FROM parent WHERE id = other FOR UPDATE;
	RAISE EXCEPTION 'undo';
EXCEPTION WHEN raise_exception THEN
END $$};

# The tables and their columns, the key first.
our %columns = (
	account => [qw(id balance region pad)],
	counter => [qw(id n)],
	claim => [qw(id slot name place held)],
	parent => [qw(id name)],
	child => [qw(id v parent)],
	ward => [qw(id parent)],
	kid => [qw(id parent)],
	item => [qw(id gen k)],
	bag => [qw(u v)]);

my @operations = qw(transfer transfer withdraw audit audit region pad count
  count_locked upsert claim claim claim claim take_over child child ward kid
  kid_first kid_first parent parent parent_name parent_key parent_share
  parent_share item item item item_key item_k item_nothing item_nothing bag bag
  undone);

sub new
{
	my ($class, %arg) = @_;
	srand($arg{seed} * 1000 + $arg{session});
	return bless {
		%arg,
		next => $arg{session} * 10_000_000,
		count => {},
		committed => [],
		line => []
	}, $class;
}

# A statement's rows.  An error is thrown as [SQLSTATE, message].
sub rows
{
	my ($self, $sql) = @_;
	my @rows;
	foreach my $answer ($self->{wire}->query($sql))
	{
		$self->{error} = [ @{ $answer->{error} }{qw(C M)}, $sql ]
		  if $answer->{error};
		push @rows, $answer->{row} if $answer->{row};
		$self->{status} = $answer->{status} if $answer->{status};
	}
	if (my $error = delete $self->{error})
	{
		die $error;
	}
	return @rows;
}

sub value
{
	my ($self, $sql) = @_;
	my @rows = $self->rows($sql);
	return @rows ? $rows[0][0] : undef;
}

# One of a statement's rows, or none.
sub any_row
{
	my ($self, $sql) = @_;
	my @rows = $self->rows($sql);
	return @rows ? @{ $rows[ rand @rows ] } : ();
}

sub note
{
	my ($self, @words) = @_;
	push @{ $self->{line} }, join ' ', map { $_ // 'null' } @words;
	return;
}

sub number { return 1 + int rand $_[0]; }
sub chance { return rand() < $_[0]; }
sub new_id { return $_[0]{next}++; }

# Two different accounts, in any order: whoever waits for locks deadlocks.
sub two_accounts
{
	my ($one, $other) = (number(ACCOUNTS), number(ACCOUNTS - 1));
	return ($one, $other + ($other >= $one));
}

# ------------------------------------------------------------------------
# What a transaction consists of
# ------------------------------------------------------------------------

sub transfer
{
	my ($self) = @_;
	my ($from, $to) = two_accounts();
	my $sum = number(10);
	my %after;

	if (chance(0.5))
	{
		%after = map { @$_ } $self->rows(
			"UPDATE account SET balance = balance + CASE id WHEN $from THEN -$sum ELSE $sum END
			WHERE id IN ($from, $to) RETURNING id, balance");
	}
	else
	{
		$after{$_->[0]} = $self->value(
			"UPDATE account SET balance = balance + ($_->[1]) WHERE id = $_->[0] RETURNING balance")
		  foreach [ $from, -$sum ], [ $to, $sum ];
	}
	$self->note('transfer', $from, $to, $sum, $after{$from}, $after{$to});
	return;
}

# Reads two accounts to decide about one of them.
sub withdraw
{
	my ($self) = @_;
	my ($one, $other) = two_accounts();
	my %seen = map { @$_ } $self->rows(
		"SELECT id, balance FROM account WHERE id IN ($one, $other) FOR UPDATE");
	my $sum = int(($seen{$one} - $seen{$other}) / 3);

	$self->note('see', 'account', $_, 'balance', $seen{$_})
	  foreach $one, $other;
	$self->rows("UPDATE account SET balance = $seen{$one} - $sum WHERE id = $one");
	$self->rows("UPDATE account SET balance = $seen{$other} + $sum WHERE id = $other");
	$self->note('set', 'account', $one, 'balance', $seen{$one} - $sum);
	$self->note('set', 'account', $other, 'balance', $seen{$other} + $sum);
	return;
}

# Reads two accounts that others shall not change meanwhile.
sub audit
{
	my ($self) = @_;
	foreach my $id (two_accounts())
	{
		my $balance = $self->value("SELECT balance FROM account WHERE id = $id FOR UPDATE");
		$self->note('see', 'account', $id, 'balance', $balance);
	}
	return;
}

# A column that an index may be built on at this time.
sub region
{
	my ($self) = @_;
	my $region = number(5);
	foreach my $id (two_accounts())
	{
		my $balance = $self->value(
			"UPDATE account SET region = $region WHERE id = $id RETURNING balance");
		$self->note('see', 'account', $id, 'balance', $balance);
		$self->note('set', 'account', $id, 'region', $region);
	}
	return;
}

# A value that may be too large for the row.
sub pad
{
	my ($self) = @_;
	my $id = number(ACCOUNTS);
	my $pad = join '', map { sprintf '%08x', rand 2**32 } 1 .. number(2) * 300;
	$self->rows("UPDATE account SET pad = '$pad' WHERE id = $id");
	$self->note('set', 'account', $id, 'pad', $pad);
	return;
}

sub count
{
	my ($self) = @_;
	my $id = number(3);
	my $n = $self->value("UPDATE counter SET n = n + 1 WHERE id = $id RETURNING n");
	$self->note('count', $id, $n) if defined $n;
	return;
}

sub count_locked
{
	my ($self) = @_;
	my $id = number(3);
	my $n = $self->value("SELECT n FROM counter WHERE id = $id FOR UPDATE");
	return if !defined $n;
	$n++;
	$self->rows("UPDATE counter SET n = $n WHERE id = $id");
	$self->note('count', $id, $n);
	return;
}

sub upsert
{
	my ($self) = @_;
	my $id = number(6);
	my $n = $self->value("INSERT INTO counter VALUES ($id, 1)
		ON CONFLICT (id) DO UPDATE SET n = counter.n + 1 RETURNING n");
	$self->note('count', $id, $n);
	return;
}

sub claim
{
	my ($self) = @_;
	my ($slot, $name, $place) = map { number(5) } 1 .. 3;
	my $held = chance(0.5) ? 't' : 'f';
	my $spelled = chance(0.5) ? "Name$name" : "NAME$name";
	my @seen = $self->rows("SELECT id FROM claim WHERE slot = $slot
		OR lower(name) = 'name$name' OR place = $place AND held");
	return if @seen > 1;
	if (@seen && chance(0.3))
	{
		my $id = $seen[0][0];
		$self->rows("UPDATE claim SET slot = $slot, name = '$spelled', place = $place, held = '$held'
			WHERE id = $id");
		$self->note('update', 'claim', $id, $slot, $spelled, $place, $held);
		return;
	}
	if (@seen)
	{
		my $id = $seen[0][0];
		$self->rows("DELETE FROM claim WHERE id = $id");
		$self->note('delete', 'claim', $id);
		return if chance(0.5);
	}
	my $id = $self->new_id;
	$self->rows("INSERT INTO claim VALUES ($id, $slot, '$spelled', $place, '$held')");
	$self->note('insert', 'claim', $id, $slot, $spelled, $place, $held);
	return;
}

# A slot that is taken, if this transaction sees that, or else free.
sub take_over
{
	my ($self) = @_;
	my $slot = number(5);
	my $id = $self->new_id;
	my $place = number(100);
	my ($claim) = $self->rows("INSERT INTO claim VALUES ($id, $slot, NULL, $place, false)
		ON CONFLICT (slot) DO UPDATE SET place = excluded.place, held = false
		RETURNING id, slot, name, place, held");
	$self->note($claim->[0] == $id ? 'insert' : 'update', 'claim', @$claim);
	return;
}

sub any_parent
{
	my ($self) = @_;
	return $self->any_row('SELECT id FROM parent');
}

# Rows that refer to a parent: "child", which goes with it, and "ward".
sub dependent
{
	my ($self, $table, $extra) = @_;
	my $choice = rand;
	my ($id) = $self->any_row("SELECT id FROM $table");
	my ($parent) = $self->any_parent;

	if (defined $id && $choice < 0.3)
	{
		$self->rows("DELETE FROM $table WHERE id = $id");
		$self->note('delete', $table, $id);
	}
	elsif (defined $id && defined $parent && $choice < 0.5)
	{
		my @values = (@$extra, $parent);
		$self->rows("UPDATE $table SET "
			  . ($table eq 'child' ? "v = $extra->[0], " : '')
			  . "parent = $parent WHERE id = $id");
		$self->note('update', $table, $id, @values);
	}
	elsif (defined $parent)
	{
		my @values = ($self->new_id, @$extra, $parent);
		$self->rows("INSERT INTO $table VALUES (" . join(', ', @values) . ')');
		$self->note('insert', $table, @values);
	}
	return;
}

sub child { return $_[0]->dependent('child', [ number(100) ]); }
sub ward { return $_[0]->dependent('ward', []); }
sub kid { return $_[0]->dependent('kid', []); }

# The constraint is deferred: the parent comes later.
sub kid_first
{
	my ($self) = @_;
	my $parent = number(5);
	return if defined $self->value("SELECT id FROM parent WHERE id = $parent");
	my $id = $self->new_id;
	$self->rows("INSERT INTO kid VALUES ($id, $parent)");
	$self->note('insert', 'kid', $id, $parent);
	$self->rows("INSERT INTO parent VALUES ($parent, 'late')");
	$self->{own_parent}{$parent} = 1;
	$self->note('insert', 'parent', $parent, 'late');
	return;
}

# A kid keeps its parent from going; the others are taken along.  Parents that
# the transaction itself has made stay: Replay.pm could not tell theirs from
# those of another one of the same key.
sub parent
{
	my ($self) = @_;
	my $id = number(5);
	if (!defined $self->value("SELECT id FROM parent WHERE id = $id"))
	{
		$self->rows("INSERT INTO parent VALUES ($id, 'new')");
		$self->{own_parent}{$id} = 1;
		$self->note('insert', 'parent', $id, 'new');
		return;
	}
	return if $self->{own_parent}{$id};
	foreach my $kid ($self->rows("DELETE FROM kid WHERE parent = $id RETURNING id"))
	{
		$self->note('delete', 'kid', $kid->[0]);
	}
	$self->rows("DELETE FROM parent WHERE id = $id");
	$self->note('delete_parent', $id);
	return;
}

sub parent_name
{
	my ($self) = @_;
	my ($id) = $self->any_parent;
	return if !defined $id;
	my $name = 'name' . number(100);
	$self->rows("UPDATE parent SET name = '$name' WHERE id = $id");
	$self->note('set', 'parent', $id, 'name', $name);
	return;
}

sub parent_key
{
	my ($self) = @_;
	my ($id) = $self->any_row(
		'SELECT id FROM parent WHERE NOT EXISTS (SELECT FROM kid WHERE parent = parent.id)');
	my $new = number(5);
	return
	  if !defined $id
	  || $self->{own_parent}{$id}
	  || defined $self->value("SELECT id FROM parent WHERE id = $new");
	$self->rows("UPDATE parent SET id = $new WHERE id = $id");
	$self->{own_parent}{$new} = 1;
	$self->note('parent_key', $id, $new);
	return;
}

sub parent_share
{
	my ($self) = @_;
	my $id = $self->value('SELECT id FROM parent WHERE id = ' . number(5) . ' FOR KEY SHARE');
	$self->note('there', 'parent', $id) if defined $id;
	return;
}

# Deletes, and may insert again what it deleted.
sub item
{
	my ($self) = @_;
	my $id = number(6);
	my ($item) = $self->rows("SELECT gen, k FROM item WHERE id = $id");
	if ($item)
	{
		$self->rows("DELETE FROM item WHERE id = $id");
		$self->note('delete', 'item', $id);
		return if chance(0.3);
	}
	my $gen = $item ? $item->[0] + 1 : 0;
	my $k = $item ? $item->[1] : undef;
	$self->rows("INSERT INTO item VALUES ($id, $gen, " . ($k // 'NULL') . ')');
	$self->note('insert', 'item', $id, $gen, $k);
	return;
}

sub item_key
{
	my ($self) = @_;
	my $id = number(6);
	my $new = number(6);
	return if defined $self->value("SELECT id FROM item WHERE id = $new");
	my ($item) = $self->rows("UPDATE item SET id = $new WHERE id = $id RETURNING gen, k");
	return if !$item;
	$self->note('delete', 'item', $id);
	$self->note('insert', 'item', $new, @$item);
	return;
}

sub item_k
{
	my ($self) = @_;
	my $id = number(6);
	my $k = number(6);
	return if defined $self->value("SELECT id FROM item WHERE k = $k");
	my $gen = $self->value("UPDATE item SET k = $k WHERE id = $id RETURNING gen");
	$self->note('update', 'item', $id, $gen, $k) if defined $gen;
	return;
}

sub item_nothing
{
	my ($self) = @_;
	my $id = number(6);
	my $done = $self->value(
		"INSERT INTO item VALUES ($id, 0, NULL) ON CONFLICT DO NOTHING RETURNING id");
	$self->note('insert', 'item', $id, 0, undef) if defined $done;
	return;
}

# A table without any index
sub bag
{
	my ($self) = @_;
	my ($u) = $self->any_row('SELECT u FROM bag');
	my $choice = rand;
	if (!defined $u || $choice < 0.3)
	{
		foreach (1 .. 2)
		{
			my $new = $self->new_id;
			$self->rows("INSERT INTO bag VALUES ($new, 0)");
			$self->note('insert', 'bag', $new, 0);
		}
	}
	elsif ($choice < 0.7)
	{
		$self->rows("DELETE FROM bag WHERE u = $u");
		$self->note('delete', 'bag', $u);
	}
	else
	{
		my $v = $self->value("UPDATE bag SET v = v + 1 WHERE u = $u RETURNING v");
		$self->note('update', 'bag', $u, $v);
		$self->note('see', 'bag', $u, 'v', $v);
	}
	return;
}

sub undone
{
	my ($self) = @_;
	my ($one, $other) = two_accounts();
	$self->rows("SELECT undone($one, $other)");
	return;
}

# ------------------------------------------------------------------------
# Transactions
# ------------------------------------------------------------------------

sub write_some
{
	my ($self) = @_;
	my $id = $self->new_id;

	@$self{qw(line own_parent)} = ([], {});
	$self->rows('BEGIN');
	foreach (1 .. number(4))
	{
		my $operation = $operations[ rand @operations ];
		$self->can($operation)->($self);
	}
	$self->rows("INSERT INTO log VALUES ($id, '" . join(';', @{ $self->{line} }) . "')");

	if (chance(0.05))
	{
		eval { $self->rows('UPDATE account SET balance = 1 / (id - 4)'); 1 }
		  and die [ '', 'no division by zero', '' ];
		die $@ if ref $@ ne 'ARRAY' || $@->[0] ne '22012';
		$self->rows('ROLLBACK');
		return 'rolled back';
	}
	if (chance(0.05))
	{
		$self->rows('ROLLBACK');
		return 'rolled back';
	}
	$self->rows('COMMIT');
	push @{ $self->{committed} }, $id;
	return 'committed';
}

# A statement on its own
sub write_once
{
	my ($self) = @_;
	my $id = $self->new_id;
	my $counter = number(3);
	my @done = $self->rows(
		"WITH c AS (UPDATE counter SET n = n + 1 WHERE id = $counter RETURNING n)
		INSERT INTO log SELECT $id, 'count $counter ' || n FROM c RETURNING id");
	push @{ $self->{committed} }, $id if @done;
	return 'committed';
}

# What a transaction reads is always consistent.
sub read_all
{
	my ($self) = @_;
	my %seen;

	$self->rows('BEGIN');
	foreach (1 .. 2)
	{
		my $sum = $self->value('SELECT sum(balance) FROM account');
		die [ '', "the sum of balances is $sum", '' ] if $sum != START * ACCOUNTS;
		foreach my $table (qw(child ward kid))
		{
			my $orphan = $self->value(
				"SELECT c FROM $table c LEFT JOIN parent p ON p.id = c.parent
				WHERE c.parent IS NOT NULL AND p.id IS NULL");
			die [ '', "orphan in $table: $orphan", '' ] if defined $orphan;
		}
		foreach my $table (sort keys %columns)
		{
			my $rows = $self->value("SELECT md5(string_agg(t::text, ' ' ORDER BY t)) FROM $table t") // '';
			die [ '', "$table changes while it is read", '' ]
			  if ($seen{$table} // $rows) ne $rows;
			$seen{$table} = $rows;
		}
	}
	$self->rows('COMMIT');
	return 'read';
}

# One transaction, and what became of it.
sub transaction
{
	my ($self) = @_;
	my $kind = rand;
	my $run = $kind < 0.05 ? \&read_all : $kind < 0.15 ? \&write_once : \&write_some;
	my $result = eval { $run->($self) };

	if (!defined $result)
	{
		my $error = $@;
		die $error if ref $error ne 'ARRAY';
		die join(' ', @$error) . "\n" if $error->[0] ne '40001';
		($result) = $error->[1] =~ /\((OC00[01])\)$/
		  or die join(' ', @$error) . "\n";
		die "a reader failed with $result\n"
		  if $run == \&read_all && $result eq 'OC000';

		# An error at a statement leaves a block, one at COMMIT does not.
		$self->rows('ROLLBACK') if $self->{status} eq 'E';
	}
	$self->{count}{$result}++;
	return $result;
}

1;
