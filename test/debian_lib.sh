# shellcheck shell=sh disable=SC2034,SC2154
#
# Minimal systems of other releases of Debian, in folders: what test/debian and
# test/packages share.  They read it in the top folder, as root, with $me being
# what they are called.
#
# A system is made once, in two to three minutes, below the folder $DEBIAN_ROOTS
# (by default the user's cache folder), and used again as long as the list of its
# packages stays the same.

# Usage: find_root NAME RELEASE PACKAGES.  Sets $root; the file descriptor 9
# holds a lock on it.
find_root()
{
	root=${DEBIAN_ROOTS:-${XDG_CACHE_HOME:-$HOME/.cache}/dsql_emu}/$1
	release=$2
	packages=$3
	if [ "$(id -u)" != 0 ]
	then
		echo "$me: must be run as root, because it uses chroot" >&2
		exit 1
	fi

	# Runs hold the lock together; making the folder needs it alone.
	mkdir -p "$(dirname "$root")"
	exec 9>"$root.lock"
	flock --shared 9
	up_to_date && return
	flock --unlock 9
	flock --exclusive 9
	up_to_date || make_root
	flock --shared 9
}

# Usage: find_server_root RELEASE MAJOR: one with PostgreSQL, and what tests need.
find_server_root()
{
	find_root "$1-$2" "$1" "bzip2,gcc,libc6-dev,libcurl4-openssl-dev,libipc-run-perl,libkrb5-dev,libmicrohttpd-dev,libssl-dev,make,nodejs,perl,postgresql-$2,postgresql-server-dev-$2"
}

up_to_date()
{
	[ "$(cat "$root/etc/dsql_emu.packages" 2>/dev/null)" = "$packages" ]
}

make_root()
{
	if ! command -v mmdebstrap >/dev/null
	then
		echo "$me: needs mmdebstrap: apt-get install mmdebstrap" >&2
		exit 1
	fi
	echo "$me: making $root ..."
	rm -rf "$root.new"
	# A mirror may be older than the time for which sid vouches for its lists.
	mmdebstrap --quiet --variant=minbase --include="$packages" \
		--aptopt='Acquire::Check-Valid-Until "false"' "$release" "$root.new"
	chmod 1777 "$root.new/dev/shm"
	printf '%s\n' "$packages" >"$root.new/etc/dsql_emu.packages"
	rm -rf "$root"
	mv "$root.new" "$root"
}

# Usage: copy_tree DIR: the sources alone, without what was built on this system.
copy_tree()
{
	mkdir "$1"
	git -c safe.directory="$PWD" ls-files -z --cached --others --exclude-standard |
		tar --null --files-from=- --ignore-failed-read -cf - |
		tar -C "$1" --no-same-owner -xf -
	chmod -R go+rX "$1"
}

# Run a command in the system.
in_root()
{
	# shellcheck disable=SC2016
	env -u TMPDIR LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		unshare --mount sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' \
		"$root" "$@" 9>&-
}
