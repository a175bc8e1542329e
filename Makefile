# Two commands do everything on a machine with Python 3.11+ and make: `make report` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
SCENARIO ?= online_retail_uk

.PHONY: report test test-all check lab app workshop bench lock clean

report: $(READY)  ## the team report of a scenario: make report SCENARIO=tea_shop_growth
	@$(BIN)/ecteam report $(SCENARIO)

test: $(READY)  ## all tests but the long proofs
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

test-all: $(READY)  ## the long proofs as well
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(READY)  ## ruff (notebooks too), types, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(MAKE) test

lab: $(READY)  ## JupyterLab on this machine only
	$(BIN)/jupyter lab --ServerApp.ip=127.0.0.1 notebooks/00_start_here.ipynb

APP := $(CURDIR)/ecteam/publish/template/app
app: $(READY)  ## the notebooks as an app: code hidden, this machine only; prints the address with a fresh token
	@JUPYTER_PATH=$(APP) JUPYTER_CONFIG_PATH=$(APP) $(BIN)/voila notebooks

workshop: $(READY)  ## the workshop as one archive without network, in dist/: make workshop FOR="linux windows macos"
	@$(BIN)/python -m ecteam.workshop.bundle dist $(FOR)

bench: $(READY)  ## the measured targets, as one table: make bench ONLY=queueing
	$(BIN)/python -m tests.benchmarks $(ONLY)

# The stamp is older than the lock or the project file when the environment is stale.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "ecteam needs Python 3.11 or newer; name one with make PYTHON=/path/to/python3.12"; exit 1; }
	@echo "Setting up .venv from requirements.lock, once; this takes one to three minutes ..."
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

lock:  ## for maintainers: needs uv; versions and hashes for all platforms, and no address of a registry
	uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	  --extra lab --group dev --python-version 3.11 --quiet pyproject.toml -o requirements.lock

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
