"""Owns what two pages use: pickers, the head of a page, cards, and the gallery of images with its detail."""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from mnistcore.datasets.registry import DATASETS
from mnistcore.errors import DataError
from mnistcore.evaluation import selections
from mnistcore.evaluation.evaluation import PerImage
from mnistcore.runs.manifest import RunManifest
from ui import cache, controls, format, guard, state
from ui.checkpoint import READ_ERRORS, Checkpoint, dataset_name, read_checkpoint, run_name, run_names
from ui.components.image_grid import ImageTile, ImageView, ImageWords, clicked_image, image_grid
from ui.navigation import require_dashboard
from ui.pictures import picture_uri
from ui.texts import t

SPLIT = "test"  # the images that the pages look at
WITHOUT_FOLDER = ("memory",)  # pages that have something to show without the folder of the runs


_problems: ContextVar[DeltaGenerator | None] = ContextVar("problems", default=None)
_dismiss: ContextVar[DeltaGenerator | None] = ContextVar("dismiss", default=None)
_said: ContextVar[set[str] | None] = ContextVar("said", default=None)


# ---------------------------------------------------------------- sidebar


def address_defaults() -> dict[str, str]:
    """What belongs into the address from the first moment, because it depends on the browser or the machine."""
    runs = cache.listing().runs
    return {"lang": state.language(), "run": runs[0].run_id if runs else ""}


def choice(
    parameter: str,
    options: Sequence[str],
    label: str,
    *,
    names: Callable[[str], str] = str,
    segmented: bool = False,
    help: str | None = None,
) -> str:
    """A visible widget for one parameter: shows the session's value, writes the chosen one. Gives the value.

    A value of the address that is not among ``options`` is explained; the default is used.
    """
    current = valid_choice(parameter, options)
    controls.choose(
        label,
        options,
        key=f"pick_{parameter}",
        chosen=current,
        store=partial(state.put, parameter),
        names=(names,),
        kind="segments" if segmented else "list",
        help=help,
    )
    return current


def valid_choice(parameter: str, options: Sequence[str]) -> str:
    """The value of a parameter if it is one of ``options``, else the default, or the first option.

    A value that a link asks for in vain is explained.
    """
    default = state.PARAMETERS[parameter] if state.PARAMETERS[parameter] in options else options[0]
    value, wrong = state.settle(parameter, options.__contains__, default)
    if wrong is not None:
        possible = ", ".join(options[:12])
        warn("problem.unknown_value", parameter=parameter, value=wrong, options=possible, shown=default)
    return value


def draw_language_picker() -> None:
    """日本語 / English; each language is named in itself."""
    names = {"ja": t("app.japanese"), "en": t("app.english")}
    controls.choose(
        t("sidebar.language"),
        state.LANGUAGES,
        key="pick_lang",
        chosen=state.language(),
        store=state.put_language,
        names=(names.__getitem__,),
        kind="segments",
    )


def chosen_run() -> RunManifest | None:
    """The run that the address names; the newest one where it names none or one that is not there."""
    runs = cache.listing().runs
    wanted = state.get("run")
    return next((run for run in runs if run.run_id == wanted), runs[0] if runs else None)


def chosen_epoch(run: RunManifest) -> int:
    """The epoch that the address names; the last kept one where it names none or one that was not kept."""
    return _epoch_or_wrong(run)[0]


def _epoch_or_wrong(run: RunManifest) -> tuple[int, str | None]:
    """The epoch to show, and the one that a link asks for in vain."""
    kept = {str(epoch): epoch for epoch in run.epochs_kept}
    last = run.epochs_kept[-1]
    value, wrong = state.settle("epoch", lambda text: text in ("", *kept), "")
    return kept.get(value, last), wrong


def draw_checkpoint_picker() -> None:
    """Data set, run and epoch. Where there is no run, only what cannot be read."""
    run = chosen_run()
    if run is None:
        draw_unreadable_runs()
        return
    runs = cache.listing().runs
    newest: dict[str, str] = {}  # data set -> its newest run
    for other in runs:
        newest.setdefault(other.dataset.name, other.run_id)
    controls.choose(
        t("sidebar.dataset"),
        [*(name for name in DATASETS if name in newest), *(name for name in newest if name not in DATASETS)],
        key="pick_dataset",
        chosen=run.dataset.name,
        store=lambda name: state.put("run", newest[name]),
        names=(dataset_name,),
    )
    named = run_names([other for other in runs if other.dataset.name == run.dataset.name])
    controls.choose(
        t("sidebar.run"),
        list(named),
        key="pick_run",
        chosen=run.run_id,
        store=partial(state.put, "run"),
        names=(named.__getitem__,),
        help=t("sidebar.run.help"),
    )
    with guard.guarded("sidebar"):
        _draw_epoch_picker(run)
    draw_unreadable_runs()


