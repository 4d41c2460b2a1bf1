#!/usr/bin/env bash
# Shows what bgcopy-server is for: an upload whose server is killed half-way continues where it was, an application is told
# of the file, and its reply reaches the client.
#
#     examples/demo-upload.sh            100 MB
#     examples/demo-upload.sh --short    20 MB
set -eu
cd "$(dirname "$0")/.."

megabytes=100
[ "${1:-}" != --short ] || megabytes=20

say() { printf '\n%s\n' "$*"; }
fail() { printf '\nThe demo failed: %s\n' "$*" >&2; exit 1; }

say "Building bgcopy-server ..."
cargo build --quiet --locked -p bgcopy-server
work=$PWD/target/demo-upload
rm -rf "$work"
mkdir -p "$work/orders"

say "Making a text of $megabytes MB, and starting the application that counts words ..."
yes "Nothing is lost, nothing is sent twice, and the server says how far it is." 2>/dev/null |
    head -c $((megabytes * 1000000)) >"$work/text" || true
sum=$(sha256sum "$work/text" | cut -d' ' -f1)
words=$(wc -w <"$work/text" | tr -d ' ')

running=
trap 'for process in $running; do kill "$process" 2>/dev/null || true; done' EXIT
coproc APPLICATION { exec python3 examples/python/reply.py 0; }
running=$APPLICATION_PID
read -r application <&"${APPLICATION[0]}" || fail "the application did not start"

cat >"$work/server.toml" <<END
listen = ["127.0.0.1:0"]

[[directory]]
url_prefix = "/orders"
path = "$work/orders"
upload_enabled = true
anonymous = true
server_notification_type = 2
server_notification_url = "$application"
END
cat "$work/server.toml"

# Starts the server; sets its process and the URL of the file.
serve() {
    mkfifo "$work/said"
    target/debug/bgcopy-server "$work/server.toml" >"$work/said" &
    server=$!
    running="$APPLICATION_PID $server"
    read -r _ _ address <"$work/said" || fail "the server did not start"
    rm "$work/said"
    url=$address/orders/text
}

serve
say "Uploading to $url, $((megabytes / 4)) MB a second"
# The server is killed while a Fragment behind the first half is on its way.
mkfifo "$work/progress"
RATE=$((megabytes / 4))M examples/upload.sh "$work/text" "$url" >"$work/progress" 2>/dev/null &
upload=$!
exec 5<"$work/progress"
while read -r line <&5; do
    echo "$line"
    case $line in
        SESSION=*) session=${line#SESSION=} ;;
        *" of "*) [ "${line%% *}" -lt $((megabytes * 500000)) ] || break ;;
    esac
done
kill -KILL "$server"
{ wait "$server" || true; } 2>/dev/null
exec 5<&-
wait "$upload" 2>/dev/null && fail "the upload ended before the server was killed"
say "Server killed half-way (SIGKILL). The bytes that it acknowledged are on disk, without their name:"
find "$work/orders" -type f -exec ls -l {} +
[ ! -e "$work/orders/text" ] || fail "a half file is at its final place"

say "Starting the server again, and the upload with the same session ..."
serve
SESSION=$session examples/upload.sh "$work/text" "$url" "$work/reply" || fail "the second run ended with $?"

[ "$(sha256sum "$work/orders/text" | cut -d' ' -f1)" = "$sum" ] || fail "the file is not the one that was sent"
grep -q "^$words words" "$work/reply" || fail "the application did not count $words words: $(cat "$work/reply")"
say "The file arrived whole, SHA-256 $sum. The application replied: $(cat "$work/reply")"
