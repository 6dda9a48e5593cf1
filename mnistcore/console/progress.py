"""Owns how the progress of a training run or a download is shown on standard error; imports no torch."""

from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, Self

from mnistcore import config
from mnistcore.console.printing import is_terminal, percent, say
from mnistcore.errors import TrainingStoppedError, printable
from mnistcore.training.observers import Observer
from mnistcore.wording import plural

if TYPE_CHECKING:
    from rich.progress import Progress

    from mnistcore.config import TrainConfig
    from mnistcore.datasets.downloads import DownloadProgress
    from mnistcore.jobs.jobs import Job
    from mnistcore.runs.history import EpochReport
    from mnistcore.runs.manifest import RunManifest

_BAR_COLUMNS = 80  # a terminal that is narrower shows progress in numbers only


class Display(Observer):
    """Shows progress on standard error: as bars in a terminal, else as a line per epoch and file."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        self._tasks: dict[str, Any] = {}
        self._running: AbstractContextManager[object] = nullcontext()
        self._run = ""
        self._said: set[str] = set()
        self._kept: RunManifest | None = None

    def __enter__(self) -> Self:
        if is_terminal():
            self._running = self._bars = _bars()
        with suppress(OSError, ValueError):  # the terminal was closed meanwhile
            self._running.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        with suppress(OSError, ValueError):
            self._running.__exit__(kind, error, trace)
        if error is None:
            return
        if self._kept is not None:
            kept = self._kept
            say(f"kept: {kept.run_id}, epoch {kept.epochs_kept[-1]} of {kept.epochs}, {kept.status}")
        elif isinstance(error, KeyboardInterrupt | TrainingStoppedError):
            say("nothing new was kept: no further epoch was finished")

    def wait(self, job: "Job") -> None:
        """Say once what this process waits for, and again when that changes."""
        if job.place is None:
            text = f"{job.run_id}: is already being trained by process {job.pid}; waiting for it"
        else:
            text = f"{job.run_id}: waiting for {job.queue}, place {job.place} in the queue"
        if text not in self._said:
            self._said.add(text)
            say(text)

    def on_download(self, progress: "DownloadProgress") -> None:
        """Show how much of a file has arrived; without bars, that the download has begun."""
        if self._bars is not None:
            self._advance(progress.file, progress.received_bytes, progress.total_bytes)
        elif progress.file not in self._said:
            self._said.add(progress.file)
            say(f"downloading {progress.file}")

    def on_start(self, wanted: "TrainConfig") -> None:
        self._run, self._kept = config.run_id(wanted), None
        say(f"{self._run}: training {wanted.model} on {wanted.dataset} for {plural(wanted.epochs, 'epoch')}")

    def on_choice(self, device: str, why: str) -> None:
        say(f"on {device}: {why}")

    def on_resume(self, done: int, steps: int) -> None:
        say(f"{self._run}: resumes after step {done} of {steps}")

    def on_step(self, done: int, steps: int) -> None:
        self._advance(self._run, done, steps)

    def on_epoch(self, report: "EpochReport", epochs: int) -> None:
        say(
            f"{self._run}: epoch {report.epoch}/{epochs}  loss {report.train_loss:.4f}  validation loss "
            f"{report.validation_loss:.4f}  validation accuracy {percent(report.validation_accuracy)}  "
            f"{report.seconds:.1f} s"
        )

    def on_warning(self, text: str) -> None:
        say(f"warning: {text}")

    def on_saved(self, run: "RunManifest") -> None:
        self._kept = run

    def _advance(self, name: str, done: int, total: int | None) -> None:
        if self._bars is None:
            return
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(printable(name), total=total, far="")
        far = f"{done}" if total is None else f"{done}/{total}"
        self._bars.update(self._tasks[name], completed=done, total=total, far=far)


def _bars() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.table import Column

    console = Console(stderr=True)
    # One text that is wrapped between words: rich cuts a column of its own that finds no room.
    text = TextColumn("{task.description} {task.fields[far]}", markup=False, table_column=Column(overflow="fold"))
    wide: list[ProgressColumn] = [BarColumn(), TimeRemainingColumn()] if console.width >= _BAR_COLUMNS else []
    return Progress(text, *wide, console=console, transient=True)
