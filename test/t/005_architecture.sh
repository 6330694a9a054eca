#!/bin/sh
#
# The folders and files of src/ are what doc/architecture.md says, and depend on
# each other in one direction: see test/include_graph, which this runs on the
# tree as it is, and on copies into which a fault was put.
#
set -eu

src=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/dsql_emu-graph.XXXXXX")
trap 'rm -rf "$work"' EXIT

test=0
report()
{
	test=$((test + 1))
	if [ "$2" = yes ]
	then
		echo "ok $test - $1"
	else
		echo "not ok $test - $1"
		printf '%s\n' "$problems" | sed 's/^/# /'
	fi
}

# Usage: finds name pattern; the fault is in $work/tree.
finds()
{
	if problems=$("$work/tree/test/include_graph")
	then
		report "$1" no
	else
		case $problems in
			*"$2"*) report "$1" yes ;;
			*) report "$1" no ;;
		esac
	fi
	rm -rf "$work/tree"
}

fresh()
{
	mkdir -p "$work/tree"
	(cd "$src" && tar -cf - src test/include_graph doc/architecture.md \
		dsql_emu--*.sql) | tar -C "$work/tree" -xf -
}

echo 1..5
if problems=$("$src/test/include_graph")
then
	report 'the tree' yes
else
	report 'the tree' no
fi

fresh
sed -i 's|^#include "base/clock.h"|&\n#include "cluster/cluster.h"|' \
	"$work/tree/src/base/clock.c"
finds 'a folder that uses one above it' 'base/ must not use cluster/cluster.h'

fresh
sed -i 's|^#include "base/clock.h"|&\n#include "base/cluster_counters.h"|' \
	"$work/tree/src/base/clock.c"
sed -i 's|^#include "base/identifier.h"|&\n#include "base/clock.h"|' \
	"$work/tree/src/base/cluster_counters.h"
finds 'a circle' 'a circle of includes: '

fresh
touch "$work/tree/src/occ/unheard_of.c"
finds 'a file that the document does not name' 'does not name occ/unheard_of'

fresh
rm "$work/tree/src/base/json.c" "$work/tree/src/base/json.h"
finds 'a file that is gone' 'names base/json, which is gone'
