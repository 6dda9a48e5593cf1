"""Owns a checkpoint on its page: whose weights it has, and the data set on which it is evaluated when it is kept."""

from typing import Final

import streamlit as st

from mnistcore.imports import checkpoints, files
from mnistcore.imports.checkpoints import CheckpointFacts
from mnistcore.imports.evaluating import NOT_NORMALISED, USUAL, Preparation
from ui import cache, controls, format, labels
from ui.bringing.brought import Brought
from ui.bringing.keeping import draw_assumed, draw_keeping
from ui.checkpoint import dataset_name
from ui.texts import t

_COMMAND: Final = ("python", "-m", "mnistcore", "import")
_NETWORK: Final = ("--network", "FILE.py:Class")
_PREPARATIONS: Final[dict[str, Preparation]] = {"normalised": Preparation(), "plain": NOT_NORMALISED}


def draw(given: Brought) -> None:
    """What is in it, the data set to choose, and the button that evaluates and keeps it.

    Raises:
        InputError: it is no checkpoint, or cannot be opened.
    """
    ((name, data),) = given.files.items()
    facts = cache.brought_checkpoint(given.key, name, data)
    st.header(t("bring_your_own.found"), anchor=False)
    st.markdown(_told(facts))
    draw_assumed(facts.unwrapped)
    if not facts.network:
        st.info(t("bring_your_own.model.unknown"))
        st.code(" ".join((*_COMMAND, name, *_NETWORK)), language=None)
        return
    fitting = [each for each, known in cache.datasets().items() if _fits(facts, known.num_classes, each)]
    if not fitting:
        st.info(t("bring_your_own.model.no_data", classes=facts.classes or 0))
        return
    with st.container(horizontal=True, gap="small"):
        dataset = _pick(given, "dataset", fitting, USUAL if USUAL in fitting else fitting[0])
        prepared = _pick(given, "prepared", list(_PREPARATIONS), "normalised")
    st.caption(t("bring_your_own.model.evaluated"))

    def keep(title: str) -> tuple[str, bool]:
        with files.on_disk(name, data) as path:
            done = checkpoints.keep(
                path,
                file=name,
                name=title,
                dataset=dataset,
                preparation=_PREPARATIONS[prepared],
                store=cache.store(),
                workspace=cache.workspace(),
            )
        return done.run_id, done.is_new

    draw_keeping(given, keep, stem=files.stem_of(name))


def _told(facts: CheckpointFacts) -> str:
    numbers, tensors = format.count(facts.parameters), format.count(len(facts.tensors))
    told = t("bring_your_own.model.weights", parameters=numbers, tensors=tensors)
    if not facts.network:
        return told
    return f"{told} {t('bring_your_own.model.network', network=format.markdown(labels.short(facts.network)))}"


def _fits(facts: CheckpointFacts, classes: int, dataset: str) -> bool:
    return facts.classes in (None, classes) and cache.is_available(dataset)


def _pick(given: Brought, question: str, options: list[str], otherwise: str) -> str:
    said = given.answer(question, otherwise=otherwise)
    chosen = said if said in options else otherwise

    def called(option: str) -> str:
        return dataset_name(option) if question == "dataset" else t(f"bring_your_own.model.prepared.{option}")

    controls.choose(
        t(f"bring_your_own.model.{question}"),
        options,
        key=f"bring_{question}_{given.key}",
        chosen=chosen,
        store=lambda option: given.say(question, option),
        names=(called,),
    )
    return chosen
