#!/bin/sh
# Installs the server, its manual page and its units for systemd: the second half of `make install`.
#
#   BUILD       directory with bgcopy-server (target/release)
#   DESTDIR     root that everything is put below, for packages (none)
#   PREFIX      where it is used from (/usr/local)
#   BINDIR, MANDIR, UNITDIR, SYSCONFDIR    (PREFIX/bin, PREFIX/share/man, PREFIX/lib/systemd/system, /etc)
set -eu
cd "$(dirname "$0")/../../.."

build=${BUILD:-target/release}
prefix=${PREFIX:-/usr/local}
bindir=${BINDIR:-$prefix/bin}
mandir=${MANDIR:-$prefix/share/man}
unitdir=${UNITDIR:-$prefix/lib/systemd/system}
sysconfdir=${SYSCONFDIR:-/etc}
root=${DESTDIR:-}

for directory in "$prefix" "$bindir" "$mandir" "$unitdir" "$sysconfdir"; do
    case $directory in
        /*) ;;
        *) echo "install: $directory is not an absolute path" >&2; exit 2 ;;
    esac
done
[ -f "$build/bgcopy-server" ] || {
    echo "install: $build/bgcopy-server is missing: run \`make build\` first" >&2
    exit 1
}
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml)
source=core/server/install

fill() {
    sed -e "s|@BINDIR@|$bindir|g" -e "s|@SYSCONFDIR@|$sysconfdir|g" -e "s|@VERSION@|$version|g" "$1" >"$2"
    chmod 644 "$2"
}

install -D -m 755 "$build/bgcopy-server" "$root$bindir/bgcopy-server"
install -d "$root$unitdir" "$root$mandir/man8"
for unit in "$source"/systemd/*; do
    fill "$unit" "$root$unitdir/${unit##*/}"
done
fill "$source/bgcopy-server.8" "$root$mandir/man8/bgcopy-server.8"
install -D -m 644 "$source/bgcopy-server.sysusers" "$root$prefix/lib/sysusers.d/bgcopy-server.conf"
# An example: the configuration of a machine is not overwritten.
install -D -m 644 "$source/server.toml" "$root$prefix/share/doc/bgcopy-server/server.toml"
