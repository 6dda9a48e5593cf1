"""Owns "read me first": the paragraphs and tables that a lesson begins with."""

import streamlit as st

from mnistcore.datasets.registry import DATASETS
from mnistcore.metrics.definitions import OUTCOMES
from ui import format, glossary, glossary_tables, links
from ui.checkpoint import Checkpoint
from ui.texts import t

EXAMPLE = 5  # the class that the outcomes are explained with, where there are as many


def draw_primer(checkpoint: Checkpoint) -> None:
    """Deep learning, MNIST where it is the data set, the four outcomes of a class, and the metrics."""
    sections = ["learning", *(["mnist"] if checkpoint.dataset == "mnist" else [])]
    for column, section in zip(st.columns(len(sections), gap="large"), sections, strict=True):
        with column:
            st.markdown(f"## {t(f'primer.{section}.title')}")
            st.markdown(t(f"primer.{section}", validation=format.count(DATASETS["mnist"].validation_size)))
    name = checkpoint.names[min(EXAMPLE, len(checkpoint.names) - 1)]
    st.markdown(f"## {t('primer.outcomes.title')}")
    st.markdown(t("primer.outcomes", name=format.markdown(name)))
    st.html(_outcomes(name))
    st.markdown(f"## {t('glossary.metrics')}")
    st.markdown(t("primer.metrics.aim"))
    st.html(f'<div class="glossary">{glossary_tables.metrics(with_use=False)}</div>')
    st.markdown(t("primer.metrics.use"))
    st.caption(t("glossary.metrics.note"))
    st.html(f'<div class="ways">{links.way("glossary", t("glossary.open"), run=checkpoint.run_id)}</div>')


def _outcomes(name: str) -> str:
    """The 2 x 2 of a class of that name, with what each outcome is called and means."""

    def cell(outcome: str) -> str:
        caption = t(f"region.{outcome}.caption", name=name)
        return (
            f'<td class="region {outcome}"><b>{format.html(glossary.title(outcome))}</b><br>{format.html(caption)}</td>'
        )

    def head(part: str) -> str:
        return f"<th>{format.html(t(f'primer.outcomes.{part}', name=name))}</th>"

    tp, fn, fp, tn = map(cell, OUTCOMES)
    return (
        f'<table class="outcomes"><tr><td></td>{head("predicted_yes")}{head("predicted_no")}</tr>'
        f"<tr>{head('truth_yes')}{tp}{fn}</tr><tr>{head('truth_no')}{fp}{tn}</tr></table>"
    )
