"""Owns a model on its page, weights or a whole network: what it is, and the data set that it is evaluated on."""

import shlex
from typing import Any, Final

import streamlit as st

from mnistcore.imports import files, model_files
from mnistcore.imports.checkpoints import CheckpointFacts
from mnistcore.imports.evaluating import NOT_NORMALISED, USUAL, Preparation
from ui import cache, format, labels
from ui.bringing.brought import Brought
from ui.bringing.keeping import draw_assumed, draw_keeping
from ui.bringing.picking import pick
from ui.checkpoint import dataset_name
from ui.texts import t
from ui.verbatim import draw_verbatim

_COMMAND: Final = ("python", "-m", "mnistcore", "import")
_NETWORK: Final = ("--network", "FILE.py:Class")
_PREPARATIONS: Final[dict[str, Preparation]] = {"normalised": Preparation(), "plain": NOT_NORMALISED}


def draw_checkpoint(given: Brought) -> None:
    """What is in a file of weights, the data set to choose, and the button that evaluates and keeps it.

    Raises:
        InputError: it is no checkpoint, or cannot be opened.
    """
    ((name, data),) = given.files.items()
    facts = cache.brought_checkpoint(given.key, name, data)
    st.header(t("bring_your_own.found"), anchor=False)
    st.markdown(_told(facts))
    draw_assumed(facts.unwrapped)
    if facts.network:
        _draw_evaluation(given, classes=facts.classes)
        return
    st.info(t("bring_your_own.model.unknown"))
    draw_verbatim(shlex.join((*_COMMAND, name, *_NETWORK)), wrap_lines=False)


def draw_onnx(given: Brought) -> None:
    """The same of an ONNX file.

    Raises:
        InputError: it is none, or not one that is run here.
    """
    ((name, data),) = given.files.items()
    facts = cache.brought_onnx(given.key, name, data)
    outputs = next(iter(facts.outputs.values()), ())
    st.header(t("bring_your_own.found"), anchor=False)
    st.markdown(
        t(
            "bring_your_own.model.onnx",
            operators=format.markdown(labels.short(", ".join(facts.operators))),
            shape=_shape(next(iter(facts.inputs.values()), ())),
        )
    )
    _draw_evaluation(given, classes=outputs[-1] if outputs else None)


def _told(facts: CheckpointFacts) -> str:
    numbers, tensors = format.count(facts.parameters), format.count(len(facts.tensors))
    told = t("bring_your_own.model.weights", parameters=numbers, tensors=tensors)
    if not facts.network:
        return told
    return f"{told} {t('bring_your_own.model.network', network=format.markdown(labels.short(facts.network)))}"


def _shape(sides: tuple[int | None, ...]) -> str:
    return " × ".join("N" if side is None else str(side) for side in sides)


def _draw_evaluation(given: Brought, *, classes: int | None) -> None:
    """The data set, what is done to its images, and the button."""
    ((name, data),) = given.files.items()
    fitting = [
        each for each, known in cache.datasets().items()
        if classes in (None, known.num_classes) and cache.is_available(each)
    ]  # fmt: skip
    if not fitting:
        st.info(t("bring_your_own.model.no_data", classes=classes or 0))
        return
    with st.container(horizontal=True, gap="small"):
        dataset = _pick(given, "dataset", fitting, USUAL if USUAL in fitting else fitting[0])
        prepared = _pick(given, "prepared", list(_PREPARATIONS), "normalised")
    st.caption(t("bring_your_own.model.evaluated"))

    def kept(title: str) -> tuple[str, bool]:
        said: dict[str, Any] = {"dataset": dataset, "preparation": _PREPARATIONS[prepared]}
        with files.on_disk(name, data) as path:
            done = model_files.keep(
                path, file=name, name=title, store=cache.store(), workspace=cache.workspace(), **said
            )
        return done.run_id, done.is_new

    draw_keeping(given, kept, stem=files.stem_of(name))


def _pick(given: Brought, question: str, options: list[str], otherwise: str) -> str:
    def called(option: str) -> str:
        return dataset_name(option) if question == "dataset" else t(f"bring_your_own.model.prepared.{option}")

    label = t(f"bring_your_own.model.{question}")
    return pick(given, question, options, label, otherwise=otherwise, called=called, segments=False)
