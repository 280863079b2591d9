# Needs make and Python 3.11 to 3.13, nothing else. The first run installs into .venv; later ones start at once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTEST_ARGS ?=
# Most tests wait for processes: two at a time halve the wait, more make two cores stumble.
PYTEST_AT_ONCE ?= 2

# uv resolves for every platform at once; what this machine has configured must not get into the lock.
UV_COMPILE = env -u UV_FIND_LINKS -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_CONFIG_FILE $(BIN)/python -m uv pip compile \
	--no-config --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" pyproject.toml

.PHONY: help install demo test check lint types contracts lock lock-check clean distclean

help:
	@echo "make demo        try Glimmer with a simulated GLM, no key needed"
	@echo "make test        run all tests"
	@echo "make check       lint, types, contracts, test"
	@echo "make lock        resolve the dependencies anew"
	@echo "make clean       remove caches; 'make distclean' removes .venv too"

install: $(STAMP)

$(STAMP): pyproject.toml requirements.lock scripts/get_redis.py
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.12"; exit 1; }
	@echo "Installing into $(VENV), which takes a minute the first time ..."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV) \
		|| { echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --editable .
	@$(BIN)/python scripts/get_redis.py
	@touch $(STAMP)

# A Redis server that was put into the environment is found there.
demo test: export PATH := $(CURDIR)/$(BIN):$(PATH)

demo: $(STAMP)
	@$(BIN)/glimmer demo

test: $(STAMP)
	$(BIN)/python -m pytest -n $(PYTEST_AT_ONCE) --dist loadfile $(PYTEST_ARGS)

lint: $(STAMP)
	$(BIN)/python -m ruff check .

types: $(STAMP)
	$(BIN)/python -m mypy

contracts: $(STAMP)
	$(BIN)/lint-imports

check: lint types contracts test

# Two files from one resolution: everything for people who work on Glimmer, the first part of it for the image.
lock: $(STAMP)
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv
	$(UV_COMPILE) $(LOCK_ARGS) --group dev --output-file requirements.lock
	$(UV_COMPILE) $(LOCK_ARGS) --constraint requirements.lock --output-file requirements.runtime.lock

lock-check: $(STAMP)
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv
	@mkdir -p $(VENV)/lock && cp requirements.lock requirements.runtime.lock $(VENV)/lock/
	@$(UV_COMPILE) --group dev --output-file $(VENV)/lock/requirements.lock
	@$(UV_COMPILE) --constraint requirements.lock --output-file $(VENV)/lock/requirements.runtime.lock
	@for file in requirements.lock requirements.runtime.lock; do \
		diff -u $$file $(VENV)/lock/$$file || { echo "$$file does not fit pyproject.toml: run 'make lock'"; exit 1; }; \
	done

clean:
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
	find . -name __pycache__ -not -path "./$(VENV)/*" -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)
