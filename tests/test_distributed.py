"""Two processes that torchrun starts on the CPU, and what one process does by itself as the oracle."""

import functools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.distributed import distributed_c10d

from mnistcore.config import TrainConfig, run_id
from mnistcore.devices import devices
from mnistcore.errors import DeviceError, InputError, NonFiniteLossError, ProcessLostError, TrainingStoppedError
from mnistcore.jobs import jobs
from mnistcore.runs.store import Store
from mnistcore.training import connections, distributed, pipeline
from mnistcore.training.heartbeats import Heartbeats
from mnistcore.training.presets import make_config
from scripts.project import ROOT
from tests.forks import fork
from tests.here import here, store_here

LONG = ("--dataset", "digits", "--model", "mlp", "--preset", "handout", "--epochs", "1000", "--device", "cpu")
LONG_RUN = run_id(make_config("digits", "mlp", "handout", epochs=1000))
SECONDS = 120  # for a job to end that has to; most of it is the import of torch, three times on two cores


class Started:
    """A job of two processes: torchrun, and what it has said so far."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self.process, self._folder = process, folder

    @property
    def said(self) -> str:
        return (self._folder / "stderr").read_text()

    @property
    def printed(self) -> str:
        return (self._folder / "stdout").read_text()

    def end(self) -> int:
        return self.process.wait(SECONDS)

    def until(self, words: str) -> None:
        until = time.monotonic() + SECONDS
        while words not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < until, self.said
            time.sleep(0.05)

    def ranks(self) -> dict[int, int]:
        """Rank -> process number."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        found = {}
        for pid in map(int, children):
            variables = dict(
                entry.split("=", 1) for entry in Path(f"/proc/{pid}/environ").read_text().split("\0") if "=" in entry
            )
            if "RANK" in variables:
                found[int(variables["RANK"])] = pid
        return found


@contextmanager
def torchrun(folder: Path, *arguments: str) -> Iterator[Started]:
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    with (folder / "stdout").open("w") as output, (folder / "stderr").open("w") as messages:
        process = subprocess.Popen(
            [*command, "-m", "mnistcore", *arguments],
            cwd=ROOT,
            stdout=output,
            stderr=messages,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            # Where the tests themselves run in the background, Ctrl-C is ignored, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    started = Started(process, folder)
    ranks: dict[int, int] = {}
    try:
        yield started
        with suppress(OSError):
            ranks = started.ranks()
    finally:
        if process.poll() is None:
            with suppress(OSError):
                ranks = started.ranks()
            process.kill()
            process.wait()
        for pid in ranks.values():
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)


@dataclass(frozen=True)
class Ended:
    """What the processes of a job have said and printed, and whether one of them has failed."""

    failed: bool
    said: str
    printed: str


def together(folder: Path, *arguments: str, processes: int = 2, meanwhile: Callable[[], None] = lambda: None) -> Ended:
    """A job that is waited for; its processes are what torchrun starts, without the seconds to load torch."""
    folder.mkdir(parents=True)
    for name in ("stderr", "stdout"):
        (folder / name).touch()
    store = torch.distributed.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    ranks = [fork(work_as_rank, rank, processes, store.port, folder, arguments) for rank in range(processes)]
    meanwhile()
    for rank in ranks:
        rank.join(SECONDS)
    said, printed = ((folder / name).read_text() for name in ("stderr", "stdout"))
    assert all(rank.exitcode is not None for rank in ranks), said
    return Ended(any(rank.exitcode for rank in ranks), said, printed)


def work_as_rank(rank: int, processes: int, port: int, folder: Path, arguments: tuple[str, ...]) -> None:
    os.environ |= {"TORCHELASTIC_RUN_ID": "forked", "WORLD_SIZE": str(processes)}
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank)}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "TORCHELASTIC_USE_AGENT_STORE": "True"}
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666), descriptor)
    from mnistcore.__main__ import app

    app(list(arguments))


def alone(config: TrainConfig, root: Path) -> Store:
    store = Store(root)
    pipeline.train_run(config, store=store, device="cpu")
    return store


# --- shares -------------------------------------------------------------------------------------------------------


@pytest.fixture
def ranks(monkeypatch: pytest.MonkeyPatch) -> list[distributed.Group]:
    """The three processes of a group, not connected."""
    groups = []
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "toy")
    monkeypatch.setenv("WORLD_SIZE", "3")
    for rank in range(3):
        monkeypatch.setenv("RANK", str(rank))
        monkeypatch.setenv("LOCAL_RANK", str(rank))
        groups.append(distributed.started_group())
    return groups


