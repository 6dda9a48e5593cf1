"""The memory page: which devices there are, who holds what, and the buttons that have it given back."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnistcore.devices import device_memory
from mnistcore.errors import StoreWriteError
from mnistcore.jobs import jobs
from mnistcore.jobs.jobs import Job
from mnistcore.models import held_models
from mnistcore.runs import accounts
from mnistcore.workspace import Workspace
from scripts.project import ROOT
from scripts.toys import toy_job
from tests.gpus import EQUAL_GPUS, pretend
from tests.here import here
from ui.navigation import PAGES
from ui.texts import render

LANGUAGES = ("ja", "en")
SECONDS = 60
RUN, OTHER = "digits-mlp-00000001", "digits-mlp-00000002"


pytestmark = pytest.mark.usefixtures("no_cached_pages")


def counted(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """An nvidia-smi of our own on the PATH; gives the file that holds a line for each time it was asked."""
    asked = folder / "asked"
    pretend(folder / "bin", monkeypatch, f"echo asked >> {asked}\n{script}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return asked


def asked_so_far(folder: Path) -> int:
    """How often that nvidia-smi was asked."""
    return (folder / "asked").read_text(encoding="utf-8").count("asked")


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    return counted(tmp_path, monkeypatch, f"cat <<END\n{EQUAL_GPUS}\nEND")


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """What `jobs.list_jobs` gives: one that runs on the first GPU, and one that waits for it."""
    running = toy_job(RUN, memory_bytes=3 * 2**30, pid=4711)
    found = [running, replace(running, run_id=OTHER, state="waiting", place=1, memory_bytes=0, pid=4712)]
    monkeypatch.setattr(jobs, "list_jobs", lambda _: tuple(found))
    return found


def keep(run_id: str, *, device: str = "cuda:0") -> str:
    """Say that this process keeps a model; gives the name of its record."""
    name = held_models.new_name()
    model = held_models.HeldModel(run_id=run_id, device=device, size_bytes=2_000_000, last_used=datetime.now(UTC))
    held_models.write(here().holders, name, [model])
    return name


def open_page(language: str = "en", *, answered: bool = True) -> AppTest:
    """The memory page, drawn again until nvidia-smi has answered; or as it is before."""
    page = AppTest.from_file(ROOT / "dashboard.py", default_timeout=SECONDS)
    page.query_params["lang"] = language
    page.switch_page(PAGES["memory"].file).run()
    return until(page, lambda: not is_asking(page, language)) if answered else whole(page)


def until(page: AppTest, shown: Callable[[], bool]) -> AppTest:
    """The page, drawn again until it shows something."""
    deadline = time.monotonic() + SECONDS
    while not shown():
        assert time.monotonic() < deadline, html(page)
        time.sleep(0.02)
        page.run()
    return whole(page)


def is_asking(page: AppTest, language: str = "en") -> bool:
    return render("memory.gpu.asking", language) in [info.value for info in page.info]


def whole(page: AppTest) -> AppTest:
    assert not page.exception, [error.message for error in page.exception]
    assert len(page.title) == 1
    return page


def html(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.main if element.type == "html")


def words(page: AppTest) -> str:
    return unescape(re.sub(r"<[^>]*>", " ", html(page)))


# ---------------------------------------------------------------- devices


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_gpu_it_shows_the_cpu_and_says_so(language: str, no_gpu: None) -> None:
    page = open_page(language)
    assert page.title[0].value == render("memory.title", language)
    assert page.info[0].value == render("memory.gpu.none", language)
    assert "cpu" in words(page)
    assert "cuda" not in words(page)
    assert render("memory.nobody", language) in [caption.value for caption in page.caption]


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_checkpoint_the_page_is_whole(language: str, no_gpu: None) -> None:
    page = open_page(language)
    assert not page.warning
    assert not page.error
    assert render("memory.handout", language) in [heading.value for heading in page.header]
    assert any("300" in text.value for text in page.markdown)
    assert page.code[-1].value.splitlines()[1] == "python -m mnistcore release"


def test_gpus_are_shown_with_their_use(two_gpus: Path) -> None:
    page = open_page()
    assert "cuda:0: NVIDIA H100 80GB HBM3" in words(page)
    assert "30.8 GiB of 79.6 GiB in use (38.6%)" in words(page)
    assert "cuda:1" in words(page)
    assert not page.info


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("script", "visible", "state", "detail"),
    [
        ("echo driver gone; exit 9", None, "failed", "driver gone"),
        (f"cat <<END\n{EQUAL_GPUS}\nEND", "", "hidden", "CUDA_VISIBLE_DEVICES="),
    ],
)
def test_gpus_that_cannot_be_shown_are_explained(
    script: str, visible: str | None, state: str, detail: str, language: str,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    counted(tmp_path, monkeypatch, script)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    page = open_page(language)
    assert page.info[0].value == render(f"memory.gpu.{state}", language)
    assert detail in page.code[0].value


def test_memory_that_is_not_known_is_not_made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted(tmp_path, monkeypatch, "echo 0, GPU-1, NVIDIA GB10, [N/A], [N/A]")
    page = open_page()
    assert render("memory.unknown", "en") in words(page)


def test_a_device_that_only_a_training_names_is_shown(no_gpu: None, trainings: list[Job]) -> None:
    page = open_page()
    assert "Device cuda:0" in words(page)
    assert RUN in words(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_another_account_uses_has_its_name_and_no_button(
    language: str, two_gpus: Path, trainings: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    trainings[:] = [replace(job, account="alice") for job in trainings]
    keep(RUN)
    monkeypatch.setattr(accounts, "owner", lambda path: "alice")
    page = open_page(language)
    assert words(page).count(render("memory.account", language, account="alice")) == 3
    assert not [each.key for each in page.main.button if str(each.key).startswith(("end_", "release_", "kill_"))]


def test_nvidia_smi_is_asked_once_for_all_viewers(two_gpus: Path) -> None:
    for _ in range(3):
        open_page().run()
    assert two_gpus.read_text(encoding="utf-8").count("asked") <= 2, "it took longer than two seconds"


def test_it_loads_no_torch(two_gpus: Path) -> None:
    keep(RUN)
    program = f"""
