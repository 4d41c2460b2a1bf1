#!/bin/sh
# Fuzzes each parser for some seconds: run.sh [SECONDS] [TARGET...]
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
[ $# = 0 ] || shift
[ $# -gt 0 ] || set -- packet ack fragment_range content_range session_id

cargo fuzz --version >/dev/null 2>&1 || {
    echo "cargo-fuzz is missing: cargo install cargo-fuzz --locked" >&2
    exit 1
}
# Coverage and sanitizers are options of nightly compilers.
for target in "$@"; do
    echo "$target, $seconds seconds"
    mkdir -p "fuzz/target/corpus/$target"
    # Its own corpus goes on where an earlier run ended; seeds are committed.
    cargo +nightly fuzz run "$target" "fuzz/target/corpus/$target" "fuzz/seeds/$target" -- \
        -max_total_time="$seconds" -max_len=4096 -verbosity=0 -print_final_stats=1 -dict=fuzz/headers.dict
done
