# Two commands do everything on a new machine with Python 3.11, git and make: `make demo` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
ARGS ?=
UV ?= uv
PIP := install --quiet --disable-pip-version-check --require-hashes

.PHONY: demo test test-long test-postgresql lint types contracts docs bench lock clean browser

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.runtime: requirements/runtime.txt .venv/bin/python pyproject.toml
	$(BIN)/python -m pip $(PIP) -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	touch $@

.venv/.test: requirements/test.txt .venv/.runtime
	$(BIN)/python -m pip $(PIP) -r requirements/test.txt
	touch $@

.build/.tools: requirements/build.txt
	$(PYTHON) -m venv .build
	.build/bin/python -m pip $(PIP) -r requirements/build.txt
	touch $@

.venv/.assets: .venv/.runtime .build/.tools assets/package-lock.json src/quarterdeck/web/build.py $(shell find src/quarterdeck -name '*.po')
	$(BIN)/python -m quarterdeck.web.build
	$(BIN)/python -m quarterdeck.web.messages
	touch $@

demo: .venv/.assets
	$(BIN)/quarterdeck demo $(ARGS)

test: .venv/.assets .venv/.test browser
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not long" $(ARGS)
	$(BIN)/python tests/postgresql.py -n 2 --dist loadgroup -m "not long" tests/kinds tests/lake tests/runs tests/decisions

test-postgresql: .venv/.assets .venv/.test
	$(BIN)/python tests/postgresql.py $(ARGS)

test-long: .venv/.assets .venv/.test browser
	$(BIN)/python -m pytest -m long $(ARGS)

browser:
	@command -v chromium >/dev/null || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } \
		|| echo "Browser tests need Chromium: install your system's package (Debian: apt-get install chromium)."

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.test
	$(BIN)/mypy

contracts: .venv/.test
	$(BIN)/lint-imports

docs: .venv/.assets .venv/.test
	$(BIN)/django-admin makemigrations --check --dry-run --settings quarterdeck.web.settings
	$(BIN)/python -m quarterdeck.cli.docs --check

bench: .venv/.assets
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip $(PIP) -r requirements/bench.txt
	for file in bench/bench_*.py; do PYTHONPATH=src .venv-bench/bin/python $$file || exit 1; done

# Needs uv; writes no registry host.
lock:
	for name in runtime test bench build; do $(UV) pip compile --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --quiet requirements/$$name.in -o requirements/$$name.txt || exit 1; done

clean:
	rm -rf .venv .venv-bench .build src/quarterdeck/web/assets example-home example-files
