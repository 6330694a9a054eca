#!/bin/sh
#
# What the built library shows to the server it is loaded into:
#
#  1. every symbol it exports is ours by name, because all loaded libraries
#     share one name space, or is one that PostgreSQL asks each library for
#  2. it is linked with nothing but what CONTRIBUTING.md names in its code font
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

echo 1..2
report 'exported symbols' "$(echo "$symbols" | awk '{print $NF}' |
	grep -Ev '^(dsql_.*|pg_finfo_dsql_.*|_PG_init|Pg_magic_func)$' || :)"
report 'linked libraries' "$(echo "$dynamic" |
	sed -n 's/.*(NEEDED).*\[\(.*\)\.so.*/\1/p' |
	while read -r library
	do
		grep -Fq "\`$library\`" CONTRIBUTING.md || echo "$library"
	done)"
