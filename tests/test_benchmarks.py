"""What benchmarks leave behind: a page that says what their results say, and results that can be read again."""

import argparse
import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import clicks, metrics, page, reports, results, subject, training
from benchmarks.baselines import Outcome
from benchmarks.machine import Machine, timing
from benchmarks.results import Figure, Result
from scripts.toys import toy_content
from tests.here import store_here

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


@pytest.mark.parametrize("name", ["dashboard", "gpu", "imports", "metrics", "store", "training"])
def test_every_benchmark_can_keep_its_figures(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit):
        importlib.import_module(f"benchmarks.{name}").main()
    assert "--save" in capsys.readouterr().out


def test_ways_are_measured_in_turn_and_ours_is_compared() -> None:
    asked = []

    def way(name: str, seconds: float) -> Callable[[int], Outcome]:
        return lambda seed: asked.append((seed, name)) or Outcome(seconds + seed, 0.9)

    ours, other = training._in_turn({"ours": way("ours", 1), "other": way("other", 3)}, 2)
    assert asked == [(0, "ours"), (0, "other"), (1, "ours"), (1, "other")]
    assert (ours.median, ours.more) == (1.5, {"accuracy": 90.0})
    assert other.more["ours_in_its_time"] == pytest.approx((1 / 3 + 2 / 4) / 2, abs=0.001)
    assert training._limited(other, "half the time", 0.5).missed == ()
    assert training._limited(other, "a quarter of it", 0.25).missed == ("ours_in_its_time",)


def test_a_preset_is_held_against_what_is_required() -> None:
    found = [
        {"seconds": 200.0, "accuracy": 0.99, "peak_bytes": 2e9},
        {"seconds": 100.0, "accuracy": 0.98, "peak_bytes": 1e9},
    ]
    figure = training._preset_figure(training.Preset("cnn", "standard", 2, 0.995, 120), found)
    assert (figure.required, figure.missed) == ("≥ 99.5 % in ≤ 120 s", ("accuracy", "median"))
    assert figure.more == {"accuracies": (99.0, 98.0), "accuracy": 98.5, "peak_gb": 2.0}
    free = training._preset_figure(training.Preset("mlp", "handout", 1), found[:1])
    assert (free.required, free.missed) == ("", ())
    assert "| 99.00 % |" in reports.table([free], reports.PRESETS)


def test_doublings_outside_the_tolerance_are_marked() -> None:
    seconds = {size: [size / 1000] for size in training.SIZES} | {training.SIZES[-1]: [1000.0]}
    figure = training._scaling_figure("mlp", seconds, 1)
    assert figure.more["doublings"] == (2.0, 2.0, 2.0, 8.33)
    assert figure.missed == ("doublings[3]",)


def test_memory_is_held_against_what_is_allowed() -> None:
    measured = [
        metrics.Measured(what, images, timing([0.02]), peak_label_copies=copies, held_label_copies=2)
        for images in metrics.BUDGET_SECONDS
        for what, copies in (("counting", 1.5), ("ranking", 0.1), ("everything", 1.5))
    ]
    figures = {figure.what: figure for figure in metrics.figures(measured)}
    assert figures["memory of counting 10,000,000 images"].missed == ("copies",)
    assert figures["everything, 10,000 images"].missed == ("median",)
    assert figures["everything, 10,000,000 images"].missed == ()


def test_a_run_of_mnists_size_is_made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject.data_files, "is_available", lambda *_, **__: False)
    with pytest.raises(SystemExit, match="train one"):
        subject.prepare_subject(tmp_path)
    run_id = store_here().save(toy_content()).run_id
    found = subject.prepare_subject(tmp_path)
    assert str(found).startswith(f"{run_id}, 20 images")
    assert found.path("overview", cell="1-1") == f"/overview?lang=en&run={run_id}&cell=1-1"
    kinds = list(clicks._kinds(found))
    assert [kind.what for kind in kinds] == ["cell click", "cell click", "class flip", "class flip"]
    assert all(goal["images"] for kind in kinds for goal in kind.goals)
