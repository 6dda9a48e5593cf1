"""Owns the one-vs-rest board: the matrix in its four regions beside the 2 x 2 that it collapses to.

It checks what the page hands over and mounts it; it must not count or translate. All classes travel at once,
so a flip repaints in the browser before the server has heard of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from mnistcore.errors import InputError
from ui.components import check_length, check_square, integers, mount, trigger_value

REGIONS = ("tp", "fp", "fn", "tn")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardWords:
    """The words on the board, in the reader's language; templates name what is filled in in braces."""

    classes_label: str  # names the strip of classes
    previous: str
    next: str
    hint: str  # how to flip from the keyboard
    grid_label: str  # names the matrix: {name}
    truth_axis: str
    predicted_axis: str
    truth_yes: str  # row header of the 2 x 2: the truth is {name}
    truth_no: str
    predicted_yes: str  # column header of the 2 x 2: called {name}
    predicted_no: str
    tp: str
    fp: str
    fn: str
    tn: str
    cell_label: str  # {truth} {predicted} {count} {region}
    tile_label: str  # {region} {count} {caption}


def class_board(
    *,
    key: str,
    names: Sequence[str],
    tabs: Sequence[str],
    counts: Sequence[Sequence[int]],
    texts: Sequence[Sequence[str]],
    tiles: Sequence[Mapping[str, str]],
    captions: Sequence[Mapping[str, str]],
    sums: Sequence[str],
    selected_class: int,
    selected_region: str,
    words: BoardWords,
    on_class: Callable[[], None],
    on_region: Callable[[], None],
    long_names: Sequence[str] | None = None,
) -> None:
    """Draws the board; a flip calls ``on_class``, a click on TP, FP, FN or TN calls ``on_region``.

    Args:
        key: what Streamlit knows this board by; unique on the page.
        names: per class, short, for tabs and headers.
        tabs: per class, the small text under its name, for example its recall.
        counts: C x C, rows true, columns predicted; zeros are drawn faint.
        texts: C x C, what stands in the cells, formatted.
        tiles: per class, the formatted totals under the keys tp, fp, fn, tn.
        captions: per class, one sentence for each of tp, fp, fn, tn.
        sums: per class, the line that shows the four totals adding up.
        selected_class: index of the class to show.
        selected_region: the region to show as chosen: "tp", "fp", "fn" or "tn".
        long_names: per class, for what a screen reader says; None says ``names``.

    Raises:
        InputError: a table or list does not fit the number of classes, or a selection is none.
    """
    view = _view(
        names=names,
        long_names=names if long_names is None else long_names,
        tabs=tabs,
        counts=counts,
        texts=texts,
        tiles=tiles,
        captions=captions,
        sums=sums,
        words=words,
    )
    if names and not 0 <= selected_class < len(names):
        raise InputError(f"selected_class: expected 0 to {len(names) - 1}, got {selected_class}")
    if selected_region not in REGIONS:
        raise InputError(f"selected_region: expected one of {', '.join(REGIONS)}, got {selected_region!r}")
    mount(
        "class_board",
        key=key,
        data={"view": view, "class": int(selected_class), "region": selected_region},
        on={"class": on_class, "region": on_region},
    )


def clicked_class(key: str) -> int | None:
    """The index of the class just flipped to on the board under ``key``; for use inside ``on_class``."""
    value = trigger_value(key, "class")
    return int(value) if value is not None and value.isdecimal() else None


def clicked_region(key: str) -> str | None:
    """The region just clicked on the board under ``key``, one of REGIONS; for use inside ``on_region``."""
    value = trigger_value(key, "region")
    return value if value in REGIONS else None


def _view(
    *,
    names: Sequence[str],
    long_names: Sequence[str],
    tabs: Sequence[str],
    counts: Sequence[Sequence[int]],
    texts: Sequence[Sequence[str]],
    tiles: Sequence[Mapping[str, str]],
    captions: Sequence[Mapping[str, str]],
    sums: Sequence[str],
    words: BoardWords,
) -> Mapping[str, object]:
    """Everything the browser needs except the selection, so that it can tell a flip from a new matrix."""
    size = len(names)
    check_length(long_names, size=size, name="long_names")
    check_length(tabs, size=size, name="tabs")
    check_length(sums, size=size, name="sums")
    check_square(texts, size=size, name="texts")
    return {
        "names": list(names),
        "long_names": list(long_names),
        "tabs": list(tabs),
        "counts": integers(counts, size=size, name="counts"),
        "texts": [list(row) for row in texts],
        "tiles": _by_region(tiles, size=size, name="tiles"),
        "captions": _by_region(captions, size=size, name="captions"),
        "sums": list(sums),
        "words": asdict(words),
    }


def _by_region(rows: Sequence[Mapping[str, str]], *, size: int, name: str) -> list[dict[str, str]]:
    check_length(rows, size=size, name=name)
    for row in rows:
        if set(row) != set(REGIONS):
            raise InputError(f"{name}: expected the keys {', '.join(REGIONS)}, got {', '.join(sorted(row))}")
    return [{region: row[region] for region in REGIONS} for row in rows]