import sys
from streamlit.testing.v1 import AppTest
page = AppTest.from_file({str(ROOT / "dashboard.py")!r}, default_timeout={SECONDS})
page.switch_page({PAGES["memory"].file!r}).run()
assert not page.exception and len(page.title) == 1, page.exception
print(sorted({{name.split(".")[0] for name in sys.modules}} & {{"torch", "torchvision", "sklearn", "scipy"}}))
"""
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines()[-1] == "[]"


# ---------------------------------------------------------------- an nvidia-smi that takes its time


def blocked(folder: Path, monkeypatch: pytest.MonkeyPatch, *, first: str = "") -> Path:
    """An nvidia-smi that answers once it may; gives the file that lets it."""
    gate = folder / "gate"
    wait = f"while [ ! -e {gate} ]; do sleep 0.02; done"
    counted(folder, monkeypatch, f"{first}\n{wait}\ncat <<END\n{EQUAL_GPUS}\nEND")
    return gate


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_drawn_while_nvidia_smi_has_not_answered(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = blocked(tmp_path, monkeypatch)
    page = open_page(language, answered=False)
    assert is_asking(page, language)
    assert "cpu" in words(page)
    assert "cuda" not in words(page)
    gate.touch()
    until(page, lambda: "cuda:1" in words(page))
    assert not page.info


def test_many_viewers_wait_for_one_nvidia_smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = blocked(tmp_path, monkeypatch)
    for _ in range(3):
        assert is_asking(open_page(answered=False).run())
    gate.touch()
    assert "cuda:1" in words(open_page())
    assert asked_so_far(tmp_path) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_last_answer_stays_with_its_age_when_it_is_silent(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_memory, "NVIDIA_SMI_SECONDS", float(SECONDS))
    monkeypatch.setattr(device_memory, "WATCH_SECONDS", 0.01)
    silent = tmp_path / "silent"
    counted(tmp_path, monkeypatch, f"[ -e {silent} ] && sleep 600\ncat <<END\n{EQUAL_GPUS}\nEND")
    page = open_page(language)
    assert any("GPU" in caption.value for caption in page.caption)
    monkeypatch.setattr(device_memory, "NVIDIA_SMI_SECONDS", 0.5)
    before = asked_so_far(tmp_path)
    until(page, lambda: asked_so_far(tmp_path) >= before + 2)  # none is under way that may take longer
    silent.touch()
    until(page, lambda: len(page.warning) > 0)
    (seconds,) = re.findall(r"(\d+) ?(?:s old|秒前)", page.warning[0].value)
    assert page.warning[0].value == render("memory.gpu.silent", language, seconds=seconds)
    assert page.code[0].value == "nvidia-smi: no answer in 0.5 s"
    assert "cuda:1" in words(page)
    silent.unlink()
    monkeypatch.setattr(device_memory, "NVIDIA_SMI_SECONDS", float(SECONDS))
    until(page, lambda: not page.warning)


# ---------------------------------------------------------------- who holds what


@pytest.mark.parametrize("language", LANGUAGES)
def test_holders_are_shown_with_what_they_hold(language: str, two_gpus: Path, trainings: list[Job]) -> None:
    keep("digits-cnn-00000003")
    shown = words(open_page(language))
    assert "3.0 GiB" in shown
    assert render("memory.process", language, pid=4711) in shown
    assert render("memory.state.training", language) in shown
    assert render("memory.state.waiting", language) in shown
    assert "digits-cnn-00000003" in shown
    assert "1.9 MiB" in shown
    assert render("memory.part.training", language, size="3.0 GiB") in shown
    assert render("memory.part.others", language, size="27.8 GiB") in shown
    assert re.search(r"2[89]\d|300", shown)  # seconds until it leaves


def test_the_bar_is_as_long_as_the_memory_is_full(two_gpus: Path, trainings: list[Job]) -> None:
    widths = dict(re.findall(r'<i class="(\w+)" style="width:([\d.]+)%', html(open_page()).split("cuda:1")[0]))
    assert float(widths["training"]) == pytest.approx(100 * 3 * 1024 / 81559, abs=0.01)
    assert float(widths["training"]) + float(widths["others"]) == pytest.approx(100 * 31522 / 81559, abs=0.01)


# ---------------------------------------------------------------- giving back


@pytest.mark.parametrize("language", LANGUAGES)
def test_ending_a_training_says_first_what_is_kept(
    language: str, two_gpus: Path, trainings: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(jobs, "stop", lambda _, run_id: stopped.append(run_id))
    page = open_page(language)
    texts = [text.value for text in page.markdown]
    assert render("memory.end.kept", language) in texts
    assert render("memory.end.queued", language) in texts
    page.button(key=f"end_now_training_{RUN}__cuda_0").click().run()
    whole(page)
    assert stopped == [RUN]


def test_a_training_that_is_ending_can_be_ended_at_once(
    two_gpus: Path, trainings: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    trainings[:] = [replace(trainings[0], stopping=True)]
    killed: list[str] = []

    def kill(workspace: Workspace, run_id: str) -> bool:
        killed.append(run_id)
        trainings.clear()
        return True

    monkeypatch.setattr(jobs, "kill", kill)
    page = open_page()
    assert render("memory.state.stopping", "en") in words(page)
    page.button(key=f"kill_now_training_{RUN}__cuda_0").click().run()
    whole(page)
    assert killed == [RUN]
    assert RUN not in words(page)
    assert not page.error


def test_a_process_that_cannot_be_ended_is_said_once(
    two_gpus: Path, trainings: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(workspace: Workspace, run_id: str) -> bool:
        raise PermissionError(1, "Operation not permitted")

    trainings[:] = [replace(trainings[0], stopping=True)]
    monkeypatch.setattr(jobs, "kill", kill)
    page = open_page()
    page.button(key=f"kill_now_training_{RUN}__cuda_0").click().run()
    assert page.error[0].value == render("memory.problem.kill", "en")
    page.run()
    assert not page.error


def test_a_model_is_asked_to_leave(no_gpu: None) -> None:
    record = keep(RUN, device="cpu")
    page = open_page()
    page.button(key=f"release_model_{RUN}_{record}_cpu").click().run()
    whole(page)
    assert held_models.release_requests(here().holders, record) == {RUN}
    held_models.write(here().holders, record, [])
    st.cache_resource.clear()
    page.run()
    assert RUN not in words(page)


def test_what_cannot_be_asked_is_said(no_gpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path, record: str, run_id: str) -> None:
        raise StoreWriteError("cannot write to /somewhere: disk full")

    record = keep(RUN, device="cpu")
    monkeypatch.setattr(held_models, "request_release", refuse)
    page = open_page()
    page.button(key=f"release_model_{RUN}_{record}_cpu").click().run()
    assert page.error[0].value == render("memory.problem", "en")
    assert "disk full" in page.code[0].value
