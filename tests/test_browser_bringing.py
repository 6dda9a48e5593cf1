"""The page for files from elsewhere in a real Chromium: every kind that is taken is dropped, and some that are not."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import FilePayload, Page, expect

from mnistcore.imports import run_archives
from mnistcore.runs.store import Store
from tests import onnx_toys
from tests.browser import Dashboard, chosen, settle, visit
from tests.runs import shown_content
from tests.visits import LANGUAGES
from ui.texts import render

TRUTH, CALLED = ["cat", "dog", "dog", "fox"], ["cat", "cat", "dog", "fox"]
FRAME = pd.DataFrame({"truth": TRUTH, "pred": CALLED})
COUNTS = ",cat,dog,fox\ncat,1,0,0\ndog,1,1,0\nfox,0,0,1\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("brought-artifacts")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    shared = Dashboard(folder)
    yield shared.url
    shared.end()


def written(write: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def numbers(names: list[str]) -> np.ndarray:
    return np.array([["cat", "dog", "fox"].index(name) for name in names])


TABLES: dict[str, dict[str, bytes]] = {
    "CSV": {"a.csv": FRAME.to_csv(index=False).encode()},
    "TSV": {"a.tsv": FRAME.to_csv(index=False, sep="\t").encode("utf-16")},
    "Japanese CSV": {"a.csv": FRAME.set_axis(["正解", "予測"], axis=1).to_csv(index=False, sep=";").encode("cp932")},
    "Parquet": {"a.parquet": written(lambda file: FRAME.to_parquet(file))},
    "JSON lines": {"a.jsonl": FRAME.to_json(orient="records", lines=True).encode()},
    "npz": {"a.npz": written(lambda file: np.savez(file, labels=numbers(TRUTH), predictions=numbers(CALLED)))},
    "two npy": {
        "labels.npy": written(lambda file: np.save(file, numbers(TRUTH))),
        "predictions.npy": written(lambda file: np.save(file, numbers(CALLED))),
    },
}
REFUSED: dict[str, bytes] = {
    "a.pkl": b"\x80\x04K\x01.",
    "a.h5": b"\x89HDF\r\n\x1a\n",
    "sums.csv": b"label,p_0,p_1\n0,0.9,0.1\n1,0.9,0.4\n",
}


def drop(page: Page, files: dict[str, bytes]) -> None:
    """These files, in place of those that were dropped before."""
    for chip in page.get_by_test_id("stFileChipDeleteBtn").all()[::-1]:
        chip.get_by_role("button").click()
    expect(page.get_by_test_id("stFileChipName")).to_have_count(0)
    payloads: list[FilePayload] = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files.items()
    ]
    page.locator("input[type=file]").set_input_files(payloads)
    expect(page.get_by_test_id("stFileChipName")).to_have_count(len(files))
    settle(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_file_is_taken_or_refused_in_words(language: str, server: str, folder: Path, page: Page) -> None:
    visit(page, f"{server}/bring_your_own?lang={language}")
    for what, files in TABLES.items():
        drop(page, files)
        expect(page.get_by_text("= 3 / 4"), what).to_be_visible()
    for name, data in REFUSED.items():
        drop(page, {name: data})
        expect(page.get_by_text(render("bring_your_own.refused", language)), name).to_be_visible()
    drop(page, {"submission.csv": b"id,label\n1,2\n2,0\n3,1\n4,1\n"})
    expect(page.get_by_text(render("bring_your_own.not_guessed", language))).to_be_visible()
    assert not Store(folder / "runs").listing().runs
    drop(page, {"paper.csv": COUNTS.encode()})
    expect(page.get_by_text("= 3 / 4")).to_be_hidden()  # which axis is the truth is asked first
    page.get_by_text(render("bring_your_own.axis.rows", language), exact=True).click()
    expect(page.get_by_text("= 3 / 4")).to_be_visible()
    page.get_by_role("textbox", name=render("bring_your_own.name_of_run", language)).fill(f"paper {language}")
    page.get_by_role("button", name=render("bring_your_own.keep", language)).click()
    page.get_by_role("link", name=render("bring_your_own.kept.confusion_matrix", language)).click()
    settle(page)
    (kept,) = (run for run in Store(folder / "runs").listing().runs if run.title == f"paper {language}")
    assert chosen(page, "run") == kept.run_id
    expect(page.locator("h1")).to_have_text(render("confusion_matrix.title", language))
    for run in Store(folder / "runs").listing().runs:
        Store(folder / "runs").delete(run.run_id)


def weights() -> bytes:
    """Of a network that is here, and has learned nothing."""
    from safetensors.torch import save

    from mnistcore.models import models

    return save(models.build("linear", num_classes=10, seed=1).state_dict())


def network() -> bytes:
    """The same in ONNX."""
    chance = np.random.default_rng(1)
    return onnx_toys.classifier(chance.normal(size=(784, 10)).astype(np.float32), sides=("N", 1, 28, 28))


@pytest.mark.parametrize(("language", "kind"), [("ja", "net.safetensors"), ("en", "net.onnx")])
def test_a_model_is_dropped_evaluated_and_kept(kind: str, language: str, server: str, folder: Path, page: Page) -> None:
    visit(page, f"{server}/bring_your_own?lang={language}")
    drop(page, {kind: weights() if kind == "net.safetensors" else network()})
    page.get_by_role("combobox", name=render("bring_your_own.model.dataset", language)).click()
    page.get_by_role("option", name=re.compile("^digits")).click()
    settle(page)
    page.get_by_role("button", name=render("bring_your_own.keep", language)).click()
    expect(page.get_by_role("link", name=render("bring_your_own.kept.overview", language))).to_be_visible(
        timeout=90_000
    )
    (run,) = Store(folder / "runs").listing().runs
    assert (run.title, run.dataset.name) == ("net", "digits")
    Store(folder / "runs").delete(run.run_id)


def test_somebodys_run_is_dropped_and_seen(server: str, folder: Path, tmp_path: Path, page: Page) -> None:
    elsewhere = Store(tmp_path / "runs")
    run = elsewhere.save(shown_content())
    visit(page, f"{server}/bring_your_own?lang=en")
    drop(page, {"theirs.zip": run_archives.packed(elsewhere, run.run_id)})
    page.get_by_role("button", name=render("bring_your_own.keep_run", "en")).click()
    page.get_by_role("link", name=render("bring_your_own.kept.overview", "en")).click()
    settle(page)
    assert chosen(page, "run") == run.run_id
    Store(folder / "runs").delete(run.run_id)
