"""Owns how the metrics of a class change when it becomes rarer: the same model, fewer images of the class."""

from dataclasses import dataclass
from typing import SupportsFloat

from mnistcore.metrics.arguments import share_from_0_to_1
from mnistcore.metrics.counts import OneVsRest
from mnistcore.metrics.definitions import OUTCOMES
from mnistcore.metrics.two_by_two import BinaryMetrics, TwoByTwo, binary_metrics


@dataclass(frozen=True, slots=True)
class ThinnedClass:
    """A class of which only some images are kept; all others stay."""

    counts: TwoByTwo  # expected, so not whole
    metrics: BinaryMetrics
    always_no: BinaryMetrics  # those of answering "not this class" to every image

    @property
    def prevalence(self) -> float | None:
        """The share of the class in all images, 0 to 1; None without images."""
        return self.counts.positives / self.counts.total if self.counts.total else None


def thin_class(counts: TwoByTwo, share: SupportsFloat) -> ThinnedClass:
    """What is to be expected if only a share of a class's images is kept, drawn at random: TP and FN shrink alike.

    TP' = share TP and FN' = share FN, while FP and TN stay. So recall, specificity and balanced accuracy stay, and
    precision falls. The accuracy moves from between recall and specificity towards the specificity: that of the other
    images, of which there are more and more; "always no" comes near to 1 meanwhile.
    Source: Bayes' theorem as in Altman & Bland (1994), BMJ 309:102.

    Args:
        counts: of the class, all its images kept.
        share: of its images that are kept, 0 to 1.

    Returns:
        Expected counts and their metrics; without any image left, recall and what depends on it are None.

    Raises:
        InputError: a share outside 0 to 1.

    >>> whole = TwoByTwo(tp=90, fn=10, fp=45, tn=855)
    >>> for share in (1, 0.1):
    ...     thinned = thin_class(whole, share)
    ...     found, blind = thinned.metrics, thinned.always_no
    ...     print(f"{thinned.prevalence:.3f}: recall {found.recall:.3f}, precision {found.precision:.3f}, ", end="")
    ...     print(f"accuracy {found.accuracy:.3f}, always no {blind.accuracy:.3f}")
    0.100: recall 0.900, precision 0.667, accuracy 0.945, always no 0.900
    0.011: recall 0.900, precision 0.167, accuracy 0.949, always no 0.989
    """
    kept = share_from_0_to_1(share, name="share")
    thinned = TwoByTwo(tp=kept * counts.tp, fn=kept * counts.fn, fp=counts.fp, tn=counts.tn)
    blind = TwoByTwo(tp=0, fn=thinned.positives, fp=0, tn=thinned.negatives)
    return ThinnedClass(counts=thinned, metrics=binary_metrics(thinned), always_no=binary_metrics(blind))


def most_diluted(counts: OneVsRest, share: SupportsFloat) -> int | None:
    """The class whose precision falls most when only a share of its images is kept: where thinning shows most.

    Args:
        counts: four arrays of integers, shape (C,), not negative.
        share: of the images of each class in turn that are kept, 0 to 1.

    Returns:
        The index of the class, the first of equal ones; None where no precision falls: nothing is predicted wrongly.

    Raises:
        InputError: a share outside 0 to 1.

    >>> import numpy as np
    >>> most_diluted(OneVsRest(tp=np.array([9, 8]), fp=np.array([1, 2]), fn=np.array([2, 1]), tn=np.array([8, 9])), 0.1)
    1
    """
    falls = []
    for place in range(len(counts.tp)):
        whole = TwoByTwo(**{name: int(getattr(counts, name)[place]) for name in OUTCOMES})
        before, after = (thin_class(whole, kept).metrics.precision for kept in (1, share))
        falls.append(0.0 if before is None or after is None else before - after)
    most = max(range(len(falls)), key=falls.__getitem__, default=None)
    return most if most is not None and falls[most] > 0 else None
