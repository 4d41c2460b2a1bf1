#!/bin/sh
# Installs the library, its headers and what build systems ask for: the work of `make install`.
#
#   BUILD       directory with libbgcopy.so and libbgcopy.a (target/release)
#   DESTDIR     root that everything is put below, for packages (none)
#   PREFIX      where it is used from (/usr/local)
#   LIBDIR, INCLUDEDIR, MANDIR    (PREFIX/lib, PREFIX/include, PREFIX/share/man)
set -eu
cd "$(dirname "$0")/../.."

build=${BUILD:-target/release}
prefix=${PREFIX:-/usr/local}
libdir=${LIBDIR:-$prefix/lib}
includedir=${INCLUDEDIR:-$prefix/include}
mandir=${MANDIR:-$prefix/share/man}
root=${DESTDIR:-}

for directory in "$prefix" "$libdir" "$includedir" "$mandir"; do
    case $directory in
        /*) ;;
        *) echo "install: $directory is not an absolute path" >&2; exit 2 ;;
    esac
done
for library in libbgcopy.so libbgcopy.a; do
    [ -f "$build/$library" ] || { echo "install: $build/$library is missing: run \`make build\` first" >&2; exit 1; }
done

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml)
soname=libbgcopy.so.${version%%.*}

# From one installed directory to another: the tree may be moved as a whole.
between() { realpath -ms --relative-to="$1" "$2"; }

fill() {
    sed -e "s|@VERSION@|$version|g" -e "s|@SONAME@|$soname|g" \
        -e "s|@PC_PREFIX@|$pc_prefix|g" -e "s|@PC_LIBDIR@|$pc_libdir|g" -e "s|@PC_INCLUDEDIR@|$pc_includedir|g" \
        -e "s|@CMAKE_LIBDIR@|$(between "$libdir/cmake/bgcopy" "$libdir")|g" \
        -e "s|@CMAKE_INCLUDEDIR@|$(between "$libdir/cmake/bgcopy" "$includedir")|g" "ffi/install/$1.in" >"$2"
    chmod 644 "$2"
}

case $prefix in
    # pkg-config leaves these out of the command line only when they are written as they are.
    /usr | /usr/local)
        pc_prefix=$prefix pc_libdir=$libdir pc_includedir=$includedir ;;
    *)
        pc_prefix="\${pcfiledir}/$(between "$libdir/pkgconfig" "$prefix")"
        pc_libdir="\${prefix}/$(between "$prefix" "$libdir")"
        pc_includedir="\${prefix}/$(between "$prefix" "$includedir")" ;;
esac

install -d "$root$libdir/pkgconfig" "$root$libdir/cmake/bgcopy" "$root$includedir" "$root$mandir/man3"
install -m 644 "$build/libbgcopy.so" "$root$libdir/libbgcopy.so.$version"
ln -sf "libbgcopy.so.$version" "$root$libdir/$soname"
ln -sf "$soname" "$root$libdir/libbgcopy.so"
install -m 644 "$build/libbgcopy.a" "$root$libdir/libbgcopy.a"

install -m 644 include/bgcopy.h "$root$includedir/bgcopy.h"
(cd bindings/cpp/include && find bgcopy -name '*.h*' -type f) | while read -r header; do
    install -D -m 644 "bindings/cpp/include/$header" "$root$includedir/$header"
done

fill bgcopy.pc "$root$libdir/pkgconfig/bgcopy.pc"
fill bgcopy-config.cmake "$root$libdir/cmake/bgcopy/bgcopy-config.cmake"
fill bgcopy-config-version.cmake "$root$libdir/cmake/bgcopy/bgcopy-config-version.cmake"
ffi/install/man.py include/bgcopy.h "$root$mandir/man3" "$version"
