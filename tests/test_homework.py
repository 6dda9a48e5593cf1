"""Homework: the worksheet tells no answer, the key all of them, and a folder of anything is marked."""

import json
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from mnistcore.__main__ import app
from mnistcore.errors import InputError
from mnistcore.quiz import check, grading
from mnistcore.quiz.homework import class_names
from mnistcore.quiz.kinds import ask
from mnistcore.quiz.records import Key, find_key
from mnistcore.runs.manifest import ClassRecord
from mnistcore.stored_runs import evaluate
from tests.here import store_here
from tests.runs import as_kind, shown_content

if TYPE_CHECKING:
    from playwright.sync_api import Page


def call(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def run_id() -> str:
    return store_here().save(shown_content()).run_id


@pytest.fixture
def files(run_id: str, tmp_path: Path) -> tuple[Path, Path]:
    """A worksheet and its key."""
    made = call("quiz", run_id, "--seed", 7, "--language", "en", "--out", tmp_path / "quiz.html")
    assert made.exit_code == 0, made.output
    return tmp_path / "quiz.html", tmp_path / "quiz-key.html"


def key_in(path: Path) -> Key:
    text = find_key(path.read_text(encoding="utf-8"))
    assert text is not None
    return Key.model_validate_json(text)


def data_in(worksheet: str) -> dict[str, Any]:
    return json.loads(re.search(r'id="quiz">(.*?)</script>', worksheet, re.DOTALL)[1])


def hand_in(folder: Path, key: Key, name: str, *, wrong: int = 0, file: str = "", **changed: object) -> Path:
    answers = ["0" if number < wrong else each.answer for number, each in enumerate(key.questions)]
    answers = ["x" if number < wrong else each for number, each in enumerate(answers)]
    document = {
        "format": "mnistcore quiz hand-in", "version": 1, "quiz": key.quiz, "name": name, "number": "",
        "answers": answers, "saved": "2026-11-26T09:00:00Z",
    } | changed  # fmt: skip
    path = folder / (file or f"{name}.json")
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


# ---------------------------------------------------------------- the files


def test_a_worksheet_holds_no_answer_but_in_the_check_of_all(files: tuple[Path, Path]) -> None:
    worksheet, key = (path.read_text(encoding="utf-8") for path in files)
    data = data_in(worksheet)
    assert all(set(each) == {"options", "unit"} for each in data["questions"])
    answers = [each.answer for each in key_in(files[1]).questions]
    salt = bytes.fromhex(data["check"]["salt"])
    assert check.digest_of(answers, salt=salt, iterations=check.ITERATIONS) == data["check"]["digest"]
    assert "reason" not in worksheet.partition("<body>")[2]
    assert find_key(worksheet) is None
    assert "Why" in key
    assert stat.S_IMODE(files[1].stat().st_mode) == 0o600


def test_each_file_is_whole_by_itself(files: tuple[Path, Path]) -> None:
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r'(?:src|href)="(?!data:)[^"]*"', text)
        assert "data:image/png;base64," in text
        assert "default-src 'none'" in text


def test_the_same_seed_makes_the_same_quiz_in_both_languages(
    run_id: str, files: tuple[Path, Path], tmp_path: Path
) -> None:
    made = call("quiz", run_id, "--seed", 7, "--language", "ja", "--out", tmp_path / "ja.html", "--json")
    assert json.loads(made.stdout)["quiz"] == key_in(files[1]).quiz
    assert key_in(tmp_path / "ja-key.html") == key_in(files[1])
    assert 'lang="ja"' in (tmp_path / "ja.html").read_text(encoding="utf-8")


def test_a_few_questions_get_no_check_that_could_be_tried_out(run_id: str) -> None:
    questions = ask(evaluate(run_id, store=store_here()).numbers, seed=7, count=10)
    assert check.combinations(questions) >= check.FEWEST_COMBINATIONS
    assert check.make_check(questions[:3]) is None


def test_a_run_of_counts_alone_gets_a_worksheet_without_images(tmp_path: Path) -> None:
    run = store_here().save(as_kind(shown_content(), "counts")).run_id
    made = call("quiz", run, "--seed", 1, "--out", tmp_path / "q.html")
    assert made.exit_code == 0, made.output
    assert "data:image" not in (tmp_path / "q.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "options",
    [("--count", 0), ("--count", 51), ("--language", "fr"), ("--key", "q.html"), ("--split", "train")],
)
def test_a_wrong_option_is_refused_in_words(run_id: str, tmp_path: Path, options: tuple[object, ...]) -> None:
    key = [tmp_path / word if word == "q.html" else word for word in options]
    made = call("quiz", run_id, "--out", tmp_path / "q.html", *key)
    assert made.exit_code == 2
    assert re.search("expected|kept", made.output)


def test_names_that_are_equal_are_told_apart() -> None:
    records = [ClassRecord(ja="猫", en="cat"), ClassRecord(ja="犬", en="cat"), ClassRecord(ja="", en="x" * 99)]
    assert class_names(records, "en")[:2] == ("cat (0)", "cat (1)")
    assert class_names(records, "ja") == ("猫", "犬", "–")
    assert len(class_names(records, "en")[2]) == 40


