#!/bin/sh
# Uploads one file with the BITS upload protocol, by curl: upload.sh FILE URL
# Shows what goes over the wire; interrupted and run again with the same SESSION, it goes on where it was.
set -eu

[ $# = 2 ] || {
    echo "usage: $0 FILE URL" >&2
    exit 2
}
file=$1 url=$2
size=$(wc -c <"$file" | tr -d ' ')
portion=$((4 * 1024 * 1024))

# post HEADER... : one packet without a body; prints the headers of the answer, and those of a refusal to the terminal.
post() {
    for header in "$@"; do
        set -- "$@" -H "$header"
        shift
    done
    curl -sS -g -i -X BITS_POST -H "Content-Length: 0" "$@" "$url" | tr -d '\r' >"$answer"
    check
}

check() {
    read -r _ status _ <"$answer"
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

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

session=${SESSION:-}
if [ -z "$session" ]; then
    post "BITS-Packet-Type: Create-Session" \
        "BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}"
    session=$(header BITS-Session-Id)
    echo "SESSION=$session"
fi

next=0
while :; do
    if [ "$size" = 0 ]; then
        range=0-0/0 length=0
    else
        length=$((size - next < portion ? size - next : portion))
        range=$next-$((next + length - 1))/$size
    fi
    tail -c "+$((next + 1))" "$file" | head -c "$length" |
        curl -sS -g -i -X BITS_POST -H "BITS-Packet-Type: Fragment" -H "BITS-Session-Id: $session" \
            -H "Content-Range: bytes $range" -H "Content-Type:" -H "Expect:" --data-binary @- "$url" |
        tr -d '\r' >"$answer"
    check
    # The server says what it has, whatever was sent.
    next=$(header BITS-Received-Content-Range)
    echo "$next of $size bytes"
    [ "$next" != "$size" ] || break
done
post "BITS-Packet-Type: Close-Session" "BITS-Session-Id: $session"
echo "done"
