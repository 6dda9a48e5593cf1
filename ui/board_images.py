"""Owns the images on the board of a class: of the chosen part, of each outcome, and by their probability."""

import numpy as np
from numpy.typing import NDArray

from mnistcore import metrics
from mnistcore.evaluation.evaluation import PerImage
from mnistcore.evaluation.groups import GROUPS, Group, group_mask
from mnistcore.evaluation.selections import Selection, selection_mask
from ui.checkpoint import Checkpoint
from ui.components.class_board import STRIP_COLUMNS, Samples, ScoredImage, Scores, Strip
from ui.components.image_grid import ImageTile
from ui.texts import t

SAMPLES = 3  # images of an outcome in the flow
MOST_SCORED = 260  # images of bins that are shown whole
MOST_OTHERS = 60
BINS = 20
CURVE_POINTS = 200  # of a curve that is drawn; it is counted at every score
_NOTHING: NDArray[np.uint8] = np.zeros((0, 1, 1), dtype=np.uint8)


def part_mask(part: Group | Selection, positive: int, seen: PerImage) -> NDArray[np.bool_]:
    """The images (N,) that a part of the board holds."""
    if isinstance(part, Group):
        return group_mask(part, positive, seen.labels, seen.predicted)
    return selection_mask(part, seen.labels, seen.predicted)


def threshold_mask(part: Group | Selection, positive: int, seen: PerImage, threshold: float) -> NDArray[np.bool_]:
    """The same where an image is predicted as the class if its probability is at least ``threshold``."""
    if seen.scores is None or not isinstance(part, Group):
        return part_mask(part, positive, seen)
    labels, predicted = seen.labels == positive, seen.scores[:, positive] >= threshold
    return group_mask(Group(part.outcomes), 1, labels.astype(np.int64), predicted.astype(np.int64))


def _images(checkpoint: Checkpoint) -> tuple[NDArray[np.uint8] | None, str]:
    """The images of the split (N, H, W), or why there are none."""
    if checkpoint.evaluation.per_image is None:
        return None, t("problem.counts_only")
    images = checkpoint.images_or_none()
    return images, "" if images is not None else t("problem.no_images")


def strip_of(checkpoint: Checkpoint, positive: int, part: Group | Selection) -> Strip:
    """Some images of a part, the most confident first."""
    names, seen = checkpoint.names, checkpoint.evaluation.per_image
    images, reason = _images(checkpoint)
    if seen is None or images is None:
        return Strip(name=names[positive], part=str(part), images=_NOTHING, tiles=(), reason=reason)
    indices = seen.most_confident_first(part_mask(part, positive, seen))[:STRIP_COLUMNS]
    tiles = []
    for index in indices:
        told = {"truth": names[seen.labels[index]], "predicted": names[seen.predicted[index]]}
        tiles.append(ImageTile(int(index), t("board.image", **told), t("board.image.label", **told)))
    return Strip(name=names[positive], part=str(part), images=images[indices], tiles=tiles)


def samples_of(checkpoint: Checkpoint, positive: int) -> Samples | None:
    """A few images of each outcome, the most confident first; None where none can be shown."""
    seen = checkpoint.evaluation.per_image
    images, _ = _images(checkpoint)
    if seen is None or images is None:
        return None
    chosen = {
        outcome: seen.most_confident_first(part_mask(GROUPS[outcome], positive, seen))[:SAMPLES]
        for outcome in metrics.OUTCOMES
    }
    return Samples(positive=positive, images={outcome: images[indices] for outcome, indices in chosen.items()})


def scores_of(checkpoint: Checkpoint, positive: int) -> Scores | None:
    """The probabilities of a class over all images, and what follows for every threshold; None where none are known."""
    seen = checkpoint.evaluation.per_image
    if seen is None or seen.scores is None:
        return None
    column = seen.scores[:, positive]
    is_class = seen.labels == positive
    curve = metrics.threshold_curve(seen.labels, column, positive)
    histogram = metrics.confidence_histogram(seen.labels, seen.scores, positive, bins=BINS)
    images, reason = _images(checkpoint)
    shown = _scored(column, is_class) if images is not None else np.zeros(0, dtype=np.int64)
    names = checkpoint.names
    return Scores(
        positive=positive,
        positives=column[is_class],
        negatives=column[~is_class],
        bins={"positives": histogram.positives.tolist(), "negatives": histogram.negatives.tolist()},
        pr=_points(curve.recall, curve.precision),
        roc=_points(curve.false_positive_rate, curve.recall),
        ap=curve.average_precision,
        auc=curve.auc,
        best_f1=curve.best_f1_threshold,
        pixels=_NOTHING if images is None else images[shown],
        images=[
            ScoredImage(
                index=int(index),
                score=float(column[index]),
                positive=bool(is_class[index]),
                as_class=bool(seen.predicted[index] == positive),
                truth=names[seen.labels[index]],
                predicted=names[seen.predicted[index]],
            )
            for index in shown
        ],
        reason=reason,
    )


def _scored(column: NDArray[np.float64], is_class: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The images that a threshold is seen to move (n,): whole bins, the smallest first, and some of the others."""
    groups = np.minimum((column * BINS).astype(np.int64), BINS - 1) + BINS * is_class
    sizes = np.bincount(groups, minlength=2 * BINS)
    by_size = np.argsort(sizes, kind="stable")
    whole = by_size[np.cumsum(sizes[by_size]) <= MOST_SCORED]
    found = np.flatnonzero(np.isin(groups, whole))
    others = np.setdiff1d(np.arange(len(column)), found)
    others = others[np.argsort(column[others], kind="stable")]
    # Evenly by probability, so that there are images on each side of every threshold.
    places = np.linspace(0, len(others) - 1, min(len(others), MOST_OTHERS)).round().astype(np.int64)
    return np.unique(np.concatenate([found, others[places]]))


def _points(across: NDArray[np.float64], up: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Pairs that are defined, few enough to draw."""
    defined = np.flatnonzero(~np.isnan(across) & ~np.isnan(up))
    if len(defined) > CURVE_POINTS:
        # Evenly along the curve, so that its corner has its points: by the way from one pair to the next.
        way = np.abs(np.diff(across[defined])) + np.abs(np.diff(up[defined]))
        along = np.concatenate([[0.0], np.cumsum(way)])
        wanted = np.searchsorted(along, np.linspace(0, along[-1], CURVE_POINTS))
        defined = defined[np.unique(np.clip(wanted, 0, len(defined) - 1))]
    return [(round(float(across[i]), 5), round(float(up[i]), 5)) for i in defined]
