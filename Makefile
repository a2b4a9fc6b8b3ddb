# Casebridge. `make` alone lists what there is; each target sets up what it needs.
# State goes below .casebridge/ and .venv/, both ignored by git; `make clean` removes them.

READY := .venv/.ready
BIN := .venv/bin
PYTEST := $(BIN)/pytest
DEMO := $(if $(ONCE),--once) $(if $(LOG),--log "$(LOG)") $(if $(CASES),--cases $(CASES))
COMPILE := pip compile --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock"
BENCH := .venv-bench/.ready

# A real incident log, where one stands beside the checkout. Tests that replay it are left out, and say so, without it.
REAL_LOG := $(wildcard ../shared/data/vinst/incidents.csv.gz)
export CASEBRIDGE_LOG ?= $(if $(REAL_LOG),$(abspath $(REAL_LOG)))

# Nothing of the caller's Python or Airflow is used or written to.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME VIRTUAL_ENV
export AIRFLOW_HOME := $(CURDIR)/.casebridge/airflow

bold := $(if $(MAKE_TERMOUT),$(shell printf '\033[1m'))
plain := $(if $(MAKE_TERMOUT),$(shell printf '\033[0m'))
say = @printf '\n%s── %s%s\n' "$(bold)" "$(1)" "$(plain)"

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-browser test-partners chromium lint types imports declarations references compose audit \
	units journeys laws sim sim-postgres mutants kills load power bench-mapping bench-exchange bench-wire bench-rollup \
	bench-files strace lock docs catalogues clean

help: ## this page
	@printf '\n  %sCasebridge%s  cases cross between companies, managers get the rollup\n\n' "$(bold)" "$(plain)"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  $(bold)make %-15s$(plain)%s\n", $$1, $$2 }' Makefile
	@printf '\n  What make test runs, each by itself too:\n\n'
	@awk -F ':.*#: ' '/^[a-z]+:.*#: / { printf "       %-15s%s\n", $$1, $$2 }' Makefile
	@printf '\n'

setup: $(READY) ## .venv with what requirements.lock pins; the others do it when needed
	@echo "Ready: .venv, $$($(BIN)/python --version)"

demo: $(READY) ## three companies, Airflow and the hub at work (ONCE=1: then stop; LOG=FILE: a real incident log)
	@$(BIN)/casebridge demo $(DEMO)

test: lint types imports declarations references compose audit units journeys ## every check there is, but for the browser's, power's and partners'
	$(call say,all checks hold)

test-browser: $(READY) chromium ## the pages in a real Chromium, with screenshots
	$(call say,pages in Chromium)
	@$(PYTEST) -m browser tests/browser
	@echo "Screenshots: .casebridge/screenshots/"

test-partners: $(READY) ## Redmine and Request Tracker from Debian's packages, each in a Debian of its own, as partners (as root)
	$(call say,real systems)
	@$(BIN)/python tests/systems/debian_root.py redmine rt
	@$(PYTEST) -m partners tests/partners tests/connectors

lint: $(READY) #: ruff: rules and format
	$(call say,ruff)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY) #: mypy --strict
	$(call say,mypy --strict)
	@$(BIN)/mypy

imports: $(READY) #: import-linter: who may import whom
	$(call say,import-linter)
	@$(BIN)/lint-imports

declarations: $(READY) #: casebridge check: partners' declarations, their examples, the agreement
	$(call say,casebridge check)
	@$(BIN)/casebridge check
	@CASEBRIDGE_PARTNERS=mappings/real $(BIN)/casebridge check roundup redmine rt
	@CASEBRIDGE_PARTNERS=mappings/examples $(BIN)/casebridge check southgate

references: $(READY) #: docs/ as the code would write them
	$(call say,docs in step)
	@$(BIN)/python -m hub.reference --check docs

compose: $(READY) #: docker-compose.yml against the compose specification's schema
	$(call say,docker-compose.yml)
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

