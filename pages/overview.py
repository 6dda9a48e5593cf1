"""Overview: the data set, the model, how good it is and how sure one can be of that, epoch by epoch, class by class."""

import streamlit as st

from ui import format, glossary, primer
from ui.cards import Card, draw_cards
from ui.findings import draw_findings
from ui.navigation import begin_page, chosen_checkpoint
from ui.overview import draw_classes, draw_curve, draw_learned, draw_model, draw_samples
from ui.texts import t

page = begin_page("overview")
checkpoint = chosen_checkpoint(page)
evaluation, summary = checkpoint.evaluation, checkpoint.evaluation.summary

with st.expander(t("primer.title")):
    primer.draw_primer(checkpoint)

low, high = (format.percent(bound, digits=2) for bound in evaluation.accuracy_interval)
accuracy = format.percent(summary.accuracy, digits=2)
total, correct = format.count(evaluation.total), format.count(evaluation.correct)
worst = evaluation.largest_confusions
names = checkpoint.names
draw_cards(
    [
        Card(
            t("overview.accuracy"),
            accuracy,
            t("overview.accuracy.note", low=low, high=high),
            of=f"= {correct} / {total}",
            term="overall",
        ),
        Card(
            t("overview.macro_f1"),
            format.percent(summary.macro_f1, digits=2),
            t("overview.macro_f1.left_out", count=summary.macro_f1_left_out)
            if summary.macro_f1_left_out
            else t("overview.macro_f1.note"),
            term="macro",
        ),
        Card(
            t("overview.mistakes"),
            t("overview.mistakes.value", count=format.count(evaluation.mistakes)),
            t(
                "overview.mistakes.note",
                truth=names[worst[0].true],
                predicted=names[worst[0].predicted],
                count=format.count(worst[0].count),
            )
            if worst
            else t("overview.mistakes.none"),
            of=t("overview.mistakes.of", total=total, share=format.percent(evaluation.mistake_share, digits=2)),
            term="misclassified",
        ),
        Card(
            t("overview.kappa"),
            format.ratio(summary.cohen_kappa),
            t(
                "overview.kappa.note",
                accuracy=format.percent(summary.accuracy),
                chance=format.percent(summary.chance_agreement),
                mcc=format.ratio(summary.matthews_correlation),
            ),
            term="kappa",
            note_terms=("mcc",),
        ),
    ]
)
draw_findings(checkpoint)
interval = t("overview.interval", accuracy=accuracy, total=total, low=low, high=high)
glossary.draw_marked(interval, "interval")
st.caption(t("overview.interval.note"))

left, right = st.columns([3, 2], gap="large")
with left:
    draw_curve(checkpoint)
    draw_model(checkpoint)
with right:
    draw_samples(checkpoint)

draw_learned(checkpoint)

draw_classes(checkpoint)