def _draw_epoch_picker(run: RunManifest) -> None:
    """A slider over the kept epochs, so that one watches the numbers form; where there is one, which that is."""
    epochs = {epoch: t("sidebar.epoch_of", epoch=epoch, epochs=run.epochs) for epoch in run.epochs_kept}
    if len(epochs) == 1:
        st.caption(t("sidebar.one_epoch", epoch=epochs[run.epochs_kept[0]]))
        return
    controls.choose(
        t("sidebar.epoch"),
        list(epochs),
        key="pick_epoch",
        chosen=chosen_epoch(run),
        store=lambda epoch: state.put("epoch", str(epoch)),
        names=(epochs.__getitem__,),
        kind="slider",
        help=t("sidebar.epoch.help"),
    )


def draw_unreadable_runs() -> None:
    """Names what lies in the runs' folder and cannot be read, with the reason; nothing where all is well."""
    problems = cache.listing().problems
    if not problems:
        return
    with st.expander(t("problem.unreadable_runs", count=len(problems))):
        for problem in problems:
            st.caption(
                f"**{format.markdown(problem.name)}**: {t(f'problem.run.{problem.reason.value}')}", help=problem.detail
            )


# ---------------------------------------------------------------- the head of a page


def warn(problem: str, **values: object) -> None:
    """A problem with what the address asks for, in words, once, under the page's title wherever it is noticed.

    ``values`` fill the text under ``problem``. They come from the address, so nothing in them is taken for Markdown.
    """
    shown = {name: format.markdown(str(value)[:LONGEST_VALUE]) for name, value in values.items()}
    text, said = t(problem, **shown), _said.get()
    if said is None or text not in said:
        (_problems.get() or st).warning(text)
        if (place := _dismiss.get()) is not None and not said:
            with place:
                controls.button(t("problem.dismiss"), state.dismiss, key="dismiss")
    if said is not None:
        said.add(text)


def draw_title(name: str) -> None:
    """The guard, the title, and room under it for what the address could not be given."""
    require_dashboard()
    st.title(t(f"{name}.title"), anchor=False)
    guard.draw_fault_of_click()
    if (folder := cache.gone_folder()) is not None:
        st.error(t("problem.folder_gone", folder=format.markdown(str(folder))))
        if name not in WITHOUT_FOLDER:
            guard.end_page()
    _problems.set(st.container())
    _dismiss.set(st.container())
    _said.set(set())
    _, wrong = state.settle("lang", lambda language: language in ("", *state.LANGUAGES), "")
    if wrong is not None:
        options = ", ".join(state.LANGUAGES)
        warn("problem.unknown_value", parameter="lang", value=wrong, options=options, shown=state.language())


def begin_page(name: str) -> Checkpoint:
    """The head of a page about a checkpoint; stops the page where there is nothing to show."""
    draw_title(name)
    run = chosen_run()
    if run is None:
        from ui.welcome import draw_welcome

        draw_welcome()
        guard.end_page()
    there = {other.run_id for other in cache.listing().runs}
    _, wrong_run = state.settle("run", lambda run_id: run_id in ("", *there), run.run_id, gone=True)
    if wrong_run is not None:
        problem = next((problem for problem in cache.listing().problems if problem.name == wrong_run), None)
        if problem is None:
            warn("problem.unknown_run", wanted=wrong_run, shown=run_name(run))
        else:
            reason = t(f"problem.run.{problem.reason.value}")
            warn("problem.unreadable_run", wanted=wrong_run, reason=reason, shown=run_name(run))
    epoch, wrong_epoch = _epoch_or_wrong(run)
    if wrong_epoch is not None:
        kept = ", ".join(map(str, run.epochs_kept))
        warn("problem.unknown_epoch", wanted=wrong_epoch, kept=kept, shown=epoch)
    try:
        checkpoint = read_checkpoint(run, SPLIT, epoch)
    except READ_ERRORS as error:
        st.error(t("problem.damaged_predictions", run=format.markdown(run_name(run)), run_id=run.run_id))
        st.code(str(error), language=None, wrap_lines=True)
        guard.end_page()
    st.caption(
        t(
            "app.subject",
            dataset=format.markdown(checkpoint.dataset_title),
            run=format.markdown(checkpoint.title),
            epoch=epoch,
            epochs=checkpoint.epochs,
            total=format.count(checkpoint.evaluation.total),
        )
    )
    _drop_left_over(len(run.dataset.classes), checkpoint.evaluation.total)
    return checkpoint


