#!/usr/bin/env bash
# Tests the Python package as a user gets it: a wheel, installed in an environment of its own under target/.
#
#     bindings/python/test.sh                      everything: the wheel is built from the source distribution alone
#     bindings/python/test.sh ARGUMENTS OF PYTEST  while you work: from the sources, with one interpreter
#
# Further interpreters are used where they are found: those of OTHERS in the search path or pyenv's, and
# those that BGCOPY_PYTHONS names.
set -eu
cd "$(dirname "$0")"
. ./environment.sh
OTHERS="3.10 3.11 3.12 3.13 3.14 3.13t 3.14t"

(cd "$root" && ${CARGO:-cargo} build --quiet --locked -p bgcopy-testserver)
export BGCOPY_TESTSERVER=$target/debug/bgcopy-testserver
export BGCOPY_SCENARIOS=$root/tests/scenarios
rm -rf "$place/wheel" "$place/sdist" "$place/elsewhere"
mkdir "$place/elsewhere"
if [ $# -gt 0 ]; then
    build_wheel "$place/wheel"
else
    # The source distribution has all it needs: pip builds it in an environment of its own, away from the repository.
    quietly "$tools/bin/maturin" sdist --out "$place/sdist"
    (
        cd "$place/elsewhere"
        # Without --locked: the lock file loses the packages that are not part of it.
        export MATURIN_PEP517_ARGS="--profile dev" CARGO_TARGET_DIR=$target
        quietly "$tools/bin/pip" wheel --no-deps --wheel-dir "$place/wheel" "$place"/sdist/*.tar.gz
    )
    quietly "$tools/bin/twine" check --strict "$place"/sdist/*.tar.gz "$place"/wheel/*.whl
    # One binary for every version from 3.10 on: it uses nothing that a later one may not have.
    quietly "$tools/bin/abi3audit" --strict --assume-minimum-abi3 3.10 "$place"/wheel/*.whl
    # Installing the wheel needs neither Rust nor anything else: nothing but the environment is in the search path.
    rm -rf "$place/bare"
    environment "$place/bare" "$python"
    (
        cd "$place/elsewhere"
        PATH=$place/bare/bin "$place/bare/bin/pip" install --no-index "$place"/wheel/*.whl
        PATH=$place/bare/bin BGCOPY_DIRECTORY=$place/elsewhere/queue "$place/bare/bin/python" -X dev -W error -c '
import bgcopy
assert "site-packages" in bgcopy.__file__, bgcopy.__file__
assert bgcopy.default_manager().jobs == []
'
    )
fi

# Installs the wheel in a clean environment, with what runs the tests: prepare ENVIRONMENT INTERPRETER
prepare() {
    environment "$1" "$2"
    "$1/bin/pip" install pytest pytest-timeout tqdm
    "$1/bin/pip" install --force-reinstall --no-deps "$place"/wheel/*.whl
}

# From another directory: what is imported is the wheel, not the sources. With every check of the interpreter, its
# allocator's among them.
run_tests() {
    local environment=$1
    shift
    cd "$place/elsewhere"
    "$environment/bin/python" -X dev -m pytest --quiet -c "$here/pyproject.toml" "$here/tests" "$@"
}

# The interpreters besides the first one.
others() {
    printf '%s\n' ${BGCOPY_PYTHONS:-}
    for version in $OTHERS; do
        for candidate in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/"python$version"; do
            # A name in the search path may be a stub that finds nothing.
            if found=$("$candidate" -c 'import sys; print(sys.executable)' 2>"$place/said.log"); then
                echo "$found"
                continue 2
            fi
        done
        echo "Python $version is not there: not tested" >&2
    done
}

clean=$place/clean-$(basename "$python")
prepare "$clean" "$python"
run_tests_of_first() (run_tests "$clean" "$@")
if [ $# -gt 0 ]; then
    run_tests_of_first "$@"
else
    run_tests_of_first
    own=$("$python" -c 'import sys; print(*sys.version_info[:2], sep=".")')
    all=$(others)
    running=
    for interpreter in $all; do
        version=$("$interpreter" -c 'import sys; print("%d.%d" % sys.version_info[:2] + getattr(sys, "abiflags", ""))')
        [ "$version" != "$own" ] || continue
        case $version in
            *t) # A wheel for every version is none for those without the lock: they get one of their own.
                "$interpreter" -m venv --clear "$place/clean-$version"
                "$place/clean-$version/bin/pip" install pytest pytest-timeout tqdm
                MATURIN_PEP517_ARGS="--profile dev" CARGO_TARGET_DIR=$target \
                    quietly "$place/clean-$version/bin/pip" install --no-deps "$place"/sdist/*.tar.gz ;;
            *) prepare "$place/clean-$version" "$interpreter" ;;
        esac
        (run_tests "$place/clean-$version") >"$place/$version.log" 2>&1 &
        running="$running $version:$!"
    done
    for pair in $running; do
        wait "${pair#*:}" || fail "$(cat "$place/${pair%:*}.log")" "(Python ${pair%:*} failed)"
        echo "Python ${pair%:*}: $(tail -n 1 "$place/${pair%:*}.log")"
    done
fi

# Types: the tests, the programs, and the stubs against the built module.
"$clean/bin/pip" install mypy types-tqdm
cd "$place/elsewhere"
check() {
    quietly "$clean/bin/python" -m "$@"
}
check mypy --config-file "$here/pyproject.toml" "$here/tests" "$here/generate.py"
for example in "$root"/examples/python/*.py; do
    check mypy --config-file "$here/pyproject.toml" "$example"
done
check mypy.stubtest --mypy-config-file "$here/pyproject.toml" bgcopy
