# Touchlake: `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
EVENTS ?=
NAME ?= touchlake-demo
NAMES ?=
ACCEPT ?=
HOST ?= http://127.0.0.1:8000
USERS ?= 300
SECONDS ?= 60
SCHEDULES ?= 10
FIRST_SEED ?= 1
INPUTS ?= 100000
SEED ?= 1
REPORT ?=
ENV ?=
TESTS ?= tests

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## the main job from nothing: send, store, compare (EVENTS=file.csv.gz for your own events)
	@localstack/run with $(BIN)/python -m ops demo --name $(NAME) $(EVENTS)

up: setup ## the stack on this machine, until Ctrl-C
	@localstack/run with $(BIN)/python -m ops up

test: setup ## every test, with LocalStack (TESTS=tests/api for some)
	@localstack/run with $(BIN)/python -m pytest $(TESTS)

unit: setup ## the quick tests: no LocalStack, nothing that takes seconds
	@$(BIN)/python -m pytest -m 'not localstack and not slow' $(TESTS)

faults: setup ## processes killed and calls gone wrong, from seeds (SCHEDULES=40 FIRST_SEED=1 REPORT=--report)
	@localstack/run with $(BIN)/python -m tests.faults --schedules $(SCHEDULES) --first-seed $(FIRST_SEED) $(REPORT)

fuzz: setup ## hostile requests, from a seed (INPUTS=100000 SEED=1)
	@$(BIN)/python -m tests.fuzz --inputs $(INPUTS) --seed $(SEED)

image-lint: setup
	@$(BIN)/hadolint Dockerfile

images-test: setup ## build the images and run them; needs podman, and skips without
	@$(BIN)/python -m pytest tests/images

load: setup ## realistic users against `make up` (HOST=… USERS=300 SECONDS=60); the report is an HTML page
	@mkdir -p .touchlake
	@$(BIN)/locust --headless --host $(HOST) --users $(USERS) --spawn-rate 50 --run-time $(SECONDS)s --only-summary \
	    --html .touchlake/load.html --exit-code-on-error 1
	@echo 'Report: .touchlake/load.html'

audit: setup ## known vulnerabilities in what the images hold
	@.ci/audit

bench: setup ## how fast, small and cheap, beside ceilings and peers (NAMES=single for some; needs wrk)
	@localstack/run with $(BIN)/python -m bench $(NAMES)

bench-quick: setup ## the same, smaller: under 2 minutes
	@localstack/run with $(BIN)/python -m bench --quick $(NAMES)

scaling: setup ## days, a spike, an outage against the scaling policy: a table and pictures
	@$(BIN)/python -m bench.scaling

docs: setup ## docs/architecture.pdf, and the numbers and figures of the docs anew
	@$(BIN)/python -m docs.build

model: SCHEDULES = 10000
model: setup ## the protocol against made-up trouble: 10,000 schedules, and how fast each mutant is found (SEED=1)
	@$(BIN)/python -m tests.protocol.report --schedules $(SCHEDULES) --seed $(SEED)

guard: setup ## calls and bytecodes an event: not 10 % more than bench/baseline.json (ACCEPT=--accept for a new one)
	@$(BIN)/python -m bench.guard $(ACCEPT)

check: format-check lint image-lint types guard lock-check tf-quick test ## what CI runs

tf-check: tf-quick tf-apply-test ## terraform: form, tests, scanner, and an apply to an emulator (4 minutes)

tf-quick: setup
	@terraform/check quick

tf-apply-test: setup
	@terraform/check apply

tf-local-test: setup ## terraform: queue and lake on LocalStack, and the demo on what it made
	@localstack/run with terraform/check local

deploy: setup ## into an AWS account: build, push, plan, confirm, apply, test, or go back (ENV=prod; docs/deploy.md)
	@$(BIN)/python -m deploy up $(ENV)

destroy: setup ## all of it away but the lake, no event lost (ENV=dev)
	@$(BIN)/python -m deploy destroy $(ENV)

deploy-test: setup ## deploy, deploy again, go back, destroy, on an emulator (9 minutes)
	@terraform/check deploy

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
	@for tool in moto checkov; do $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 terraform/requirements/$$tool.in --output-file terraform/requirements/$$tool.lock; done

lock-check:
	@! grep -nE 'https?://|--index' requirements.lock requirements-dev.lock localstack/requirements.lock terraform/requirements/*.lock

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
	@rm -rf .venv .localstack .terraform-tools .touchlake .hypothesis .mypy_cache .pytest_cache .ruff_cache

.PHONY: help demo up test unit faults fuzz image-lint images-test load audit bench bench-quick guard scaling docs model check tf-check tf-quick tf-apply-test \
	tf-local-test deploy destroy deploy-test format format-check lint types lock lock-check setup localstack localstack-stop clean
