"""Names that mean something to Markdown, HTML, a terminal or a spreadsheet mean nothing wherever they are shown."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from mnistcore import stored_runs
from mnistcore.__main__ import app
from mnistcore.devices import device_memory
from mnistcore.evaluation.notebook_html import numbers_html
from mnistcore.quiz import homework, worksheet
from mnistcore.runs.store import Store
from mnistcore.wording import one_line
from mnistcore.workspace import Workspace
from scripts.project import ROOT
from tests import gpus, hostile
from tests.hostile import CONTROLS, EVIL, NAMES
from tests.visits import LANGUAGES, open_page, whole
from ui import cache, format
from ui.confusion_matrix import _csv
from ui.navigation import PAGES, PARAMETERS

PART = 28  # classes of one run, of which a page shows all
PARTS = [NAMES[start : start + PART] for start in range(0, len(NAMES) - 1, PART)]
# Read as Markdown by Streamlit; all else that it is given are words, or is looked at below.
NOT_MARKDOWN = re.compile(
    r"html\.body|code\.code_text|selectbox\.(options|raw_value)|dataframe\..*|bidi_component\..*|plotly_chart\..*|.*\.id|text_input\..*"
    r"|text_area\..*|.*\.query_param_key|.*\.(type|key|tag|shortcut|deferred_file_id|page_script_hash|format|alt|name)"
)
# As they would be meant: none of them may stand in Markdown. What is shorter stands in words of ours, too.
MEANT = tuple(name for name in NAMES if len(name) >= 6 and format.markdown(name) != name and "\n" not in name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Artifacts in which runs, classes, devices, layers, data sets and damaged folders are called so."""
    artifacts = tmp_path_factory.mktemp("hostile") / "artifacts"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNISTCORE_ARTIFACTS", str(artifacts))
        patch.setenv("MNISTCORE_DATA", str(artifacts / "data"))
        patch.setattr(os, "fsync", lambda _: None)
        where = Workspace.from_environment()
        store = Store(where.runs)
        for place, part in enumerate(PARTS):
            hostile.record_named(part, store=store, name=f"{place} {part[0][:60]}")
        hostile.record_named(NAMES, store=store)
        hostile.train_named(NAMES, store=store)
        hostile.damage_named(NAMES, where.runs)
        hostile.damage_named(NAMES, where.jobs)
        hostile.add_named(NAMES, artifacts.parent / "pictures", where)
    return artifacts


@pytest.fixture(autouse=True)
def _here(folder: Path, monkeypatch: pytest.MonkeyPatch, no_cached_pages: None) -> None:
    monkeypatch.setenv("MNISTCORE_ARTIFACTS", str(folder))
    monkeypatch.setenv("MNISTCORE_DATA", str(folder / "data"))


def store_of(folder: Path) -> Store:
    return Store(folder / "runs")


# ---------------------------------------------------------------- what is looked for


