# Touchlake: `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
EVENTS ?=
HOST ?= http://127.0.0.1:8000
USERS ?= 300
SECONDS ?= 60
SCHEDULES ?= 10000
SEED ?= 1
TESTS ?= tests

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## the main job from nothing: send, store, compare (EVENTS=file.csv.gz for your own events)
	@localstack/run with $(BIN)/python -m ops demo $(EVENTS)

up: setup ## the stack on this machine, until Ctrl-C
	@localstack/run with $(BIN)/python -m ops up

test: setup ## every test, with LocalStack (TESTS=tests/api for some)
	@localstack/run with $(BIN)/python -m pytest $(TESTS)

unit: setup ## the tests that need no LocalStack
	@$(BIN)/python -m pytest -m 'not localstack and not long' $(TESTS)

load: setup ## realistic users against `make up` (HOST=… USERS=300 SECONDS=60); the report is an HTML page
	@mkdir -p .touchlake
	@$(BIN)/locust --headless --host $(HOST) --users $(USERS) --spawn-rate 50 --run-time $(SECONDS)s --only-summary \
	    --html .touchlake/load.html --exit-code-on-error 1
	@echo 'Report: .touchlake/load.html'

bench: setup ## what an event costs in the pure code
	@$(BIN)/python -m bench.pure

model: setup ## the protocol against made-up trouble: 10,000 schedules, and how fast each mutant is found (SEED=…)
	@$(BIN)/python -m tests.protocol.report --schedules $(SCHEDULES) --seed $(SEED)

check: format-check lint types lock-check test ## what CI runs

format: setup ## format the code
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

format-check: setup
	@$(BIN)/ruff format --check --quiet .

lint: setup
	@$(BIN)/ruff check --quiet .
	@$(BIN)/validate-pyproject pyproject.toml >/dev/null

types: setup
	@$(BIN)/mypy --no-error-summary

lock: setup ## write the locked requirements anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header pyproject.toml --output-file requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header pyproject.toml --extra dev --output-file requirements-dev.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 localstack/requirements.in --output-file localstack/requirements.lock

lock-check:
	@! grep -nE 'https?://|--index' requirements.lock requirements-dev.lock localstack/requirements.lock

setup: .venv/installed ## the virtual environment, from the locked requirements

.venv/installed: requirements-dev.lock
	@echo 'Installing into .venv …' >&2
	@$(PYTHON) -c 'import sys; sys.exit("Touchlake needs Python 3.11 or later, this is %s: make PYTHON=…" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	@touch $@

localstack: ## LocalStack on 127.0.0.1:4566, up and healthy
	@localstack/run start

localstack-stop: ## LocalStack down
	@localstack/run stop

clean: localstack-stop ## remove what was made here, environments too
	@rm -rf .venv .localstack .touchlake .hypothesis .mypy_cache .pytest_cache .ruff_cache

.PHONY: help demo up test unit load bench model check format format-check lint types lock lock-check setup localstack localstack-stop clean