# ---------------------------------------------------------------- the marks


def test_answers_are_marked_and_listed_by_student(files: tuple[Path, Path], tmp_path: Path) -> None:
    key, folder = key_in(files[1]), tmp_path / "folder"
    folder.mkdir()
    hand_in(folder, key, "山田 花子", wrong=3)
    hand_in(folder, key, "=1+1")
    marked = call("grade", folder, "--key", files[1], "--json")
    document = json.loads(marked.stdout)
    assert [(each["name"], each["points"], each["questions"]) for each in document["marks"]] == [
        ("=1+1", 10, 10),
        ("山田 花子", 7, 10),
    ]
    assert document["refused"] == []
    table = call("grade", folder, "--key", files[1])
    assert "70.00 %" in table.output
    assert "0001111111" in table.output
    csv = call("grade", folder, "--key", files[1], "--csv").stdout
    assert '"\'=1+1"' in csv


def test_whatever_lies_in_the_folder_is_told_and_hinders_nothing(files: tuple[Path, Path], tmp_path: Path) -> None:
    key, folder = key_in(files[1]), tmp_path / "folder"
    folder.mkdir()
    files[1].rename(folder / "key.html")
    good = hand_in(folder, key, "good")
    for name, content, _ in DAMAGE:
        (folder / name).write_bytes(content)
    (folder / "subfolder").mkdir()
    (folder / ".hidden").write_text("x")
    (folder / "link.json").symlink_to(good)
    (folder / "worksheet.html").write_bytes(files[0].read_bytes())
    hand_in(folder, key, "other", quiz="0" * 12)
    hand_in(folder, key, "short", answers=["tp"])
    hand_in(folder, key, "", file="nameless.json")
    hand_in(folder, key, "Twice", file="twice-1.json", saved="2026-11-26T12:00:00Z")
    hand_in(folder, key, " ｔｗｉｃｅ", file="twice-2.json", wrong=5, saved="2026-11-25T12:00:00Z")
    (folder / "utf-16.json").write_bytes(good.read_text(encoding="utf-8").replace("good", "猫").encode("utf-16"))
    found = grading.grade(folder)
    assert [(mark.name, mark.points) for mark in found.marks] == [("good", 10), ("Twice", 10), ("猫", 10)]
    told = {each.file: each.reason for each in found.refused}
    expected = {name: words for name, _, words in DAMAGE} | {
        "link.json": "cannot be read",
        "worksheet.html": "without an answer key",
        "other.json": "another quiz",
        "short.json": "expected 10 answers, got 1",
        "nameless.json": "without a name",
        "twice-2.json": "twice-1.json counts",
    }
    assert set(told) == set(expected)
    assert [name for name, words in expected.items() if words not in told[name]] == []


DAMAGE = [
    ("empty.json", b"", "empty"),
    ("no.json", b"hello", "no hand-in"),
    ("list.json", b"[1, 2]", "no hand-in"),
    ("sjis.json", "{名".encode("cp932"), "not UTF-8"),
    ("huge.json", b"[" * 300_000, "cannot be read"),
    ("deep.json", b"[" * 200_000, "no hand-in"),
    ("photo.jpg", b"\xff\xd8\xff\xe0", "not UTF-8"),
    ("damaged.json", b'{"format": "mnistcore quiz hand-in", "version": 1}', "damaged hand-in"),
    ("cut.html", b'<script type="application/json" id="key">{</script>', "no answer key"),
]


def test_without_a_key_nothing_is_marked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected an answer key"):
        grading.grade(tmp_path)
    with pytest.raises(InputError, match="expected a folder"):
        grading.grade(tmp_path / "none")
    marked = call("grade", tmp_path, "--key", tmp_path / "none.html")
    assert marked.exit_code == 2
    assert "expected an answer key" in marked.output


# ---------------------------------------------------------------- in the browser


def test_a_worksheet_is_filled_in_checked_and_marked(files: tuple[Path, Path], tmp_path: Path, page: "Page") -> None:
    key = key_in(files[1])
    page.goto(files[0].as_uri())
    for number, question in enumerate(key.questions, 1):
        if question.unit:
            page.fill(f'[name="q{number}"]', f" {question.answer}．0 " if question.answer != "1" else "1")
        else:
            page.check(f'[name="q{number}"][value="{question.answer}"]')
    page.click("#check")
    page.get_by_text("All your answers are right.").wait_for()
    page.click("#save")
    page.get_by_text("Enter your name").wait_for()
    page.fill('[name="name"]', "Ada")
    folder = tmp_path / "folder"
    with page.expect_download() as saved:
        page.click("#save")
    saved.value.save_as(folder / saved.value.suggested_filename)
    (mark,) = grading.grade(folder, keys=[files[1]]).marks
    assert (mark.name, mark.points) == ("Ada", 10)
    assert saved.value.suggested_filename == f"hand-in-{key.quiz}-Ada.json"
