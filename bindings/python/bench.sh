#!/usr/bin/env bash
# Measures the Python package, beside requests, httpx and pypdl: bindings/python/bench.sh [--quick]
set -eu
cd "$(dirname "$0")"
. ./environment.sh
rm -rf "$place/release"
quietly "$tools/bin/maturin" build --locked --release --out "$place/release" --target-dir "$target" --interpreter "$python"
environment "$place/bench" "$python"
"$place/bench/bin/pip" install requests httpx pypdl
"$place/bench/bin/pip" install --force-reinstall --no-deps "$place"/release/*.whl
export PATH=$PATH:/usr/sbin:/sbin
user=
[ "$(id -u)" = 0 ] || user="--user --map-root-user"
# A network of its own, which ends with the run, with the congestion control of bench.py.
# shellcheck disable=SC2086  # two words or none
exec unshare $user --net --pid --fork --kill-child --mount-proc \
    sh -c 'ip link set lo up && echo reno >/proc/sys/net/ipv4/tcp_congestion_control && exec "$0" "$@"' \
    "$place/bench/bin/python" "$root/tests/bench/python.py" "$@"
