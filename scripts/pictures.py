"""Owns the pictures of the guides: starts the dashboard, looks at it in Chromium, writes docs/pictures/.

    python scripts/pictures.py --out docs/pictures

Shows a run of those that MNISTCORE_ARTIFACTS names, with the images in MNISTCORE_DATA: the handout's network
on MNIST where it is there (``python -m mnistcore starter`` makes it), else the newest one. The moving picture of a
training shows a new one on the same data set, kept nowhere. shut-down-kernel.svg is drawn by hand.
"""

import argparse
import io
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from playwright.sync_api import Error, Locator, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file, Python looks in scripts/ only

from mnistcore import config
from mnistcore.runs.store import Store
from mnistcore.training import presets
from mnistcore.workspace import Workspace
from scripts.chromium import OPTIONS, ChromiumMissingError, find_chromium
from scripts.project import ROOT
from scripts.serving import ServerError, serving

LANGUAGES = {"ja": "ja-JP", "en": "en-GB"}
WIDTH = 1280  # pixels; GitHub shows about 900 of them
STILL_COLOURS, MOVING_COLOURS = 128, 96
MAX_STILL_BYTES, MAX_MOVING_BYTES = 300_000, 600_000
SETTLE_MILLISECONDS = 30_000  # the longest that a view may take to be painted


class PicturesError(Exception):
    """A picture cannot be made; the message says what is missing."""


@dataclass(frozen=True)
class Still:
    """One screenshot: its file's name without language, the page with its view, and its height in pixels."""

    name: str
    page: str
    view: str
    height: int


STILLS = (
    Still("overview", "", "", 1100),  # "/" is the overview
    Still("confusion-matrix", "confusion_matrix", "", 900),  # shows the most confused pair
    Still("class-by-class", "class_by_class", "class=4&region=fn", 1000),
    Still("misclassified", "misclassified", "sort=confidence", 900),
)
MOVING = Still("class-by-class", "class_by_class", "class=0&region=fn", 820)
# What is clicked in the moving picture, by the attributes that the class board gives its buttons.
CLICKS = (
    "[data-class='1'][role=tab]", "[data-class='2'][role=tab]", "[data-class='3'][role=tab]",
    "[data-class='4'][role=tab]", "[data-tile=fp]", "[data-class='8'][role=tab]",
    "[data-class='9'][role=tab]", "[data-tile=fn]", "[data-class='0'][role=tab]",
)  # fmt: skip
APPROACH_MILLISECONDS, LOOK_MILLISECONDS = 450, 1_300
TRAINING = Still("training", "training", "form=dataset=mnist,model=mlp,preset=handout", 900)
START = ".st-key-training_start button"
GLANCES = 7  # at the training while it runs, evenly spread over the time that it takes
GLANCE_MILLISECONDS, END_MILLISECONDS = 700, 3_500
TRAINING_SECONDS = 180.0  # the longest that it may take
# An arrow as most desktops draw it: corners relative to its tip.
POINTER = ((0, 0), (0, 25), (6, 20), (10, 29), (15, 27), (11, 18), (18, 17))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "pictures", help="the folder to write into")
    try:
        make_pictures(parser.parse_args().out)
    except (PicturesError, ChromiumMissingError, ServerError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def make_pictures(folder: Path) -> None:
    """Every picture in both languages, and the moving one; each replaces the file of the same name."""
    run = chosen_run()
    chromium = find_chromium()
    if chromium is None:
        raise PicturesError("No Chromium was found: install one as for make test, or set CHROMIUM to its path")
    folder.mkdir(parents=True, exist_ok=True)
    with serving() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*OPTIONS, "--font-render-hinting=none"])
        for language, locale in LANGUAGES.items():
            context = browser.new_context(locale=locale, color_scheme="light", reduced_motion="reduce")
            page = context.new_page()
            for still in STILLS:
                open_view(page, server.url, still, f"run={run}&lang={language}")
                write_still(photograph(page), folder / f"{still.name}.{language}.png")
            open_view(page, server.url, MOVING, f"run={run}&lang={language}")
            write_moving(click_through(page), folder / f"{MOVING.name}.{language}.gif")
            with tempfile.TemporaryDirectory() as artifacts, serving(artifacts=Path(artifacts)) as other:
                open_view(page, other.url, TRAINING, f"lang={language}")
                write_moving(train(page, Path(artifacts)), folder / f"{TRAINING.name}.{language}.gif")
            context.close()
        browser.close()


