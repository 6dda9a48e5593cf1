"""Owns "read me first": the paragraphs and tables that a lesson begins with."""

import streamlit as st

from mnistcore.datasets.registry import DATASETS
from ui import format
from ui.texts import t

FORMULAS = {  # of one class against the rest, in the order in which they are taught
    "accuracy": r"\dfrac{TP + TN}{TP + FP + FN + TN}",
    "recall": r"\dfrac{TP}{TP + FN}",
    "precision": r"\dfrac{TP}{TP + FP}",
    "f1": r"\begin{aligned}&\dfrac{2\,P\,R}{P + R} \\[1ex] {}={} &\dfrac{2\,TP}{2\,TP + FP + FN}\end{aligned}",
    "specificity": r"\dfrac{TN}{TN + FP}",
}


def draw_primer() -> None:
    """Deep learning, MNIST, the four outcomes and the metrics with their formulas."""
    first, second = st.columns(2, gap="large")
    for column, section in ((first, "learning"), (second, "mnist")):
        with column:
            st.markdown(f"## {t(f'primer.{section}.title')}")
            st.markdown(t(f"primer.{section}", validation=format.count(DATASETS["mnist"].validation_size)))
    st.markdown(f"## {t('primer.outcomes.title')}")
    st.markdown(t("primer.outcomes"))
    st.html(_outcomes())
    st.markdown(f"## {t('primer.metrics.title')}")
    st.markdown(t("primer.metrics.aim"))
    header = f"| {t('primer.metrics.name')} | {t('primer.metrics.formula')} | {t('primer.metrics.question')} |"
    overall = rf"\dfrac{{\text{{{t('primer.metrics.correct')}}}}}{{\text{{{t('primer.metrics.total')}}}}}"
    rows = [
        f"| {t(f'metric.{name}')} | ${form}$ | {t(f'primer.metrics.{name}')} |"
        for name, form in {"overall": overall, **FORMULAS}.items()
    ]
    with st.container(key="primer_metrics"):
        st.markdown("\n".join([header, "| --- | --- | --- |", *rows]))
    st.markdown(t("primer.metrics.use"))
    st.caption(t("primer.undefined"))


def _outcomes() -> str:
    def cell(name: str) -> str:
        return f'<td class="region {name}">{format.html(t(f"primer.outcomes.{name}"))}</td>'

    def head(name: str) -> str:
        return f"<th>{format.html(t(f'primer.outcomes.{name}'))}</th>"

    return (
        f'<table class="outcomes"><tr><td></td>{head("called_yes")}{head("called_no")}</tr>'
        f"<tr>{head('truth_yes')}{cell('tp')}{cell('fn')}</tr>"
        f"<tr>{head('truth_no')}{cell('fp')}{cell('tn')}</tr></table>"
    )
