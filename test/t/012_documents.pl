# What the documents say is so:
#
#  1. the transcripts are parts of what the demonstration prints
#  2. doc/settings.md names every setting, but for those that dsql.limits lists,
#     with its default, and nothing that is no setting
#  3. doc/settings.md names every view
#  4. doc/sources.md explains every source that dsql.rules and dsql.limits name
#  5. the version is the same everywhere
#  6. CONTRIBUTING.md names the libraries that the extension is linked with
#  7. every object of the extension has a comment
#  8. README is short, and every relative link leads to a file and heading
#  9. every file of ours that a document names is there
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../perl";
use DsqlEmu;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = DsqlEmu::emulated();

# The rows of a query, in the database without the emulation.
sub rows
{
	my ($query) = @_;
	return split /\n/,
	  $node->safe_psql('postgres', "SET dsql_emu.mode = off; $query");
}

sub is_empty
{
	my ($missing, $name) = @_;
	is(join(', ', @$missing), '', $name);
}

# 1
local $ENV{PGHOST} = $node->host;
local $ENV{PGPORT} = $node->port;
my $demonstration = `demo/play psql -U admin postgres`;
is($?, 0, 'demonstration');
unlike($demonstration, qr/syntax error/, 'demonstration without mistakes');

my $pages = slurp_file('doc/settings.md');
my @blocks = (slurp_file('README.md') . slurp_file('doc/clusters.md')) =~ /^```(\w*)\n(.*?)^```$/msg;
my @transcripts;
while (my ($language, $text) = splice @blocks, 0, 2)
{
	push @transcripts, $text if $language eq '';
}
is(scalar @transcripts, 2, 'two transcripts');
foreach my $text ($demonstration, @transcripts)
{
	$text =~ s/\b[a-z2-7]{26}\b/IDENTIFIER/g;
}
foreach my $transcript (@transcripts)
{
	ok(index($demonstration, $transcript) >= 0,
		'transcript is what the demonstration prints')
	  or diag $demonstration;
}

# 2
my %named = map { $_ => 1 } $pages =~ /`([a-z_.]+)`/g;
my ($table) = $pages =~ /^\| setting \| default \|.*?\n\|[-|]+\n(.*?)\n\n/ms;
my %default;
foreach my $line (split /\n/, $table)
{
	my (undef, $names, $defaults) = split / ?\| ?/, $line;
	my @names = $names =~ /`([a-z_.]+)`/g;
	my @defaults = split /, /, $defaults =~ s/(?<=\d) |`//gr;

	next if $names eq '`dsql_emu.max_...`';
	@default{@names} = @defaults > 1 ? @defaults : ($defaults[0] // '') x @names;
}
my @settings = rows(
	q{SELECT name FROM pg_settings
	  WHERE name LIKE 'dsql%'
		OR name IN ('amzn_cluster_id', 'disable_sync_create_index')
	  EXCEPT SELECT setting FROM dsql.limits});
cmp_ok(scalar @settings, '>', 5, 'there are settings');
is_empty([ grep { !exists $default{$_} } @settings ],
	'settings that doc/settings.md lacks');
my @other;
foreach my $name (sort keys %default)
{
	my ($value) =
	  rows("RESET dsql_emu.mode; SELECT 'is ' || current_setting('$name', true)");

	push @other, $name . ' ' . ($value // 'is no setting')
	  if ($value // '') ne "is $default{$name}";
}
is_empty(\@other, 'settings whose default is not the one that doc/settings.md tells');

# 3
my @views = rows(
	q{SELECT relnamespace::regnamespace || '.' || relname
	  FROM pg_class WHERE relkind = 'v'
	  AND relnamespace::regnamespace::text IN ('dsql', 'sys')});
cmp_ok(scalar @views, '>', 3, 'there are views');
is_empty([ grep { !$named{$_} } @views ], 'views that doc/settings.md lacks');

# 4
my $sources = slurp_file('doc/sources.md');
my @unknown;
foreach my $source (rows('SELECT DISTINCT source FROM dsql.rules'))
{
	my $name = $source =~ /^guide: \S+$/ ? 'guide: PAGE' : $source;
	push @unknown, $source if index($sources, "| `$name` |") < 0;
}
is_empty(\@unknown, 'sources that doc/sources.md lacks');

# 5
my ($version) = slurp_file('dsql_emu.control') =~ /default_version = '(.*?)'/;
my %meta = slurp_file('META.json') =~ /"(version)": "(\d+\.\d+\.\d+)"/;
is($meta{version}, "$version.0", 'META.json');
like(slurp_file('debian/changelog'), qr/\Adsql-emu \(\Q$version.0\E-\d+\)/, 'debian/changelog');
like(slurp_file('CHANGELOG.md'), qr/\A## $version\.0 /, 'CHANGELOG.md');

# 6
my @libraries =
  `readelf -d dsql_emu.so` =~ /\(NEEDED\).*\[(lib\w+)\.so/g;
cmp_ok(scalar @libraries, '>', 0, 'there are libraries');
my $contributing = slurp_file('CONTRIBUTING.md');
is_empty([ grep { index($contributing, "`$_`") < 0 } @libraries ],
	'libraries that CONTRIBUTING.md lacks');

# 7
is_empty(
	[
		rows(
			q{SELECT pg_describe_object(classid, objid, 0)
			FROM pg_depend JOIN pg_extension e ON refobjid = e.oid
			WHERE extname = 'dsql_emu' AND refclassid = 'pg_extension'::regclass
			  AND deptype = 'e' AND classid <> 'pg_type'::regclass
			  AND obj_description(objid, classid::regclass::name) IS NULL
			ORDER BY 1})
	],
	'objects without a comment');

# 8
my @lines = split /\n/, slurp_file('README.md');
cmp_ok(scalar @lines, '<=', 130, 'lines of README.md');

sub anchors
{
	my ($text) = @_;
	return map { lc(s/[^\w\s-]//gr) =~ s/ /-/gr } $text =~ /^#+ (.*)$/mg;
}
my @broken;
my $links = 0;
foreach my $page (glob '*.md doc/*.md')
{
	my ($folder) = $page =~ m{^(.*/)?};
	my $text = slurp_file($page) =~ s/^```.*?^```//gmsr;

	foreach my $link ($text =~ /\]\(([^)\s]+)\)/g)
	{
		next if $link =~ /^https?:/;
		my ($file, $anchor) = split /#/, $link;
		my $target = $file eq '' ? $page : ($folder // '') . $file;

		$links++;
		push @broken, "$page: $link"
		  if !-e $target
		  || defined $anchor && !grep { $_ eq $anchor } anchors(slurp_file($target));
	}
}
cmp_ok($links, '>', 15, 'there are links');
is_empty(\@broken, 'links that lead nowhere');

# 9
my @gone;
foreach my $page (grep { !/CHANGELOG/ } glob '*.md doc/*.md')
{
	my @files = slurp_file($page) =~
	  m{(?<![\w./-])((?:src|test|bench|demo|docker|sql|expected|\.ci)/[\w./-]*\w)}g;

	push @gone, map { "$page: $_" } grep { !-e } @files;
}
is_empty(\@gone, 'files that are gone');

$node->stop;
done_testing();
