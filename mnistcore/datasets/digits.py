"""Owns the data set that comes with scikit-learn: 1,797 digits of 8 x 8 pixels, made to look like MNIST's."""

import importlib.util
from pathlib import Path

import numpy as np

from mnistcore.datasets.idx_files import UInt8Array
from mnistcore.datasets.registry import DATASETS
from mnistcore.datasets.splits import Int64Array, Split, holdout
from mnistcore.errors import DataUnavailableError
from mnistcore.libraries import importing


def digits_split(split: str) -> Split:
    """The 1,797 images: 360 for the test, 180 for validation, the rest to train on."""
    dataset = DATASETS["digits"]
    values, labels = digits_values()
    in_test = holdout(labels, dataset.test_size, num_classes=dataset.num_classes)
    in_validation = np.zeros_like(in_test)
    in_validation[~in_test] = holdout(labels[~in_test], dataset.validation_size, num_classes=dataset.num_classes)
    mask = {"train": ~(in_test | in_validation), "validation": in_validation, "test": in_test}[split]
    return Split(_enlarged(values[mask]), labels[mask])


def digits_values() -> tuple[UInt8Array, Int64Array]:
    """The 8 x 8 images with values 0..16 and their labels, as ``sklearn.datasets.load_digits`` gives them.

    Read from scikit-learn's own file without importing scikit-learn, which takes two seconds.
    """
    spec = importlib.util.find_spec("sklearn")
    places = [] if spec is None or spec.submodule_search_locations is None else spec.submodule_search_locations
    for place in places:
        path = Path(place) / "datasets" / "data" / "digits.csv.gz"
        if path.is_file():
            table = np.loadtxt(path, delimiter=",", dtype=np.uint8)
            return table[:, :-1].reshape(-1, 8, 8), table[:, -1].astype(np.int64)
    raise DataUnavailableError(
        "digits: expected scikit-learn with its file datasets/data/digits.csv.gz, found "
        f"{'scikit-learn without it' if places else 'no scikit-learn'}. `pip install scikit-learn` brings it"
    )


def _enlarged(values: UInt8Array) -> UInt8Array:
    """uint8 (N, 28, 28), 0..255, that look like MNIST's, from uint8 (N, 8, 8), 0..16.

    Enlarged two and a half times, so that a digit fills the middle 20 x 20 as in MNIST; bicubic, then half as
    much contrast again, which undoes the blur. Pillow computes this kind of image in integers, so that the
    result is the same everywhere.
    """
    with importing("pillow"):
        from PIL import Image

    bordered = np.zeros((len(values), 12, 12), dtype=np.uint8)  # so that strokes at the rim fade out, too
    bordered[:, 2:10, 2:10] = values.astype(np.uint16) * 255 // 16
    images = np.zeros((len(values), 28, 28), dtype=np.int16)
    for image, small in zip(images, bordered, strict=True):
        # 28 pixels show 28 / 2.5 = 11.2 of the 12: 0.4 is cut off at each side.
        box = (0.4, 0.4, 11.6, 11.6)
        image[:] = np.asarray(Image.fromarray(small).resize((28, 28), Image.Resampling.BICUBIC, box=box))
    return np.clip((3 * images - 128) // 2, 0, 255).astype(np.uint8)
