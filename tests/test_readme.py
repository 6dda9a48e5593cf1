"""README, docs/ and CHANGELOG.md against the code: what they name is there, and what is there is named."""

import ast
import re
import shlex
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import typer.main
from PIL import Image

import mnistcore
from mnistcore import config, metrics
from mnistcore.__main__ import app
from mnistcore.datasets import loading
from mnistcore.datasets.registry import DATASETS
from mnistcore.models import models
from mnistcore.training import presets
from scripts.project import ROOT
from tests.documents import READMES, blocks, text
from tests.here import store_here
from ui.navigation import PAGES
from ui.texts import render

DOCS = ROOT / "docs"
PICTURES = DOCS / "pictures"
# What users read, in both languages: English file -> Japanese file. The rest of docs/ is English.
TRANSLATED = {READMES["en"]: READMES["ja"]} | {
    DOCS / path.name.replace(".ja.md", ".md"): path for path in sorted(DOCS.glob("*.ja.md"))
}
GUIDES = {"en": list(TRANSLATED), "ja": list(TRANSLATED.values())}
EVERY_PAGE = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
TREE_FOLDERS = (
    "mnistcore",
    "server",
    "ui",
    "pages",
    "benchmarks",
    "scripts",
    "tests",
)  # every package of these has its line
TERMS = {
    "en": "accuracy, precision, recall, F1 score, specificity, confusion matrix, checkpoint, misclassified, one-vs-rest",
    "ja": "正解率、適合率、再現率、F1スコア、特異度、混同行列、チェックポイント（学習済みモデル）、誤分類、一対他",
}
each_language = pytest.mark.parametrize("language", READMES)


def every_guide(language: str) -> str:
    """README and the pages of docs/ that users read, one after the other."""
    return "\n\n".join(path.read_text(encoding="utf-8") for path in GUIDES[language])


