"""mnistcore.runs.quota: how much of a disk is used, and that what would exceed the quota is refused with the cure."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import mnistcore
from mnistcore.__main__ import app
from mnistcore.datasets.own.adding import add
from mnistcore.errors import StoreWriteError
from mnistcore.imports import run_archives
from mnistcore.jobs import jobs
from mnistcore.runs import quota
from mnistcore.runs.store import Store
from mnistcore.workspace import Workspace
from scripts.toys import toy_content
from tests.here import here, store_here
from tests.visits import LANGUAGES, open_page, whole
from ui import cache, core_words
from ui.texts import render

MIB = 2**20


@pytest.fixture
def limited(artifacts: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An artifacts folder that may take 1 MiB."""
    monkeypatch.setenv("MNISTCORE_QUOTA_GB", str(1 / 1024))
    monkeypatch.setenv("MNISTCORE_DATA", str(artifacts / "data"))
    return artifacts


def fill(artifacts: Path, size_bytes: int) -> None:
    artifacts.mkdir(parents=True, exist_ok=True)
    (artifacts / "other").write_bytes(bytes(size_bytes))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("20", 20 * 2**30), ("0.5", 2**29), (" 2 GB ", 2**31), ("1GiB", 2**30), ("", None), ("0", None), ("-1", None),
     ("much", None), ("1e3", None), ("٣", None), ("9" * 50, None)],
)  # fmt: skip
def test_the_quota_is_that_of_the_environment(text: str, expected: int | None) -> None:
    found = Workspace.from_environment({"MNISTCORE_ARTIFACTS": "/a", "MNISTCORE_QUOTA_GB": text})
    assert found.quota_bytes == expected
    assert Workspace.from_environment(found.variables()) == found


def test_every_plain_file_counts_once_and_no_link_is_followed(limited: Path, tmp_path: Path) -> None:
    fill(limited, 1000)
    (limited / "runs" / "deep").mkdir(parents=True)
    (limited / "runs" / "deep" / "file").write_bytes(bytes(500))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "large").write_bytes(bytes(9000))
    (limited / "link").symlink_to(tmp_path / "elsewhere")
    (limited / "loop").symlink_to(limited)
    use = quota.disk_use(here())
    assert use == quota.DiskUse(1500, MIB)
    assert not use.is_nearly_full
    assert quota.disk_use(Workspace(limited, limited)) is None


def test_what_would_exceed_it_is_refused_with_the_cure_and_nothing_is_written(limited: Path, tmp_path: Path) -> None:
    kept = store_here().save(toy_content(seed=3))
    archive = run_archives.export(store_here(), kept.run_id, tmp_path)
    store_here().delete(kept.run_id)
    for label in "ab":
        (tmp_path / "photos" / label).mkdir(parents=True)
        for number in range(5):
            pixels = np.random.default_rng(number).integers(0, 256, (80, 80), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / label / f"{number}.png")
    fill(limited, MIB - 1000)
    before = sorted(str(path) for path in limited.rglob("*"))
    for refused in (
        lambda: mnistcore.record_predictions([0, 1] * 200, [0, 1] * 200),
        lambda: run_archives.keep(archive, store_here()),
        lambda: add("photos", tmp_path / "photos", root=here().data),
        lambda: mnistcore.train("digits", "linear", "handout", epochs=1, device="cpu"),
    ):
        with pytest.raises(StoreWriteError, match="expected room for .* of 1.0 MiB. Delete runs.*MNISTCORE_QUOTA_GB"):
            refused()
    after = sorted(str(path) for path in limited.rglob("*") if "jobs" not in path.parts)
    assert after == [path for path in before if "jobs" not in Path(path).parts]
    (job,) = jobs.list_jobs(here())
    assert job.failure is not None and "raise MNISTCORE_QUOTA_GB" in job.failure.message
    fill(limited, 10)
    assert mnistcore.record_predictions([0, 1], [0, 1]).is_new


def test_a_training_that_has_begun_keeps_its_result(limited: Path) -> None:
    fill(limited, MIB)
    assert store_here().save(toy_content()).status == "complete"


def test_elsewhere_than_in_the_artifacts_nothing_counts(limited: Path, tmp_path: Path) -> None:
    fill(limited, MIB)
    assert mnistcore.record_predictions([0, 1], [0, 1], store=Store(tmp_path / "mine" / "runs")).is_new


def test_the_command_says_how_much_is_used(limited: Path) -> None:
    fill(limited, 100_000)
    said = CliRunner().invoke(app, ["list"]).stderr
    assert "disk: 0.1 MiB used of 1.0 MiB, the quota in MNISTCORE_QUOTA_GB\n" in said
    fill(limited, MIB)
    assert "`delete` makes room" in CliRunner().invoke(app, ["list"]).stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_it_warns_and_says_what_to_do(limited: Path, language: str, no_cached_pages: None) -> None:
    for size, key, kind in (
        (100_000, "disk", "caption"),
        (MIB - 50_000, "disk.nearly", "warning"),
        (MIB, "disk.full", "warning"),
    ):
        cache._disk_use.clear()
        fill(limited, size)
        page = open_page("training", lang=language)
        whole(page)
        told = render(f"training.{key}", language, used=f"{size / MIB:.1f} MiB", quota="1.0 MiB")
        assert told in [element.value for element in getattr(page, kind)]


def test_the_refusal_is_said_in_japanese(limited: Path) -> None:
    fill(limited, MIB)
    with pytest.raises(StoreWriteError) as refused:
        mnistcore.record_predictions([0, 1], [0, 1])
    assert "ディスクの割り当て" in str(core_words.in_japanese(str(refused.value)))