class Tags(HTMLParser):
    """What in HTML leads out, runs, or is none of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag in ("script", "iframe", "object", "embed", "meta", "link", "base") or (
            tag == "img" and not told.get("src", "").startswith("data:image/")
        ):
            self.bad.append(f"<{tag} {told}>")
        for name, value in told.items():
            if name.startswith("on") or (
                name in ("href", "src", "action") and re.match(rf"\s*(javascript:|(https?:)?//{EVIL})", value)
            ):
                self.bad.append(f"{tag} {name}={value}")


def faults_of_html(text: str) -> list[str]:
    found = Tags()
    found.feed(re.sub(r"<script>\n\(\(\) => .*?</script>|<style>.*?</style>", "", text, flags=re.DOTALL))
    return [*found.bad, *faults_of_words(text)]


def faults_of_words(text: str) -> list[str]:
    text = text.removeprefix("\ufeff")  # of a CSV file
    return [repr(text[max(0, found.start() - 30) : found.end() + 10]) for found in CONTROLS.finditer(text)][:3]


def faults_of_markdown(text: str) -> list[str]:
    meant = [name for name in MEANT if re.search(rf"(?<!\\){re.escape(name)}", text)]
    linked = re.findall(rf"[^\u2060]//{EVIL}|www\.{EVIL}|@{EVIL}", text)
    return [*(f"{name!r} in {text[:200]!r}" for name in meant), *linked, *faults_of_words(text)]


def strings(message: Message, path: str) -> Iterator[tuple[str, str]]:
    """All texts of what Streamlit sends to the browser, with where they stand."""
    for field, value in message.ListFields():
        for each in value if field.is_repeated else [value]:
            if field.message_type is not None and isinstance(each, Message):
                yield from strings(each, f"{path}.{field.name}")
            elif isinstance(each, str):
                yield f"{path}.{field.name}", each


def leaves(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for name, value in document.items():
            yield from leaves(name)
            yield from leaves(value)
    elif isinstance(document, list):
        for each in document:
            yield from leaves(each)


def faults_of(page: AppTest) -> list[str]:
    """Where on a page a name would be more than words."""
    faults = []
    for element in (*page.main, *page.sidebar):
        if element.type == "arrow_data_frame":
            for column in element.value:
                texts = [each for each in element.value[column] if isinstance(each, str)]
                faults += [f"table: {text!r}" for text in texts if text[:1] in "=+-@" or faults_of_words(text)]
        if getattr(element, "proto", None) is None:
            continue
        for place, text in strings(element.proto, element.type):
            if place == "html.body":
                found = faults_of_html(text)
            elif place.endswith((".json", ".spec")):
                found = [fault for leaf in leaves(json.loads(text)) for fault in faults_of_words(leaf)]
                if place.endswith(".spec"):
                    found += re.findall(r"<(?:b|a|img|br|extra)\b[^>]{0,20}", text)
            elif NOT_MARKDOWN.fullmatch(place):
                found = (
                    []
                    if place.endswith(("_content", "text_input.value", "text_input.default"))
                    else faults_of_words(text)
                )
            else:
                found = faults_of_markdown(text)
            faults += [f"{place}: {fault}" for fault in found]
    return faults


# ---------------------------------------------------------------- pages


@pytest.mark.parametrize("name", PAGES)
def test_names_are_words_on_every_page(name: str, folder: Path) -> None:
    runs = store_of(folder).listing().runs if PAGES[name].needs_checkpoint else store_of(folder).listing().runs[:2]
    assert len(store_of(folder).listing().runs) == len(PARTS) + 2
    for place, run in enumerate(runs):
        page = open_page(name, lang=LANGUAGES[place % 2], run=run.run_id)
        whole(page)
        assert faults_of(page) == [], run.title


@pytest.mark.parametrize("name", ["confusion_matrix", "class_by_class", "misclassified", "quiz", "lessons"])
def test_names_are_words_where_they_are_chosen(name: str, folder: Path) -> None:
    for place, run in enumerate(store_of(folder).listing().runs):
        addresses: list[dict[str, object]] = [
            {"cell": "0-1", "class": 1, "image": 0, "view": "threshold"},
            {"cell": "1-all", "class": 2, "region": "fp", "view": "numbers"},
            {"cell": "all-2", "truth": 1, "predict": 1, "find": 1, "question": 3},
        ]
        if name == "lessons":
            from ui.lessons.catalogue import LESSONS

            addresses = [{"lesson": lesson} for lesson in LESSONS] if place < 3 else []
        for address in addresses:
            page = open_page(name, lang=LANGUAGES[place % 2], run=run.run_id, **address)
            whole(page)
            assert faults_of(page) == [], (run.title, address)


WORST = (
    f"http://{EVIL}/a", f"www.{EVIL}", f"a@{EVIL}", f"![x](http://{EVIL}/x.png)", f"<img src=http://{EVIL}/y.png>",
    "a\n\n# heading", ":material/home:", "$x^2$ :red[red]", "\x1b]0;title\x07", "\u202eevil", "=1+1\t", "x" * 5000,
)  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_an_address_is_words(name: str) -> None:
    for place, text in enumerate(WORST):
        page = open_page(
            name, **(dict.fromkeys((each.name for each in PARAMETERS), text) | {"lang": LANGUAGES[place % 2]})
        )
        whole(page)
        assert faults_of(page) == [], text


@pytest.mark.parametrize("parameter", [each.name for each in PARAMETERS if each.name != "lang"])
def test_each_parameter_alone_is_words(parameter: str) -> None:
    """On each page that tells of it, for what is wrong with another one does not hide it."""
    for name, info in PAGES.items():
        if parameter in {each.name for each in info.parameters} | {"run", "epoch", "job"}:
            page = open_page(name, lang="en", **{parameter: WORST[0]})
            whole(page)
            assert faults_of(page) == []


def test_a_language_is_words() -> None:
    for text in WORST:
        assert faults_of(open_page("overview", lang=text)) == []


def table_of(names: list[str]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["label", *(f"p_{name}" for name in names)])
    writer.writerows([name, *(0.7 if name == other else 0.1 for other in names)] for name in names)
    return file.getvalue().encode()


def matrix_of(names: list[str]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows([["", *names], *([name, 3, 1, 0, 0] for name in names)])
    return file.getvalue().encode()


USABLE = [name for name in NAMES if "\0" not in name and one_line(name)]


@pytest.mark.parametrize("make", [table_of, matrix_of])
def test_brought_files_are_words_on_the_page(
    make: Callable[[list[str]], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNISTCORE_ARTIFACTS", str(tmp_path / "artifacts"))
    for place in range(0, len(USABLE) - 4, 12):
        names = USABLE[place : place + 4]
        page = open_page("bring_your_own", lang=LANGUAGES[place % 2])
        for data in (make(names), f"{names[0]},{names[1]}\n1,2\n".encode(), names[0].encode()):
            page.file_uploader(key="bring_upload").set_value([(f"{names[0]}.csv", data, "text/plain")]).run()
            whole(page)
            assert faults_of(page) == [], names
            for button in page.button:
                if button.key == "bring_keep":
                    button.click().run()
                    whole(page)
                    assert faults_of(page) == [], names


# ---------------------------------------------------------------- exports


def cells_of(data: bytes) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) for cell in row]


def faults_of_cells(data: bytes) -> list[str]:
    cells = cells_of(data)
    formulas = [
        cell
        for cell in cells
        if cell.startswith(tuple("=+-@\t\r\n＝＋－＠")) and not re.fullmatch(r"-?[\d.]+(e-?\d+)?", cell)
    ]
    return formulas + [fault for cell in cells for fault in faults_of_words(cell)]


def test_no_cell_of_a_csv_file_is_a_formula(folder: Path) -> None:
    from ui.checkpoint import read_checkpoint

    for run in store_of(folder).listing().runs:
        checkpoint = read_checkpoint(run, run.epochs_kept[-1])
        data = _csv(checkpoint).encode()
        assert faults_of_cells(data) == []
        assert len(cells_of(data)) == (len(checkpoint.names) + 1) ** 2


def test_html_files_are_words(folder: Path) -> None:
    store = store_of(folder)
    for run in store.listing().runs:
        numbers = stored_runs.evaluate(run.run_id, store=store).numbers
        names = [each.en for each in run.dataset.classes]
        assert faults_of_html(numbers_html(run.title, numbers, names, notes=NAMES)) == []
        for language in LANGUAGES:
            made = homework.make_homework(
                stored_runs.evaluate(run.run_id, store=store), dataset=run.dataset, seed=1, count=20, language=language,
                images=None,
            )  # fmt: skip
            for text in (worksheet.worksheet_html(made), worksheet.key_html(made)):
                ours = re.sub(r"<meta [^>]*>", "", text)
                scripts = re.findall(r"<script[^>]*>(.*?)</script>", ours, flags=re.DOTALL)
                assert len(scripts) == ours.count("<script") <= 3
                for script in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', ours, flags=re.DOTALL):
                    json.loads(script)
                assert faults_of_html(re.sub(r"<script.*?</script>", "", ours, flags=re.DOTALL)) == []


# ---------------------------------------------------------------- commands


def printed(*arguments: str) -> str:
    """What a command prints, which is not a traceback and commands no terminal."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), (arguments, result.exception)
    output = result.stdout + result.stderr
    assert "Traceback" not in output
    assert faults_of_words(output) == [], arguments
    return output


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_commands_about_runs_command_no_terminal(form: tuple[str, ...], folder: Path, tmp_path: Path) -> None:
    printed("list", *form)
    printed("jobs", *form)
    printed("datasets", *form)
    for run in store_of(folder).listing().runs:
        for command in ("show", "evaluate"):
            printed(command, run.run_id, *form)
        file = tmp_path / f"{run.run_id}{len(form)}.zip"
        printed("export", run.run_id, "--to", str(file), *form)
        printed("import", str(file), "--look", *form)
        printed("quiz", run.run_id, "--out", str(tmp_path / "quiz.html"), "--language", "en", *form)


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_what_is_typed_commands_no_terminal(form: tuple[str, ...]) -> None:
    for text in ("\x1b]0;title\x07", "\x9b31m", "\u202ex", "[/foo]", "\\[/foo]", "{0.__class__}"):
        for command in ("resume", "stop", "show", "evaluate", "delete", "export", "import", "grade", "release", "quiz"):
            printed(command, text, *(("--yes",) if command == "delete" else ()), *form)
        printed("datasets", "--remove", text, *form)
        printed("datasets", "--add", text, text, *form)
        printed("datasets", "--fetch", text, *form)
        printed("train", "--dataset", text, "--device", text, *form)
        printed("train", "--dataset", text, "--model", text, *form)
        printed(text)


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_brought_files_command_no_terminal(
    form: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNISTCORE_ARTIFACTS", str(tmp_path / "artifacts"))
    for place in range(0, len(USABLE) - 4, 4):
        names = USABLE[place : place + 4]
        stem = names[0].replace("/", "∕")[:60]
        (tmp_path / f"{stem}.csv").write_bytes(table_of(names))
        printed("import", str(tmp_path / f"{stem}.csv"), "--name", names[1], *form)
        (tmp_path / f"m{stem}.csv").write_bytes(matrix_of(names))
        printed("import", str(tmp_path / f"m{stem}.csv"), "--truth", "rows", *form)
        printed("import", str(tmp_path / f"m{stem}.csv"), *form)
    printed("list", *form)


@pytest.mark.parametrize("form", [(), ("--json",), ("--csv",)])
def test_homework_commands_no_terminal(form: tuple[str, ...], folder: Path, tmp_path: Path) -> None:
    run = store_of(folder).listing().runs[0].run_id
    printed("quiz", run, "--out", str(tmp_path / "quiz.html"), "--seed", "1", "--count", "3")
    key = (tmp_path / "quiz-key.html").read_text(encoding="utf-8")
    quiz = re.search(r'"quiz":\s*"([^"]*)"', key)
    assert quiz is not None
    for place, name in enumerate(NAMES):
        said = {"quiz": quiz.group(1), "number": name, "name": name, "saved": name, "answers": ["", "", ""]}
        stem = name.replace("/", "∕").replace("\0", "␀")[:60]
        (tmp_path / f"{place}{stem}.json").write_text(json.dumps(said), encoding="utf-8")
        (tmp_path / f"{place}{stem}.html").write_text("<html>", encoding="utf-8")
    output = printed("grade", str(tmp_path), *form)
    if form == ("--csv",):
        assert faults_of_cells(output.encode("utf-8")) == [] or "does not count" in output


def test_the_name_of_a_device_commands_no_terminal_and_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"\x1b]0;t\x07<img src=http://{EVIL}/x.png> http://{EVIL} \u202e"
    lines = gpus.TWO_GPUS.replace("NVIDIA H100 80GB HBM3", name)
    gpus.pretend(tmp_path / "bin", monkeypatch, f"cat <<'END'\n{lines}END")
    monkeypatch.setattr(device_memory, "gpu_identities", lambda: (gpus.A, gpus.B))
    printed("devices")
    printed("devices", "--json")
    page = open_page("memory", lang="en")
    whole(page)
    assert faults_of(page) == []


def test_bars_in_a_terminal_are_words(folder: Path) -> None:
    """Rich reads [/foo] as its own marks, and a terminal obeys what begins with an escape."""
    script = (
        "import sys; sys.stderr.isatty = lambda: True\n"
        "from mnistcore.console.progress import Display\n"
        "from mnistcore.datasets.downloads import DownloadProgress\n"
        "with Display() as display:\n"
        "    for name in sys.argv[1:]:\n"
        "        display.on_download(DownloadProgress(name, 1, 2))\n"
        "        display.on_warning(name); display.on_choice(name, name)\n"
    )
    names = [name for name in hostile.TERMINAL if "\0" not in name]
    surroundings = {**os.environ, "TERM": "xterm", "FORCE_COLOR": "1", "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-c", script, *names], capture_output=True, text=True, env=surroundings, timeout=120
    )
    assert done.returncode == 0, done.stderr
    ours = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", done.stderr)  # colours, the cursor: rich's own
    assert faults_of_words(ours) == []
    assert "\\x1b[31mred" in ours


