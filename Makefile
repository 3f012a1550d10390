# Commands for Assay. `make help` lists them; each installs what it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Each stands for what is installed: the environment itself, what running needs, and what working on it needs.
CREATED := $(VENV)/.created
RUN := $(VENV)/.run
DEVELOP := $(VENV)/.develop
# The native engine, compiled; without a compiler a line says that the portable one serves.
NATIVE := chalicelib/validation/fast/native/built/.made

# Where an image sets this, each of the tests' hundreds of programs would compile what it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

##@ Use it

.PHONY: run
run: $(RUN) $(NATIVE) ## Upload the samples, or FILE=path [SCHEMA=name|path] [ARGS=--json], and print each verdict
	@$(BIN)/python -m infra.local run $${FILE:+"$$FILE"} $${SCHEMA:+--schema "$$SCHEMA"} $(ARGS)

.PHONY: serve
serve: $(RUN) $(NATIVE) ## Leave it running: AWS on 127.0.0.1:4566, HTTP on :8000 [ARGS="--keep DIR --sign-in --aws-port N --http-port N"]
	@$(BIN)/python -m infra.local serve $(ARGS)

.PHONY: validate
validate: $(RUN) $(NATIVE) ## Check FILE=path [SCHEMA=name|path] [ARGS=--json] without any AWS
	@test -n "$$FILE" || { echo "say which file: make validate FILE=path" >&2; exit 2; }
	@$(BIN)/python -m chalicelib.validation "$$FILE" $${SCHEMA:+--schema "$$SCHEMA"} $(ARGS)

.PHONY: migrate
migrate: $(RUN) ## Bring the database at DATABASE_URL up to date
	@$(BIN)/python -m chalicelib.postgres.migrations

##@ Work on it

.PHONY: setup
setup: $(DEVELOP) $(NATIVE) ## Install the pinned requirements into .venv

# Each file runs in one process. Tests wait for servers and browsers: there are three processes for two processors. Trials
# wait longer, for Terraform and emulators: there are two processes for each processor.
PROCESSORS = $$(getconf _NPROCESSORS_ONLN)
PYTEST = $(BIN)/python -m pytest --dist=loadfile --no-loadscope-reorder

.PHONY: test
test: $(DEVELOP) $(NATIVE) ## Run the tests, on all processors; choose some with ARGS="-k name"
	@tests/web/browser/install.sh || test -z "$$CI"
	@$(PYTEST) --numprocesses=$$(( ($(PROCESSORS) * 3 + 1) / 2 )) --maxprocesses=6 -m "not trial" $(ARGS)

.PHONY: trials
trials: $(DEVELOP) $(NATIVE) ## Run the long tests: the rehearsal, Terraform's applies, small trials of chaos and torture
	@$(PYTEST) --numprocesses=$$(( $(PROCESSORS) * 2 )) --maxprocesses=8 -m trial $(ARGS)

.PHONY: fuzz
fuzz: $(DEVELOP) $(NATIVE) ## Compare the engines with the reference on random files [ARGS="--records N --seconds N --seed N | --case SEED"]
	@$(BIN)/python -m tests.fuzz $(ARGS)

.PHONY: fuzz-parts
fuzz-parts: $(DEVELOP) $(NATIVE) ## Compare random files in parts with the whole [ARGS="--seconds N --seed N --records N | --case SEED"]
	@$(BIN)/python -m tests.fuzz.parts $(ARGS)

.PHONY: sanitize
sanitize: $(DEVELOP) ## Run the kernel on hostile files under AddressSanitizer and UBSan [ARGS="--seconds N --seed N"]
	@$(BIN)/python -m tests.fuzz.sanitized $(ARGS)

.PHONY: fuzz-api
fuzz-api: $(DEVELOP) ## Send odd payloads to functions and routes [ARGS="--examples N --seed N --only TARGET"]
	@$(BIN)/python -m tests.fuzz.api $(ARGS)

.PHONY: fuzz-repair
fuzz-repair: $(DEVELOP) ## Look for columns of random schemas that a repair harms [ARGS="--schemas N --seconds N --seed N"]
	@$(BIN)/python -m tests.fuzz.repair $(ARGS)

.PHONY: fuzz-properties
fuzz-properties: $(DEVELOP) ## Run the property tests with random examples [ARGS="--hypothesis-seed=N"]
	@$(BIN)/python -m pytest -m hypothesis --hypothesis-profile=search $(ARGS)

.PHONY: torture
torture: $(DEVELOP) ## Run random lifecycle operations with crashes [ARGS="--steps N --seed N --other-database"]
	@$(BIN)/python -m tests.torture $(ARGS)

.PHONY: chaos
chaos: $(DEVELOP) $(NATIVE) ## Break the local stack under load; nothing may be lost, stuck or wrong [ARGS="--uploads N --seed N --concurrency N --in-parts"]
	@$(BIN)/python -m tests.chaos $(ARGS)

.PHONY: load
load: $(DEVELOP) $(NATIVE) ## Measure many uploads at once, and what limits them [ARGS="--uploads N --workers N --concurrency N"]
	@$(BIN)/python -m tests.load $(ARGS)

.PHONY: check
check: lint types architecture secrets test trials sanitize audit ## All that CI checks

.PHONY: lint
lint: $(DEVELOP) ## Check style and formatting
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

