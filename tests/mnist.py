"""Owns made-up files that stand in for MNIST's: as many images, as many of each class; no test needs a download."""

import gzip
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np

from mnistcore.datasets.downloads import md5_of
from mnistcore.datasets.registry import DATASETS

# Images of each class, as in the authors' files.
COUNTS = {
    "train": (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949),
    "t10k": (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
}


def write(root: Path) -> None:
    """Write the four files below a data folder. An image is plain, the brighter the higher its class."""
    folder = root / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for part, counts in COUNTS.items():
        labels = np.random.default_rng(0).permutation(np.repeat(np.arange(10, dtype=np.uint8), counts))
        images = np.repeat(labels * 25, 28 * 28)
        for name, shape, values in (
            (f"{part}-labels-idx1-ubyte.gz", (len(labels),), labels),
            (f"{part}-images-idx3-ubyte.gz", (len(labels), 28, 28), images),
        ):
            head = struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape)
            (folder / name).write_bytes(gzip.compress(head + values.tobytes(), compresslevel=1, mtime=0))


def register(root: Path) -> None:
    """From here on this process takes these files for MNIST's."""
    mnist = DATASETS["mnist"]
    folder = root / "MNIST" / "raw"
    files = tuple(
        replace(file, md5=md5_of((folder / file.name).read_bytes()), content_md5=None) for file in mnist.files
    )
    DATASETS["mnist"] = replace(mnist, files=files)
