"""Owns a row of a few images of a lesson with what is said under each."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from ui import format, pictures
from ui.checkpoint import Checkpoint
from ui.gallery import draw_source
from ui.texts import t


def draw_thumbs(
    checkpoint: Checkpoint,
    indices: Sequence[int],
    *,
    title: str = "",
    caption: Callable[[int], str] | None = None,
) -> None:
    """The images at ``indices`` with their source; without pictures of them, what is said of each alone.

    Args:
        title: stands above them.
        caption: what is said of the image at an index, one line or several; else its true and its predicted class.
    """
    told = caption or (lambda index: truth_and_prediction(checkpoint, index))
    figures = []
    for index in indices:
        lines = "<br>".join(format.html(line) for line in told(index).splitlines())
        figures.append(f"<figure>{picture_html(checkpoint, index)}<figcaption>{lines}</figcaption></figure>")
    heading = f"<p><b>{format.html(title)}</b></p>" if title else ""
    st.html(f'{heading}<div class="thumbs">{"".join(figures)}</div>')
    draw_whence(checkpoint)


def picture_html(checkpoint: Checkpoint, index: int) -> str:
    """One image as HTML; nothing where there is no picture of it."""
    images = checkpoint.images_or_none()
    return "" if images is None else pictures.picture_html(images[index])


def draw_whence(checkpoint: Checkpoint) -> None:
    """Where the pictures come from, or that there are none."""
    if checkpoint.images_or_none() is None:
        st.caption(t("problem.no_images"))
    else:
        draw_source(checkpoint)


def truth_and_prediction(checkpoint: Checkpoint, index: int) -> str:
    """True class, predicted class and, where it is known, confidence of an image."""
    seen = checkpoint.evaluation.per_image
    if seen is None:
        return ""
    names = checkpoint.names
    facts = {"truth": names[int(seen.labels[index])], "predicted": names[int(seen.predicted[index])]}
    confidence = seen.confidence_at(np.array([index]))
    if confidence is None:
        return t("gallery.caption.plain", **facts)
    return t("gallery.caption", confidence=format.percent_briefly(float(confidence[0])), **facts)