audit: $(READY) #: known vulnerabilities of what is pinned; red when they could not be asked for
	$(call say,dependency audit)
	@$(BIN)/python tests/gates/audit.py requirements.lock requirements-bench.lock

units: $(READY) #: pytest, all that takes seconds
	$(call say,pytest)
	@$(PYTEST) -n 2 --dist loadfile -m "not journey and not browser and not power and not partners"

journeys: $(READY) #: pytest, whole processes: the compose file's services and a replay
	$(call say,pytest: journeys)
	@$(PYTEST) -n 2 --dist loadfile -m "journey and not browser and not power and not partners" --durations=5

laws: $(READY) ## the mapping laws over RECORDS generated records a partner (10000)
	@$(BIN)/python -m hub.laws_run $(or $(RECORDS),10000)

bench-mapping: $(BENCH) ## the mapping beside hand-written Python and five libraries, and its memory (WRITE=1: into docs/)
	@PYTHONPATH=. .venv-bench/bin/python tests/benchmarks/mapping.py $(if $(WRITE),--write)

bench-exchange: $(BENCH) ## all of an exchange beside bare loops and three libraries (CASES, KILLED, SIDES, WAYS; STORED, PROFILE; WRITE=1)
	@PYTHONPATH=. $(BIN)/python tests/benchmarks/exchange.py $(if $(CASES),--cases $(CASES)) $(if $(SIDES),--sides $(SIDES)) \
		$(if $(WAYS),--ways $(WAYS)) $(if $(KILLED),--killed $(KILLED)) $(if $(STORED),--stored $(STORED)) $(if $(PROFILE),--profile) $(if $(WRITE),--write)

bench-wire: $(BENCH) ## the transport beside requests, httpx, aiohttp, simple-salesforce and zeep alone (CASES, ROUNDS, SIDES; WRITE=1)
	@PYTHONPATH=. $(BIN)/python tests/benchmarks/wire.py $(if $(CASES),--cases $(CASES)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(SIDES),--sides $(SIDES)) $(if $(WRITE),--write)

bench-rollup: $(BENCH) ## a year's figures beside DuckDB and polars, and a day more (ENTRIES="100000 1000000 10000000"; WRITE=1)
	@PYTHONPATH=. .venv-bench/bin/python tests/benchmarks/rollup.py $(if $(ENTRIES),--entries $(ENTRIES)) $(if $(WRITE),--write)

bench-files: $(READY) ## a file of SIZE (200) MiB read and sent over REST and Salesforce: time, and how much more memory
	@PYTHONPATH=. $(BIN)/python tests/benchmarks/files.py --size $(or $(SIZE),200)
	@PYTHONPATH=. $(BIN)/python tests/benchmarks/files.py --size $(or $(SIZE),200) --partner brightnet

docs: $(READY) ## write docs/ from the code
	@$(BIN)/python -m hub.reference docs

catalogues: $(READY) ## bring hub/catalogues/ up to the sentences in the code (NEW=de: begin a language)
	@$(BIN)/python -m hub.reference.catalogues $(NEW)

sim: $(READY) ## the exchange in SEEDS (20000) simulated histories over all cores, resumable (FIRST=0)
	@cd tests/simulation && ../../$(BIN)/python -m simulated.campaign --seeds $(or $(SEEDS),20000) --first $(or $(FIRST),0)

sim-postgres: $(READY) ## SEEDS (1000) of them on SQLite and PostgreSQL: the same story and the same ledger (FIRST=0)
	@cd tests/simulation && ../../$(BIN)/python -m simulated.both --seeds $(or $(SEEDS),1000) --first $(or $(FIRST),0)

mutants: $(READY) ## look for seeds that find each bad design out, and record them for make test
	@cd tests/simulation && ../../$(BIN)/python -m simulated.campaign --mutants

kills: $(READY) ## kill -9 of the exchange KILLS times (1000), then CREATES (200) answers lost; SEED=1 starts the draws
	@$(BIN)/python tests/journeys/long_kills.py $(or $(KILLS),1000) $(or $(CREATES),200) $(or $(SEED),1)

