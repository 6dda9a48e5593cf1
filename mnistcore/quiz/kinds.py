"""Owns the kinds of questions: each is made of an evaluation, or not, where its answer would not be the only one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from mnistcore import metrics
from mnistcore.evaluation.evaluation import Evaluation
from mnistcore.evaluation.selections import Selection, selection_mask
from mnistcore.quiz.chance import Chance
from mnistcore.quiz.questions import About, Question

SHOWN: Final = 4  # classes of the part of a matrix that is shown
_LARGEST: Final = 12  # the most frequent mistakes, of which one is asked about
_CLEARLY: Final = 0.02  # by so much the highest probability is above the next one
_ATTEMPTS: Final = 8  # to make a question that was not asked yet

Cell = tuple[int, int]  # true class, predicted class
Maker = Callable[[Evaluation, Chance], Question | None]


def ask(evaluation: Evaluation, *, seed: int, count: int) -> tuple[Question, ...]:
    """Questions about an evaluation: the same for the same seed, and a shorter quiz is the beginning of a longer one.

    Args:
        evaluation: of N images in C classes; what is not known of them is not asked.
        seed: any whole number.
        count: how many, at least 0.

    Returns:
        As many questions as there are different ones, ``count`` at most; each kind once before any comes twice.

    >>> from mnistcore.evaluation.evaluation import evaluate_predictions
    >>> from mnistcore.evaluation.predictions import Counts
    >>> evaluation = evaluate_predictions(Counts(np.array([[8, 2], [0, 10]])), num_classes=2)
    >>> ask(evaluation, seed=1, count=9)[:3] == ask(evaluation, seed=1, count=3)
    True
    """
    found: dict[tuple[str, About], Question] = {}
    if len(evaluation.matrix) < 2:
        return ()  # nothing can be mistaken
    for turn in range(count):
        before = len(found)
        for kind in Chance(seed, "order", turn).shuffled(tuple(KINDS)):
            for attempt in range(_ATTEMPTS):
                question = KINDS[kind](evaluation, Chance(seed, kind, turn, attempt))
                if question is None or (question.kind, question.about) not in found:
                    break
            if question is not None:
                found.setdefault((question.kind, question.about), question)
        if len(found) >= count or len(found) == before:
            break
    return tuple(found.values())[:count]


# ---------------------------------------------------------------- one image


def _outcome(evaluation: Evaluation, chance: Chance) -> Question | None:
    """Which of the four outcomes an image is, when a class is the positive one."""
    for outcome in chance.shuffled(metrics.OUTCOMES):
        diagonal = outcome == "tp" or (outcome == "tn" and chance.below(2) == 0)
        cells = [cell for cell in _cells(evaluation, diagonal=diagonal) if _positives(evaluation, cell, outcome)]
        if not cells:
            continue
        true, predicted = cell = chance.pick(cells)
        positive = chance.pick(_positives(evaluation, cell, outcome))
        return Question(
            kind="outcome",
            about=About(positive, true, predicted, image=_image(evaluation, cell, chance)),
            answer=outcome,
            options=metrics.OUTCOMES,
            counts=_counts(evaluation, positive),
        )
    return None


def _positives(evaluation: Evaluation, cell: Cell, outcome: str) -> Sequence[int]:
    """The classes for which the images of a cell have an outcome."""
    true, predicted = cell
    if outcome == "tn":
        return [index for index in range(len(evaluation.matrix)) if index not in cell]
    return {"tp": (true,), "fn": (true,), "fp": (predicted,)}[outcome]


def _cells(evaluation: Evaluation, *, diagonal: bool) -> list[Cell]:
    """The cells that hold images, on the diagonal or off it."""
    return [(t, p) for t, p in np.argwhere(evaluation.matrix > 0).tolist() if (t == p) == diagonal]


def _image(evaluation: Evaluation, cell: Cell, chance: Chance) -> int | None:
    """One of the images of a cell; None where nothing is known of single ones."""
    if evaluation.labels is None or evaluation.predicted is None:
        return None
    mask = selection_mask(Selection("cell", *cell), evaluation.labels, evaluation.predicted)
    return int(chance.pick(np.flatnonzero(mask).tolist()))


def _argmax(evaluation: Evaluation, chance: Chance) -> Question | None:
    """Which class is predicted, given the probabilities: of a misclassified image, where there is one."""
    seen = evaluation.per_image
    if seen is None or seen.scores is None or len(evaluation.matrix) < 2:
        return None
    top = np.sort(seen.scores, axis=1)[:, -2:]
    clear = top[:, 1] - top[:, 0] >= _CLEARLY
    wrong = clear & (seen.labels != seen.predicted)
    candidates = np.flatnonzero(wrong if wrong.any() else clear).tolist()
    if not candidates:
        return None
    image = chance.pick(candidates)
    true, predicted = int(seen.labels[image]), int(seen.predicted[image])
    ranked = [index for index in np.argsort(-seen.scores[image], kind="stable").tolist() if index != true]
    shown = tuple(sorted([true, *ranked[: SHOWN - 1]]))
    return Question(
        kind="argmax",
        about=About(true=true, predicted=predicted, image=image, classes=shown),
        answer=str(predicted),
        options=tuple(map(str, shown)),
        shares=tuple(round(100 * float(seen.scores[image, index])) for index in shown),
    )


# ---------------------------------------------------------------- a class against the rest


def _counts(evaluation: Evaluation, positive: int) -> Mapping[str, int]:
    """The four outcomes of a class, and what is counted of all images."""
    outcomes = {outcome: int(getattr(evaluation.counts, outcome)[positive]) for outcome in metrics.OUTCOMES}
    whole = {"total": evaluation.total, "correct": evaluation.correct, "mistakes": evaluation.mistakes}
    return MappingProxyType(outcomes | whole)


# Sets of images by which the outcomes of a class they hold.
IMAGES_OF: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "row": frozenset({"tp", "fn"}),
        "column": frozenset({"tp", "fp"}),
        "everything": frozenset(metrics.OUTCOMES),
        "others": frozenset({"fp", "tn"}),
    }
)


def images_below(metric: str) -> str:
    """Out of which images a metric is taken: a key of `IMAGES_OF`.

    >>> images_below("recall"), images_below("precision"), images_below("specificity")
    ('row', 'column', 'others')
    """
    outcomes = frozenset(metrics.DEFINITIONS[metric].below)
    return next(name for name, held in IMAGES_OF.items() if held == outcomes)


def _denominator(evaluation: Evaluation, chance: Chance) -> Question | None:
    """Out of which images a metric of a class is taken."""
    metric = chance.pick(("recall", "precision", "recall", "precision", "accuracy", "specificity"))
    candidates = [index for index in range(len(evaluation.matrix)) if _are_different(_counts(evaluation, index))]
    if not candidates:
        return None
    positive = chance.pick(candidates)
    return Question(
        kind="denominator",
        about=About(positive, metric=metric),
        answer=images_below(metric),
        options=tuple(IMAGES_OF),
        counts=_counts(evaluation, positive),
    )


def _are_different(counts: Mapping[str, int]) -> bool:
    """Whether no two of the sets of images are the same images."""
    sets = list(IMAGES_OF.values())
    pairs = ((one, other) for place, one in enumerate(sets) for other in sets[:place])
    return all(any(counts[outcome] for outcome in one ^ other) for one, other in pairs)


def _rate(metric: str) -> Maker:
    """How many percent a metric of a class is, from its four counts."""

    def make(evaluation: Evaluation, chance: Chance) -> Question | None:
        rates = getattr(evaluation.rates, metric)
        candidates = [index for index, rate in enumerate(rates) if rate is not None and _has_one_percentage(rate)]
        other = getattr(evaluation.rates, "precision" if metric == "recall" else "recall")
        telling = [index for index in candidates if _percentage(other[index]) != _percentage(rates[index])]
        if not candidates:
            return None
        positive = chance.pick(telling or candidates)
        return Question(
            kind=metric,
            about=About(positive, metric=metric),
            answer=str(_percentage(rates[positive])),
            unit="percent",
            counts=_counts(evaluation, positive),
        )

    return make


def _percentage(rate: float | None) -> int | None:
    return None if rate is None else int(np.floor(100 * rate + 0.5))


def _has_one_percentage(rate: float) -> bool:
    """Whether a rate is not halfway between two, nor so small that its percentage could be read as a share."""
    halfway = abs(100 * rate % 1 - 0.5) < 1e-9
    return not halfway and (rate == 0 or 100 * rate >= 1.5)


def _count(evaluation: Evaluation, chance: Chance) -> Question | None:
    """What the number is that two of the four counts of a class add up to."""

    def sums(index: int) -> dict[str, int]:
        return {
            "row": int(evaluation.support[index]),
            "column": int(evaluation.called[index]),
            "correct": evaluation.correct,
            "everything": evaluation.total,
        }

    candidates = [
        index for index in range(len(evaluation.matrix)) if len(set(sums(index).values())) == len(sums(index))
    ]
    if not candidates:
        return None
    positive, asked = chance.pick(candidates), chance.pick(("row", "column"))
    return Question(
        kind="count",
        about=About(positive, metric=asked),
        answer=asked,
        options=tuple(sums(positive)),
        counts=MappingProxyType({**_counts(evaluation, positive), "count": sums(positive)[asked]}),
    )


def _apart(evaluation: Evaluation, chance: Chance) -> Question | None:
    """How many mistakes the one-vs-rest accuracy of a class counts as right: why it is above the overall one."""
    candidates = np.flatnonzero(evaluation.misclassified_negatives).tolist()
    if not candidates:
        return None
    positive = chance.pick(candidates)
    return Question(
        kind="apart",
        about=About(positive),
        answer=str(int(evaluation.misclassified_negatives[positive])),
        unit="images",
        counts=_counts(evaluation, positive),
    )


# ---------------------------------------------------------------- a part of the matrix


@dataclass(frozen=True, slots=True)
class _Part:
    """Some classes of a matrix, and a cell among them."""

    classes: tuple[int, ...]
    cells: tuple[tuple[int, ...], ...]
    cell: Cell
    count: int
    mirror: int  # what the cell on the other side of the diagonal holds


def _parts(evaluation: Evaluation, chance: Chance) -> Iterator[_Part]:
    """Around each of the most frequent mistakes, in some order: that whose mirror image holds another number."""
    matrix, classes = evaluation.matrix, range(len(evaluation.matrix))
    for found in chance.shuffled(metrics.most_confused(matrix, limit=_LARGEST)):
        cell = (found.true, found.predicted)
        others = chance.shuffled([index for index in classes if index not in cell])
        chosen = tuple(sorted((*cell, *others[: SHOWN - len(cell)])))
        cells = tuple(tuple(row) for row in matrix[np.ix_(chosen, chosen)].tolist())
        part = _Part(chosen, cells, cell, found.count, int(matrix[cell[::-1]]))
        if part.count != part.mirror:
            yield part


def _confused(evaluation: Evaluation, chance: Chance) -> Question | None:
    """Which mistake is the most frequent one of a part of the matrix."""
    for part in _parts(evaluation, chance):
        count = dict(zip(part.classes, part.cells, strict=True))
        mistakes = {
            (true, predicted): count[true][place]
            for true in part.classes
            for place, predicted in enumerate(part.classes)
            if true != predicted
        }
        most = max(mistakes.values())
        first = [cell for cell, images in mistakes.items() if images == most]
        if len(first) > 1:
            continue
        (answer,) = first
        mirror = answer[::-1]
        others = chance.shuffled([cell for cell in mistakes if cell not in (answer, mirror)])
        options = sorted([answer, mirror, *others[: SHOWN - 2]])
        return Question(
            kind="confused",
            about=About(true=answer[0], predicted=answer[1], classes=part.classes),
            answer=_name(answer),
            options=tuple(map(_name, options)),
            counts=MappingProxyType({"count": most, "mirror": mistakes[mirror]}),
            cells=part.cells,
        )
    return None


def _name(cell: Cell) -> str:
    return str(Selection("cell", *cell))


def _axis(evaluation: Evaluation, chance: Chance) -> Question | None:
    """Whether the true classes are the rows or the columns, told by one count."""
    for part in _parts(evaluation, chance):
        is_turned = chance.below(2) == 1
        return Question(
            kind="axis",
            about=About(true=part.cell[0], predicted=part.cell[1], classes=part.classes, is_turned=is_turned),
            answer="columns" if is_turned else "rows",
            options=("rows", "columns"),
            counts=MappingProxyType({"count": part.count, "mirror": part.mirror}),
            cells=part.cells,
        )
    return None


def _cell(evaluation: Evaluation, chance: Chance) -> Question | None:
    """How many images a cell holds: to be read from its row and column."""
    for part in _parts(evaluation, chance):
        return Question(
            kind="cell",
            about=About(true=part.cell[0], predicted=part.cell[1], classes=part.classes),
            answer=str(part.count),
            unit="images",
            counts=MappingProxyType({"count": part.count, "mirror": part.mirror}),
            cells=part.cells,
        )
    return None


KINDS: Final[Mapping[str, Maker]] = MappingProxyType(
    {
        "axis": _axis,
        "cell": _cell,
        "confused": _confused,
        "outcome": _outcome,
        "count": _count,
        "denominator": _denominator,
        "recall": _rate("recall"),
        "precision": _rate("precision"),
        "apart": _apart,
        "argmax": _argmax,
    }
)