def test_by_itself_a_process_is_alone() -> None:
    assert distributed.started_group() is distributed.ALONE
    assert (distributed.ALONE.rank, distributed.ALONE.size) == (0, 1)
    assert distributed.ALONE.share(3, 9) == slice(3, 9)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 64])
def test_the_gradients_of_the_shares_are_those_of_the_batch(ranks: list[distributed.Group], count: int) -> None:
    generator = torch.Generator().manual_seed(count)
    images, labels = torch.randn(100, 5, generator=generator), torch.randint(3, (100,), generator=generator)
    weights = torch.randn(3, 5, generator=generator)

    def gradient(group: distributed.Group) -> torch.Tensor:
        share = group.share(10, 10 + count)
        model = nn.Parameter(weights.clone())
        loss = F.cross_entropy(images[share] @ model.T, labels[share], label_smoothing=0.1)
        group.scaled(loss).backward()
        assert model.grad is not None
        return model.grad

    mean = torch.stack([gradient(group) for group in ranks]).mean(0)
    torch.testing.assert_close(mean, gradient(distributed.ALONE))


@pytest.mark.parametrize("count", [3, 4, 7, 64])
def test_every_image_is_in_one_share(ranks: list[distributed.Group], count: int) -> None:
    order = list(range(100))
    assert [place for group in ranks for place in order[group.share(10, 10 + count)]] == order[10 : 10 + count]


@pytest.mark.parametrize("name", ["cuda:1", "mps"])
def test_one_gpu_for_several_processes_is_refused(ranks: list[distributed.Group], name: str) -> None:
    with pytest.raises(InputError, match="expected auto, cpu or cuda"):
        ranks[0].pick_device(name)


WORDS = ["shapes do not match", "no connection to the cuDNN backend: timed out", "[gloo] socket closed by NCCL"]


@pytest.mark.parametrize("words", WORDS)
def test_an_error_of_the_training_is_itself_whatever_it_says(ranks: list[distributed.Group], words: str) -> None:
    with pytest.raises(RuntimeError) as raised, ranks[0].training():
        raise RuntimeError(words)
    assert type(raised.value) is RuntimeError
    assert str(raised.value) == words


def test_an_error_of_the_backend_is_the_others_silence(ranks: list[distributed.Group]) -> None:
    with pytest.raises(ProcessLostError, match="another process.*unhandled"), ranks[0].training():
        raise torch.distributed.DistBackendError("unhandled")


@pytest.mark.parametrize("words", ["Connection closed by peer", "anything"])
def test_an_error_of_an_exchange_is_the_others_silence(
    ranks: list[distributed.Group], monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """gloo has no error class of its own: where it is raised decides."""

    def break_off(*_: object, **__: object) -> None:
        raise RuntimeError(words)

    for name in ("all_reduce", "broadcast"):
        monkeypatch.setattr(torch.distributed, name, break_off)
    weight = nn.Parameter(torch.zeros(2))
    weight.grad = torch.ones(2)
    for exchange in (
        lambda: ranks[0].share_gradients([weight]),
        lambda: ranks[0].summed(torch.tensor(1.0), torch.tensor(1)),
        lambda: ranks[0].broadcast_weights(nn.Linear(1, 1)),
    ):
        with pytest.raises(ProcessLostError, match=f"another process.*{words}"), ranks[0].training():
            exchange()


class Nccl:
    """What NCCL does of it: an exchange lasts until it is broken off, and then looks as if it had gone well."""

    def __init__(self) -> None:
        self.entered, self.aborted, self.ended = threading.Event(), threading.Event(), list[str]()

    def exchange(self, tensor: torch.Tensor, *_: object) -> None:
        self.entered.set()
        assert self.aborted.wait(SECONDS)
        tensor.fill_(float("nan"))

    def abort(self) -> None:
        self.aborted.set()


@pytest.fixture
def nccl(ranks: list[distributed.Group], monkeypatch: pytest.MonkeyPatch) -> Nccl:
    """Rank 0's, the other ranks having none: a store in memory connects them."""
    found, store = Nccl(), torch.distributed.HashStore()
    for rank in ranks:
        monkeypatch.setattr(rank._orders, "store", store)
    monkeypatch.setattr(connections, "Heartbeats", functools.partial(Heartbeats, beat_seconds=0.02))
    monkeypatch.setattr(torch.cuda, "set_device", lambda device: None)
    monkeypatch.setattr(torch.distributed, "init_process_group", lambda *_, **__: None)
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.distributed, "group", SimpleNamespace(WORLD=found))
    monkeypatch.setattr(torch.distributed, "destroy_process_group", lambda: found.ended.append("destroyed"))
    monkeypatch.setattr(distributed_c10d, "_abort_process_group", lambda: found.ended.append("aborted"))
    for name in ("all_reduce", "broadcast"):
        monkeypatch.setattr(torch.distributed, name, found.exchange)
    return found


