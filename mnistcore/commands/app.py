"""Owns what every command shares: exit codes and error messages, help, common options, where the runs are.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted by Ctrl-C.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from mnistcore.console import printing, streams
from mnistcore.errors import ConfigError, DeviceMissingError, InputError, MnistcoreError, TrainingStoppedError
from mnistcore.workspace import Workspace

if TYPE_CHECKING:
    from mnistcore.runs.store import Store

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130  # 130 is what a shell gives for SIGINT

_UsageError: Any = typer.BadParameter.__bases__[0]  # click's; typer brings a click of its own, or does not


@contextmanager
def _harmless_usage() -> Iterator[None]:
    try:
        yield
    except _UsageError as error:
        error.message = printing.harmless(error.message)
        raise


class CommandGroup(TyperGroup):
    """The commands: an error raised on purpose becomes one message and an exit code, never a traceback."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run a command; what the terminal's encoding lacks is replaced."""
        streams.tolerate(sys.stdout, sys.stderr)
        return super().main(*arguments, **options)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the first sentence of each command's help, whole: click would cut it where the line ends."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, found.get_short_help_str(limit=1000)) for name, found in commands if found and not found.hidden]
            )

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Read the command's name; what was typed may be a file's name, and is said without its control signs."""
        with _harmless_usage():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        """Call a command and turn what it raises into a message and an exit code."""
        try:
            with _harmless_usage():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            printing.say("interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except TrainingStoppedError as error:
            printing.say(str(error))
            raise typer.Exit(INTERRUPTED) from None
        except MnistcoreError as error:
            printing.say(f"error: {error}")
            wrong = isinstance(error, ConfigError | InputError | DeviceMissingError)
            raise typer.Exit(WRONG_USAGE if wrong else FAILED) from None


app = typer.Typer(
    cls=CommandGroup,
    help="Train small image classifiers, and keep and evaluate every result.",
    epilog="Runs are stored in the folder MNISTCORE_ARTIFACTS (default: artifacts/), data sets in MNISTCORE_DATA "
    "(default: data/ inside it).",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # rich cuts the names of options in a narrow terminal
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def workspace() -> Workspace:
    """Find where everything lies: the only place of the command line that asks the environment."""
    return Workspace.from_environment()


def store(where: Workspace | None = None) -> "Store":
    """Make the store that a command passes on, in a workspace that it has found already, if it has."""
    from mnistcore.runs.store import Store

    return Store((where or workspace()).runs)


def require_seconds(timeout: float) -> None:
    """Check the time limit of a download.

    Args:
        timeout: in seconds.

    Raises:
        InputError: it is not above 0.
    """
    if not timeout > 0:
        raise InputError(f"--timeout: expected more than 0 seconds, got {timeout:g}")


def _device_name(name: str) -> str:
    """Check the spelling before torch is loaded; whether this machine has the device is checked later."""
    if not re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", name):
        raise typer.BadParameter(f"{name!r}: expected auto, cpu, mps, cuda, or cuda with a number, such as cuda:1")
    return name


Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
Device = Annotated[str, typer.Option(help="Device to train on: auto, cpu, cuda, cuda:1 or mps.", callback=_device_name)]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The id of a run, as `list` shows it.", show_default=False)]
