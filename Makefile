# Everything a newcomer types. The work is done by the scripts in scripts/; `make help` lists what there is.

PORT ?= 8501
PYTHON ?=
VENV ?= .venv
TORCH_INDEX ?=
SYSTEM_TORCH ?=
HOSTS ?=
SOCKET ?=
ACCESS ?=
READ_ONLY ?=
ARGS ?=

# Values reach the scripts through the environment, so that no space or quote in them is read by a shell.
export PORT PYTHON VENV TORCH_INDEX SYSTEM_TORCH HOSTS SOCKET ACCESS READ_ONLY
BASE = "$${PYTHON:-python3}"
OWN = "$$VENV/bin/python"
ENVIRONMENT = $(BASE) scripts/environment.py --venv="$$VENV" --python="$$PYTHON" \
	--torch-index="$$TORCH_INDEX" --system-torch="$$SYSTEM_TORCH"
SERVE = scripts/serve.py --port="$$PORT" --socket="$$SOCKET" --hosts="$$HOSTS" \
	--access="$$ACCESS" --read-only="$$READ_ONLY"
# Whole files, in their order: the long ones with a browser come first.
TWO_AT_ONCE = --numprocesses=2 --dist=loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help run serve stop link test coverage check clean python

help: ## what can be typed, and the variables that change it
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "  Variables, for example: make run PORT=8600"
	@echo "  PORT=8501         where the dashboard listens, on 127.0.0.1 only"
	@echo "  SOCKET=PATH       a Unix socket to listen on instead, in a folder that only you may enter"
	@echo "  ACCESS=open       no token: whoever reaches the port may do everything"
	@echo "  READ_ONLY=1       for a class: others look and click, only you train, end and delete"
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
	@$(BASE) $(SERVE) --check run
	@$(ENVIRONMENT) requirements.txt
	@exec $(OWN) $(SERVE) run

serve: python ## the same in the background: it stays when the terminal closes
	@$(BASE) $(SERVE) --check serve
	@$(ENVIRONMENT) requirements.txt
	@exec $(OWN) $(SERVE) serve

stop: ## end the dashboard that make serve has started
	@if [ -x $(OWN) ]; then exec $(OWN) $(SERVE) stop; else echo "There is no $$VENV, so make serve has started nothing."; fi

link: python ## print the link to the dashboard again, with its token
	@if [ -x $(OWN) ]; then exec $(OWN) $(SERVE) link; else echo "There is no $$VENV yet: make run makes it."; fi

test: python ## every test, in a real browser too
	@$(BASE) scripts/chromium.py --check
	@$(ENVIRONMENT) requirements-dev.txt
	@$(OWN) scripts/sshd.py
	@CHROMIUM="$$($(OWN) scripts/chromium.py)" && export CHROMIUM && \
		exec $(OWN) -m pytest $(TWO_AT_ONCE) $(ARGS)

coverage: ## the same, and which lines and branches no test reaches
	@$(MAKE) --no-print-directory test ARGS="--cov --cov-report=term $$ARGS"

# On a build machine a file that is not formatted is an error; at a desk it is put right.
check: python ## format, lint and type-check
	@$(ENVIRONMENT) requirements-dev.txt
	@$(OWN) -m ruff format $(if $(CI),--check) .
	@$(OWN) -m ruff check .
	@$(OWN) -m mypy
	@$(dir $(OWN))lint-imports

clean: python ## remove the virtual environment; artifacts (data and models) stay
	@$(BASE) scripts/environment.py --venv="$$VENV" --remove

python:
	@set -- $(BASE); advice="expected Python 3.11 or newer. Install it (Debian, Ubuntu: apt-get install python3 python3-venv)"; \
	advice="$$advice or name another: make PYTHON=/path/to/python3.12"; \
	command -v "$$1" >/dev/null || { echo "$$1 is not there: $$advice" >&2; exit 1; }; \
	case "$$("$$1" -c 'import sys; print("Python %d.%02d" % sys.version_info[:2])' 2>/dev/null)" in \
		"Python 2."* | "Python 3.0"[0-6]) echo "$$1 is too old: $$advice" >&2; exit 1;; \
		"Python "*) ;; \
		*) echo "$$1 is not a Python that runs: $$advice" >&2; exit 1;; \
	esac
