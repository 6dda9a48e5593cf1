"""Owns the gallery: the images behind a part of a page, a page of them at a time, and one of them in detail."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from mnistcore.datasets.registry import DATASETS
from mnistcore.errors import DataError
from mnistcore.evaluation.evaluation import PerImage
from mnistcore.spreadsheet import cell
from ui import controls, format, glossary, state
from ui.checkpoint import READ_ERRORS, Checkpoint
from ui.components.image_grid import ImageTile, ImageView, ImageWords, clicked_image, image_grid
from ui.page import Page
from ui.parameters import Parameter, Problem, Unusable, choice, is_index
from ui.pictures import picture_html
from ui.texts import sentences, t
from ui.verbatim import draw_verbatim

MOST_BARS = 20  # classes whose probabilities are all shown
FEW_BARS = 10  # of more than that, the most probable
TILE = 64  # pixels of an image's side in the grid
LONGEST_NUMBER = 9  # digits of a page's number that are read


def _read_page(text: str, pages: int) -> int:
    """A page of ``pages``, from 1; where a list has become shorter than that, the nearest one counts."""
    is_number = text.isascii() and text.isdigit() and text.strip("0") != ""
    nearest = max(1, min(int(text[:LONGEST_NUMBER]), pages)) if is_number else 1
    if text == str(nearest):
        return nearest
    possible = f"1-{pages}" if pages > 1 else "1"
    raise Unusable(
        Problem("problem.unknown_value", parameter="page", value=text, options=possible, shown=nearest),
        instead=str(nearest),
    )


def _read_image(text: str, checkpoint: Checkpoint) -> int | None:
    """The index of an image in its split; None where none is named, for the first one shown."""
    total = checkpoint.evaluation.total
    if not text or is_index(text, total):
        return int(text) if text else None
    raise Unusable(Problem("problem.unknown_image", wanted=text, last=total - 1))


def _sizes(_: object) -> dict[str, int]:
    return {"50": 50, "100": 100, "200": 200}


SIZE = choice("size", _sizes, default="100")  # images on a page
PAGE = Parameter(name="page", read=_read_page, default="1")
IMAGE = Parameter(name="image", read=_read_image)
PARAMETERS: tuple[Parameter[Any, Any], ...] = (SIZE, PAGE, IMAGE)


def images_or_reason(checkpoint: Checkpoint) -> NDArray[np.uint8] | None:
    """The images that it was evaluated on; None where they cannot be shown, with the reason drawn if they should be."""
    try:
        return checkpoint.images()
    except (DataError, *READ_ERRORS) as error:
        if checkpoint.may_have_images:
            st.info(t("problem.no_images"))
            draw_verbatim(str(error))
        return None


def draw_counts_only() -> None:
    """In the place of images: nothing is known of single ones."""
    st.info(t("problem.counts_only"))


def draw_source(checkpoint: Checkpoint) -> None:
    """Where the images come from, and their licence; nothing for a data set that only its run knows."""
    dataset = DATASETS.get(checkpoint.dataset)
    if dataset is not None and checkpoint.run.dataset.title is None:
        title = format.markdown(checkpoint.dataset_title)
        st.caption(t("gallery.source", title=title, source=dataset.source, licence=format.markdown(dataset.licence)))


def draw_gallery(
    page: Page,
    checkpoint: Checkpoint,
    seen: PerImage,
    indices: NDArray[np.int64],
    *,
    beside: bool = True,
    is_ordered: bool = False,
) -> None:
    """The images at ``indices`` of the split, in that order, a page at a time, with one of them in detail.

    The detail stands ``beside`` the images, or above them where there is no room. Under them stands what is written at
    each; and, where it ``is_ordered`` so, that the most confident come first. Without images it is a list.
    """
    images = images_or_reason(checkpoint)
    _draw_images(page, checkpoint, seen, indices, images, beside=beside)
    legend = [] if images is None else [t("gallery.legend" if seen.has_scores else "gallery.legend.plain")]
    if images is None and not checkpoint.may_have_images:
        legend.append(t("gallery.none_known"))
    if not seen.has_scores:
        st.caption(sentences(*legend, t("problem.no_scores")))
    else:
        glossary.draw_caption(sentences(*legend, t("gallery.order") if is_ordered else ""), "confidence")


def _draw_images(
    page: Page,
    checkpoint: Checkpoint,
    seen: PerImage,
    indices: NDArray[np.int64],
    images: NDArray[np.uint8] | None,
    *,
    beside: bool,
) -> None:
    size = page.read(SIZE, checkpoint)
    pages = max(1, -(-len(indices) // size))
    number = page.read(PAGE, pages)
    shown = indices[(number - 1) * size : number * size]
    selected = page.read(IMAGE, checkpoint)
    if selected not in set(shown.tolist()):
        selected = int(shown[0]) if len(shown) else None
    with st.container(key="gallery_beside" if beside else "gallery_above"):
        if beside:
            grid, detail = st.columns([5, 3], gap="medium")
        else:
            detail, grid = st.container(key="gallery_detail"), st.container()
    with grid:
        if images is None:
            draw_list(f"list_{page.name}", checkpoint, seen, shown)
        else:
            _draw_grid(f"gallery_{page.name}", checkpoint, seen, images, shown, selected)
        if pages > 1:
            controls.pages(
                pages,
                key=f"pages_{page.name}",
                page=number,
                store=lambda chosen: state.put(PAGE, str(chosen)),
            )
        if images is not None:
            draw_source(checkpoint)
    with detail:
        if selected is not None:
            _draw_detail(checkpoint, seen, None if images is None else images[selected], selected)
            _draw_neighbours(selected, indices, size)


def draw_list(key: str, checkpoint: Checkpoint, seen: PerImage, shown: NDArray[np.int64]) -> None:
    """What is known of the images at ``shown`` of the split as a table; a click on a row chooses its image."""
    names = checkpoint.names
    table: dict[str, object] = {
        "index": shown,
        "truth": [cell(names[label]) for label in seen.labels[shown].tolist()],
        "predicted": [cell(names[label]) for label in seen.predicted[shown].tolist()],
    }  # which the reader may download or copy
    columns = {name: t(f"gallery.list.{name}") for name in table}
    config: dict[str, Any] = {name: st.column_config.Column(label) for name, label in columns.items()}
    if (confidence := seen.confidence_at(shown)) is not None:
        table["confidence"] = format.percent_points(confidence.tolist())
        config["confidence"] = st.column_config.NumberColumn(t("misclassified.confidence"), format="%.2f%%")

    def store(row: int) -> None:
        state.put(IMAGE, str(int(shown[row])))

    if not len(shown):
        st.caption(t("gallery.empty"))
        return
    # Another list is another table, in which nothing is chosen yet.
    key = f"{key}_{len(shown)}_{hash(shown.tobytes())}"
    controls.table(pd.DataFrame(table), key=key, columns=config, label=t("gallery.grid"), store=store)


def _draw_grid(
    key: str,
    checkpoint: Checkpoint,
    seen: PerImage,
    images: NDArray[np.uint8],
    shown: NDArray[np.int64],
    selected: int | None,
) -> None:
    names = checkpoint.names
    facts: list[dict[str, object]] = [
        {"index": int(index), "truth": names[seen.labels[index]], "predicted": names[seen.predicted[index]]}
        for index in shown
    ]
    if (confidence := seen.confidence_at(shown)) is None:
        captions = [t("gallery.caption.plain", **fact) for fact in facts]
        spoken = [t("gallery.label.plain", **fact) for fact in facts]
    else:
        for fact, value in zip(facts, confidence.tolist(), strict=True):
            fact["confidence"] = format.percent_briefly(value)
        captions = [t("gallery.caption", **fact) for fact in facts]
        spoken = [t("gallery.label", **fact) for fact in facts]

    def store() -> None:
        clicked = clicked_image(key)
        state.put(IMAGE, "" if clicked is None else str(clicked))

    view = ImageView(
        images=images[shown],
        tiles=[ImageTile(*words) for words in zip(shown.tolist(), captions, spoken, strict=True)],
        words=ImageWords(grid_label=t("gallery.grid"), empty=t("gallery.empty")),
        tile_width=TILE,
    )
    image_grid(key=key, view=view, selected=selected, on_select=store)


def _draw_detail(checkpoint: Checkpoint, seen: PerImage, pixels: NDArray[np.uint8] | None, index: int) -> None:
    """One image in large pixels, if there is one: true class, prediction, and the probabilities that are known."""
    names = checkpoint.names
    label, predicted = int(seen.labels[index]), int(seen.predicted[index])
    picture = "" if pixels is None else picture_html(pixels)
    probabilities = seen.scores_of(index)
    scores = {} if probabilities is None else _bars_of(probabilities, label, predicted)
    verdict = "right" if label == predicted else "wrong"
    bars = "".join(
        f'<div class="{"truth" if c == label else "called" if c == predicted else "other"}">'
        f"<b>{format.html(names[c])}</b><i><u style='width:{score:.2%}'></u></i>"
        f"<span>{format.html(format.percent(float(score)))}</span></div>"
        for c, score in scores.items()
    )
    if left_out := len(names) - len(scores) if scores else 0:
        bars += f'<p class="quiet">{format.html(t("detail.left_out", count=format.count(left_out)))}</p>'
    if bars:
        bars = f'<div class="bars" role="img" aria-label="{format.html(t("detail.probabilities"))}">{bars}</div>'
    st.html(
        f'<div class="detail">{picture}'
        f'<div><p class="{verdict}">{format.html(t(f"detail.{verdict}"))}</p>'
        f"<p>{format.html(t('detail.truth'))} <b>{format.html(names[label])}</b></p>"
        f"<p>{format.html(t('detail.predicted'))} <b>{format.html(names[predicted])}</b></p>"
        f'<p class="quiet">{format.html(t("detail.index", index=index))}</p></div></div>{bars}'
    )


def _bars_of(scores: NDArray[np.float64], label: int, predicted: int) -> dict[int, float]:
    """Class -> its probability: of all where they are few, else of the most probable ones and of the true class."""
    if len(scores) <= MOST_BARS:
        return dict(enumerate(scores.tolist()))
    shown = np.argsort(-scores, kind="stable")[:FEW_BARS].tolist()
    return {int(c): float(scores[c]) for c in dict.fromkeys((*shown, label, predicted))}


def _draw_neighbours(index: int, order: NDArray[np.int64], size: int) -> None:
    """The way from an image to those before and after it, in the order of the gallery with ``size`` on a page."""
    position = int(np.flatnonzero(order == index)[0])

    def go(to: int) -> None:
        state.put(IMAGE, str(int(order[to])))
        state.put(PAGE, str(to // size + 1))

    with st.container(horizontal=True, vertical_alignment="center"):
        before, after = partial(go, position - 1), partial(go, position + 1)
        controls.button(t("detail.previous"), before, key="previous", disabled=position == 0)
        controls.button(t("detail.next"), after, key="next", disabled=position + 1 == len(order))
        st.caption(t("detail.position", position=format.count(position + 1), total=format.count(len(order))))