.PHONY: types
types: $(DEVELOP) ## Check types, strictly
	@$(BIN)/mypy

.PHONY: architecture
architecture: $(DEVELOP) ## Check that imports point inward
	@$(BIN)/lint-imports --no-logo

.PHONY: secrets
secrets: $(DEVELOP) ## Look for keys and passwords in the tracked files
	@$(BIN)/python -m infra.scans secrets

.PHONY: audit
audit: $(DEVELOP) ## Ask for known vulnerabilities of what is deployed [FILES="more requirements", AUDIT=strict]
	@$(BIN)/python -m infra.scans advisories $(FILES)

.PHONY: bench
bench: $(DEVELOP) $(NATIVE) ## Compare the validator with others [ARGS="--size 20 --only clean,dirty"]; ARGS=--write for the page
	@$(BIN)/python -m tests.benchmarks $(ARGS)

.PHONY: format
format: $(DEVELOP) ## Format the code, and fix what ruff can
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

.PHONY: lock
lock: $(CREATED) ## Pin every requirements file with a .in, with hashes, for every supported Python
	@for pins in requirements requirements-uv requirements-package requirements-dev "requirements-run -c requirements-dev.txt" \
			tests/benchmarks/requirements infra/rehearsal/emulator/requirements infra/local/sign_in/requirements; do \
		set -- $$pins; echo "Pinning $$1.txt ..." >&2; \
		$(BIN)/uv pip compile $$1.in --output-file $$1.txt $${2:+"$$2" "$$3"} --universal --python-version 3.11 --generate-hashes \
			--system-certs --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet || exit; \
	done

.PHONY: browser
browser: ## Install chromium for the page's tests: Debian's as root, else npm's
	@tests/web/browser/install.sh

.PHONY: pictures
pictures: $(DEVELOP) ## Take the pictures of the page again, for docs/images
	@$(BIN)/python -m tests.web

.PHONY: clean
clean: ## Remove the environment, caches and builds; keep what describes a deployment
	@rm -rf $(VENV) chalicelib/validation/fast/native/built .local .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## Show this
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Ship it

.PHONY: rehearse
rehearse: $(DEVELOP) $(NATIVE) ## Deploy, upload, destroy, all on this machine; ARGS=--quick leaves the permissions out
	@$(BIN)/python -m infra.rehearsal $(ARGS)

.PHONY: policies
policies: $(DEVELOP) ## Write the functions' policies from .chalice/config.json
	@$(BIN)/python -m infra.deploy policies

.PHONY: package
package: $(DEVELOP) ## Build the deployment package of STAGE=dev|prod and check it
	@$(BIN)/python -m infra.deploy package "$${STAGE:?say which: make package STAGE=dev}"

.PHONY: deploy
deploy: $(DEVELOP) ## Deploy STAGE=dev|prod to AWS, after all checks; ARGS=--yes does not ask
	@$(BIN)/python -m infra.deploy stage "$${STAGE:?say which: make deploy STAGE=dev}"
	@$(MAKE) --no-print-directory check ARGS=
	@$(BIN)/python -m infra.deploy deploy "$$STAGE" $(ARGS)

.PHONY: destroy
destroy: $(DEVELOP) ## Remove STAGE=dev|prod from AWS; ARGS="--with-bucket --with-database" removes uploads and database, too
	@$(BIN)/python -m infra.deploy destroy "$${STAGE:?say which: make destroy STAGE=dev}" $(ARGS)

# uv installs in seconds what takes pip a minute, but reads none of pip's settings: it is passed the index, and where it
# cannot install, pip does. Both compare hashes.
define install
	@echo "Installing $< ..." >&2
	@index="$${PIP_INDEX_URL:-$$($(BIN)/pip config get global.index-url 2>/dev/null)}"; \
	test -z "$$index" || export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}"; \
	$(BIN)/uv pip install --python $(BIN)/python --system-certs --quiet --exact --compile-bytecode --require-hashes -r $< 2>$(VENV)/uv.log >&2 \
		|| { echo "uv could not, as $(VENV)/uv.log says; pip takes a minute or two ..." >&2 \
			&& $(BIN)/pip install --quiet --quiet --disable-pip-version-check --require-hashes -r $< >&2; }
endef

# What is printed here goes to standard error: standard output belongs to the command that asked for the set-up.
$(CREATED): requirements-uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Assay needs Python 3.11 or later; name one with PYTHON=, as in make PYTHON=python3.12" >&2; exit 1; }
	@echo "Creating $(VENV), once; this takes up to a minute ..." >&2
	@$(PYTHON) -m venv --clear $(VENV) >&2 \
		|| { echo "Python lacks its venv module; Debian has it in the package python3-venv" >&2; exit 1; }
	@echo "Installing $< ..." >&2
	@$(BIN)/pip install --quiet --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r $< >&2 || true
	@touch $@

$(NATIVE): chalicelib/validation/fast/native/kernel.c chalicelib/validation/fast/native/build.py | $(CREATED)
	@$(BIN)/python -m chalicelib.validation.fast.native.build
	@touch $@

# It takes away what only working on it needs.
$(RUN): requirements-run.txt $(CREATED)
	@rm -f $(DEVELOP)
	$(install)
	@touch $@

# It includes what running needs.
$(DEVELOP): requirements-dev.txt $(CREATED)
	$(install)
	@touch $(RUN) $@
