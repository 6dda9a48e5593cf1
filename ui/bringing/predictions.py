"""Owns a table of predictions on its page: which column is what, how that is put right, and the preview."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from mnistcore.errors import InputError
from mnistcore.imports import columns as columns_of
from mnistcore.imports import files, recording
from mnistcore.imports.columns import Columns
from mnistcore.imports.formats import INSTEAD
from mnistcore.imports.recording import Understood
from mnistcore.imports.tables import Table
from ui import cache, controls, format, labels
from ui.bringing.brought import Brought
from ui.bringing.keeping import draw_assumed, draw_keeping, draw_preview, draw_refusal
from ui.bringing.picking import pick
from ui.texts import t
from ui.verbatim import draw_verbatim

_LINES: Final = "\n".join(line.strip() for line in INSTEAD.splitlines()[1:])
_ROWS: Final = 3  # of the table that are shown
_COLUMNS: Final = 8
_NO_COLUMN: Final = ""
_SCORES: Final = ("found", "numbers", "none")


def draw(given: Brought) -> None:
    """What is recognised at the left, what comes of it or what is wrong with it at the right.

    Raises:
        InputError: there is no table in it.
    """
    table = cache.brought_table(given.key, given.files)
    left, right = st.columns((5, 6), gap="large")
    with left:
        _draw_facts(table)
        columns = _draw_columns(given, table)
        classes = _draw_classes(given, table, columns)
    if not columns.predicted and not columns.scores:  # that a column has to be chosen is said there
        with right:
            st.markdown(t("bring_your_own.instead"))
            draw_verbatim(_LINES, language="python", wrap_lines=False)
        return
    try:
        arguments = columns_of.arguments(table, columns) | ({"classes": classes} if classes else {})
        found = cache.brought_predictions(given.key, columns, classes, arguments)
    except InputError as error:
        with right:
            draw_refusal(error)
        return
    with left:
        draw_assumed((*table.read_as, *found.assumed))

    def keeping() -> None:
        draw_keeping(given, lambda name: _keep(given, table, found, name), stem=files.stem_of(given.name))

    with right:
        draw_preview(found.evaluation(), [labels.short(name) for name in found.known.classes], keeping=keeping)


def _keep(given: Brought, table: Table, found: Understood, name: str) -> tuple[str, bool]:
    kind = files.ending_of(given.name).lstrip(".")
    done = recording.keep_imported(
        found, file=given.name, kind=kind, read_as=table.read_as, name=name, store=cache.store()
    )
    return done.run_id, done.is_new


def _draw_facts(table: Table) -> None:
    st.header(t("bring_your_own.found"), anchor=False)
    names = [str(name) for name in table.frame.columns]
    facts = t("bring_your_own.found.rows", rows=format.count(len(table.frame)), columns=format.count(len(names)))
    pictures = t("bring_your_own.found.images") if table.images is not None else t("bring_your_own.found.no_images")
    st.markdown(f"{facts} {pictures}")
    shown = names[:_COLUMNS]
    more = "<th>…</th>" if len(names) > len(shown) else ""
    head = "".join(f"<th>{format.html(labels.short(name))}</th>" for name in shown)
    rows = "".join(
        f"<tr>{''.join(f'<td>{format.html(labels.short(str(cell)))}</td>' for cell in row)}</tr>"
        for row in table.frame[shown].head(_ROWS).itertuples(index=False)
    )
    st.html(f"<div class='rows'><table class='plain'><tr>{head}{more}</tr>{rows}</table></div>")


def _draw_columns(given: Brought, table: Table) -> Columns:
    """Which column is what: as it was guessed, unless the reader says otherwise."""
    names = [str(name) for name in table.frame.columns]
    guess = _guess(table)
    with st.container(horizontal=True, gap="small"):
        truth = _pick(given, "truth", names, guess.truth or names[0])
        predicted = _pick(given, "predicted", [_NO_COLUMN, *names], guess.predicted)
        groups = _groups(table, guess, truth, predicted)
        group = _pick(given, "scores", [name for name in _SCORES if name in groups], next(iter(groups)))
    scores = groups[group]
    columns = columns_of.of_scores(table, truth=truth, predicted=predicted, scores=scores)
    if scores:
        kinds = ["probabilities", "logits"]
        kind = _pick(given, "kind", kinds, kinds[columns.are_logits], segments=True)
        columns = Columns(truth, predicted, columns.scores, columns.classes, are_logits=kind == "logits")
    return columns


def _guess(table: Table) -> Columns:
    found = columns_of.known_columns(table)
    if not found.truth or not (found.predicted or found.scores):
        st.warning(t("bring_your_own.not_guessed"))
    return found


def _groups(table: Table, guess: Columns, truth: str, predicted: str) -> dict[str, tuple[str, ...]]:
    """What may be taken for the scores: option -> columns, the likeliest first."""
    found = tuple(name for name in guess.scores if name not in (truth, predicted))
    numbers = files.numeric_columns(table, but=(truth, predicted))
    groups = {"found": found} if columns_of.may_be_scores(found) else {}
    if columns_of.may_be_scores(numbers) and set(numbers) != set(found):
        groups["numbers"] = numbers
    groups["none"] = ()
    return {name: groups[name] for name in ("found", "none", "numbers") if name in groups}


def _pick(given: Brought, question: str, options: Sequence[str], otherwise: str, *, segments: bool = False) -> str:
    return pick(
        given,
        question,
        options,
        t(f"bring_your_own.column.{question}"),
        otherwise=otherwise,
        called=lambda option: _option_name(question, option),
        segments=segments,
    )


def _option_name(question: str, option: str) -> str:
    if question in ("truth", "predicted"):
        return labels.short(option) if option else t("bring_your_own.column.predicted.none")
    return t(f"bring_your_own.column.{question}.{option}")


def _draw_classes(given: Brought, table: Table, columns: Columns) -> tuple[str, ...]:
    """Names for classes that are numbers, one to a line; empty where nobody has given any."""
    if columns.classes or table.frame[columns.truth].dtype.kind not in "iufb":
        return ()
    with st.expander(t("bring_your_own.classes")):
        controls.long_text(
            t("bring_your_own.classes.label"),
            key=f"bring_classes_{given.key}",
            value=given.answer("classes"),
            store=lambda text: given.say("classes", text),
        )
    return tuple(line.strip() for line in given.answer("classes").splitlines() if line.strip())
