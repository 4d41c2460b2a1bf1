# bgcopy: the commands of this repository. `make` alone lists them.

CARGO ?= cargo

.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help build install deb test demo demo-upload bench fuzz header docs clean tools format lint rust doc python short-demo licences

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1:\2/p' $(MAKEFILE_LIST) | \
	    while IFS=: read -r name purpose; do printf '  make %-12s %s\n' "$$name" "$$purpose"; done

build: ## build libbgcopy.so, libbgcopy.a and bgcopy-server into target/release
	$(CARGO) build --release --locked -p bgcopy-ffi -p bgcopy-server
	@ln -sf libbgcopy.so target/release/libbgcopy.so.0

install: target/release/libbgcopy.so target/release/bgcopy-server ## install below PREFIX (/usr/local), staged below DESTDIR; LIBDIR, INCLUDEDIR, MANDIR
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" LIBDIR="$(LIBDIR)" INCLUDEDIR="$(INCLUDEDIR)" MANDIR="$(MANDIR)" \
	    ffi/install/install.sh
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" BINDIR="$(BINDIR)" MANDIR="$(MANDIR)" UNITDIR="$(UNITDIR)" \
	    SYSCONFDIR="$(SYSCONFDIR)" core/server/install/install.sh

target/release/libbgcopy.so target/release/bgcopy-server:
	@$(MAKE) build

deb: build ## make the packages libbgcopy0, libbgcopy-dev and bgcopy-server in target/deb
	@tests/tools.sh dpkg-deb dpkg-shlibdeps python3
	@ffi/install/deb.sh

docs: ## write the manuals: C and C++ to target/docs/c, Python to target/docs/python
	@tests/tools.sh doxygen python3 python3-venv
	@ffi/install/docs.sh
	@bindings/python/docs.sh

test: tools format lint doc docs rust python short-demo licences ## run everything continuous integration runs
	@echo "All tests passed."

demo: ## download 200 MB, kill the program half-way, see it continue
	@tests/tools.sh cc curl
	@examples/demo.sh

demo-upload: ## upload 100 MB, kill the server half-way, see it continue and an application reply
	@tests/tools.sh cc curl python3
	@examples/demo-upload.sh

bench: ## measure against curl, aria2, wget, nginx and Python's clients (BENCH=--quick for a first look)
	@tests/tools.sh cc curl nginx aria2c wget wrk ip strace openssl python3 python3-venv
	$(CARGO) build --release --locked -p bgcopy-ffi -p bgcopy-server
	python3 tests/bench/bench.py $(BENCH)
	$(if $(filter --only,$(BENCH)),,@bindings/python/bench.sh $(filter --quick,$(BENCH)))

fuzz: ## fuzz the parsers of the protocol, 10 minutes each (FUZZ=60 for one); needs nightly Rust and cargo-fuzz
	@core/protocol/fuzz/run.sh $(or $(FUZZ),600)

header: ## write generated files anew - bgcopy.h, the ABI baseline, the table of states
	BGCOPY_BLESS=1 $(CARGO) test --locked -p bgcopy-ffi --test header
	BGCOPY_BLESS=1 $(CARGO) test --locked -p bgcopy-ffi --test abi
	BGCOPY_BLESS=1 $(CARGO) test --locked -p bgcopy-engine --test state_table

clean: ## delete everything that was built
	$(CARGO) clean

# The steps of `make test`, in the order in which they find mistakes most cheaply.

tools:
	@tests/tools.sh cc gcc g++ clang valgrind nm curl nginx apache2 lighttpd squid openssl python3 python3-venv cmake pkg-config doxygen

format:
	$(CARGO) fmt --all --check

lint:
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

doc:
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --workspace --no-deps --locked

# A tool that the tests of the C interface miss is an error here, and a remark in a bare `cargo test`.
rust:
	BGCOPY_REQUIRE_TOOLS=1 $(CARGO) test --workspace --locked

python:
	bindings/python/test.sh

short-demo:
	examples/demo.sh --short
	examples/demo-upload.sh --short

# Licences are also read by tests/tidy, for those who do not have cargo-deny.
licences:
	@if $(CARGO) deny --version >/dev/null 2>&1; then \
	    $(CARGO) deny --offline --log-level error check licenses bans; \
	else \
	    echo "cargo-deny is not installed: the licences were checked by the tidy test only"; \
	fi