def test_who_waits_for_a_process_that_fails_on_a_gpu_ends_soon(ranks: list[distributed.Group], nccl: Nccl) -> None:
    """Rank 1 has an error; ranks 0 and 2 are inside an exchange that nobody can interrupt."""
    cuda = torch.device("cuda", 0)
    weight = nn.Parameter(torch.zeros(2))
    weight.grad = torch.ones(2)

    def fail() -> None:
        with suppress(ZeroDivisionError), ranks[1].training():
            ranks[1]._connect(cuda)
            assert nccl.entered.wait(SECONDS)
            raise ZeroDivisionError

    failing = threading.Thread(target=fail)
    failing.start()

    def train() -> None:
        with ranks[0].training():
            ranks[0]._connect(cuda)
            with ranks[0].confirmed():
                ranks[0].share_gradients([weight])

    began = time.monotonic()
    with pytest.raises(ProcessLostError, match="process 1 has given up"):
        train()
    assert time.monotonic() - began < 10
    failing.join(SECONDS)
    assert nccl.ended == ["aborted", "aborted"], "destroying would wait for what is under way"


@pytest.mark.parametrize("error", [None, TrainingStoppedError("as asked"), NonFiniteLossError(epoch=1, step=1, loss=0)])
def test_an_end_that_all_come_to_is_no_loss(
    ranks: list[distributed.Group], nccl: Nccl, error: Exception | None
) -> None:
    with suppress(TrainingStoppedError, NonFiniteLossError), ranks[1].training():
        ranks[1]._connect(torch.device("cuda", 1))
        if error is not None:
            raise error
    with ranks[0].training(), ranks[0].confirmed():
        ranks[0]._connect(torch.device("cuda", 0))
        time.sleep(0.2)
    assert nccl.ended == ["destroyed", "destroyed"]


