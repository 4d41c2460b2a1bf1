#!/usr/bin/env bash
# Tests the Python package as a user gets it: a wheel, installed in an environment of its own under target/.
#
#     bindings/python/test.sh [ARGUMENTS OF PYTEST]
#
# BGCOPY_PYTHONS lists further interpreters to run the tests with, such as "python3.10 python3.13".
set -eu
cd "$(dirname "$0")"
here=$PWD
root=$(cd ../.. && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
place=$target/python
python=${PYTHON:-python3}

# The tools stay until the list of them changes. Pip goes where it is configured to go.
tools=$place/tools
if ! cmp -s requirements-dev.txt "$tools/requirements-dev.txt"; then
    rm -rf "$tools"
    "$python" -m venv "$tools" || {
        echo "python3 has no venv: install python3-venv" >&2
        exit 1
    }
    "$tools/bin/pip" install --quiet --disable-pip-version-check -r requirements-dev.txt
    cp requirements-dev.txt "$tools/"
fi

(cd "$root" && ${CARGO:-cargo} build --quiet --locked -p bgcopy-testserver)
export BGCOPY_TESTSERVER=$target/debug/bgcopy-testserver
export BGCOPY_SCENARIOS=$root/tests/scenarios
rm -rf "$place/wheel"
"$tools/bin/maturin" build --quiet --locked --profile dev --out "$place/wheel" --target-dir "$target" \
    --interpreter "$python" >"$place/maturin.log" 2>&1 || {
    cat "$place/maturin.log" >&2
    exit 1
}

for interpreter in "$python" ${BGCOPY_PYTHONS:-}; do
    # A clean environment: the wheel, and what runs the tests.
    clean=$place/clean-$(basename "$interpreter")
    [ -e "$clean" ] || "$interpreter" -m venv "$clean"
    "$clean/bin/pip" install --quiet --disable-pip-version-check pytest pytest-timeout tqdm
    "$clean/bin/pip" install --quiet --disable-pip-version-check --force-reinstall --no-deps "$place"/wheel/*.whl
    # From another directory: what is imported is the wheel, not the sources. With every check of the interpreter.
    (cd "$place" && "$clean/bin/python" -X dev -m pytest --quiet -c "$here/pyproject.toml" "$here/tests" "$@")
done

# Types: the tests, the programs, and the stubs against the built module.
clean=$place/clean-$(basename "$python")
"$clean/bin/pip" install --quiet --disable-pip-version-check mypy types-tqdm
cd "$place"
check() {
    "$clean/bin/python" -m "$@" >mypy.log 2>&1 || {
        cat mypy.log >&2
        exit 1
    }
}
check mypy --config-file "$here/pyproject.toml" "$here/tests" "$here/generate.py"
for example in "$root"/examples/python/*.py; do
    check mypy --config-file "$here/pyproject.toml" "$example"
done
check mypy.stubtest --mypy-config-file "$here/pyproject.toml" bgcopy
