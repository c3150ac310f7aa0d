# `make run` and `make test` work on a fresh machine: they first install what is
# missing. Neither needs root or a service that has to be started by hand.

PYTHON ?= python3
PORT ?= 8000
# The number of pytest workers.
JOBS ?= logical

BIN := .venv/bin
PYTEST := $(BIN)/pytest -n $(JOBS) --maxprocesses 4 --dist loadgroup
INSTALLED := .venv/.installed
PIP_INSTALL := $(BIN)/python -m pip install --quiet --require-hashes --requirement
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes \
	--no-emit-index-url --python-version 3.11 --custom-compile-command "make lock"

# This file is for a developer's machine only. Production sets its own environment
# and does not use it.
export DEBUG := 1
# Use the system's certificates: a company proxy may have added its own there.
export UV_SYSTEM_CERTS := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Compile modules once, also where a container asks for every time.
export PYTHONDONTWRITEBYTECODE :=
# Print progress at once, also into a log.
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help install run test quick alone mutations attack coverage schemathesis pictures lint format \
	lock reset chaos chaos-proof chaos-jobs bench

help:
	@echo "make run     the panel with its demo, at http://127.0.0.1:$(PORT) (PORT=8080 …)"
	@echo "make test    the checks of the code and every test"
	@echo "make quick   the tests that need no browser, and no checks"
	@echo "make alone   every test file by itself, twice (a quarter of an hour)"
	@echo "make mutations  mistakes planted in the checks of access: do the tests see them?"
	@echo "make attack  every role, URL and object with forty hostile values each (half an hour)"
	@echo "make coverage  which lines the tests run, per package and in htmlcov/"
	@echo "make schemathesis  5,000 calls of the API, made from its own contract"
	@echo "make chaos   faults under load: nothing lost, nothing doubled (SEED=1 …)"
	@echo "make chaos-jobs  workers killed while they change 5,000 clients (PROOF=1 …)"
	@echo "make pictures  take the manual's pictures again, from the demo"
	@echo "make bench   measures stamping against its limits (BENCH=hot: only that one)"
	@echo "make reset   throw the demo's data away"
	@echo "make lint    only the checks of the code"
	@echo "make format  put the code in its usual shape"
	@echo "make lock    choose the newest allowed versions of all packages"

install: $(INSTALLED)

# With this file, later runs install nothing and need no network.
$(INSTALLED): requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"Python 3.11 or newer is needed. Say which: make run PYTHON=python3.12")'
	@echo "Installing the packages (once)…"
	@$(BIN)/python -c "" 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@# uv is ten times faster; where it is not available, pip uses the same lock file.
	@sed -n '/^uv==/,/# via/p' $< > .venv/uv.txt
	@{ $(PIP_INSTALL) .venv/uv.txt && \
		$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes $<; } \
		|| $(PIP_INSTALL) $<
	@touch $@

run: $(INSTALLED)
	@$(BIN)/python manage.py migrate
	@$(BIN)/python manage.py load_demo
	@# Not granian, as in production: Ctrl-C reaches its workers too, and then it
	@# sometimes does not end.
	@# Ctrl-C does not reach what a shell runs in the background: the trap ends it.
	@$(BIN)/python manage.py refresh_outlook --every 60 & outlook=$$!; \
	$(BIN)/python manage.py work & worker=$$!; \
	trap "kill $$outlook $$worker 2>/dev/null" EXIT INT TERM; \
	$(BIN)/python manage.py runserver --noreload --skip-checks 127.0.0.1:$(PORT)

test: lint
	$(PYTEST)

quick: $(INSTALLED)
	$(PYTEST) -m "not browser"

alone: $(INSTALLED)
	@$(BIN)/python -m tests.alone

# In a copy, whose own database is made first; a quarter of an hour.
mutations: $(INSTALLED)
	@rm -rf /tmp/mutations && mkdir /tmp/mutations
	@tar -c --exclude=.git --exclude=.data . | tar -x -C /tmp/mutations
	@$(BIN)/python -m tests.mutations /tmp/mutations

attack: $(INSTALLED)
	$(BIN)/pytest -q -s -p no:logging -p no:randomly --tb=short tests/attack.py

# It informs and never fails: no minimum is asked for.
coverage: $(INSTALLED)
	$(PYTEST) --cov --cov-report=html
	@$(BIN)/coverage report | awk -F '[/ ]+' '/\// { of[$$1] += $$(NF-2); missed[$$1] += $$(NF-1) } \
		END { for (name in of) printf "%-16s %3.0f %% of %d lines\n", \
			name, 100 - 100 * missed[name] / of[name], of[name] }' | sort

# 360 cases for each of 16 calls are more than 5,000.
schemathesis: $(INSTALLED)
	SCHEMATHESIS_CASES=360 $(BIN)/pytest -rP tests/test_api_contract.py

# Takes the manual's pictures again, after a change to the pages they show.
pictures: $(INSTALLED)
	$(BIN)/pytest -q tests/browser/pictures.py

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@# mypy loads the settings but uses no database, so none is started.
	DATABASE_URL=postgresql:///none $(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(INSTALLED)
	$(LOCK) --upgrade pyproject.toml --output-file requirements/base.txt
	$(LOCK) --upgrade --constraint requirements/base.txt --group dev pyproject.toml \
		--output-file requirements/dev.txt
	@# django-hordak, the peer of a benchmark, has an environment of its own.
	printf 'django-hordak\npsycopg[binary]\n' | $(LOCK) --upgrade --constraint requirements/dev.txt - \
		--output-file requirements/hordak.txt

reset: $(INSTALLED)
	@$(BIN)/python -m reseller_panel.embedded reset

# Under two minutes, with a PostgreSQL and servers of its own, on loopback only.
chaos: $(INSTALLED)
	@$(BIN)/python -m chaos $(if $(SEED),--seed $(SEED))

# Does the chaos test detect bugs? One short run for each planted bug.
chaos-proof: $(INSTALLED)
	@$(BIN)/python -m chaos --proof $(if $(SEED),--seed $(SEED))

# Workers killed while they change many clients; JOBS_CLIENTS=500 is quicker.
chaos-jobs: $(INSTALLED)
	@$(BIN)/python -m chaos.jobs --clients $(or $(JOBS_CLIENTS),5000) \
		$(if $(SEED),--seed $(SEED)) $(if $(PROOF),--proof)

# About two minutes each. All of them run, even after a missed target.
BENCH ?= stamping hot batch hordak latency contended
bench: $(INSTALLED)
	@failed=; for name in $(BENCH); do \
		$(BIN)/python -m benchmarks.$$name || failed="$$failed $$name"; echo; \
	done; test -z "$$failed" || { echo "Not met:$$failed"; exit 1; }
