# Each target installs what it needs. `make demo` and `make test` are all a newcomer needs.
.DEFAULT_GOAL := help
.PHONY: help setup demo run fmt check test soak messages charts ui
export PYTHON
# many programs start here: what one has compiled serves the others
unexport PYTHONDONTWRITEBYTECODE

manage := .venv/bin/python manage.py
pages = $$(git ls-files --cached --others --exclude-standard 'templates/*.html')
code = $$(git ls-files --cached --others --exclude-standard '*.py' ':!:*/migrations/*')

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

setup: ## system packages (with apt, where that is allowed) and .venv from uv.lock
	@.ci/setup run

demo: ## a running demonstration with invented companies; Ctrl-C stops it
	@.ci/setup --light run
	@EXTRICATE_DEMO=1 $(manage) serve

run: ## web, workers and ticker, with settings from the environment (docs/operate.md)
	@.ci/setup --light run
	@$(manage) serve

fmt: setup ## bring code and templates into shape
	@.venv/bin/django-upgrade --target-version 5.2 --exit-zero-even-if-changed $(code)
	@.venv/bin/ruff check --fix --quiet . || true
	@.venv/bin/ruff format --quiet .
	@.venv/bin/djade --target-version 5.2 $(pages) || true
	@.venv/bin/djangofmt --quiet $(pages) || true

check: setup ## everything that can be judged without running the product
	@.ci/check

test: ## the suite on SQLite and on a PostgreSQL of its own; args="-k word" for a part
	@.ci/setup run test
	@.ci/test $(args)

soak: ## what is too slow for every change: 200 random kills on each of four backends
	@.ci/setup run test
	@.ci/soak $(args)

messages: setup ## collect texts into the translation catalogue and compile it
	@.venv/bin/python .ci/catalogues.py

charts: setup ## draw the flows into docs/
	@$(manage) draw_flows

ui: ## compile the style sheet (needs npm; only to change or upgrade it)
	@cd ui && npm ci && npm run build
