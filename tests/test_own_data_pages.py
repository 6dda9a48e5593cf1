"""Colour photos of one's own: added, trained on, and looked at on every page."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnistcore.datasets.own.adding import add
from mnistcore.runs.store import Store
from mnistcore.training.pipeline import train_run
from mnistcore.training.presets import make_config
from mnistcore.workspace import Workspace
from tests.visits import CHECKPOINT_PAGES, LANGUAGES, open_page, whole, words

NAMES = ("りんご", "=きゅうり()", "<b>なす</b>")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Artifacts and data of a class that has photographed vegetables, with one trained run."""
    root, chance = tmp_path_factory.mktemp("photos"), np.random.default_rng(2)
    for label, name in enumerate(NAMES):
        (root / "photos" / name.replace("/", "")).mkdir(parents=True)
        for number in range(30):
            photo = chance.integers(60, 200, (18, 24, 3), dtype=np.uint8)
            photo[4:14, 4:20, label] = 250
            Image.fromarray(photo).save(root / "photos" / name.replace("/", "") / f"{number}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNISTCORE_ARTIFACTS", str(root / "artifacts"))
        patch.setenv("MNISTCORE_DATA", str(root / "data"))
        where = Workspace.from_environment()
        add("vegetables", root / "photos", root=where.data)
        config = make_config("vegetables", "cnn", "quick", epochs=2)
        train_run(config, store=Store(where.runs))
        yield root


@pytest.fixture(autouse=True)
def _here(folder: Path, monkeypatch: pytest.MonkeyPatch, no_cached_pages: None) -> None:
    monkeypatch.setenv("MNISTCORE_ARTIFACTS", str(folder / "artifacts"))
    monkeypatch.setenv("MNISTCORE_DATA", str(folder / "data"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_photos_of_ones_own_are_seen_on_every_page(language: str, folder: Path) -> None:
    (run,) = Store(folder / "artifacts" / "runs").listing().runs
    for name in CHECKPOINT_PAGES:
        page = open_page(name, run=run.run_id, lang=language)
        whole(page)
        assert "vegetables" in words(page), name
        assert not any("<b>なす" in element.proto.body for element in page.main if element.type == "html"), name
