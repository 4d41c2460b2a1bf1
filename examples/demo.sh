#!/usr/bin/env bash
# Shows what bgcopy is for: a download that is killed half-way and continues where it was.
#
#     examples/demo.sh            200 MB, about ten seconds
#     examples/demo.sh --short    20 MB, about two seconds
#
# A server on this machine sends the file; examples/c/download.c fetches it.
set -eu
cd "$(dirname "$0")/.."

megabytes=200
[ "${1:-}" != --short ] || megabytes=20
size=$((megabytes * 1000000))
rate=$((size / 10))
[ "${1:-}" != --short ] || rate=$((size / 2))

say() { printf '\n%s\n' "$*"; }
fail() { printf '\nThe demo failed: %s\n' "$*" >&2; exit 1; }

say "Building the library, the server and examples/c/download.c ..."
cargo build --quiet --locked -p bgcopy-ffi -p bgcopy-testserver
ln -sf libbgcopy.so target/debug/libbgcopy.so.0
work=$PWD/target/demo
rm -rf "$work"
mkdir -p "$work/served" "$work/queue"
"${CC:-cc}" -std=c11 -D_POSIX_C_SOURCE=200809L -Iinclude examples/c/download.c -o "$work/download" \
    -Ltarget/debug -lbgcopy -Wl,-rpath,"$PWD/target/debug"

say "Making a file of $megabytes MB, and a server that sends $((rate / 1000000)) MB a second ..."
head -c "$size" /dev/urandom >"$work/served/film.bin"
sum=$(sha256sum "$work/served/film.bin" | cut -d' ' -f1)

# The server lives as long as its standard input, which this script holds.
coproc SERVER { exec target/debug/bgcopy-testserver --root "$work/served"; }
read -r ports <&"${SERVER[0]}" || fail "the server did not start"
port=${ports#http=}
server=http://127.0.0.1:${port%% *}
url="$server/film.bin?rate=$rate"
ask() { curl -sSf "$server/$1"; }

export BGCOPY_DIRECTORY=$work/queue
download=("$work/download" "$url" "$work/film.bin" "$sum")

say "Downloading $url"
"${download[@]}" &
first=$!
trap '[ -z "$first" ] || kill "$first"' EXIT
# Returns when half of the bytes are on their way.
ask "wait?path=/film.bin&bytes=$((size / 2))&timeout_ms=60000" >/dev/null || fail "the first half did not arrive"
# The shell would say on standard error that it was killed.
{ kill -KILL "$first" && wait "$first"; } 2>/dev/null || true
first=
say "Killed half-way (SIGKILL). No program is running now; the queue is on disk:"
ls -l "$work/queue"
[ ! -e "$work/film.bin" ] || fail "a half file is at its final place"

say "Starting the same program again ..."
"${download[@]}" || fail "the second run ended with $?"

[ "$(sha256sum "$work/film.bin" | cut -d' ' -f1)" = "$sum" ] || fail "the file is not the one the server has"
sent=$(ask "bytes?path=/film.bin")
again=$((sent - size))
say "The file is complete, and its SHA-256 is that of the file on the server:"
echo "  $sum"
echo "The server sent $sent bytes for $size: $again were on the wire, or not yet on disk, when the program was killed."
# A checkpoint is due every 0.3 s; a file fetched anew would have cost half of it.
[ "$again" -lt $((size * 2 / 5)) ] || fail "the second run did not continue where the first one was"
rm -rf "$work/served" "$work/film.bin"
