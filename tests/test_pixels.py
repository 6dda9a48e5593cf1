"""Pictures of any kind: the same picture in every form gives the same pixels; what could mean two things is refused."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import mnistcore
from mnistcore import stored_runs
from mnistcore.datasets.loading import load_split
from mnistcore.datasets.pixels import ImageWarning, as_images
from mnistcore.errors import InputError
from mnistcore.runs.store import Store
from mnistcore.stored_runs import StoredRun
from mnistcore.training import pipeline
from mnistcore.training.presets import make_config

DIGITS = load_split("digits", "test")
ONE, SOME = DIGITS.images[0], DIGITS.images[:5]


def rgb(images: np.ndarray) -> np.ndarray:
    return np.stack([images] * 3, axis=-1)


def transparent(image: np.ndarray, ink: int) -> Image.Image:
    """Ink of one colour, as drawing programs save it: the shape is in the opacity."""
    return Image.fromarray(np.dstack([np.full((*image.shape, 3), ink, np.uint8), image]), "RGBA")


FORMS: dict[str, Any] = {
    "(28, 28)": ONE,
    "(1, 28, 28)": ONE[None],
    "(1, 1, 28, 28)": ONE[None, None],
    "(28, 28, 1)": ONE[..., None],
    "(1, 28, 28, 1)": ONE[None, ..., None],
    "(28, 28, 3)": rgb(ONE),
    "(28, 28, 4)": np.concatenate([rgb(ONE), np.full((28, 28, 1), 255, np.uint8)], axis=-1),
    "(1, 3, 28, 28)": rgb(ONE).transpose(2, 0, 1)[None],
    "(784,)": ONE.ravel(),
    "(1, 784)": ONE.reshape(1, -1),
    "nested lists": ONE.tolist(),
    "list of an array": [ONE],
    "tuple of an array": (ONE,),
    "list of a tensor": [torch.tensor(ONE)],
    "int64": ONE.astype(np.int64),
    "int16": ONE.astype(np.int16),
    "uint16": ONE.astype(np.uint16),
    "uint16 to 65535": ONE.astype(np.uint16) * 257,
    "float 0 to 1": ONE / 255,
    "float32 0 to 1": (ONE / 255).astype(np.float32),
    "float16 0 to 255": ONE.astype(np.float16),
    "float 0 to 255": ONE.astype(float),
    "not writeable": np.frombuffer(ONE.tobytes(), np.uint8).reshape(28, 28),
    "upside down twice": ONE[::-1].copy()[::-1],
    "tensor": torch.tensor(ONE),
    "tensor 0 to 1": (torch.tensor(ONE) / 255)[None],
    "tensor with gradient": torch.tensor(ONE / 255, requires_grad=True),
    "PIL L": Image.fromarray(ONE),
    "PIL RGB": Image.fromarray(ONE).convert("RGB"),
    "PIL RGBA": Image.fromarray(ONE).convert("RGBA"),
    "PIL LA": Image.fromarray(ONE).convert("LA"),
    "PIL P": Image.fromarray(ONE).convert("P"),
    "PIL CMYK": Image.fromarray(rgb(ONE)).convert("CMYK"),
    "PIL I": Image.fromarray(ONE).convert("I"),
    "PIL F": Image.fromarray(ONE).convert("F"),
    "PIL F 0 to 1": Image.fromarray((ONE / 255).astype(np.float32)),
    "PIL I;16": Image.fromarray(ONE.astype(np.uint16) * 257),
    "PIL I;16 to 255": Image.fromarray(ONE.astype(np.uint16)),
    "PIL white ink": transparent(ONE, 255),
    "list of a PIL image": [Image.fromarray(ONE)],
}


@pytest.mark.parametrize("form", FORMS)
def test_one_picture_is_the_same_in_every_form(form: str) -> None:
    found = as_images(FORMS[form])
    assert (found.dtype, found.shape) == (np.uint8, (1, 28, 28))
    np.testing.assert_array_equal(found[0], ONE)


@pytest.mark.parametrize(
    "several",
    [
        SOME,
        SOME[:, None],
        SOME[..., None],
        rgb(SOME),
        SOME / 255,
        list(SOME),
        [Image.fromarray(image) for image in SOME],
        [SOME[:2], Image.fromarray(SOME[2]), SOME[3:].tolist()],
        [image.tolist() for image in SOME],
        torch.tensor(SOME)[:, None] / 255,
    ],
)  # fmt: skip
def test_several_keep_their_order(several: Any) -> None:
    np.testing.assert_array_equal(as_images(several), SOME)


def test_three_grey_images_are_no_picture_in_colour() -> None:
    np.testing.assert_array_equal(as_images(SOME[:3]), SOME[:3])


def test_black_and_white_pictures_of_pil_are_taken() -> None:
    image = Image.fromarray(ONE).convert("1")
    np.testing.assert_array_equal(as_images(image)[0], np.asarray(image.convert("L")))


def test_a_dark_picture_among_bright_ones_stays_dark() -> None:
    dark = np.zeros((28, 28))
    dark[10:18, 10:18] = 1
    with pytest.warns(ImageWarning, match=r"1 of 2 images \(number 1\) has no value above 1 of 255"):
        found = as_images([ONE.astype(float), dark])
    assert found[1].max() == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (np.full((28, 28), np.nan), "NaN"),
        (np.full((28, 28), np.inf), "NaN or infinity"),
        ((ONE / 255 - 0.13) / 0.31, "normalised"),
        (-ONE.astype(int), "normalised"),
        (ONE * 2.0 + 1, "floats up to"),
        (ONE.astype(int) * 2, "whole numbers up to"),
        (ONE / 255 * 1.02, "np.clip"),
        (ONE > 100, "bool"),
        ((ONE > 100).astype(np.uint8), "0 and 1 only"),
        ((ONE > 100).astype(np.uint16), "0 and 1 only"),
        ("seven.png", "PIL.Image.open"),
        (b"\x89PNG", "PIL.Image.open"),
        (Path("seven.png"), "PIL.Image.open"),
        (["a", "b"], "<U1"),
        ([], "empty"),
        (np.zeros((0, 28, 28), np.uint8), "empty"),
        (np.zeros((28, 0), np.uint8), "empty"),
        (None, "object"),
        (7, "got int64"),
        ({"image": ONE}, "object"),
        ([[1, 2], [3]], "no array"),
        ([[1.0, 2.0], [3.0, 4.0]], "(2, 2)"),
        (np.zeros((5, 784), np.uint8), "reshape"),
        (np.zeros((784, 784), np.uint8), "reshape"),
        (np.zeros((3, 50, 50), np.uint8), "images[None]"),
        (np.zeros((4, 50, 40), np.uint8), "in colour"),
        (np.zeros((28, 28, 2), np.uint8), "(28, 28, 2)"),
        (np.zeros((5, 2, 28, 28), np.uint8), "(5, 2, 28, 28)"),
        (np.zeros((1, 1, 1, 28, 28), np.uint8), "expected a picture"),
        (np.zeros((28, 28), complex), "complex128"),
        (np.array([["x"] * 28] * 28, object), "object"),
        (np.array("2020-01-01", "datetime64[D]"), "datetime64"),
        (Image.new("L", (0, 5)), "0 x 5"),
        ([ONE, "seven.png"], "<U9"),
        (torch.zeros(2, 2), "(2, 2)"),
    ],
)  # fmt: skip
def test_what_is_no_picture_or_could_be_two_is_refused(given: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        as_images(given)
    assert words in str(caught.value)
    assert "expected" in str(caught.value)


@pytest.mark.parametrize("size", [(56, 56), (280, 280), (14, 14), (40, 20), (20, 40)])
def test_other_sizes_are_scaled_with_a_word(size: tuple[int, int]) -> None:
    picture = np.zeros(size, np.uint8)
    picture[size[0] // 4 : -(size[0] // 4), size[1] // 4 : -(size[1] // 4)] = 255
    with pytest.warns(ImageWarning, match=f"images of {size[0]} x {size[1]} were scaled to 28 x 28"):
        (found,) = as_images(picture)
    rows, columns = (int(found.max(axis=axis).astype(bool).sum()) for axis in (1, 0))
    assert found.shape == (28, 28)
    assert abs(rows / columns - size[0] / size[1]) < 0.35 * size[0] / size[1] or min(rows, columns) <= 2


@pytest.mark.parametrize("given", [255 - ONE, 1 - ONE / 255, Image.fromarray(255 - ONE), transparent(ONE, 0)])
def test_a_bright_background_is_left_and_warned_of(given: Any) -> None:
    with pytest.warns(ImageWarning, match=r"the image has a bright background.*255 - image"):
        (found,) = as_images(given)
    np.testing.assert_allclose(found, 255 - ONE.astype(int), atol=1)


def test_a_warning_names_the_callers_line(run: StoredRun) -> None:
    for ask in (as_images, lambda given: run.predict(given, device="cpu")):
        with pytest.warns(ImageWarning) as caught:
            ask(255 - ONE)
        assert [warning.filename for warning in caught] == [__file__]


def test_the_one_inverted_image_among_many_is_named() -> None:
    images = SOME.copy()
    images[3] = 255 - images[3]
    with pytest.warns(ImageWarning, match=r"1 of 5 images \(number 3\) has a bright background"):
        as_images(images)


def test_no_image_of_digits_is_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        as_images(load_split("digits", "test").images)


@pytest.mark.needs_mnist
def test_no_image_of_mnist_is_warned_of(mnist_root: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        as_images(load_split("mnist", "test", root=mnist_root).images)


# ---------------------------------------------------------------- photos


def photograph(image: np.ndarray, *, dark_ink: bool, seed: int) -> np.ndarray:
    """uint8 (400, 300): the digit small and off the middle on paper that is lit from one side, with grain."""
    random = np.random.default_rng(seed)
    large = np.asarray(Image.fromarray(image).resize((140, 140), Image.Resampling.BICUBIC)) / 255
    ink = np.zeros((400, 300))
    ink[60:200, 130:270] = large
    light = np.linspace(0.75, 1, 400)[:, None] * np.linspace(1, 0.9, 300)
    paper, pen = (230, 50) if dark_ink else (40, 220)
    shown = (paper + (pen - paper) * ink) * light + random.normal(0, 4, ink.shape)
    return np.clip(shown, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    store = Store(tmp_path_factory.mktemp("runs"))
    config = make_config("digits", "mlp", "quick")
    return stored_runs.load_run(pipeline.train_run(config, store=store, device="cpu").run_id, store=store)


@pytest.mark.parametrize("dark_ink", [True, False])
def test_photographed_digits_are_recognised(dark_ink: bool, run: Any) -> None:
    photos = [photograph(image, dark_ink=dark_ink, seed=number) for number, image in enumerate(DIGITS.images[:60])]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = run.predict([mnistcore.from_photo(photo) for photo in photos], labels=DIGITS.labels[:60], device="cpu")
    plainly = run.predict(DIGITS.images[:60], labels=DIGITS.labels[:60], device="cpu")
    assert found.accuracy >= plainly.accuracy - 0.15


def test_a_photo_becomes_an_image_made_as_mnists_were() -> None:
    photo = photograph(ONE, dark_ink=True, seed=0)
    image = mnistcore.from_photo(photo)
    assert (image.dtype, image.shape, image.max()) == (np.uint8, (28, 28), 255)
    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    assert max(np.ptp(rows), np.ptp(columns)) == 19
    mass = image / image.sum()
    for axis in (0, 1):
        assert abs((mass.sum(axis=1 - axis) * np.arange(28)).sum() - 13.5) <= 0.6
    assert np.median(image) == 0


def test_a_photo_is_read_from_a_file_upright(tmp_path: Path) -> None:
    picture = Image.fromarray(photograph(ONE, dark_ink=True, seed=0))
    picture.save(tmp_path / "plain.png")
    turned = picture.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # as phones say that the camera was held upright
    turned.save(tmp_path / "phone.png", exif=exif)
    plain, phone = (mnistcore.from_photo(tmp_path / name) for name in ("plain.png", "phone.png"))
    np.testing.assert_array_equal(plain, phone)
    np.testing.assert_array_equal(plain, mnistcore.from_photo(str(tmp_path / "plain.png")))


@pytest.mark.parametrize("blank", [0, 128, 255])
def test_a_blank_photo_is_refused(blank: int) -> None:
    with pytest.raises(InputError, match="the same all over"):
        mnistcore.from_photo(np.full((100, 100), blank, np.uint8))


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    for path in (tmp_path / "notes.txt", tmp_path / "not there.png", tmp_path):
        with pytest.raises(InputError, match="expected the file of a picture"):
            mnistcore.from_photo(path)
    with pytest.raises(InputError, match="expected one picture, got 5"):
        mnistcore.from_photo(SOME)
