# Shared by test.sh and docs.sh: where things are, and the environment of the tools. Sourced, from bindings/python.
here=$PWD
root=$(cd ../.. && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
place=$target/python
python=${PYTHON:-python3}
tools=$place/tools
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET=1

fail() {
    echo "$@" >&2
    exit 1
}

# What a command says is of interest when it fails.
quietly() {
    "$@" >"$place/said.log" 2>&1 || fail "$(cat "$place/said.log")" "($1 failed)"
}

# An environment, made where it is not there: environment DIRECTORY INTERPRETER
environment() {
    [ -e "$1/bin/pip" ] || "$2" -m venv --clear "$1" || fail "$2 has no venv: install python3-venv"
}

# The tools stay until the list of them changes. Pip goes where it is configured to go.
mkdir -p "$place"
if ! cmp -s requirements-dev.txt "$tools/requirements-dev.txt"; then
    rm -rf "$tools"
    environment "$tools" "$python"
    "$tools/bin/pip" install -r requirements-dev.txt
    cp requirements-dev.txt "$tools/"
fi

# A wheel from the sources, quicker than a clean one: build_wheel DIRECTORY
build_wheel() {
    quietly "$tools/bin/maturin" build --locked --profile dev --out "$1" --target-dir "$target" --interpreter "$python"
}
