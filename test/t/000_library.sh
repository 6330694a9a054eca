#!/bin/sh
#
# What the built library shows to the server it is loaded into:
#
#  1. every symbol it exports is ours by name, because all loaded libraries
#     share one name space, or is one that PostgreSQL asks each library for
#  2. it is linked with nothing but what CONTRIBUTING.md names in its code font
#  3. a rule's message with values that do not fit it does not compile
#  4. "make uninstall" leaves nothing behind
#
set -eu

test=0
report()
{
	test=$((test + 1))
	if [ -z "$2" ]
	then
		echo "ok $test - $1"
	else
		echo "not ok $test - $1"
		echo "$2" | sed 's/^/# /'
	fi
}

symbols=$(nm -D --defined-only dsql_emu.so)
dynamic=$(readelf -d dsql_emu.so)

echo 1..5
report 'exported symbols' "$(echo "$symbols" | awk '{print $NF}' |
	grep -Ev '^(dsql_.*|pg_finfo_dsql_.*|_PG_init|Pg_magic_func)$' || :)"
report 'linked libraries' "$(echo "$dynamic" |
	sed -n 's/.*(NEEDED).*\[\(.*\)\.so.*/\1/p' |
	while read -r library
	do
		grep -Fq "\`$library\`" CONTRIBUTING.md || echo "$library"
	done)"

# 3.  What comes first in the path is a copy of PostgreSQL without its headers.
PATH=$(printf %s "$PATH" | sed "s!$(pg_config --bindir):!!g")
compile()
{
	printf '#include "postgres.h"\n#include "base/refuse.h"\nvoid f(void);\nvoid f(void) { %s; }\n' "$1" |
		cc -x c -fsyntax-only -Wall -Werror -Isrc \
			-I"$(pg_config --includedir-server)" - 2>&1 || :
}
report 'values that fit' "$(compile \
	'dsql_refuse(RULE_TRANSACTION_CHAIN, "COMMIT")')"
accepted=
for wrong in 'RULE_TRANSACTION_CHAIN' 'RULE_TRANSACTION_CHAIN, 1' \
	'RULE_TRANSACTION_CHAIN, "COMMIT", "COMMIT"' 'RULE_NO_SUCH_RULE'
do
	[ -n "$(compile "dsql_refuse($wrong)")" ] ||
		accepted="$accepted dsql_refuse($wrong)"
done
report 'values that do not fit' "$accepted"

# 4
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
for target in install uninstall
do
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u VPATH -u bindir \
		make -s with_llvm=no \
		DESTDIR="$top" $target >/dev/null
done
report 'uninstalled' "$(find "$top" ! -type d)"
