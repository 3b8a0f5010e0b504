# `make demo` shows the fleet at work, `make test` proves it. Each sets up what it needs first.
# Needed: Python 3.11 or 3.12 with venv. With Node 20 or newer the TypeScript client is built too.

VENV := .venv
CLIENT := clients/typescript
BUILT := $(CLIENT)/dist/examples/submit.js
NPM := npm --no-update-notifier --prefix $(CLIENT)

# The first that will do; `make setup PYTHON=/opt/python3.12/bin/python` chooses another.
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3,$(shell \
	$(name) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null && echo $(name))))
HAS_NODE := $(shell node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && npm --version >/dev/null 2>&1 && echo yes)

HAS_DEBS := $(shell command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 && echo yes)
DEBIAN := build/debian
# Tests that only compute use all cores; those that run a fleet and break it want the machine alone.
COMPUTING := tests/engines tests/tasks

.PHONY: help setup demo test lint contract bench lock clean
.DELETE_ON_ERROR:

help: ## Say what there is
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.installed $(if $(HAS_NODE),$(BUILT),without-node) ## Install everything the lock file names into .venv, and build the TypeScript client

demo: setup ## Start a fleet, simulate a ransomware scenario on it, print what it costs, stop
	@$(VENV)/bin/fleet demo

test: setup $(if $(HAS_DEBS),$(DEBIAN)/.unpacked) ## Run all tests
	$(VENV)/bin/pytest --numprocesses auto --dist loadfile $(COMPUTING)
	$(VENV)/bin/pytest $(COMPUTING:%=--ignore %)
	$(if $(HAS_NODE),$(NPM) test --silent)

lint: setup ## Check style and types
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(if $(HAS_NODE),$(NPM) run check --silent)

contract: setup ## Write what the TypeScript client is generated from, generate and build it
	$(VENV)/bin/fleet contract
	$(if $(HAS_NODE),$(NPM) run generate --silent && $(NPM) run build --silent)

bench: setup ## Measure the fleet and PRISM beside their peers (about eleven minutes)
	$(VENV)/bin/python -m benchmarks.fleet
	$(VENV)/bin/python -m benchmarks.prism

lock: $(VENV)/bin/python ## Choose the newest versions that fit pyproject.toml
	$(VENV)/bin/python -m venv build/lock
	build/lock/bin/pip install --quiet uv
	build/lock/bin/uv pip compile pyproject.toml --all-extras --group dev --group bench --upgrade \
		--generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header \
		--quiet --output-file requirements.lock

clean: ## Remove what make made; data in .fleet stays
	rm -rf $(VENV) $(CLIENT)/node_modules $(CLIENT)/dist build *.egg-info \
		.pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "This needs Python 3.11 or 3.12, and finds neither: install one, or name it with make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv: install it (on Debian and Ubuntu: apt install python3-venv)"; exit 1; }
	@echo "Making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what requirements.lock names into $(VENV) (a minute or two the first time)"
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@echo "Compiling the simulation kernels (half a minute)"
	@$(VENV)/bin/fleet warm-up
	@touch $@

$(CLIENT)/node_modules/.installed: $(CLIENT)/package-lock.json
	@echo "Installing what the TypeScript client needs"
	@$(NPM) ci --loglevel error --no-audit --no-fund
	@touch $@

$(BUILT): $(CLIENT)/node_modules/.installed $(CLIENT)/tsconfig.json $(shell find $(CLIENT)/src $(CLIENT)/test $(CLIENT)/examples -name '*.ts')
	@echo "Building the TypeScript client"
	@$(NPM) run build --silent

# Programs that some tests hold ours against: unpacked here, installed nowhere.
$(DEBIAN)/.unpacked:
	@echo "Getting Prometheus and Redis 7 from Debian, for the tests that use them"
	@rm -rf $(DEBIAN) && mkdir -p $(DEBIAN)
	@cd $(DEBIAN) && { apt-get download --quiet=2 prometheus redis-server redis-tools libjemalloc2 liblzf1 2>/dev/null \
		|| { apt-get update --quiet=2 && apt-get download --quiet=2 prometheus redis-server redis-tools libjemalloc2 liblzf1; } \
		|| echo "They cannot be downloaded; the tests that need them say so"; }
	@cd $(DEBIAN) && for package in *.deb; do [ ! -e $$package ] || dpkg-deb -x $$package . ; done && rm -f *.deb
	@touch $@

.PHONY: without-node
without-node:
	@echo "Going without the TypeScript client: it needs Node 20 or newer, and npm"
