"""Owns reading pictures, each in a folder of its class: what a folder's name means, and one picture as an array.

A picture's header is looked at before it is decoded. Pillow is imported late, and asked for plain formats only.
"""

import io
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mnistcore.datasets.idx_files import UInt8Array
from mnistcore.datasets.own.entries import Entry
from mnistcore.datasets.own.found import WHOLE, Found, Part, split_of
from mnistcore.datasets.own.kept import MAX_SIDE
from mnistcore.errors import InputError, shortened
from mnistcore.libraries import importing
from mnistcore.wording import plural

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES: Final = frozenset(
    {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm"}
)
MAX_PIXELS: Final = 60_000_000  # of one picture; a good camera's has 50 million
MAX_PICTURE_BYTES: Final = 256 * 2**20
_FORMATS: Final = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")  # those that run no program, as EPS does
_ORIENTATION: Final = 0x0112  # in EXIF
_DRAFT: Final = 4 * MAX_SIDE  # a JPEG is decoded at a fraction of its size that is still larger than this
_LIGHT: Final = 128  # ink that is lighter stands on black, where a picture is transparent


def read_pictures(entries: Sequence[Entry]) -> Found:
    """Pictures in folders of their classes, with or without folders for train, test and validation above these.

    Raises:
        InputError: there is no such order, or a picture cannot be read; names it.
    """
    placed = _placed(entries)
    said: Counter[str] = Counter()
    images: dict[str, list[UInt8Array]] = {}
    labels: dict[str, list[str]] = {}
    for entry, split, label in placed:
        if entry.size > MAX_PICTURE_BYTES:
            raise InputError(f"{entry.name}: expected a picture of at most 256 MB, got {entry.size:,} bytes")
        images.setdefault(split, []).append(decode(entry.read(), entry.name, said.update))
        labels.setdefault(split, []).append(label)
    parts = {split: Part(images[split], np.array(labels[split])) for split in images}
    return Found(parts, notes=told(said))


def told(said: "Counter[str]") -> tuple[str, ...]:
    """What was done to pictures, with how many it was done to."""
    return tuple(f"{plural(count, 'picture')}: {what}" for what, count in said.items())


def _placed(entries: Sequence[Entry]) -> list[tuple[Entry, str, str]]:
    """Each picture with its split and its class."""
    above = 0  # folders around everything
    while all(len(entry.parts) > above + 2 for entry in entries):
        folders = {entry.parts[above] for entry in entries}
        if len(folders) > 1 or split_of(*folders) is not None:
            break
        above += 1
    loose = [entry for entry in entries if len(entry.parts) < above + 2]
    if loose:
        raise InputError(
            f"{loose[0].name}: expected each picture in a folder that is called like its class, as cat/1.png, got "
            f"{plural(len(loose), 'picture')} in none"
        )
    by_split = {entry.parts[above]: _whole_name(entry.parts[above]) for entry in entries}
    are_deep = all(len(entry.parts) > above + 2 for entry in entries)
    if are_deep and any(by_split.values()) and not all(by_split.values()):
        other = shortened(next(folder for folder, split in by_split.items() if split is None), 40)
        known = next(folder for folder, split in by_split.items() if split is not None)
        raise InputError(
            f"path: expected folders for train, test and val, or for classes, got {other} beside {known}: take it out, "
            "or say with --only which files are meant"
        )
    if are_deep and all(by_split.values()):
        return [(entry, str(by_split[entry.parts[above]]), entry.parts[above + 1]) for entry in entries]
    return [(entry, WHOLE, entry.parts[above]) for entry in entries]


def _whole_name(folder: str) -> str | None:
    """The split that a folder is for; a class may be called "test tube"."""
    return split_of(folder) if len(folder.split()) == 1 else None


def decode(data: bytes, name: str, say: Callable[[list[str]], Any]) -> UInt8Array:
    """A picture as uint8 (H, W, 3), upright, no side longer than `MAX_SIDE`, its proportions kept.

    Args:
        say: is told what was done to it, in a list.

    Raises:
        InputError: it is no picture, not whole, or too large; names it.
    """
    with importing("pillow"):
        from PIL import Image, ImageOps

    if not data:
        raise InputError(f"{name}: expected a picture, got an empty file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sizes, which are looked at below, and of odd metadata
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                _require_size(image.size, name)
                image.draft("RGB", (_DRAFT, _DRAFT))
                frames = getattr(image, "n_frames", 1)
                image.load()
                is_turned = image.getexif().get(_ORIENTATION, 1) > 1
                upright = ImageOps.exif_transpose(image)
            done = ["the first of several frames was taken"] if frames > 1 else []
            if is_turned:
                done.append("turned as the camera says (EXIF)")
            coloured = _coloured(upright, name, done)
            if max(coloured.size) > MAX_SIDE:
                coloured.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BICUBIC, reducing_gap=3.0)
                done.append(f"made smaller, to at most {MAX_SIDE} x {MAX_SIDE} pixels")
            say(done)
            return np.asarray(coloured).copy()
    except InputError:
        raise
    except Image.DecompressionBombError as error:
        raise InputError(f"{name}: expected at most {MAX_PIXELS:,} pixels, got more") from error
    except Exception as error:  # whatever a broken file makes of a decoder
        reason = shortened(str(error), 200) or type(error).__name__
        raise InputError(f"{name}: expected a whole picture, got one that cannot be read: {reason}") from error


def _require_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        raise InputError(f"{name}: expected at most {MAX_PIXELS:,} pixels, got {width:,} x {height:,}")


def _coloured(image: "Image", name: str, done: list[str]) -> "Image":
    """In red, green and blue of 8 bits."""
    from PIL import Image

    if image.mode.startswith("I") or image.mode == "F":
        done.append("brought from more than 8 bits to 8")
        return Image.fromarray(_eight_bits(np.asarray(image), name)).convert("RGB")
    if image.has_transparency_data:
        done.append("transparent parts were filled, light ink on black and dark ink on white")
        return _on_paper(_reduced(image.convert("RGBA")))
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        done.append(f"brought from {image.mode} to RGB")
    return image.convert("RGB")


def _eight_bits(values: "np.ndarray[Any, Any]", name: str) -> UInt8Array:
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise InputError(f"{name}: expected pixels, got NaN or infinity")
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 65535:
        raise InputError(f"{name}: expected pixels from 0 to 65535, got {low:g} to {high:g}")
    if values.dtype.kind == "f" and high <= 1:
        scaled = values * 255
    else:
        scaled = values / (257 if high > 255 or values.dtype == np.uint16 else 1)
    eight_bits: UInt8Array = np.rint(scaled).astype(np.uint8)
    return eight_bits


def _reduced(image: "Image") -> "Image":
    """A large RGBA picture as the means of its blocks, weighed by how much is seen of each pixel.

    What stands on paper is counted in numbers of 8 bytes: a camera's picture would take 2 GB.
    """
    factor = max(image.size) // _DRAFT
    return image.convert("RGBa").reduce(factor).convert("RGBA") if factor > 1 else image


def _on_paper(image: "Image") -> "Image":
    from PIL import Image

    pixels = np.asarray(image, dtype=np.float64)
    opacity = pixels[..., 3]
    brightness = float((pixels[..., :3].mean(axis=2) * opacity).sum() / max(float(opacity.sum()), 1.0))
    paper = Image.new("RGBA", image.size, (0, 0, 0, 255) if brightness >= _LIGHT else (255, 255, 255, 255))
    return Image.alpha_composite(paper, image).convert("RGB")
