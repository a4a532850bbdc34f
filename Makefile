# Two commands work on a fresh Debian or Ubuntu with Python >= 3.11 and make, and nothing else: `make demo`, `make test`.
# What they do stands in tools/; what they install stands, with hashes, in requirements/.

.DEFAULT_GOAL := help
.PHONY: help install demo test lint types bench fuzz docs fix lock clean system-packages pytest
# One step after the other, in the order written, whatever -j says.
.NOTPARALLEL:

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## .venv with everything that tests and linters need
	@tools/setup.sh dev

demo: ## judge the example organisation against the 3CX pack: demo/report.html
	@tools/setup.sh core
	@tools/demo.sh

test: install system-packages lint types pytest ## everything that must hold: lint, types, layers, tests, coverage

lint: install ## style, formatting, and the layers of the architecture
	@tools/lint.sh

types: install ## mypy, strict over src
	@.venv/bin/mypy

bench: install ## ratios against named opponents
	@if [ -e benchmarks/__main__.py ]; then .venv/bin/python -m benchmarks; else echo "benchmarks/ is not there yet" >&2; exit 1; fi

fuzz: install ## break samples of every format and read them (ARGS='--minutes 30 --reader evtx')
	@nice .venv/bin/python -m tests.fuzz $(ARGS)

docs: install ## write the generated pages of docs/reference
	@if [ -e docs/generate.py ]; then .venv/bin/python docs/generate.py; else echo "docs/generate.py is not there yet" >&2; exit 1; fi

fix: install ## let ruff repair what it can, then format
	@.venv/bin/ruff check --fix --quiet . || true
	@.venv/bin/ruff format .

lock: ## make requirements/*.lock anew (ARGS=--upgrade for newer versions)
	@tools/lock.sh $(ARGS)

clean: ## remove what runs leave behind; .venv stays (rm -rf .venv removes that)
	@rm -rf demo dist build htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find src tests tools benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

system-packages:
	@tools/system_packages.sh
	@tools/suricata.sh

pytest: install
	@tools/test.sh
