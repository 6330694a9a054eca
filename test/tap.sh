# shellcheck shell=sh
#
# What shell scripts in test/t/ report with, in TAP.

test=0

# Usage: is name got expected
is()
{
	test=$((test + 1))
	if [ "$2" = "$3" ]
	then
		echo "ok $test - $1"
	else
		echo "not ok $test - $1"
		echo "# got '$2', expected '$3'" | sed '2,$s/^/# /'
	fi
}
