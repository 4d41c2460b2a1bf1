#!/bin/sh
# Uploads one file with the BITS upload protocol, by curl: upload.sh FILE URL [REPLY]
# Shows what goes over the wire. Interrupted, and run again with the SESSION that it printed, it goes on where it was.
# RATE limits it, as --limit-rate of curl does. With REPLY, what the server's application answers is written there.
set -eu

[ $# = 2 ] || [ $# = 3 ] || {
    echo "usage: $0 FILE URL [REPLY]" >&2
    exit 2
}
file=$1 url=$2 reply=${3:-}
size=$(wc -c <"$file" | tr -d ' ')
portion=$((4 * 1024 * 1024))
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# packet HEADER... : sends one, with the standard input as its body, and reads the headers of the answer.
packet() {
    for header in "$@"; do
        set -- "$@" -H "$header"
        shift
    done
    curl -sS -g -i ${RATE:+--limit-rate "$RATE"} -X BITS_POST -H "Content-Type:" -H "Expect:" "$@" --data-binary @- "$url" |
        tr -d '\r' >"$answer"
    read -r _ status _ <"$answer" || exit 1
    case $status in
        200 | 416) ;;
        *)
            cat "$answer" >&2
            exit 1
            ;;
    esac
}

header() {
    sed -n "s/^$1: //Ip" "$answer"
}

session=${SESSION:-}
if [ -z "$session" ]; then
    packet "BITS-Packet-Type: Create-Session" \
        "BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}" </dev/null
    session=$(header BITS-Session-Id)
    echo "SESSION=$session"
    length=$portion
else
    # How much the server has is told by its answer: a small first Fragment asks for it.
    packet "BITS-Packet-Type: Ping" </dev/null
    length=5120
fi

next=0
while :; do
    if [ "$size" = 0 ]; then
        range=0-0/0 length=0
    else
        length=$((size - next < length ? size - next : length))
        range=$next-$((next + length - 1))/$size
    fi
    tail -c "+$((next + 1))" "$file" | head -c "$length" | {
        packet "BITS-Packet-Type: Fragment" "BITS-Session-Id: $session" "Content-Range: bytes $range"
    }
    # The server says what it has, whatever was sent.
    next=$(header BITS-Received-Content-Range)
    echo "$next of $size bytes"
    [ "$next" != "$size" ] || break
    length=$portion
done
if [ -n "$reply" ]; then
    where=$(header BITS-Reply-URL)
    [ -z "$where" ] || curl -sSf -g -o "$reply" "$where"
fi
packet "BITS-Packet-Type: Close-Session" "BITS-Session-Id: $session" </dev/null
echo "done"
