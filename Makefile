# Python 3.11+ and make are all a machine needs; everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
# `env -u` keeps a caller's virtual environment from shadowing ours.
UV := $(BIN)/uv pip

.PHONY: help install run demo test soak soak-flows check format lock bench-scheduler bench-bridge bench-collect clean

help:  ## Show the targets.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: .venv/.installed .venv/.celery-sdist  ## Install the locked dependencies into .venv.

.venv/bin/uv: requirements/bootstrap.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Matchbeat needs Python 3.11 or later; set PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
	@touch $@

.venv/.installed: .venv/bin/uv requirements.lock requirements/dev.lock pyproject.toml
	$(UV) sync --quiet --python $(BIN)/python --require-hashes requirements.lock requirements/dev.lock requirements/bootstrap.lock
	$(UV) install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# Celery's own tests, for tests/compat, which says so and skips where there was no network.
.venv/.celery-sdist: requirements/celery-sdist.lock .venv/.installed
	-@$(BIN)/pip download --quiet --disable-pip-version-check --retries 0 --no-deps --no-binary celery \
	  --require-hashes -r requirements/celery-sdist.lock --dest .venv/share/celery-sdist && touch $@

run: install  ## Start the whole stack; Ctrl-C ends it.
	$(BIN)/matchbeat up

demo: install  ## One whole loop, a summary table, then stop.
	$(BIN)/matchbeat demo

test: install  ## Run all tests.
	$(BIN)/pytest --durations=20

soak: install  ## Kill the leading Beat a thousand times, cut off broker and Postgres for 15 s (20 min).
	SOAK_KILLS=1000 SOAK_OUTAGE_S=15 $(BIN)/pytest tests/integration/beats

soak-flows: install  ## Two hundred random faults of Prefect, broker, workers and Beats under flow runs (20 min).
	FLOW_FAULTS=200 $(BIN)/pytest -s tests/integration/flows/test_flow_faults.py

check: install  ## Format, lint, types, layers, dependencies.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry .

format: install  ## Format and mend what can be mended.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header
lock: .venv/bin/uv  ## Resolve the dependencies anew.
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --group dev -c requirements.lock -o requirements/dev.lock
	$(LOCK) requirements/bootstrap.in -o requirements/bootstrap.lock
	$(LOCK) requirements/bench.in -c requirements.lock -o requirements/bench.lock
	$(LOCK) requirements/celery-sdist.in -c requirements.lock --no-deps -o requirements/celery-sdist.lock

# The benchmarks have an environment of their own, in which the other schedulers are.
.venv-bench/.installed: .venv/.installed requirements/bench.lock
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-bench
	$(UV) sync --quiet --python .venv-bench/bin/python --require-hashes requirements.lock requirements/bench.lock
	@touch $@

bench-scheduler: .venv-bench/.installed  ## Measure the scheduler beside stock Beat and RedBeat (20 min).
	.venv-bench/bin/python -m benchmarks.scheduler

bench-bridge: .venv-bench/.installed  ## Measure how soon flows start, beside Prefect's own workers (50 min).
	.venv-bench/bin/python -m benchmarks.bridge

PAYLOADS ?= ../shared/data
bench-collect: install  ## Measure parsing, storing, the import of history and live cycles (6 min).
	$(BIN)/python -m benchmarks.collect --payloads $(PAYLOADS) --out docs/benchmarks

clean:  ## Remove .venv and caches; data in .matchbeat stays.
	rm -rf .venv .venv-bench .mypy_cache .ruff_cache .pytest_cache
