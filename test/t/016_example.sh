#!/bin/sh
#
# examples/pg_regress, an extension that is tested beside the emulator, as its
# Makefile says.
#
set -eu
unset MAKEFLAGS MAKELEVEL MFLAGS VPATH bindir

src=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
finish()
{
	find "$work" -name postmaster.pid | while read -r file
	do
		kill -QUIT "$(head -n 1 "$file")" 2>/dev/null || :
	done
	rm -rf "$work"
}
trap 'finish' EXIT
trap 'exit 130' INT TERM

# A PostgreSQL with both extensions in it
(cd "$src" && tar --exclude=./.git --exclude=./.dsql -cf - .) | tar -C "$work" -xf -
bin=$("$work/test/install" "$work/installed")
cp -R "$src/examples/pg_regress" "$work/example"
cd "$work/example"

echo 1..2
run()
{
	if make -s PG_CONFIG="${PG_CONFIG:-pg_config}" with_llvm=no "$@" >"$work/out" 2>&1
	then
		echo "ok - make $1"
	else
		echo "not ok - make $1"
		sed 's/^/# /' "$work/out"
		[ ! -f regression.diffs ] || sed 's/^/# /' regression.diffs
	fi
}
run install DESTDIR="$work/installed"
run installcheck bindir="$bin"
