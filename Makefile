# Assay's workshop. `make help` lists what can be done; everything sets itself up first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

##@ Use it

.PHONY: run
run: $(INSTALLED) ## Upload the samples, or FILE=path [SCHEMA=name|path] [ARGS=--json], and print each verdict
	@$(BIN)/python -m infra.local run $${FILE:+"$$FILE"} $${SCHEMA:+--schema "$$SCHEMA"} $(ARGS)

.PHONY: serve
serve: $(INSTALLED) ## Leave it running: AWS on 127.0.0.1:4566, HTTP on :8000 [ARGS="--aws-port N --http-port N"]
	@$(BIN)/python -m infra.local serve $(ARGS)

.PHONY: validate
validate: $(INSTALLED) ## Check FILE=path [SCHEMA=name|path] [ARGS=--json] without any AWS
	@test -n "$$FILE" || { echo "say which file: make validate FILE=path" >&2; exit 2; }
	@$(BIN)/python -m chalicelib.validation "$$FILE" $${SCHEMA:+--schema "$$SCHEMA"} $(ARGS)

.PHONY: migrate
migrate: $(INSTALLED) ## Bring the database at DATABASE_URL up to date
	@$(BIN)/python -m chalicelib.postgres.migrations

##@ Work on it

.PHONY: setup
setup: $(INSTALLED) ## Install the pinned requirements into .venv

.PHONY: test
test: $(INSTALLED) ## Run the tests, on up to four processors; choose some with ARGS="-k name"
	@$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder $(ARGS)

.PHONY: fuzz
fuzz: $(INSTALLED) ## Hold the fast path against the exact checker [ARGS="--records N --seconds N --seed N | --case SEED"]
	@$(BIN)/python -m tests.fuzz $(ARGS)

.PHONY: fuzz-api
fuzz-api: $(INSTALLED) ## Send odd payloads to functions and routes [ARGS="--examples N --seed N --only TARGET"]
	@$(BIN)/python -m tests.fuzz.api $(ARGS)

.PHONY: torture
torture: $(INSTALLED) ## Play the lifecycle in a world that misbehaves [ARGS="--steps N --seed N"]
	@$(BIN)/python -m tests.torture $(ARGS)

.PHONY: chaos
chaos: $(INSTALLED) ## Break the local stack under load; nothing may be lost, stuck or wrong [ARGS="--uploads N --seed N --seconds-limit N"]
	@$(BIN)/python -m tests.chaos $(ARGS)

.PHONY: load
load: $(INSTALLED) ## Measure many uploads at once, and what limits them [ARGS="--uploads N --workers N --in-process"]
	@$(BIN)/python -m tests.load $(ARGS)

.PHONY: check
check: lint types architecture secrets test audit ## All that CI checks

.PHONY: lint
lint: $(INSTALLED) ## Check style and formatting
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

.PHONY: types
types: $(INSTALLED) ## Check types, strictly
	@$(BIN)/mypy

.PHONY: architecture
architecture: $(INSTALLED) ## Check that imports point inward
	@$(BIN)/lint-imports --no-logo

.PHONY: secrets
secrets: $(INSTALLED) ## Look for keys and passwords in the tracked files
	@$(BIN)/python -m infra.scans secrets

.PHONY: audit
audit: $(INSTALLED) ## Ask for known vulnerabilities of what is deployed [FILES="more requirements", AUDIT=strict]
	@$(BIN)/python -m infra.scans advisories $(FILES)

.PHONY: bench
bench: $(INSTALLED) ## Measure Assay beside its peers [ARGS="--size 20 --only clean,dirty"]; ARGS=--write for the page
	@$(BIN)/python -m tests.benchmarks $(ARGS)

.PHONY: format
format: $(INSTALLED) ## Format the code, and mend what can be mended by itself
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

.PHONY: lock
lock: ## Pin requirements-dev.in and the benchmarks' anew, with hashes, for every supported Python
	@$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet uv
	@for pins in requirements-dev tests/benchmarks/requirements; do \
		$(VENV)/lock/bin/uv pip compile $$pins.in --output-file $$pins.txt --universal \
			--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
			--quiet || exit; \
	done

.PHONY: browser
browser: ## Install chromium, for the tests of the page, where this is Debian and one is root
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& apt-get update -qq && apt-get install -qq --no-install-recommends chromium >/dev/null; } \
		|| { echo "install chromium, or say where one is: CHROMIUM=path" >&2; exit 1; }

.PHONY: pictures
pictures: $(INSTALLED) ## Take the pictures of the page in docs/images anew
	@$(BIN)/python -m tests.web

.PHONY: clean
clean: ## Remove all that the others made
	@rm -rf $(VENV) .local .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## Show this
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Ship it

.PHONY: rehearse
rehearse: $(INSTALLED) ## Deploy, upload, destroy, all on this machine; ARGS=--quick leaves the permissions out
	@$(BIN)/python -m infra.rehearsal $(ARGS)

.PHONY: policies
policies: $(INSTALLED) ## Write the functions' policies from .chalice/config.json
	@$(BIN)/python -m infra.deploy policies

.PHONY: package
package: $(INSTALLED) ## Build the deployment package of STAGE=dev|prod and look into it
	@$(BIN)/python -m infra.deploy package "$${STAGE:?say which: make package STAGE=dev}"

.PHONY: deploy
deploy: $(INSTALLED) ## Bring STAGE=dev|prod to AWS, after all checks; ARGS=--yes does not ask
	@$(BIN)/python -m infra.deploy stage "$${STAGE:?say which: make deploy STAGE=dev}"
	@$(MAKE) --no-print-directory check ARGS=
	@$(BIN)/python -m infra.deploy deploy "$$STAGE" $(ARGS)

.PHONY: destroy
destroy: $(INSTALLED) ## Take STAGE=dev|prod out of AWS; ARGS=--with-bucket its uploads too
	@$(BIN)/python -m infra.deploy destroy "$${STAGE:?say which: make destroy STAGE=dev}" $(ARGS)

# What is printed here goes to standard error: standard output belongs to the command that asked for the set-up.
$(INSTALLED): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Assay needs Python 3.11 or later; name one with PYTHON=, as in make PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV), once; this takes a minute ..." >&2
	@$(PYTHON) -m venv --clear $(VENV) >&2 \
		|| { echo "Python lacks its venv module; Debian has it in the package python3-venv" >&2; exit 1; }
	@$(BIN)/pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt >&2
	@touch $@
