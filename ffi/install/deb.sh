#!/bin/sh
# Makes libbgcopy0, libbgcopy-dev and bgcopy-server for Debian in target/deb, from what is built: the work of `make deb`.
set -eu
cd "$(dirname "$0")/../.."

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml)
revision=$version-1
architecture=$(dpkg --print-architecture)
triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
maintainer=${DEB_MAINTAINER:-The bgcopy developers <bgcopy@localhost.localdomain>}
work=$PWD/target/deb
rm -rf "$work"
mkdir -p "$work/debian"

# Everything, then what belongs to programs that only run: the rest is for those who build.
DESTDIR=$work/libbgcopy-dev PREFIX=/usr LIBDIR=/usr/lib/$triplet MANDIR=/usr/share/man ffi/install/install.sh
mkdir -p "$work/libbgcopy0/usr/lib/$triplet"
mv "$work/libbgcopy-dev/usr/lib/$triplet/"libbgcopy.so.* "$work/libbgcopy0/usr/lib/$triplet/"
strip --strip-unneeded --remove-section=.comment "$work/libbgcopy0/usr/lib/$triplet/libbgcopy.so.$version"
strip --strip-debug --enable-deterministic-archives "$work/libbgcopy-dev/usr/lib/$triplet/libbgcopy.a"
find "$work/libbgcopy-dev/usr/share/man" -name '*.3' -exec gzip -9n {} +

# The tools of Debian ask for a source package around them.
printf 'Source: bgcopy\n\nPackage: libbgcopy0\nArchitecture: any\n\nPackage: bgcopy-server\nArchitecture: any\n' >"$work/debian/control"
date=$(date -R -d "@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}")
printf 'bgcopy (%s) unstable; urgency=medium\n\n  * Version %s.\n\n -- %s  %s\n' \
    "$revision" "$version" "$maintainer" "$date" >"$work/debian/changelog"

finish() { # PACKAGE SECTION DEPENDS SUMMARY DESCRIPTION [FIELD]
    root=$work/$1
    documents=$root/usr/share/doc/$1
    mkdir -p "$root/DEBIAN" "$documents"
    gzip -9nc "$work/debian/changelog" >"$documents/changelog.Debian.gz"
    gzip -9nc CHANGELOG.md >"$documents/changelog.gz"
    {
        printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n'
        printf 'Upstream-Name: bgcopy\n\nFiles: *\nCopyright: the authors of bgcopy\n'
        printf 'License: Expat or Apache-2.0\n\nLicense: Expat\n'
        sed -e 's/^$/./' -e 's/^/ /' LICENSE-MIT
        printf '\nLicense: Apache-2.0\n On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.\n'
    } >"$documents/copyright"
    {
        printf 'Package: %s\nSource: bgcopy\nVersion: %s\nArchitecture: %s\nMaintainer: %s\n' \
            "$1" "$revision" "$architecture" "$maintainer"
        printf 'Installed-Size: %s\n' "$(du -ks --exclude=DEBIAN "$root" | cut -f1)"
        printf 'Depends: %s\nSection: %s\nPriority: optional\n%s\n' "$3" "$2" "${6:-Multi-Arch: same}"
        printf 'Description: %s\n%s\n' "$4" "$(printf '%s\n' "$5" | sed 's/^/ /')"
    } >"$root/DEBIAN/control"
    (cd "$root" && find usr -type f -exec md5sum {} + | sort -k2) >"$root/DEBIAN/md5sums"
    chmod -R u=rwX,go=rX "$root"
    dpkg-deb --root-owner-group --build "$root" "$work" >/dev/null
}

library=$work/libbgcopy0/usr/lib/$triplet/libbgcopy.so.$version
mkdir -p "$work/libbgcopy0/DEBIAN"
printf 'libbgcopy 0 libbgcopy0 (>= %s)\n' "$version" >"$work/libbgcopy0/DEBIAN/shlibs"
printf 'activate-noawait ldconfig\n' >"$work/libbgcopy0/DEBIAN/triggers"
depends=$(cd "$work" && dpkg-shlibdeps -O "$library" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
about='bgcopy moves files in the background: jobs in a queue on disk, which go on
after a crash, a power cut or a lost network where they were. It follows the
Background Intelligent Transfer Service (BITS) of Windows.'

finish libbgcopy0 libs "$depends" "background transfers that survive crashes and reboots" "$about"
finish libbgcopy-dev libdevel "libbgcopy0 (= $revision)" \
    "background transfers that survive crashes and reboots - development" "$about
.
This package has the headers for C and C++, the static library and the manual
pages."

# The server is a program of its own, which needs nothing of the library.
server=$work/bgcopy-server
DESTDIR=$server PREFIX=/usr MANDIR=/usr/share/man core/server/install/install.sh
strip --strip-unneeded --remove-section=.comment "$server/usr/bin/bgcopy-server"
gzip -9n "$server/usr/share/man/man8/bgcopy-server.8"
install -D -m 644 "$server/usr/share/doc/bgcopy-server/server.toml" "$server/etc/bgcopy/server.toml"
rm "$server/usr/share/doc/bgcopy-server/server.toml"
mkdir -p "$server/DEBIAN"
echo /etc/bgcopy/server.toml >"$server/DEBIAN/conffiles"
install -m 755 core/server/install/debian/* "$server/DEBIAN/"
depends=$(cd "$work" && dpkg-shlibdeps -O "$server/usr/bin/bgcopy-server" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
finish bgcopy-server net "$depends, systemd | systemd-standalone-sysusers | systemd-sysusers" \
    "upload server and file server of the BITS protocols" "bgcopy-server receives uploads in the BITS upload protocol, with the settings
of the BITS extension of IIS, and serves files in the manner of BITS Compact
Server. What it acknowledges is on disk." "Multi-Arch: foreign"
ls -l "$work"/*.deb