load: $(READY) ## cases at 50,000 a day, then ten times that, over a real Airflow (STEADY=120 BURST=60, in seconds)
	@$(BIN)/python -m sandbox.load.command $(or $(STEADY),120) $(or $(BURST),60)

power: $(READY) strace ## power is lost at every write of the ledger: what was not synced is dropped (needs strace)
	$(call say,power loss)
	@$(PYTEST) -m power tests/power

lock: $(READY) ## pin what pyproject.toml asks for, with hashes (UPGRADE=1: newest versions)
	@$(BIN)/uv $(COMPILE) $(if $(UPGRADE),--upgrade) --quiet pyproject.toml --group dev --output-file requirements.lock
	@$(BIN)/uv $(COMPILE) $(if $(UPGRADE),--upgrade) --quiet --group bench --constraints requirements.lock \
		--output-file requirements-bench.lock

clean: ## remove .venv, .casebridge/ and caches
	@rm -rf .venv .venv-bench .casebridge .mypy_cache .ruff_cache .import_linter_cache .pytest_cache .hypothesis *.egg-info dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

chromium:
	@if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then exit 0; fi; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		echo "Installing Debian's chromium and chromium-driver ..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			chromium chromium-driver fonts-dejavu-core >/dev/null; \
	else \
		echo "The pages are looked at in Debian's Chromium, and it is not here. As root:"; \
		echo "    apt-get install chromium chromium-driver"; exit 1; \
	fi

strace:
	@if command -v strace >/dev/null; then exit 0; fi; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		echo "Installing Debian's strace ..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends strace >/dev/null; \
	else \
		echo "Writes and syncs are followed by strace, and it is not here. As root:"; \
		echo "    apt-get install strace"; exit 1; \
	fi

# A place of its own for what is measured against: such libraries pin what Airflow pins otherwise, and what they bring
# has no business where the hub is tested.
$(BENCH): requirements-bench.lock | $(READY)
	@echo "Setting up .venv-bench ..."; \
	$(BIN)/python -m venv --clear .venv-bench && export PIP_DISABLE_PIP_VERSION_CHECK=1 && \
	{ $(BIN)/uv pip install -q --python .venv-bench --require-hashes --compile-bytecode -r requirements-bench.lock \
		|| .venv-bench/bin/python -m pip install -q --require-hashes --no-deps -r requirements-bench.lock; } && \
	touch $(BENCH)

# Everything is checked by hash, uv and the build back ends too: what comes as source is built with the locked ones. Where
# uv cannot reach the index (it does not read pip's configuration), pip does the same.
$(READY): requirements.lock pyproject.toml
	@started=$$(date +%s); \
	for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
		$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && break; python=; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Casebridge needs Python 3.11, 3.12 or 3.13, and found none: $$(python3 --version 2>&1 || true)"; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.12 setup"; exit 1; \
	fi; \
	if ! $(BIN)/python -c 'import pip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
		$$python -m venv --clear .venv || { \
			echo "Python could not make .venv. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }; \
	fi; \
	export PIP_DISABLE_PIP_VERSION_CHECK=1; \
	echo "Setting up .venv with $$($(BIN)/python --version) ..."; \
	awk '/^[a-z0-9]/ { on = /^(uv|setuptools)==/ } on' requirements.lock > .venv/uv.txt; \
	if $(BIN)/python -m pip install -q --require-hashes --no-deps -r .venv/uv.txt \
		&& $(BIN)/uv pip install -q --python .venv --require-hashes --no-build-isolation --compile-bytecode -r requirements.lock; then :; else \
		echo "uv could not install; pip does it, which takes a minute or two."; \
		$(BIN)/python -m pip install -q --require-hashes --no-deps --no-build-isolation -r requirements.lock || exit 1; \
	fi; \
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation --editable . || exit 1; \
	touch $(READY); \
	echo "Set up in $$(( $$(date +%s) - started )) s."
