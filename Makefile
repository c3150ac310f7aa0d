# The two commands of a fresh machine are `make run` and `make test`; each installs
# what is missing first. Nothing needs root, and nothing has to be started by hand.

PYTHON ?= python3
PORT ?= 8000
# How many processes the tests are shared between.
JOBS ?= logical

BIN := .venv/bin
PYTEST := $(BIN)/pytest -n $(JOBS) --maxprocesses 4 --dist loadgroup
INSTALLED := .venv/.installed
PIP_INSTALL := $(BIN)/python -m pip install --quiet --require-hashes --requirement
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes \
	--no-emit-index-url --python-version 3.11 --custom-compile-command "make lock"

# The demo, the tests and the checks are all a developer's machine. Production sets
# its own environment and does not use this file.
export DEBUG := 1
# Machines with certificates of their own (company proxies) keep them in the system.
export UV_SYSTEM_CERTS := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Modules are compiled once, also where containers ask for every time.
export PYTHONDONTWRITEBYTECODE :=
# Progress is seen when it happens, also in a log.
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help install run test quick alone coverage schemathesis pictures lint format \
	lock reset chaos chaos-proof bench

help:
	@echo "make run     the panel with its demo, at http://127.0.0.1:$(PORT) (PORT=8080 …)"
	@echo "make test    the checks of the code and every test"
	@echo "make quick   the tests that need no browser, and no checks"
	@echo "make alone   every test file by itself, twice (a quarter of an hour)"
	@echo "make coverage  which lines the tests run, per package and in htmlcov/"
	@echo "make schemathesis  5,000 calls of the API, made from its own contract"
	@echo "make chaos   faults under load: nothing lost, nothing doubled (SEED=1 …)"
	@echo "make pictures  take the manual's pictures again, from the demo"
	@echo "make bench   measures stamping against its limits (BENCH=hot: only that one)"
	@echo "make reset   throw the demo's data away"
	@echo "make lint    only the checks of the code"
	@echo "make format  put the code in its usual shape"
	@echo "make lock    choose the newest allowed versions of all packages"

install: $(INSTALLED)

# The stamp makes every run after the first instant, and needs no network.
$(INSTALLED): requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"Python 3.11 or newer is needed. Say which: make run PYTHON=python3.12")'
	@echo "Installing the packages (once)…"
	@$(BIN)/python -c "" 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@# uv is ten times faster; where it cannot be had, pip reads the same lock.
	@sed -n '/^uv==/,/# via/p' $< > .venv/uv.txt
	@{ $(PIP_INSTALL) .venv/uv.txt && \
		$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes $<; } \
		|| $(PIP_INSTALL) $<
	@touch $@

run: $(INSTALLED)
	@$(BIN)/python manage.py migrate
	@$(BIN)/python manage.py load_demo
	@# Not granian, as in production: of a Ctrl-C, which reaches its workers too, it
	@# sometimes never ends.
	@$(BIN)/python manage.py runserver --noreload --skip-checks 127.0.0.1:$(PORT)

test: lint
	$(PYTEST)

quick: $(INSTALLED)
	$(PYTEST) -m "not browser"

alone: $(INSTALLED)
	@$(BIN)/python -m tests.alone

# Told, not judged: no number is asked for.
coverage: $(INSTALLED)
	$(PYTEST) --cov --cov-report=html
	@$(BIN)/coverage report | awk -F '[/ ]+' '/\// { of[$$1] += $$(NF-2); missed[$$1] += $$(NF-1) } \
		END { for (name in of) printf "%-16s %3.0f %% of %d lines\n", \
			name, 100 - 100 * missed[name] / of[name], of[name] }' | sort

# 16 calls, 360 cases each: more than 5,000.
schemathesis: $(INSTALLED)
	SCHEMATHESIS_CASES=360 $(BIN)/pytest -rP tests/test_api_contract.py

# Of the manual, from the demo: after a change of what they show.
pictures: $(INSTALLED)
	$(BIN)/pytest -q tests/browser/pictures.py

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@# It reads the settings and talks to no database: none is started for it.
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
	@# The peer of a benchmark, for an environment of its own.
	printf 'django-hordak\npsycopg[binary]\n' | $(LOCK) --upgrade --constraint requirements/dev.txt - \
		--output-file requirements/hordak.txt

reset: $(INSTALLED)
	@$(BIN)/python -m reseller_panel.embedded reset

# Two minutes each way and four: a PostgreSQL and servers of its own, loopback only.
chaos: $(INSTALLED)
	@$(BIN)/python -m chaos $(if $(SEED),--seed $(SEED))

# Does it see what it is there to see? One short run for each planted mistake.
chaos-proof: $(INSTALLED)
	@$(BIN)/python -m chaos --proof $(if $(SEED),--seed $(SEED))

# About two minutes each; all are run, even after a missed target.
BENCH ?= stamping hot batch hordak latency held
bench: $(INSTALLED)
	@failed=; for name in $(BENCH); do \
		$(BIN)/python -m benchmarks.$$name || failed="$$failed $$name"; echo; \
	done; test -z "$$failed" || { echo "Not met:$$failed"; exit 1; }
