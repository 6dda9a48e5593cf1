"""Owns which commands ``mnistcore`` has, or ``python -m mnistcore``, and their order; must not import torch itself."""

from collections.abc import Callable

from mnistcore.commands import data, imports, memory, quiz, runs, training
from mnistcore.commands.app import app

COMMANDS: dict[str, Callable[..., None]] = {
    "train": training.train,
    "resume": training.resume,
    "stop": training.stop,
    "jobs": training.jobs_,
    "starter": training.starter,
    "list": runs.list_,
    "show": runs.show,
    "evaluate": runs.evaluate,
    "delete": runs.delete,
    "export": runs.export,
    "import": imports.import_,
    "quiz": quiz.quiz,
    "grade": quiz.grade,
    "datasets": data.datasets,
    "devices": memory.devices,
    "release": memory.release,
}

for _name, _command in COMMANDS.items():
    app.command(_name)(_command)
app.command("work", hidden=True)(training.work)


def main() -> None:
    """The command ``mnistcore``, which ``pip install -e .`` makes; the same as ``python -m mnistcore``."""
    app(prog_name="mnistcore")


if __name__ == "__main__":
    app(prog_name="python -m mnistcore")
