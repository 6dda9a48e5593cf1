"""Owns names that mean something to whatever shows them, and an artifacts folder in which everything is called so.

Whatever is fetched, linked or run because of one of them leads to ``EVIL``.
"""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from mnistcore.datasets.own.adding import add
from mnistcore.evaluation.predictions import SUM_TOLERANCE as SUM_TOLERANCE
from mnistcore.imports.recording import record_predictions
from mnistcore.runs.manifest import ClassRecord, LayerRecord
from mnistcore.runs.store import Store
from mnistcore.workspace import Workspace
from tests.runs import shown_content

EVIL = "evil.example"

MARKDOWN = (
    f"![x](http://{EVIL}/x.png)", f"[x](http://{EVIL})", f"http://{EVIL}/a", f"https://{EVIL}", f"HTTP://{EVIL}/b",
    f"www.{EVIL}", f"WWW.{EVIL}/c", f"a@{EVIL}", f"mailto:a@{EVIL}", f"<http://{EVIL}>", f"[x]: http://{EVIL}", "[x][y]",
    "# heading", "## heading", "a\n\n# heading", "a\n===", "heading\n---", "- item", "+ item", "* item", "1. item", "1) item",
    "> quote", "---", "***", "```", "~~~", "`code`", "    code", "\tcode", "**bold**", "__bold__", "_i_", "~~gone~~",
    "| a | b |\n|---|---|\n| c | d |", "$x^2$", "$$\\frac{1}{2}$$", "\\(x\\)", "\\[x\\]", ":material/home:",
    ":streamlit:", ":smile:", ":+1:", ":100:", ":red[red]", ":red-background[red]", ":orange-badge[x]", ":small[x]",
    "::: x", "a -> b", "->", "--", "<->", ">=", "[^1]", "[^1]: note", "- [ ] todo", "&lt;b&gt;", "&#60;b&#62;", "&copy;",
    "\\", "\\*", "a  \nb", "a\\\nb",
)  # fmt: skip
HTML = (
    f"<img src=http://{EVIL}/y.png>", "<img src=x onerror=alert(1)>", f"<a href='http://{EVIL}'>x</a>", "<b>bold</b>",
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "</style><style>*{color:red}</style>", "<!-- x",
    "--><b>x</b>", "</td></tr></table><h1>x</h1>", "\"'><svg onload=alert(1)>", "' onmouseover='alert(1)", "]]>",
    f"<link rel=stylesheet href=http://{EVIL}/z.css>", f"<style>@import 'http://{EVIL}/z.css'</style>", "</textarea>",
    f"<meta http-equiv=refresh content='0;url=http://{EVIL}'>", "javascript:alert(1)", "<br>", "%{y}<extra></extra>",
)  # fmt: skip
TERMINAL = (
    "\x1b]0;title\x07", "\x1b[31mred", "\x1b[2J", "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\", "\x9b31m",
    "\x9d0;t\x9c", "\x07", "a\rb", "a\nb", "a\x08\x08b", "\x7f", "\x00", "\x0b\x0c", "\x85", "[/foo]", "\\[/foo]",
    "[bold red]x[/]", "[link=http://evil.example]x[/link]", "%s %(name)s %n", "{0.__class__}", "{name}", "{", "$(id)", "`id`",
)  # fmt: skip
LINES = (
    "\u202eevil", "\u202dx", "\u2066x", "\u2067x\u2069", "\u200fx", "\u200ex", "\u061cx", "a\u2028b", "a\u2029b", "\u200bx",
    "\ufeffx", "\u00adx", "\u2060x", "\U000e0041x", "\ufffe", "\ue000", "e" + "\u0301" * 50, "שלום", "مرحبا 12", "\u3000", "\u00a0",
)  # fmt: skip
CELLS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"http://evil.example\")", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x",
    "'=1", "\"=1", "a;=1", "a,=1", "a\";=1", "=cmd|' /C calc'!A0", "%0A=1",
)  # fmt: skip
PATHS = ("../../x", "/etc/passwd", "C:\\x", "a/b", ".hidden", "~", "__proto__", "constructor", "NaN", "null", "x" * 199)

NAMES = tuple(dict.fromkeys((*MARKDOWN, *HTML, *TERMINAL, *LINES, *CELLS, *PATHS)))

# What no display may get: control signs but for the ends of lines and tabs, and what turns a line around or hides in it.
CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]"
)


def record_named(names: tuple[str, ...], *, store: Store, name: str = f"![x](http://{EVIL}/run.png)") -> str:
    """Record a run whose classes, model and notes are called so; every class is taken for the next once. Its id."""
    labels = np.repeat(np.arange(len(names)), 3)
    scores = np.full((len(labels), len(names)), 0.1 / len(names))
    called = (labels + (np.arange(len(labels)) % 3 == 0)) % len(names)
    scores[np.arange(len(labels)), called] += 0.9
    images = np.random.default_rng(0).integers(0, 256, (len(labels), 6, 6), dtype=np.uint8)
    said = "".join(names[:3])
    return record_predictions(
        labels, probabilities=scores, images=images, classes=names, name=name, model=said, framework=said, notes=said,
        store=store,
    ).run_id  # fmt: skip


def train_named(names: tuple[str, ...], *, store: Store) -> str:
    """Save a run as if trained here, whose ten classes, device, machine and layers are called so. Its id."""
    content = shown_content()
    origin = content.origin
    layers = tuple(LayerRecord(name=name, output=(3,), parameters=1) for name in names)
    origin = origin.model_copy(
        update={
            "model": origin.model.model_copy(update={"layers": layers}),
            "environment": origin.environment.model_copy(
                update=dict.fromkeys(("device_name", "platform", "torch"), names[0])
            ),
        }
    )
    classes = tuple(ClassRecord(ja=name, en=name) for name in names[:10])
    return store.save(
        replace(content, origin=origin, dataset=content.dataset.model_copy(update={"classes": classes}))
    ).run_id


def damage_named(names: tuple[str, ...], folder: Path) -> None:
    """Put folders that are no runs, or no trainings, into a folder, called so as far as a file system takes it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        place = folder / name.replace("/", "∕").replace("\0", "␀")[:60]
        if not place.name.startswith(".") and not place.exists():
            place.mkdir()
            (place / "run.json").write_text(json.dumps({"schema_version": 2, "title": name}), encoding="utf-8")


def add_named(names: tuple[str, ...], source: Path, workspace: Workspace) -> None:
    """Add a data set of one's own, of folders that are called so as far as a file system takes it."""
    from PIL import Image

    random = np.random.default_rng(0)
    for number, name in enumerate(names):
        folder = source / f"{name.replace('/', '∕').replace(chr(0), '␀')[:60]}{number}"
        folder.mkdir(parents=True)
        for image in range(4):
            Image.fromarray(random.integers(0, 256, (8, 8), dtype=np.uint8)).save(folder / f"{image}.png")
    add("hostile", source, root=workspace.data)
