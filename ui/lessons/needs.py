"""Owns what a lesson can need of a checkpoint: each function gives None, or a sentence that says what is missing."""

from ui.checkpoint import Checkpoint
from ui.many_classes import ALL_AT_ONCE
from ui.texts import t


def several_classes(checkpoint: Checkpoint) -> str | None:
    """Two classes or more with images."""
    return t("lessons.needs.classes") if int((checkpoint.evaluation.support > 0).sum()) < 2 else None


def whole_matrix(checkpoint: Checkpoint) -> str | None:
    """So few classes that every cell of their matrix can be drawn as one to click."""
    return t("lessons.needs.fewer_classes", most=ALL_AT_ONCE) if len(checkpoint.names) > ALL_AT_ONCE else None


def mistakes(checkpoint: Checkpoint) -> str | None:
    """At least one misclassified image."""
    return None if checkpoint.evaluation.mistakes else t("lessons.needs.mistakes")


def single_images(checkpoint: Checkpoint) -> str | None:
    """The prediction of each image, not only counts."""
    return t("problem.counts_only") if checkpoint.evaluation.per_image is None else None


def scores(checkpoint: Checkpoint) -> str | None:
    """The probabilities of each image."""
    if (lacking := single_images(checkpoint)) is not None:
        return lacking
    seen = checkpoint.evaluation.per_image
    return None if seen is not None and seen.has_scores else t("problem.no_scores")


def pictures(checkpoint: Checkpoint) -> str | None:
    """The images themselves, and what was predicted for each."""
    if (lacking := single_images(checkpoint)) is not None:
        return lacking
    return t("problem.no_images") if checkpoint.images_or_none() is None else None


def several_epochs(checkpoint: Checkpoint) -> str | None:
    """More than one kept epoch."""
    return t("lessons.needs.epochs") if len(checkpoint.epochs_kept) < 2 else None
