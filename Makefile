# `make demo` and `make test` need nothing but Python 3.11 or later (venv, pip), make and git.
# Everything goes into .venv, which is made once and brought up to date when the lock changes.

BIN      := .venv/bin
READY    := .venv/ready
PIP      := $(BIN)/pip -qq --disable-pip-version-check --no-input
PYTHONS  := $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3
UV       ?= uv

.DEFAULT_GOAL := help
.PHONY: help demo test soak lint bench lock clean

help:
	@echo "make demo    run a small shop from end to end and see its numbers"
	@echo "make test    check style, types and import direction, then run every test"
	@echo "make soak    kill writers, read models, subscribers and servers a thousand times"
	@echo "make lint    only the checks that run nothing"
	@echo "make bench   measure orders per second, and what reading a number costs"
	@echo "make lock    pin the dependencies anew (needs uv)"
	@echo "make clean   remove .venv and what tools left behind; databases stay"

demo: $(READY)
	@$(BIN)/stocktrail demo

test: lint
	@$(BIN)/pytest --no-header --numprocesses 2 --cov

soak: $(READY)
	@STOCKTRAIL_SOAK=1 $(BIN)/pytest --no-header --numprocesses 2 --timeout 7200 \
		tests/store/test_kills.py tests/projections/test_killed.py tests/feeds/test_nats.py \
		tests/feeds/test_killed_subscribers.py tests/feeds/test_webhooks_killed.py

lint: $(READY)
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo

bench: $(READY)
	@$(BIN)/python -m benchmarks

$(READY): pyproject.toml requirements.lock
	@if [ ! -x $(BIN)/pip ]; then \
		for python in $(PYTHONS); do \
			if $$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
				chosen=$$python; break; \
			fi; \
		done; \
		if [ -z "$$chosen" ]; then \
			echo "stocktrail needs Python 3.11 or later with venv and pip; on Debian: apt-get install python3-venv" >&2; \
			exit 1; \
		fi; \
		echo "Preparing .venv; this happens once and takes about half a minute." >&2; \
		$$chosen -m venv --clear .venv; \
	fi
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

lock:
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command "make lock" --group dev --output-file requirements.lock pyproject.toml

clean:
	@rm -rf .venv .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
