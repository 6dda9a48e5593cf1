# Everything a newcomer types. The work is done by the scripts in scripts/; `make help` lists what there is.

PORT ?= 8501
PYTHON ?=
VENV ?= .venv
TORCH_INDEX ?=
SYSTEM_TORCH ?=
HOSTS ?=
ARGS ?=

BASE_PYTHON := $(or $(PYTHON),python3)
ENVIRONMENT = "$(BASE_PYTHON)" scripts/environment.py --venv "$(VENV)" --python "$(PYTHON)" \
	--torch-index "$(TORCH_INDEX)" --system-torch "$(SYSTEM_TORCH)"

.DEFAULT_GOAL := help
.PHONY: help run test check clean python

help: ## what can be typed, and the variables that change it
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "  Variables, for example: make run PORT=8600"
	@echo "  PORT=8501         where the dashboard listens, on 127.0.0.1 only"
	@echo "  PYTHON=python3    the Python 3.11 or newer that .venv is made with"
	@echo "  VENV=.venv        the folder of the virtual environment"
	@echo "  TORCH_INDEX=URL   where torch and torchvision come from, for example"
	@echo "                    https://download.pytorch.org/whl/cpu (small, no GPU) or .../whl/cu128 (the lab's CUDA)"
	@echo "  SYSTEM_TORCH=1    use the torch that PYTHON already has (a container's), and never replace it"
	@echo "  HOSTS=NAME        further names the page may be opened under, for example a JupyterHub's"
	@echo "  CHROMIUM=PATH     the browser for make test"
	@echo "  ARGS=...          for pytest, for example: make test ARGS='-k metrics -x'"
	@echo "  TORCH_INDEX, SYSTEM_TORCH and PYTHON are remembered until another value is given or make clean."

run: python ## install what is missing, make a first model, and serve the dashboard
	@"$(BASE_PYTHON)" scripts/serve.py --port "$(PORT)" --check-port-only
	@$(ENVIRONMENT) requirements.txt
	@exec "$(VENV)/bin/python" scripts/serve.py --port "$(PORT)" --hosts "$(HOSTS)"

test: python ## every test, in a real browser too
	@$(ENVIRONMENT) requirements-dev.txt
	@CHROMIUM="$$("$(VENV)/bin/python" scripts/chromium.py)" && export CHROMIUM && \
		exec "$(VENV)/bin/python" -m pytest $(ARGS)

# On a build machine a file that is not formatted is an error; at a desk it is put right.
check: python ## format, lint and type-check
	@$(ENVIRONMENT) requirements-dev.txt
	@"$(VENV)/bin/python" -m ruff format $(if $(CI),--check) .
	@"$(VENV)/bin/python" -m ruff check .
	@"$(VENV)/bin/python" -m mypy

clean: python ## remove the virtual environment; artifacts (data and models) stay
	@"$(BASE_PYTHON)" scripts/environment.py --venv "$(VENV)" --remove

python:
	@command -v "$(BASE_PYTHON)" >/dev/null || { echo "$(BASE_PYTHON) is not there: expected Python 3.11 or newer." \
		"Install it (Debian, Ubuntu: apt-get install python3 python3-venv) or name another: make PYTHON=/path/to/python3.12" >&2; exit 1; }