@pytest.mark.parametrize(
    "error",
    [
        torch.AcceleratorError("CUDA error: an illegal memory access was encountered"),
        torch.distributed.DistBackendError("NCCL error: unhandled cuda error, ncclUnhandledCudaError: out of memory"),
    ],
)
def test_what_this_gpu_fails_at_is_not_the_others_silence(
    ranks: list[distributed.Group], monkeypatch: pytest.MonkeyPatch, error: RuntimeError
) -> None:
    """A GPU is told what to do and answers later: where one waits for the others, its own failures are heard of."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(torch.distributed, "all_reduce", fail)
    weight = nn.Parameter(torch.zeros(2))
    weight.grad = torch.ones(2)
    with pytest.raises(DeviceError), ranks[0].training(), devices.memory_guard("cuda:0"):
        ranks[0].share_gradients([weight])


# --- two processes ------------------------------------------------------------------------------------------------


def test_two_processes_train_what_one_does(artifacts: Path, tmp_path: Path) -> None:
    """Batches of 628 of 1,257 images: the last one is a single image, and rank 1 has no share of it."""
    fields = {"epochs": 3, "batch_size": 628, "averaging": 0.9, "label_smoothing": 0.1, "augmentation": "shift"}
    config = make_config("digits", "mlp", "quick", seed=4, **fields)
    options = [f"--{name.replace('_', '-')}={value}" for name, value in fields.items()]
    arguments = ("train", "--dataset", "digits", "--model", "mlp", "--seed", "4", "--device", "cpu", *options)
    with torchrun(tmp_path / "first", *arguments) as job:
        assert job.end() == 0, job.said

    one, two = alone(config, tmp_path / "alone"), store_here()
    name = run_id(config)
    weights, expected = two.weights(name), one.weights(name)
    assert set(weights) == set(expected)
    for part, values in weights.items():
        np.testing.assert_allclose(values, expected[part], rtol=1e-3, atol=1e-4)
    for report, expected_report in zip(two.history(name), one.history(name), strict=True):
        assert report.train_loss == pytest.approx(expected_report.train_loss, rel=1e-3)
        assert report.train_accuracy == pytest.approx(expected_report.train_accuracy, abs=0.003)
        assert report.validation_loss == pytest.approx(expected_report.validation_loss, rel=1e-3)

    # One run, one process that speaks.
    assert [run.run_id for run in two.listing().runs] == [name]
    assert two.manifest(name).trained.environment.processes == 2
    assert one.manifest(name).trained.environment.processes == 1
    for words in ("training mlp on digits", "epoch 1/3", "epoch 2/3", "epoch 3/3"):
        assert job.said.count(words) == 1
    assert job.printed.count(name) == 1
    (done,) = jobs.list_jobs(here())
    assert (done.state, done.steps_done, done.steps) == ("complete", 9, 9)

    # What is there is there for both.
    again = together(tmp_path / "again", *arguments)
    assert not again.failed, again.said
    assert again.printed.count("already trained") == 1
    assert "epoch" not in again.said


def test_batch_normalisation_gives_the_same_accuracy(artifacts: Path, tmp_path: Path) -> None:
    """The statistics are those of each share, so that the weights differ; the accuracy is the same within 3 points."""
    config = make_config("digits", "cnn", "quick", seed=1)
    job = together(tmp_path / "job", "train", "--dataset", "digits", "--model", "cnn", "--seed", "1", "--device", "cpu")
    assert not job.failed, job.said
    expected = alone(config, tmp_path / "alone").manifest(run_id(config)).accuracy
    assert store_here().manifest(run_id(config)).accuracy == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("processes", [2, 1])
def test_it_stops_when_asked_and_resumes(artifacts: Path, tmp_path: Path, processes: int) -> None:
    """What a group has left, a single process resumes too, though that trains without autograd."""
    fields = ("--dataset", "digits", "--model", "mlp", "--preset", "handout", "--epochs", "16", "--device", "cpu")
    config = make_config("digits", "mlp", "handout", epochs=16)
    name = run_id(config)

    def stop() -> None:
        until = time.monotonic() + SECONDS
        while "epoch 3/16" not in (said := (tmp_path / "first" / "stderr").read_text()):
            assert time.monotonic() < until, said
            time.sleep(0.05)
        jobs.stop(here(), name)

    job = together(tmp_path / "first", "train", *fields, meanwhile=stop)
    assert job.failed
    assert "stopped as requested" in job.said
    stopped = jobs.find(here(), name)
    assert stopped is not None
    assert (stopped.state, stopped.resumable) == ("interrupted", True)

    rest = together(tmp_path / "rest", "resume", name, processes=processes)
    assert not rest.failed, rest.said
    assert f"resumes after step {stopped.steps_done} of {stopped.steps}" in rest.said
    assert "epoch 2/16" not in rest.said
    expected = alone(config, tmp_path / "alone").manifest(name).accuracy
    assert store_here().manifest(name).accuracy == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_dead_process_ends_the_job(artifacts: Path, tmp_path: Path, rank: int) -> None:
    with torchrun(tmp_path / "job", "train", *LONG) as job:
        job.until("epoch 3/1000")
        ranks = job.ranks()
        os.kill(ranks[rank], signal.SIGKILL)
        assert job.end() != 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in ranks.values())
    found = jobs.find(here(), LONG_RUN)
    assert found is not None
    assert not found.is_live
    assert found.resumable
    if rank == 1:  # what rank 0 says of it is in other tests: here torchrun may end it before it has said it
        assert store_here().manifest(LONG_RUN).status == "interrupted"


def test_ctrl_c_stops_all_of_them_between_two_steps(artifacts: Path, tmp_path: Path) -> None:
    with torchrun(tmp_path / "job", "train", *LONG) as job:
        job.until("epoch 3/1000")
        job.process.send_signal(signal.SIGINT)
        assert job.end() != 0
    assert f"kept: {LONG_RUN}" in job.said
    assert "error: another process" not in job.said
    assert store_here().manifest(LONG_RUN).status == "interrupted"


def test_a_loss_of_nan_ends_the_training_of_them_all_and_not_the_next(artifacts: Path, tmp_path: Path) -> None:
    wrong = ("--optimizer", "sgd", "--learning-rate", "10", "--schedule", "constant")
    grid = ("--dataset", "digits", "--model", "mlp", "--seed", "0", "--seed", "1", "--device", "cpu")
    job = together(tmp_path / "job", "train", *grid, *wrong)
    assert job.failed
    assert job.said.count("the loss became NaN") == 2
    assert job.printed.count("failed") == 2
    assert [found.state for found in jobs.list_jobs(here())] == ["failed", "failed"]


def test_a_wrong_field_is_said_once(artifacts: Path, tmp_path: Path) -> None:
    job = together(tmp_path / "job", "train", "--dataset", "digits", "--epochs", "0")
    assert job.failed
    assert job.said.count("error: epochs: Input should be greater than or equal to 1") == 1
