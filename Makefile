# The one door to everything. `make` alone lists what there is.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON   := .venv/bin/python
SERVICES := auth stock recipes nutrition chat config
FOLDERS  := services/kit $(SERVICES:%=services/%) gateway client launcher
TESTS    := kit gateway $(SERVICES) client launcher journeys contracts house smoke
WORKERS  := $(if $(TEST_DATABASE_URL)$(TEST_REDIS_URL),0,4)
CONTRACT := gateway/popote_gateway/openapi.json
RUN      := .venv/.installed
DEV      := .venv/.installed-dev

UV      := $(shell command -v uv 2>/dev/null || true)
# Tests wait as long as they work: more workers than a small machine has processors. Servers that are named can't be shared.
PYTEST  := $(PYTHON) -m pytest --numprocesses $(WORKERS) --dist worksteal
INSTALL := $(if $(UV),$(UV) pip install --quiet --python $(PYTHON),$(PYTHON) -m pip install --quiet --disable-pip-version-check)

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z%$$(<>)-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14 | sed 's/^/  make /'
	@echo '  make test-<name>   One folder of tests: $(TESTS)'


# Run it

.PHONY: run
run: $(RUN) ## Run all of Popote here, on port 8080 (PORT=8081 for another)
	@$(PYTHON) -m popote_launcher

.PHONY: secrets
secrets: ## Make the secrets that Docker needs, in ./secrets; what is there stays
	@sh scripts/make-secrets.sh

.PHONY: up
up: secrets ## Run it with Docker
	docker compose up --build --detach --wait

.PHONY: down
down: ## Stop what Docker runs; the data stays
	docker compose down


# Change it

.PHONY: test
test: lint types ## Check everything: lint, types, every test
	@$(PYTEST)

.PHONY: $(TESTS:%=test-%)
$(TESTS:%=test-%): test-%: $(DEV)
	@$(PYTEST) tests/$*

.PHONY: lint
lint: $(DEV) ## Let ruff look for mistakes and disorder
	@$(PYTHON) -m ruff check --quiet
	@$(PYTHON) -m ruff format --quiet --check

.PHONY: types
types: $(DEV) ## Let mypy check the types, strictly
	@$(PYTHON) -m mypy --no-error-summary $(FOLDERS) tests

.PHONY: format
format: $(DEV) ## Let ruff lay the code out
	@$(PYTHON) -m ruff check --fix --quiet
	@$(PYTHON) -m ruff format --quiet

.PHONY: openapi
openapi: $(RUN) ## Write the contract anew from the code
	@$(PYTHON) -m popote_launcher openapi > $(CONTRACT).new && mv $(CONTRACT).new $(CONTRACT)

.PHONY: bench
bench: $(DEV) ## Measure against fixed peers
	@$(PYTHON) -m bench

OURS := $(SERVICES:%=popote-%) popote-kit popote-gateway popote-client popote-launcher
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links $(OURS:%=--no-emit-package %)

.PHONY: lock
lock: ## Pin the dependencies anew (needs uv)
	$(COMPILE) launcher/pyproject.toml --group pyproject.toml:build --output-file requirements.lock
	$(COMPILE) --group pyproject.toml:dev --constraint requirements.lock --output-file requirements-dev.lock

.PHONY: clean
clean: ## Remove what can be made again; never data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +


# The environment: with uv where it is, else venv and pip; from the same locked list

$(PYTHON):
	@if [ -n '$(UV)' ]; then exec '$(UV)' venv --quiet --allow-existing --python '>=3.11' .venv; fi; \
	for python in python3.13 python3.12 python3.11 python3.14 python3 python; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			$$python -m venv .venv && exit; \
			rm -rf .venv; \
			echo "$$python can't make a virtual environment: install uv, or your system's python3-venv" >&2; \
			exit 1; \
		fi; \
	done; \
	echo 'Popote needs Python 3.11 or newer, and found none: install it, or install uv' >&2; \
	exit 1

$(RUN): requirements.lock $(FOLDERS:%=%/pyproject.toml) | $(PYTHON)
	@echo 'Installing into .venv: once, and again when the list changes.'
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation $(FOLDERS:%=--editable %)
	@touch $@

$(DEV): requirements-dev.lock $(RUN)
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@
