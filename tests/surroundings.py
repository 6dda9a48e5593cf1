"""Owns environments that somebody may start us in: an empty one, and one that makes Python behave otherwise."""

import os

BARE = {"PATH": os.environ["PATH"]}
HOSTILE = BARE | {
    "LANG": "C",
    "LC_ALL": "C",
    "PYTHONIOENCODING": "cp932",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONSAFEPATH": "1",
    "PYTHONWARNINGS": "error",
    "PYTHONINSPECT": "1",
    "PYTHONVERBOSE": "1",
    "PYTHONOPTIMIZE": "2",
    "PYTHONDEVMODE": "1",
    "COLUMNS": "10",
    "LINES": "3",
    "FORCE_COLOR": "1",
    "CLICOLOR_FORCE": "1",
    "TTY_COMPATIBLE": "1",
    "TERM": "xterm-256color",
}