def prose(markdown: str) -> str:
    """Everything outside fenced blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", markdown, flags=re.MULTILINE | re.DOTALL)


def headings(markdown: str) -> list[tuple[int, str]]:
    return [(len(marks), words) for marks, words in re.findall(r"^(#+) (.+)$", prose(markdown), re.MULTILINE)]


def code(markdown: str) -> list[str]:
    """Every piece of code that somebody may type: inline, and line by line from the shell blocks."""
    lines = [line.strip() for block in blocks(markdown, "sh") for line in block.splitlines()]
    return re.findall(r"`([^`\n]+)`", prose(markdown)) + lines


def tree(markdown: str) -> set[str]:
    """The paths of the file tree; folders end in ``/``, and ``a.{py,js}`` stands for two files."""
    (block,) = [block for block in blocks(markdown, "text") if block.startswith("dashboard.py")]
    paths: set[str] = set()
    folders: list[str] = []
    for line in block.splitlines():
        name = line.split()[0]
        depth = (len(line) - len(line.lstrip())) // 2
        folders = folders[:depth]
        prefix = "".join(folders)
        if name.endswith("/"):
            folders.append(name)
        stem, brace, endings = name.partition("{")
        names = [stem + ending for ending in endings.rstrip("}").split(",")] if brace else [name]
        paths |= {prefix + each for each in names}
    return paths


def packages() -> set[str]:
    """Every folder of the code, as the tree writes it."""
    files = [path for folder in TREE_FOLDERS for path in (ROOT / folder).rglob("*.py")]
    return {f"{path.parent.relative_to(ROOT).as_posix()}/" for path in files}


@each_language
def test_every_package_has_its_line_in_the_tree(language: str) -> None:
    assert sorted(packages() - tree(text(language))) == []


@each_language
def test_what_the_tree_names_is_there(language: str) -> None:
    gone = [
        name
        for name in tree(text(language))
        if not ((ROOT / name).is_dir() if name.endswith("/") else (ROOT / name).is_file())
    ]
    assert sorted(gone) == []


@each_language
def test_every_line_of_the_tree_says_something(language: str) -> None:
    (block,) = [block for block in blocks(text(language), "text") if block.startswith("dashboard.py")]
    assert [line for line in block.splitlines() if len(line.split(maxsplit=1)) < 2] == []


def test_a_tree_is_read_with_its_folders_and_braces() -> None:
    drawn = "```text\ndashboard.py  x\nui/  x\n  a.{py,js}  x\n  texts/  x\n    b.py  x\n  c.py  x\nLICENSE  x\n```"
    expected = {"dashboard.py", "ui/", "ui/a.py", "ui/a.js", "ui/texts/", "ui/texts/b.py", "ui/c.py", "LICENSE"}
    assert tree(drawn) == expected


def test_every_guide_is_there_in_both_languages() -> None:
    assert [path.name for path in TRANSLATED if not path.is_file()] == []
    assert len(TRANSLATED) >= 6, "README, server, training, data, numbers, troubleshooting"


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda path: path.name)
def test_both_languages_have_the_same_structure(page: Path) -> None:
    english, japanese = (path.read_text(encoding="utf-8") for path in (page, TRANSLATED[page]))
    assert [level for level, _ in headings(english)] == [level for level, _ in headings(japanese)]
    for kind in ("sh", "python", "text", "bash"):
        assert len(blocks(english, kind)) == len(blocks(japanese, kind))
    tables = [re.findall(r"^ *\|.*\|$", prose(each), re.MULTILINE) for each in (english, japanese)]
    assert [row.count("|") for row in tables[0]] == [row.count("|") for row in tables[1]]
    lists = [re.findall(r"^ *(?:-|\d\.) ", prose(each), re.MULTILINE) for each in (english, japanese)]
    assert lists[0] == lists[1]
    # What is typed is the same; only comments are translated.
    typed = [[line.partition(" #")[0].split("  ")[0] for line in code(each)] for each in (english, japanese)]
    assert {line for line in typed[0] if " " in line} == {line for line in typed[1] if " " in line}


def test_both_trees_name_the_same_folders() -> None:
    assert tree(text("en")) == tree(text("ja"))


def mnistcore_calls(markdown: str) -> list[list[str]]:
    """The words behind ``python -m mnistcore`` wherever it is called."""
    calls = [piece.split("python -m mnistcore", 1)[1] for piece in code(markdown) if "python -m mnistcore" in piece]
    return [shlex.split(call, comments=True) for call in calls]


@each_language
def test_the_command_table_is_the_command_line(language: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| `python -m mnistcore (\w+)[^`]*` \|$", text(language), re.MULTILINE)
    assert all(name == called for name, called in rows)
    commands = typer.main.get_command(app).commands
    assert sorted(name for name, _ in rows) == sorted(name for name, found in commands.items() if not found.hidden)


@each_language
def test_every_call_names_a_command_and_its_options(language: str) -> None:
    commands = typer.main.get_command(app).commands
    calls = mnistcore_calls(every_guide(language))
    assert calls
    for words in calls:
        if not words or words == ["--help"]:
            continue
        command, *rest = words
        assert command in commands, words
        known = {option for parameter in commands[command].params for option in parameter.opts} | {"--help"}
        assert {word for word in rest if word.startswith("-")} <= known, words


@each_language
def test_every_option_named_in_the_text_is_one(language: str) -> None:
    commands = typer.main.get_command(app).commands.values()
    parameters = [parameter for command in commands for parameter in command.params]
    known = {option for parameter in parameters for option in (*parameter.opts, *parameter.secondary_opts)}
    named = set(re.findall(r"`(--[a-z-]+)`", every_guide(language)))
    assert named
    assert named <= known, named - known


@each_language
def test_every_make_target_and_variable_is_there(language: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    variables = set(re.findall(r'@echo "  ([A-Z_]+)=', makefile))
    calls = [
        piece.split("make ", 1)[1].split()
        for piece in code(every_guide(language))
        if re.match(r"make |\w+=\S+ make ", piece)
    ]
    assert calls
    for words in calls:
        assert words[0] in targets, words
        assert set(re.findall(r"\b([A-Z_]+)=", " ".join(words))) <= variables, words
    described = re.findall(r"^\| `([A-Z_]+)` \|.*\| `make ", every_guide(language), re.MULTILINE)
    assert set(described) == variables


@each_language
def test_every_page_of_the_dashboard_has_its_paragraph(language: str) -> None:
    stop = {"en": ".", "ja": "。"}[language]
    missing = [
        name for page in PAGES if f"**{(name := render(f'{page}.name', language))}{stop}**" not in text(language)
    ]
    assert missing == []


@each_language
def test_every_registered_name_is_in_it(language: str) -> None:
    for name in (*DATASETS, *models.MODELS, *presets.PRESETS):
        assert f"`{name}`" in every_guide(language), name
    for dataset in DATASETS.values():
        assert dataset.source in every_guide(language)
        assert dataset.licence in every_guide(language)
        if dataset.folder is not None:
            assert f"{dataset.folder}/raw/" in every_guide(language)
        for file in dataset.files:
            assert file.name in every_guide(language)


@each_language
def test_every_metric_has_its_definition(language: str) -> None:
    (page,) = [path for path in GUIDES[language] if path.name.startswith("numbers.")]
    named = set(re.findall(r"`(?:\w+\.)?(\w+)`", page.read_text(encoding="utf-8")))
    results = {field.name for kind in (metrics.Summary, metrics.Rates) for field in fields(kind)}
    functions = {name for name in metrics.__all__ if name.islower()}
    assert (results | functions) - named == set()


@each_language
def test_the_run_id_is_the_handouts(language: str) -> None:
    ids = set(re.findall(r"\bmnist-mlp-[0-9a-f]+", every_guide(language)))
    assert ids == {config.run_id(presets.make_config("mnist", "mlp", "handout"))}


@each_language
def test_the_notebook_examples_run(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ink = Image.fromarray(255 - loading.load_split("digits", "test").images[0]).resize((320, 320))
    photo = Image.new("L", (640, 600), 235)
    photo.paste(ink.point(lambda value: 40 + value * 195 // 255), (140, 120))
    photo.save(tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    *elsewhere, notebook, handwriting = blocks(every_guide(language), "python")
    exec(compile(notebook, f"README ({language})", "exec"), {})
    assert "StoredRun(digits-mlp-" in capsys.readouterr().out
    names = as_if_of_keras()
    exec(compile(elsewhere[2], f"README ({language})", "exec"), names)  # the two before: tests/test_installation.py
    assert [(run.title, run.accuracy) for run in store_here().listing().runs if not run.trained] == [("keras", 0.75)]
    exec(compile(handwriting, f"README ({language})", "exec"), {})
    assert capsys.readouterr().out.startswith(f"{loading.load_split('digits', 'test').labels[0]} [")
    with Image.open(tmp_path / "as-the-network-sees-it.png") as seen:
        assert seen.size == (280, 280)
    examples = (*elsewhere, notebook, handwriting)
    for example, other in zip(examples, blocks(every_guide("en"), "python"), strict=True):
        assert ast.dump(ast.parse(example)) == ast.dump(ast.parse(other))


def as_if_of_keras() -> dict[str, Any]:
    """What stands before the lines of the example: a model whose answers are arrays, images (N, H, W, 1), labels."""
    answers = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.7, 0.3]], dtype=np.float32)
    images = np.linspace(0, 1, 4 * 6 * 6, dtype=np.float32).reshape(4, 6, 6, 1)
    return {"model": SimpleNamespace(predict=lambda _: answers), "x_test": images, "y_test": np.array([0, 1, 1, 0])}


def anchors(markdown: str) -> set[str]:
    """The names that GitHub gives to headings."""
    return {re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-") for _, words in headings(markdown)}


def broken_links(page: Path) -> list[str]:
    """The links of a page whose file or heading is not there."""
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page.read_text(encoding="utf-8"))):
        file, _, anchor = link.partition("#")
        if link.startswith(("https://", "http://localhost")):
            continue
        target = page.parent / file if file else page
        if not target.is_file() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            broken.append(link)
    return broken


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# Two words\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](other.md#two-words) [b](other.md#three) [c](gone.md) [d](#here)\n\n# There\n", encoding="utf-8"
    )
    assert broken_links(page) == ["other.md#three", "gone.md", "#here"]


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [READMES["en"]]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        links = re.findall(r"\]\(([^)#\s]+\.md)[)#]", page.read_text(encoding="utf-8"))
        found = {(page.parent / link).resolve() for link in links if not link.startswith("https://")}
        waiting += sorted(found - reached - set(waiting))
    assert set(EVERY_PAGE) - reached == set()


def test_the_index_of_decisions_is_what_their_pages_say() -> None:
    rows = []
    for path in sorted((DOCS / "decisions").glob("[0-9]*.md")):
        title, _, status, *_ = path.read_text(encoding="utf-8").splitlines()
        number, _, name = title.removeprefix("# ").partition(". ")
        date, _, state = status.partition(" · ")
        assert path.name.startswith(f"{int(number):04}-")
        rows.append(f"| {number} | [{name}]({path.name}) | {date} | {re.split('[;,]', state)[0]} |")
    index = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \d+ \|.*$", index, re.MULTILINE) == rows
    assert all(re.search(r"\| \d{4}-\d{2}-\d{2} \| [a-z ]+ \|$", row) for row in rows)


@each_language
def test_the_pictures_are_there_and_small(language: str) -> None:
    pictures = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", text(language))
    assert {Path(path).name.split(".")[0] for _, path in pictures} == {
        "overview", "confusion-matrix", "class-by-class", "misclassified", "training",
    }  # fmt: skip
    for words, path in pictures:
        assert f".{language}." in path, path
        assert words
        size_bytes = (ROOT / path).stat().st_size
        assert size_bytes < (600_000 if path.endswith(".gif") else 300_000), path
    assert any(path.endswith(".gif") for _, path in pictures)


def test_every_picture_is_shown() -> None:
    shown = {
        (page.parent / path).resolve()
        for language in GUIDES
        for page in GUIDES[language]
        for path in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    }
    assert set(PICTURES.iterdir()) == shown


@each_language
def test_it_uses_our_words(language: str) -> None:
    for term in re.split(r", |、", TERMS[language]):
        assert term.lower() in text(language).lower(), term
    assert "精度" not in every_guide(language), "two different things are called so: 正解率 or 適合率"


def test_the_documents_use_the_words_of_the_field() -> None:
    own = re.compile(
        r"\b(?:judg(?:ed?|es|ing)|(?:was|were|is|are) called|(?:goes|go|gone|going) on|learn(?:s|ed)? from|anew|"
        r"ask(?:s|ed)? for|(?:give|gives|given|giving)(?: \w+)* back|cannot be had|mend(?:s|ed)?|at home)\b"
    )
    pages = [*GUIDES["en"], *(DOCS / "decisions").glob("*.md"), DOCS / "architecture.md"]
    found = {f"{path.name}: {match[0]}" for path in pages for match in own.finditer(prose(path.read_text("utf-8")))}
    assert found == set()


def test_the_changelog_begins_with_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+) \((\d{4}-\d{2}-\d{2})\)$", changelog, re.MULTILINE)
    assert newest, "expected a heading like: ## 0.1.0 (2026-11-24)"
    assert newest[1] == mnistcore.__version__