def _drop_left_over(num_classes: int, total: int) -> None:
    """What was chosen for another run and this one does not have, whether the page that is open shows it or not."""
    for name in ("class", "truth", "predicted"):
        usual = state.PARAMETERS[name]
        possible = {usual, *map(str, range(num_classes))}
        state.give_way(name, possible.__contains__, usual)
    state.give_way("cell", lambda text: not text or text in selections.selection_options(num_classes), "")
    state.give_way("image", lambda text: not text or is_index(text, total), "")


def images_or_reason(checkpoint: Checkpoint) -> NDArray[np.uint8] | None:
    """The images that it was evaluated on (N, H, W); None, with the reason drawn, where they cannot be shown."""
    try:
        return checkpoint.images()
    except (DataError, *READ_ERRORS) as error:
        st.info(t("problem.no_images"))
        st.code(str(error), language=None, wrap_lines=True)
        return None


# ---------------------------------------------------------------- cards


def draw_cards(cards: Sequence[tuple[str, str, str]]) -> None:
    """A row of numbers: (name, value, one sentence about it) each."""
    body = "".join(
        f'<section class="card"><h2>{format.html(name)}</h2><p class="value">{format.html(value)}</p>'
        f"<p>{format.html(note)}</p></section>"
        for name, value, note in cards
    )
    st.html(f'<div class="cards">{body}</div>')


# ---------------------------------------------------------------- gallery


LONGEST_VALUE = 80  # of what an address says, in a message
CLASSES_BESIDE = 15  # up to this many classes a matrix leaves room beside it
PAGE_SIZES = ("50", "100", "200")


def draw_counts_only() -> None:
    """In the place of images: nothing is known of single ones."""
    st.info(t("problem.counts_only"))


def draw_gallery(
    name: str,
    checkpoint: Checkpoint,
    seen: PerImage,
    indices: NDArray[np.int64],
    *,
    beside: bool = True,
    tile: int = 64,
    is_ordered: bool = False,
) -> None:
    """The images at ``indices`` of the test split, in that order, a page at a time, with one of them in detail.

    ``name`` tells the page's gallery from another page's; the page and the image looked at are in the address. The
    detail stands ``beside`` the images, or above them where there is no room. Under them stands what is written at
    each; and, where it ``is_ordered`` so, that the most confident come first.
    """
    _draw_gallery(name, checkpoint, seen, indices, beside=beside, tile=tile)
    if seen.scores is None:
        st.caption(f"{t('gallery.legend.plain')} {t('problem.no_scores')}")
    else:
        st.caption(f"{t('gallery.legend')} {t('gallery.order')}" if is_ordered else t("gallery.legend"))