def chosen_run() -> str:
    """The id of the run that is shown."""
    store = Store(Workspace.from_environment().runs)
    runs = [run.run_id for run in store.listing().runs]
    wanted = config.run_id(presets.make_config("mnist", "mlp", "handout"))
    if not runs:
        raise PicturesError(
            f"There is no run in {store.root}: `python -m mnistcore starter` makes two, or set "
            "MNISTCORE_ARTIFACTS to a folder that has some"
        )
    return wanted if wanted in runs else runs[0]


def open_view(page: Page, address: str, still: Still, query: str) -> None:
    """Open a page as a link to it would, and wait until all of it is painted."""
    page.set_viewport_size({"width": WIDTH, "height": still.height})
    try:
        page.goto(f"{address}/{still.page}?{query}&{still.view}")
        page.locator("h1").first.wait_for()
        settle(page)
    except Error as error:
        raise PicturesError(f"{still.page} did not open: {error}") from error


def settle(page: Page) -> None:
    """Wait until the server has nothing left to say and two looks in a row show the same."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=SETTLE_MILLISECONDS)
    page.locator("[data-testid=stSkeleton]").last.wait_for(state="detached", timeout=SETTLE_MILLISECONDS)
    page.wait_for_load_state("networkidle")
    until = time.monotonic() + SETTLE_MILLISECONDS / 1000
    before = b""
    while (now := page.screenshot(caret="hide")) != before:
        if time.monotonic() > until:
            raise PicturesError(f"{page.url} still changed after {SETTLE_MILLISECONDS / 1000:g} s")
        before = now
        page.wait_for_timeout(400)


def photograph(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")


def click_through(page: Page) -> list[tuple[Image.Image, int]]:
    """What is seen while ``CLICKS`` are clicked: picture and milliseconds, the way there and the result."""
    place = middle(page.locator(CLICKS[-1]).first)
    frames = []
    for selector in CLICKS:
        target = page.locator(selector).first
        before = photograph(page)
        from_, to = place, middle(target)
        halfway = ((from_[0] + to[0]) // 2, (from_[1] + to[1]) // 2)
        frames.append((with_pointer(before, halfway), APPROACH_MILLISECONDS // 3))
        frames.append((with_pointer(before, to), APPROACH_MILLISECONDS * 2 // 3))
        target.click()
        page.mouse.move(WIDTH - 4, MOVING.height // 2)  # the margin: nothing glows but under the painted pointer
        page.evaluate("document.activeElement?.blur()")
        page.wait_for_timeout(150)  # for the click to reach the server
        settle(page)
        frames.append((with_pointer(photograph(page), to), LOOK_MILLISECONDS))
        place = to
    return frames


def train(page: Page, artifacts: Path) -> list[tuple[Image.Image, int]]:
    """What is seen while a training is started and runs: the form, the way to the button, the progress, the result."""
    form, to = photograph(page), middle(page.locator(START))
    frames = [(form, LOOK_MILLISECONDS), (with_pointer(form, (to[0] + 240, to[1] - 160)), APPROACH_MILLISECONDS)]
    frames.append((with_pointer(form, to), LOOK_MILLISECONDS))
    page.locator(START).click()
    page.mouse.move(WIDTH - 4, TRAINING.height // 2)
    seen, store = [], Store(artifacts / "runs")
    until = time.monotonic() + TRAINING_SECONDS
    while not store.listing().runs:
        if time.monotonic() > until:
            raise PicturesError(f"{page.url}: the training had not ended after {TRAINING_SECONDS:g} s")
        page.wait_for_timeout(500)
        seen.append(photograph(page))
    seen = seen[2:]  # in the first second there is nothing but an empty chart
    frames += [(seen[len(seen) * glance // GLANCES], GLANCE_MILLISECONDS) for glance in range(GLANCES)] if seen else []
    page.wait_for_timeout(2 * LOOK_MILLISECONDS)  # the page looks at the training once a second
    settle(page)
    return [*frames, (photograph(page), END_MILLISECONDS)]


def middle(target: Locator) -> tuple[int, int]:
    box = target.bounding_box()
    if box is None:
        raise PicturesError(f"{target} is not on the page: the class board has changed, and CLICKS has to follow")
    return round(box["x"] + box["width"] * 0.7), round(box["y"] + box["height"] * 0.8)


def with_pointer(picture: Image.Image, tip: tuple[int, int]) -> Image.Image:
    """A copy with an arrow, white rimmed with black, drawn four times as large and shrunk to be smooth."""
    scale, size = 4, 36
    arrow = Image.new("RGBA", (size * scale, size * scale))
    corners = [((x + 3) * scale, (y + 3) * scale) for x, y in POINTER]
    draw = ImageDraw.Draw(arrow)
    draw.line([*corners, corners[0], corners[1]], fill="white", width=5 * scale, joint="curve")
    draw.polygon(corners, fill="black")
    small = arrow.resize((size, size), Image.Resampling.LANCZOS)
    copy = picture.copy()
    copy.paste(small, (tip[0] - 3, tip[1] - 3), small)
    return copy


def write_still(picture: Image.Image, path: Path) -> None:
    reduce_colours(picture, palette_of([picture], STILL_COLOURS)).save(path, optimize=True)
    say(path, MAX_STILL_BYTES)


def write_moving(frames: list[tuple[Image.Image, int]], path: Path) -> None:
    """A GIF that repeats for ever. All frames share one palette, so that what stands still costs nothing."""
    pictures = [picture for picture, _ in frames]
    palette = palette_of(pictures, MOVING_COLOURS)
    reduced = [reduce_colours(picture, palette) for picture in pictures]
    reduced[0].save(
        path,
        save_all=True,
        append_images=reduced[1:],
        duration=[milliseconds for _, milliseconds in frames],
        loop=0,
    )
    say(path, MAX_MOVING_BYTES)


def palette_of(pictures: list[Image.Image], colours: int) -> npt.NDArray[np.uint8]:
    """uint8 (colours or fewer, 3): half the most frequent ones, exactly; half stand for the rare ones.

    A cut by frequency alone turns white into nearly white and loses a bar of a few pixels.
    """
    found, counts = np.unique(np.concatenate([packed(picture) for picture in pictures]), return_counts=True)
    by_count = unpacked(found[np.argsort(-counts)])
    exact, rare = by_count[: colours // 2], by_count[colours // 2 :]
    if not len(rare):
        return exact
    row = Image.fromarray(rare[np.newaxis]).quantize(colours - len(exact), method=Image.Quantize.MEDIANCUT)
    return np.concatenate([exact, np.array(row.getpalette(), dtype=np.uint8).reshape(-1, 3)])[:colours]


def reduce_colours(picture: Image.Image, palette: npt.NDArray[np.uint8]) -> Image.Image:
    """The picture with each colour replaced by the nearest of the palette; Pillow's own search is rough."""
    found, place = np.unique(packed(picture), return_inverse=True)
    differences = unpacked(found)[:, np.newaxis].astype(np.int32) - palette.astype(np.int32)
    nearest = np.square(differences).sum(axis=2).argmin(axis=1).astype(np.uint8)
    reduced = Image.fromarray(nearest[place.ravel()].reshape(picture.height, picture.width))
    reduced.putpalette(palette.tobytes())
    return reduced


def packed(picture: Image.Image) -> npt.NDArray[np.uint32]:
    """uint32 (pixels,): each pixel's red, green and blue in one number."""
    channels = np.asarray(picture, dtype=np.uint32).reshape(-1, 3)
    together = (channels[:, 0] << 16) | (channels[:, 1] << 8) | channels[:, 2]
    return together.astype(np.uint32, copy=False)


def unpacked(colours: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """uint8 (N, 3): the reverse of ``packed``."""
    return np.stack([(colours >> shift) & 255 for shift in (16, 8, 0)], axis=1).astype(np.uint8)


def say(path: Path, limit: int) -> None:
    size_bytes = path.stat().st_size
    if size_bytes > limit:
        raise PicturesError(f"{path} has {size_bytes:,} bytes, expected at most {limit:,}: fewer colours or frames")
    print(f"{path}: {size_bytes:,} bytes", flush=True)


if __name__ == "__main__":
    sys.exit(main())
