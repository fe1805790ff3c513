# `make demo` and `make test` need nothing but Python 3.11 or later (venv, pip), make and git.
# Everything goes into .venv, which is made once and brought up to date when uv.lock changes: pip
# installs uv there, in the one version that wrote the lock, and uv installs what the lock names.

BIN      := .venv/bin
UV       := $(BIN)/uv
READY    := .venv/ready
TOOLS    := .venv/ready-to-test
SYNC     := UV_PROJECT_ENVIRONMENT=.venv $(UV) sync --quiet --locked --inexact --python $(BIN)/python
PYTHONS  := $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3

.DEFAULT_GOAL := help
.PHONY: help demo test postgresql browser docs docs-site pictures soak simulate fuzz lint bench performance dist lock clean

help:
	@echo "make demo    run a small shop from end to end and see its numbers"
	@echo "make test    check style, types and import direction, then run every test"
	@echo "make postgresql  run what asks PostgreSQL on another one, whose PROGRAMS are in a folder"
	@echo "make soak    break everything again and again, for a day: docs/reliability.md"
	@echo "make simulate  a day of a shop under faults, made from SEED; MINUTES=60 for many"
	@echo "make fuzz    let atheris attack each reader for SECONDS (60)"
	@echo "make docs    write the reference of commands, events and the API again, and golden files"
	@echo "make docs-site  build the documents as a site with a search, into build/site"
	@echo "make pictures  take the screenshots of the dashboard for the documents"
	@echo "make lint    only the checks that run nothing"
	@echo "make bench   measure orders per second, and what reading a number costs"
	@echo "make performance  count what each step takes, and compare with what was accepted (ACCEPT=yes)"
	@echo "make dist    build what is published of this commit, twice, and check it: dist/"
	@echo "make lock    bring uv.lock up to date with pyproject.toml"
	@echo "make clean   remove .venv and what tools left behind; databases stay"

demo: $(READY)
	@$(BIN)/stocktrail demo

test: lint browser
	@$(BIN)/pytest --no-header --numprocesses 3 --cov

# `make postgresql PROGRAMS=/usr/lib/postgresql/16/bin`; without PROGRAMS those of the wheel.
postgresql: $(TOOLS)
	@$(if $(PROGRAMS),STOCKTRAIL_TEST_POSTGRESQL_PROGRAMS=$(PROGRAMS)) \
		$(BIN)/pytest --no-header --numprocesses 2 -m postgresql tests

browser: $(TOOLS)
	@$(BIN)/python -m tests.interfaces.dashboard.browser

# Everything that is generated from the code; tests say when it was forgotten.
docs: $(TOOLS)
	@$(BIN)/python -m stocktrail.interfaces.question_names
	@$(BIN)/python -m stocktrail.interfaces.cli.reference
	@$(BIN)/python -m stocktrail.interfaces.api.reference
	@$(BIN)/python -m stocktrail.feeds.asyncapi
	@$(BIN)/python -m tests.ledger.write_golden_events
	@$(BIN)/python -m simulation.mutants.reference

# Ends badly at a link that leads nowhere. A wheel that is built afterwards holds the site.
docs-site: $(READY)
	@$(SYNC) --group docs
	@$(BIN)/python -m website

pictures: browser
	@$(BIN)/python -m tests.interfaces.dashboard.screenshots

# Goes on where the last run was. `make soak MINUTES=30` is for a while, `make soak TRIALS="R1 R2"` for some.
soak: $(TOOLS)
	@$(BIN)/python -m tests.reliability.soak $(TRIALS) $(if $(MINUTES),--minutes $(MINUTES))

simulate: $(TOOLS)
	@$(BIN)/python -m simulation --seed $(or $(SEED),1) $(if $(MINUTES),--minutes $(MINUTES)) $(OPTIONS)

fuzz: $(TOOLS)
	@$(SYNC) --group dev --group fuzz
	@$(BIN)/python -m fuzzing --seconds $(or $(SECONDS),60) $(TARGET)

lint: $(TOOLS)
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo

bench: $(TOOLS)
	@$(BIN)/python -m benchmarks

performance: $(TOOLS)
	@$(BIN)/python -m benchmarks.performance $(if $(ACCEPT),--accept --json)

dist: $(TOOLS)
	@$(SYNC) --group dev --group release
	@$(BIN)/python -m release

$(UV): pyproject.toml
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		for python in $(PYTHONS); do \
			if $$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
				chosen=$$python; break; \
			fi; \
		done; \
		if [ -z "$$chosen" ]; then \
			echo "stocktrail needs Python 3.11 or later with venv and pip; on Debian: apt-get install python3-venv" >&2; \
			exit 1; \
		fi; \
		echo "Preparing .venv; this happens once and takes about a quarter of a minute." >&2; \
		$$chosen -m venv --clear .venv; \
	fi
	@$(BIN)/python -m pip -qq --disable-pip-version-check --no-input install \
		"uv$$(sed -n 's/^required-version = "\(.*\)"/\1/p' pyproject.toml)"
	@touch $@

# What is there already stays (--inexact), so that `make demo` does not take away what `make test` brought.
$(READY): pyproject.toml uv.lock | $(UV)
	@$(SYNC)
	@touch $@

$(TOOLS): pyproject.toml uv.lock | $(UV)
	@$(SYNC) --group dev
	@touch $@ $(READY)

lock: $(UV)
	@$(UV) lock --quiet

clean:
	@rm -rf .venv .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
