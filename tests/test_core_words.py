"""ui.core_words: every sentence with which the core refuses what is brought has its Japanese."""

import ast
import importlib
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from mnistcore.errors import StoreWriteError
from mnistcore.imports import formats
from mnistcore.imports.outputs import told_apart
from mnistcore.jobs import job_files, turns
from mnistcore.jobs.stopping import StopAfterHours
from mnistcore.runs import accounts
from scripts.project import ROOT
from ui.core_words import ERRORS, NOTES, in_japanese

# Those that a page can lead to; what only a script can be told stays English.
MODULES = (
    "formats",
    "given",
    "keeping",
    "matrices",
    "recording",
    "run_archives",
    "tables",
    "files",
    "checkpoints",
    "checkpoint_task",
    "evaluating",
    "outputs",
    "sandbox",
    "onnx_files",
    "onnx_models",
    "onnx_task",
)
BELOW = ("npy_files",)  # of mnistcore/datasets
ONLY_IN_SCRIPTS = (
    "--network:",
    "--mean, --std:",
    "probabilities, logits:",
    "expected predicted=",
    "--to:",
    "run: expected at most",
)
UNREADABLE = "file: expected one that can be read"  # a path: nothing on a page has one


def text_of(node: ast.expr, module: ModuleType) -> str | None:
    """What a message looks like: constants as they are, "7" for everything else; None where it is made elsewhere."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        parts = []
        for part in node.values:
            known = part.value if isinstance(part, ast.FormattedValue) else part
            if isinstance(known, ast.Name) and isinstance(getattr(module, known.id, None), str):
                parts.append(str(getattr(module, known.id)))
            else:
                parts.append(str(known.value) if isinstance(known, ast.Constant) else "7")
        return "".join(parts)
    if isinstance(node, ast.Name) and isinstance(getattr(module, node.id, None), str):
        return str(getattr(module, node.id))
    return None


def messages() -> Iterator[tuple[str, str]]:
    for name in (*MODULES, *BELOW):
        package = "datasets" if name in BELOW else "imports"
        module = importlib.import_module(f"mnistcore.{package}.{name}")
        tree = ast.parse((ROOT / f"mnistcore/{package}/{name}.py").read_text(encoding="utf-8"))
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            if call.func.id in ("InputError", "SharesError") and (text := text_of(call.args[0], module)):
                yield name, text.partition(formats.INSTEAD)[0].strip()
            if call.func.id == "refuse" and (text := text_of(call.args[0], module)):
                yield name, f"file: {text}."


MESSAGES = sorted(set(messages()))


def test_the_sentences_are_found() -> None:
    assert len(MESSAGES) > 50


def is_made_elsewhere(message: str) -> bool:
    """All of it, or all behind its first word, is another sentence."""
    return re.fullmatch(r"(\w+: )?7([.:] ?7?\.?)?", message) is not None


def test_every_refusal_has_its_japanese() -> None:
    lacking = [
        f"{message!r} of {module}.py"
        for module, message in MESSAGES
        if not message.startswith((*ONLY_IN_SCRIPTS, UNREADABLE))
        and not is_made_elsewhere(message)
        and not in_japanese(message)
    ]
    assert not lacking, f"ui/core_words.py lacks {lacking}"


def test_every_refused_ending_has_its_japanese() -> None:
    assert all(in_japanese(f"{ending}: {reason}.") for ending, reason in formats.REFUSED.items())


def test_a_translation_has_only_what_the_sentence_has() -> None:
    for english, japanese in [*ERRORS.items(), *NOTES.items()]:
        known, used = (set(re.findall(r"\{(\w+)\}", text)) for text in (english, japanese))
        assert used <= known, english


@pytest.mark.parametrize(
    "values", [[[-1.0, 3.0]], [[0.2, 0.8]], [[0.9, 0.8]], [[np.log(0.2), np.log(0.8)]], [[0.3]], [[7.0]]]
)
def test_what_outputs_are_taken_for_is_said_in_japanese(values: list[list[float]]) -> None:
    (note,) = told_apart(np.array(values, dtype=np.float32)).assumed
    assert in_japanese(note)


def test_the_values_are_put_in() -> None:
    assert in_japanese("labels: expected numbers from 0 to 9, got 12 in row 3") == (
        "「labels」は 0 から 9 までの番号でなければなりません。3 行目は 12 です。"
    )
    assert in_japanese("nobody has said this") is None


def test_what_a_training_is_told_has_its_japanese() -> None:
    """The very sentences, made where they are made."""
    folder = Path("/shared/jobs")
    told: list[str] = []
    strangers = turns._Strangers("cuda:0", told.append)
    for _ in range(2):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(turns.Lock, "is_held", staticmethod(lambda _: True))
            for pid in (None, os.getpid()):
                patch.setattr(turns.Lock, "holder", staticmethod(lambda _, pid=pid: pid))
                strangers.look([folder / "lock"], [])
    limit = StopAfterHours(2.0, told.append)
    limit.begin()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mnistcore.jobs.stopping.time.monotonic", lambda: math.inf)
        assert limit.should_stop()
    told.append(turns._NO_LOCKS)
    for error in (accounts.OthersError(0, folder), accounts.UnprotectedError(folder)):
        with pytest.raises(StoreWriteError) as raised, job_files.writing(folder / "run"):
            raise error
        told.append(str(raised.value))
    assert len(told) == 6
    for sentence in told:
        japanese = in_japanese(sentence)
        assert japanese is not None, sentence
        assert "{" not in japanese