def _draw_gallery(
    name: str, checkpoint: Checkpoint, seen: PerImage, indices: NDArray[np.int64], *, beside: bool, tile: int
) -> None:
    size = int(valid_choice("size", PAGE_SIZES))
    pages = max(1, -(-len(indices) // size))
    page = _page_of_images(pages)
    shown = indices[(page - 1) * size : page * size]
    total = checkpoint.evaluation.total
    wanted, wrong_image = state.settle("image", lambda text: not text or is_index(text, total), "")
    if wrong_image is not None:
        warn("problem.unknown_image", wanted=wrong_image, last=total - 1)
    selected = int(wanted) if wanted else None
    images = images_or_reason(checkpoint)
    if images is None:
        return
    if selected not in set(shown.tolist()):
        selected = int(shown[0]) if len(shown) else None
    with st.container(key="gallery_beside" if beside else "gallery_above"):
        if beside:
            grid, detail = st.columns([5, 3], gap="medium")
        else:
            detail, grid = st.container(key="gallery_detail"), st.container()
    with grid:
        _draw_page_of_images(name, checkpoint, seen, images, shown, selected, tile)
        if pages > 1:
            _draw_pages(name, page, pages)
    with detail:
        if selected is not None:
            draw_detail(checkpoint, seen, images, selected, indices)


def is_index(text: str, total: int) -> bool:
    """Whether ``text`` is a whole number from 0 to ``total`` - 1."""
    return text.isascii() and text.isdigit() and len(text) <= len(str(total)) and int(text) < total


def _draw_page_of_images(
    name: str,
    checkpoint: Checkpoint,
    seen: PerImage,
    images: NDArray[np.uint8],
    shown: NDArray[np.int64],
    selected: int | None,
    tile: int,
) -> None:
    names = checkpoint.names
    facts: list[dict[str, object]] = [
        {"index": int(index), "truth": names[seen.labels[index]], "predicted": names[seen.predicted[index]]}
        for index in shown
    ]
    if seen.confidence is not None:
        for fact, index in zip(facts, shown, strict=True):
            fact["confidence"] = format.percent_briefly(float(seen.confidence[index]))
    if seen.confidence is None:
        captions = [t("gallery.caption.plain", **fact) for fact in facts]
        spoken = [t("gallery.label.plain", **fact) for fact in facts]
    else:
        captions = [t("gallery.caption", **fact) for fact in facts]
        spoken = [t("gallery.label", **fact) for fact in facts]
    key = f"gallery_{name}"

    def store() -> None:
        clicked = clicked_image(key)
        state.put("image", "" if clicked is None else str(clicked))

    view = ImageView(
        images=images[shown],
        tiles=[ImageTile(*words) for words in zip(shown.tolist(), captions, spoken, strict=True)],
        words=ImageWords(grid_label=t("gallery.grid"), empty=t("gallery.empty")),
        tile_width=tile,
    )
    image_grid(key=key, view=view, selected=selected, on_select=store)


def _page_of_images(pages: int) -> int:
    """The page that the address names; the nearest one where a list has become shorter than that."""

    def is_number(text: str) -> bool:
        return text.isascii() and text.isdigit() and text.strip("0") != ""

    wanted = state.get("page")
    page = max(1, min(int(wanted[:9]), pages)) if is_number(wanted) else 1
    _, wrong = state.settle("page", lambda text: text == str(page) and is_number(text), str(page))
    if wrong is not None:
        possible = f"1-{pages}" if pages > 1 else "1"
        warn("problem.unknown_value", parameter="page", value=wrong, options=possible, shown=page)
    return page


def _draw_pages(name: str, page: int, pages: int) -> None:
    controls.pages(pages, key=f"pages_{name}", page=page, store=lambda chosen: state.put("page", str(chosen)))


def draw_detail(
    checkpoint: Checkpoint,
    seen: PerImage,
    images: NDArray[np.uint8],
    index: int,
    order: NDArray[np.int64] | None = None,
) -> None:
    """One image in large pixels: truth, prediction, the probabilities that are known, and the way to its neighbours."""
    names = checkpoint.names
    label, predicted = int(seen.labels[index]), int(seen.predicted[index])
    verdict = "right" if label == predicted else "wrong"
    bars = "".join(
        f'<div class="{"truth" if c == label else "called" if c == predicted else "other"}">'
        f"<b>{format.html(names[c])}</b><i><u style='width:{score:.2%}'></u></i>"
        f"<span>{format.html(format.percent(float(score)))}</span></div>"
        for c, score in enumerate([] if seen.scores is None else seen.scores[index])
    )
    if bars:
        bars = f'<div class="bars" role="img" aria-label="{format.html(t("detail.probabilities"))}">{bars}</div>'
    st.html(
        f'<div class="detail"><span class="ink"><img src="{picture_uri(images[index])}" alt=""></span>'
        f'<div><p class="{verdict}">{format.html(t(f"detail.{verdict}"))}</p>'
        f"<p>{format.html(t('detail.truth'))} <b>{format.html(names[label])}</b></p>"
        f"<p>{format.html(t('detail.predicted'))} <b>{format.html(names[predicted])}</b></p>"
        f'<p class="quiet">{format.html(t("detail.index", index=index))}</p></div></div>{bars}'
    )
    if order is not None:
        _draw_neighbours(index, order)


def _draw_neighbours(index: int, order: NDArray[np.int64]) -> None:
    position = int(np.flatnonzero(order == index)[0])
    size = int(valid_choice("size", PAGE_SIZES))

    def go(to: int) -> None:
        state.put("image", str(int(order[to])))
        state.put("page", str(to // size + 1))

    with st.container(horizontal=True, vertical_alignment="center"):
        before, after = partial(go, position - 1), partial(go, position + 1)
        controls.button(t("detail.previous"), before, key="previous", disabled=position == 0)
        controls.button(t("detail.next"), after, key="next", disabled=position + 1 == len(order))
        st.caption(t("detail.position", position=format.count(position + 1), total=format.count(len(order))))
