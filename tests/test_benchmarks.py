"""What benchmarks leave behind: a page that says what their results say, and results that can be read again."""

import argparse
import importlib
import sys
from pathlib import Path

import pytest

from benchmarks import page, reports, results
from benchmarks.machine import Machine, timing
from benchmarks.results import Figure, Result

HERE = Machine("2026-01-01", "a processor", 2, 0.5, "Linux", {"Python": "3.11"})


def result(*figures: Figure, card: str = "") -> Result:
    machine = Machine(HERE.date, HERE.processor, HERE.cores, None, HERE.system, HERE.versions, card)
    return Result(command="python -m benchmarks.x", machine=machine, figures=figures)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Results are kept there."""
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(reports, "ROOT", tmp_path)
    return tmp_path / "results"


def test_the_page_is_what_its_results_say() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page(), "python -m benchmarks.page"


def test_every_result_is_on_the_page() -> None:
    template = page.TEMPLATE.read_text(encoding="utf-8")
    tabled = {name for names, _ in page.TABLES.values() for name in names}
    told = {
        name
        for name in results.load_all()
        if name in tabled or name.startswith(page.GPU) or f"found[{name}]" in template
    }
    assert told == set(results.load_all())


def test_a_page_that_is_old_is_noticed_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "benchmarks.md"
    old.write_text("old", encoding="utf-8")
    monkeypatch.setattr(page, "PAGE", old)
    monkeypatch.setattr(page, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["page", "--check"])
    assert page.main() == 1
    assert "python -m benchmarks.page" in capsys.readouterr().err
    assert old.read_text(encoding="utf-8") == "old"
    monkeypatch.setattr(sys, "argv", ["page"])
    assert page.main() == 0
    assert old.read_text(encoding="utf-8") == page.page()


def test_what_is_saved_is_read_again(folder: Path) -> None:
    kept = result(Figure(what="a", unit="ms", n=3, median=(1, 2.5), more={"seeds": (1, 2, 3), "note": "x"}))
    path = results.save("some/name", kept)
    assert path == folder / "some" / "name.json"
    assert results.load_all() == {"some/name": kept}


def test_a_result_that_is_none_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "ROOT", folder)
    folder.mkdir()
    (folder / "broken.json").write_text('{"command": "x"}', encoding="utf-8")
    with pytest.raises(ValueError, match="broken.json"):
        results.load_all()


def test_time_is_told_in_its_unit_beside_what_is_required() -> None:
    found = results.timed_figure("a", timing([0.1, 0.2, 0.3]), most_median=150, most_p95=300)
    assert (found.n, found.median, found.p95) == (3, 200, 290)
    assert found.required == "median ≤ 150 ms, p95 ≤ 300 ms"
    assert found.missed == ("median",)


@pytest.mark.parametrize(
    ("value", "kept"), [(0, 0), (0.123456, 0.123), (4.5678, 4.57), (45.678, 45.7), (456.78, 457), (2521.4, 2521)]
)
def test_three_digits_are_kept(value: float, kept: float) -> None:
    assert results.rounded(value) == kept


def test_a_table_shows_ranges_and_what_is_not_as_required() -> None:
    slow = Figure(what="slow", unit="ms", n=5, median=(1000, 2500), p95=3, missed=("median",))
    text = reports.table([slow, Figure(what="of no time")], reports.TIMES)
    assert text.splitlines()[2:] == ["| slow | – | 5 | **1,000 to 2,500 ms** | 3 ms |"]
    uneven = Figure(what="a", more={"doublings": (2.0, 2.5, 1.9)}, missed=("doublings[1]",))
    assert "| 2.00, **2.50**, 1.90 |" in reports.table([uneven], reports.DOUBLINGS)


@pytest.mark.parametrize(
    ("named", "told"), [("{found[flips]}", "no 'flips' among clicks"), ("{found[clicks].p95}", "'clicks' has no p95")]
)
def test_a_value_that_is_not_there_is_named(named: str, told: str) -> None:
    found, there = page.Found(clicks=page.Values(Figure(what="clicks", median=3))), "{found[clicks].median}"
    assert there.format(found=found) == "3"
    with pytest.raises(KeyError, match=told):
        named.format(found=found)


def test_each_card_has_a_table() -> None:
    row = Figure(what="torch", required="2", more={"figure": "2.15"})
    told = page.gpus(
        {"gpu-one": result(row, card="Card One"), "gpu-two": result(row, card="Card Two"), "store": result()}
    )
    assert told.count("| torch | 2.15 | 2 |") == 2
    assert "Card One" in told
    assert page.gpus({}).startswith("Not measured yet")


@pytest.mark.parametrize("is_json", [True, False])
def test_a_result_is_printed_and_kept(is_json: bool, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = result(Figure(what="a", unit="ms", n=3, median=1, p95=2))
    reports.tell(kept, "x", reports.TIMES, argparse.Namespace(json=is_json, save=True))
    told = capsys.readouterr().out
    if is_json:
        assert Result.model_validate_json(told) == kept
    else:
        assert "| a | – | 3 | 1 ms | 2 ms |" in told
        assert "Kept: results/x.json" in told
    assert results.load_all() == {"x": kept}


@pytest.mark.parametrize("name", ["dashboard", "gpu", "metrics", "store", "training"])
def test_every_benchmark_can_keep_its_figures(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit):
        importlib.import_module(f"benchmarks.{name}").main()
    assert "--save" in capsys.readouterr().out
