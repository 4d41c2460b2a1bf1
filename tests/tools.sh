#!/usr/bin/env bash
# Makes sure that programs are there: tests/tools.sh COMMAND...
# Root on a Debian-like system gets the missing ones installed; everybody else is told their names.
set -eu

package() {
    case $1 in
        cc) echo gcc ;;
        nginx) echo nginx-light ;;
        apache2) echo apache2-bin ;;
        aria2c) echo aria2 ;;
        ip) echo iproute2 ;;
        nm | readelf) echo binutils ;;
        dpkg-shlibdeps) echo dpkg-dev ;;
        *) echo "$1" ;;
    esac
}

missing() {
    # Services live in sbin, which is not in the search path of every user.
    for command in "$@"; do
        # No command but a part of Python, which Debian has in a package of its own.
        if [ "$command" = python3-venv ]; then
            python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
            continue
        fi
        PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null || echo "$command"
    done
}

command -v cargo >/dev/null || {
    echo "cargo is missing: install Rust 1.90 or later, from https://rustup.rs or your system's packages" >&2
    exit 1
}

absent=$(missing "$@")
[ -n "$absent" ] || exit 0
packages=$(for command in $absent; do package "$command"; done)

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing" $packages
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update >/dev/null
    # shellcheck disable=SC2086  # a list of names
    apt-get -qq install -y --no-install-recommends $packages >/dev/null
    absent=$(missing "$@")
    [ -n "$absent" ] || exit 0
fi
echo "Missing:" $absent "- install the packages:" $packages >&2
exit 1
