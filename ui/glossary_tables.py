"""Owns the tables of the glossary: the four outcomes, the metrics, and all other terms by theme."""

from collections.abc import Mapping

import streamlit as st

from mnistcore.metrics.definitions import DEFINITIONS, OUTCOMES
from ui import format, glossary, state
from ui.checkpoint import Checkpoint
from ui.texts import render, t


def draw_tables(checkpoint: Checkpoint | None, positive: int) -> None:
    """Both tables with a sentence each, and all other terms.

    Args:
        positive: the class, from 0, of whose numbers the tables tell where there is a checkpoint.
    """
    sections = "".join(
        f"<section><h2>{format.html(t(f'glossary.{part}'))}</h2><p>{format.html(t(f'glossary.{part}.note'))}</p>"
        f"{table}</section>"
        for part, table in (
            ("outcomes", outcomes(checkpoint, positive)),
            ("metrics", metrics(checkpoint, positive)),
        )
    )
    st.html(f'<div class="glossary">{sections}<div class="themes">{themes()}</div></div>')


def outcomes(checkpoint: Checkpoint | None = None, positive: int = 0) -> str:
    """HTML of the four outcomes: abbreviation, names, meaning; and where there is a checkpoint, its counts for a class.

    Args:
        positive: the class, from 0.
    """
    is_japanese = state.language() == "ja"
    heads = [t("glossary.short"), t("glossary.english"), *([t("glossary.japanese")] if is_japanese else [])]
    heads.append(t("glossary.meaning"))
    if checkpoint is not None:
        heads.append(t("glossary.value", name=checkpoint.names[positive]))
    rows = []
    for name in OUTCOMES:
        cells = [f'<span class="tag {name}">{name.upper()}</span>', format.html(glossary.english_name(name))]
        if is_japanese:
            cells.append(f"<b>{format.html(render(f'glossary.{name}', 'ja'))}</b>")
        cells.append(format.html(glossary.explanation(name)))
        if checkpoint is not None:
            count = format.count(int(getattr(checkpoint.evaluation.counts, name)[positive]))
            cells.append(f"<b>{format.html(t('glossary.images', count=count))}</b>")
        rows.append(_row(name, cells))
    return _table(heads, rows)


def metrics(checkpoint: Checkpoint | None = None, positive: int = 0, *, with_use: bool = True) -> str:
    """HTML of the metrics: name, formula, meaning, when each is used; and the checkpoint's numbers for a class.

    Args:
        positive: the class, from 0.
    """
    heads = [t("glossary.metric"), t("glossary.formula"), t("glossary.meaning")]
    heads += [t("glossary.use")] if with_use else []
    if checkpoint is not None:
        heads.append(t("glossary.value", name=checkpoint.names[positive]))
    rows = []
    for name in glossary.METRICS:
        cells = [
            _name(name),
            _fraction(name),
            format.html(glossary.explanation(name)),
        ]
        if with_use:
            cells.append(format.html(t(f"glossary.{name}.use")))
        if checkpoint is not None:
            cells.append(_value(checkpoint, positive, name))
        rows.append(_row(name, cells))
    return _table(heads, rows)


def themes() -> str:
    """HTML of all terms that stand in neither table, by theme."""
    return "".join(
        f'<section class="terms"><h2>{format.html(t(f"glossary.theme.{theme}"))}</h2><dl>'
        f"{''.join(_entry(name) for name in names)}</dl></section>"
        for theme, names in glossary.THEMES.items()
    )


def _entry(name: str) -> str:
    formula = glossary.formula(name)
    shown = f" <code>{format.html(formula)}</code>" if formula else ""
    return (
        f'<div id="term-{name}"><dt>{_name(name)}</dt><dd>{format.html(glossary.explanation(name))}{shown}</dd></div>'
    )


def _name(name: str) -> str:
    """What a term is called; in Japanese, with its English name beside it."""
    english = format.html(glossary.english_name(name))
    if state.language() == "en":
        return f"<b>{english}</b>"
    return f"<b>{format.html(t(f'glossary.{name}'))}</b> <i>{english}</i>"


def _table(heads: list[str], rows: list[str]) -> str:
    head = "".join(f"<th>{format.html(text)}</th>" for text in heads)
    return f'<table class="glossary-table"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def _row(name: str, cells: list[str]) -> str:
    return f'<tr id="term-{name}">{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _fraction(name: str) -> str:
    if name == "overall":
        above, below = (format.html(part) for part in glossary.formula(name).split(" / "))
    else:
        above, below = (_sum(terms) for terms in (DEFINITIONS[name].above, DEFINITIONS[name].below))
    return f'<span class="fraction"><span>{above}</span><span>{below}</span></span>'


def _sum(terms: Mapping[str, int]) -> str:
    return " + ".join(
        f'{f"{times} " if times > 1 else ""}<span class="tag {name}">{name.upper()}</span>'
        for name, times in terms.items()
    )


def _value(checkpoint: Checkpoint, positive: int, name: str) -> str:
    """The metric as a quotient of two counts, and what that is."""
    evaluation = checkpoint.evaluation
    if name == "overall":
        above, below, value = evaluation.correct, evaluation.total, evaluation.summary.accuracy
    else:
        definition = DEFINITIONS[name]
        above, below = (
            int(counts[positive])
            for counts in (definition.numerators(evaluation.counts), definition.denominators(evaluation.counts))
        )
        value = getattr(evaluation.rates, name)[positive]
    return f"{format.count(above)}\u00a0/\u00a0{format.count(below)}<br>=\u00a0<b>{format.percent(value, digits=2)}</b>"