def test_of_many_problems_twenty_are_named_and_the_rest_is_counted(folder: Path) -> None:
    entries = [name for name in os.listdir(folder / "runs") if not (folder / "runs" / name / "history.json").exists()]
    problems = len(store_of(folder).listing().problems)
    assert 100 < problems <= len(entries)
    for command in ("list", "jobs"):
        told = printed(command)
        assert told.count("cannot be used: ") == 20
        assert re.search(r"and \d+ more; --json names all", told)
        assert printed(command, "--json").count("damaged_manifest" if command == "list" else "cannot be used: ") > 100
    page = open_page("training", lang="en")
    (told,) = [code.value for code in page.code if ": " in code.value]
    assert len(told.splitlines()) == 20
    assert [caption.value for caption in page.caption if caption.value.startswith("And ")] == [
        f"And {format.count(len(cache.job_problems()) - 20)} more: the commands list and jobs name all with --json."
    ]
    side = open_page("overview", lang="en").sidebar
    assert len([caption for caption in side.caption if caption.value.startswith("**")]) == 20
    assert any(caption.value.startswith(f"And {problems - 20} more") for caption in side.caption)


@pytest.mark.parametrize(
    ("call", "only_in"),
    [
        (r"from html import|html\.escape", {"mnistcore/wording.py"}),
        (r"\bst\.code\(", {"ui/verbatim.py"}),
        (r"^\s*print\(", {"mnistcore/console/printing.py"}),
        (r"\bcsv\.writer\(", {"mnistcore/spreadsheet.py"}),
        (r"\bst\.(button|pills|segmented_control)\b", {"ui/controls.py"}),
        (r"unsafe_allow_html", {"ui/glossary.py"}),
        (r"unsafe_allow_javascript", {"ui/state.py"}),
    ],
)
def test_each_place_has_its_one_function(call: str, only_in: set[str]) -> None:
    """docs/architecture.md names them."""
    sources = [path for folder in ("mnistcore", "ui", "pages") for path in (ROOT / folder).rglob("*.py")]
    found = {path for path in sources if re.search(call, path.read_text(encoding="utf-8"), flags=re.MULTILINE)}
    assert {path.relative_to(ROOT).as_posix() for path in found} == only_in
