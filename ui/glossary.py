"""Owns how a technical word explains itself, on every page and in every browser part, from the one glossary.

A word that is marked is a button with the term's name in `data-term`; the browser part `terms` shows what
stands under that name on hover, on a tap and on keyboard focus. What the terms mean is in `ui/texts/glossary.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import streamlit as st

from mnistcore.metrics.definitions import DEFINITIONS, OUTCOMES
from ui import format, state
from ui.components.terms import TermWords, explain_terms
from ui.texts import render, t

METRICS: Final = ("overall", *DEFINITIONS)  # in the order in which they are taught
THEMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(  # of the terms that no table holds
    {
        "matrix": (
            *("confusion_matrix", "true_class", "predicted_class", "positive", "one_vs_rest", "misclassified"),
            *("support", "prevalence"),
        ),
        "summary": ("macro", "weighted", "micro", "balanced_accuracy", "kappa", "mcc", "interval"),
        "scores": (
            *("logit", "softmax", "confidence", "threshold", "pr_curve", "ap", "roc", "auc"),
            *("calibration", "ece", "temperature"),
        ),
        "training": (
            *("deep_learning", "parameter", "loss", "epoch", "batch", "learning_rate", "optimizer", "seed"),
            *("training_data", "validation", "test", "overfitting", "checkpoint"),
        ),
    }
)
TERMS: Final = (*OUTCOMES, *METRICS, *(name for names in THEMES.values() for name in names))
_FORMULAS: Final = {
    "support": "TP + FN",
    "prevalence": "(TP + FN) / (TP + FN + FP + TN)",
    "kappa": "κ = (a − c) / (1 − c)",
    "softmax": "exp zₖ / Σ exp zⱼ",
    "ap": "Σ (Rₙ − Rₙ₋₁) Pₙ",
    "loss": "−log p",
}


def formula(name: str) -> str:
    """The formula of a term on one line; empty where it has none.

    >>> formula("recall"), formula("f1"), formula("epoch")
    ('TP / (TP + FN)', '2 TP / (2 TP + FN + FP)', '')
    """
    if (known := DEFINITIONS.get(name)) is not None:
        above, below = _sum(known.above), _sum(known.below)
        return f"{f'({above})' if len(known.above) > 1 else above} / ({below})"
    return t("glossary.correct_over_all") if name == "overall" else _FORMULAS.get(name, "")


def _sum(terms: Mapping[str, int]) -> str:
    return " + ".join(f"{times} {name.upper()}" if times > 1 else name.upper() for name, times in terms.items())


def title(name: str) -> str:
    """What a term is called; in Japanese, with its English name beside it."""
    own = t(f"glossary.{name}")
    english = english_name(name)
    if name in OUTCOMES:
        english = f"{english} {name.upper()}"
    return english if state.language() == "en" else f"{own} {english}"


def english_name(name: str) -> str:
    """The English name of a term, as a heading has it."""
    english = render(f"glossary.{name}", "en")
    return english[0].upper() + english[1:]


def explanation(name: str) -> str:
    """What a term means, as plain text."""
    return t(f"glossary.{name}.text")


def term(name: str, text: str) -> str:
    """HTML of a word that explains itself.

    Args:
        name: the term, one of `TERMS`.
        text: how the word reads here.
    """
    return f'<button type="button" class="term" data-term="{name}">{format.html(text)}</button>'


def marked(text: str, *names: str) -> str:
    """HTML of a text in which each of these terms explains itself where it first stands.

    A term whose name the text does not hold is left out.
    """
    return _marked(text, names, format.html)


def draw_marked(text: str, *names: str) -> None:
    """Markdown in which each of these terms explains itself where it first stands.

    Args:
        text: nothing in it but our own words is HTML; see `format.markdown`.
    """
    st.markdown(_marked(text, names, str), unsafe_allow_html=True)


def _marked(text: str, names: Sequence[str], written: Callable[[str], str]) -> str:
    pieces = [text]  # words and terms by turns
    for name in names:
        word = t(f"glossary.{name}")
        for place in range(0, len(pieces), 2):
            start = pieces[place].lower().find(word.lower())
            if start >= 0:
                found, end = pieces[place], start + len(word)
                pieces[place : place + 1] = [found[:start], term(name, found[start:end]), found[end:]]
                break
    return "".join(written(piece) if place % 2 == 0 else piece for place, piece in enumerate(pieces))


def draw_caption(text: str, *names: str) -> None:
    """A caption in which each of these terms explains itself."""
    st.html(f'<p class="caption">{marked(text, *names)}</p>')


def draw_explanations() -> None:
    """Have the marked words of this page explain themselves; to be drawn once on each page."""
    explain_terms(
        {name: TermWords(title(name), explanation(name), formula(name)) for name in TERMS},
        more=t("glossary.open"),
        page="glossary",
    )
