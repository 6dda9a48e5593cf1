"""Owns the face of what a page shows, a checkpoint, wherever its predictions come from; and what runs are called."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mnistcore.config import TrainConfig
from mnistcore.errors import DataError, InputError, StoreError
from mnistcore.evaluation.confidence import Trust
from mnistcore.evaluation.epoch_scores import EpochScores
from mnistcore.evaluation.evaluation import ClassHistory, Evaluation
from mnistcore.evaluation.film import Film
from mnistcore.evaluation.findings import Finding
from mnistcore.runs.history import EpochReport, RecordedEpoch
from mnistcore.runs.listing import Listing
from mnistcore.runs.manifest import OWN_DATASET, ClassRecord, RunManifest, Trained
from mnistcore.training import presets
from ui import cache, labels, state
from ui.parameters import Parameter, Problem, Unusable
from ui.pictures import as_photos
from ui.texts import t

SPLIT = "test"  # the images that the pages look at
READ_ERRORS = (StoreError, InputError)  # what reading a part of a damaged run raises


@dataclass(frozen=True)
class Checkpoint:
    """One epoch of one run, with the numbers of the predictions of one split."""

    run: RunManifest  # for what is read of it; what pages say of it stands below
    split: str
    epoch: int
    evaluation: Evaluation

    @property
    def run_id(self) -> str:
        """What files made from this checkpoint are called after."""
        return self.run.run_id

    @property
    def title(self) -> str:
        """How the run is called among those of its data set that are here, in the session's language."""
        return run_name(self.run)

    @property
    def dataset(self) -> str:
        """The data set's name, under which there may be texts about it."""
        return self.run.dataset.name

    @property
    def dataset_title(self) -> str:
        """The data set's title in the session's language."""
        own = self.run.dataset.title
        return dataset_name(self.run.dataset.name) if own is None else labels.short(getattr(own, state.language()))

    @property
    def is_photo(self) -> bool:
        """Whether the images are photos, which are shown as they are; else drawings, dark on light on a light page."""
        return self.run.dataset.polarity == "photo"

    @property
    def sizes(self) -> dict[str, int]:
        """Split -> number of images."""
        return dict(self.run.dataset.sizes)

    @property
    def names(self) -> list[str]:
        """The classes' names in the session's language, as short as a page needs them, no two alike, (C,)."""
        return _class_names(self.run.dataset.classes, labels.short)

    @property
    def whole_names(self) -> list[str]:
        """The same in their full length, for a file, (C,)."""
        return _class_names(self.run.dataset.classes, labels.plain)

    @property
    def epochs_kept(self) -> tuple[int, ...]:
        """The epochs that can be looked at, ascending."""
        return self.run.epochs_kept

    @property
    def epochs(self) -> int:
        """How many the whole training has."""
        return self.run.epochs

    @property
    def training(self) -> Trained | None:
        """How it was trained, if it was trained here."""
        return self.run.trained

    def images(self) -> NDArray[np.uint8]:
        """The images of the split, uint8: drawings (N, H, W), or photos (N, H, W, 3), grey ones too.

        Raises:
            DataError: they are not on this machine, are damaged, or are not the images that the run has seen.
            StoreError: the run carries its own, which cannot be read.
        """
        found = cache.images(self.run, self.split)
        return as_photos(found) if self.is_photo else found

    @property
    def raw_shape(self) -> tuple[int, ...]:
        """Height and width of the images in pixels, and 3 where they are in colour.

        Raises:
            DataError, StoreError: as `images`.
        """
        return cache.images(self.run, self.split).shape[1:]

    @property
    def may_have_images(self) -> bool:
        """Whether there were images to look at when the run was made; else nobody needs to be told what they lack."""
        return self.split in self.run.carried_splits or self.run.dataset.name != OWN_DATASET

    def images_or_none(self) -> NDArray[np.uint8] | None:
        """The same; None where they cannot be shown."""
        try:
            return self.images()
        except (DataError, *READ_ERRORS):
            return None

    def class_order(self, by: str) -> NDArray[np.int64]:
        """The classes in an order of `metrics.ORDERS`, int64 (C,)."""
        return cache.class_order(self.run, self.split, self.epoch, by)

    def trust(self) -> Trust:
        """How far its confidence can be believed.

        Raises:
            StoreError: the predictions cannot be read.
            InputError: no scores are stored.
        """
        return cache.trust(self.run, self.split, self.epoch)

    def history(self) -> tuple[EpochReport, ...]:
        """One report per epoch of the training.

        Raises:
            StoreError: the history cannot be read.
            InputError: there is none: it was not trained here.
        """
        return cache.history(self.run)

    def recorded(self) -> tuple[RecordedEpoch, ...]:
        """What somebody's own loop has said of each epoch; empty where it said nothing.

        Raises:
            StoreError: it cannot be read.
        """
        return cache.recorded(self.run)

    def epoch_scores(self) -> EpochScores:
        """How good the model was on the split's images at each kept epoch.

        Raises:
            StoreError: the predictions cannot be read.
        """
        return cache.epoch_scores(self.run, self.split)

    def learned(self) -> ClassHistory:
        """How well each class was found at each kept epoch.

        Raises:
            StoreError: the predictions cannot be read.
        """
        return cache.learned(self.run, self.split)

    def findings(self) -> tuple[Finding, ...]:
        """What the predictions show by themselves, the most important first; empty where nothing stands out.

        Raises:
            StoreError: the predictions cannot be read.
        """
        return cache.findings(self.run, self.split, self.epoch)

    def film(self) -> Film:
        """What was predicted at each kept epoch.

        Raises:
            StoreError: the predictions cannot be read.
        """
        return cache.film_of(self.run, self.split)


def _class_names(classes: Sequence[ClassRecord], told: Callable[[str], str]) -> list[str]:
    language = state.language()
    return list(_told_apart(tuple(getattr(each, language) for each in classes), told))


@lru_cache(maxsize=64)  # a page asks for them with every cell that it names
def _told_apart(names: tuple[str, ...], told: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(labels.unique(range(len(names)), lambda index: told(names[index])).values())


# ---------------------------------------------------------------- which one


def first_run(runs: Sequence[RunManifest]) -> RunManifest:
    """The one to show where none is named: the newest, but one trained on shuffled labels only if there is no other."""

    def is_chance(run: RunManifest) -> bool:
        return run.trained is not None and run.trained.config.labels == "shuffled"

    return next((run for run in runs if not is_chance(run)), runs[0])


def _read_run(run_id: str, listing: Listing) -> RunManifest:
    """The run of that id; the first one to show where none is named. There is at least one."""
    newest = first_run(listing.runs)
    if not run_id:
        return newest
    for run in listing.runs:
        if run.run_id == run_id:
            return run
    shown = run_name(newest)
    for problem in listing.problems:
        if problem.name == run_id:
            reason = t(f"problem.run.{problem.reason.value}")
            raise Unusable(Problem("problem.unreadable_run", wanted=run_id, reason=reason, shown=shown))
    raise Unusable(Problem("problem.unknown_run", wanted=run_id, shown=shown))


def _read_epoch(text: str, run: RunManifest) -> int:
    """A kept epoch; the last one where none is named."""
    last = run.epochs_kept[-1]
    kept = {"": last} | {str(epoch): epoch for epoch in run.epochs_kept}
    if text not in kept:
        listed = ", ".join(map(str, run.epochs_kept))
        raise Unusable(Problem("problem.unknown_epoch", wanted=text, kept=listed, shown=last))
    return kept[text]


RUN = Parameter(name="run", read=_read_run, can_vanish=True)
EPOCH = Parameter(name="epoch", read=_read_epoch)


def chosen_run() -> RunManifest | None:
    """The run that the URL names; the newest one where it names none or one that is not there; None without any."""
    listing = cache.listing()
    return state.settle(RUN, listing)[0] if listing.runs else None


def chosen_epoch(run: RunManifest) -> int:
    """The epoch that the URL names; the last kept one where it names none or one that was not kept."""
    return state.settle(EPOCH, run)[0]


def read_checkpoint(run: RunManifest, epoch: int) -> Checkpoint:
    """A checkpoint with its numbers.

    Raises:
        StoreError: the predictions cannot be read.
        InputError: there are none of the split, or none of that epoch.
    """
    return Checkpoint(run, SPLIT, epoch, cache.evaluation(run, SPLIT, epoch))


# ---------------------------------------------------------------- what things are called


def config_name(config_: TrainConfig) -> str:
    """How a training is called on the pages: model, preset with what differs from it, and seed."""
    recipe = presets.recipe(config_)
    changed = [t(f"run.changed.{field}", value=value) for field, value in recipe.changed.items()]
    return t("run.name", model=config_.model, recipe=", ".join((recipe.preset, *changed)), seed=config_.seed)


def run_names(runs: Sequence[RunManifest]) -> dict[str, str]:
    """Run id -> how the run is called on the pages, no two alike: where recipes are the same, when it was made."""
    by_id = {run.run_id: run for run in runs}

    def name(run_id: str) -> str:
        run = by_id[run_id]
        told = run.title or (config_name(run.trained.config) if run.trained else run_id)
        return told if run.status == "complete" else t("run.unfinished", name=told)

    def made(run_id: str) -> str:
        return t("run.made", moment=by_id[run_id].created[:19].replace("T", " "))

    return labels.unique(list(by_id), name, made, lambda run_id: run_id.rpartition("-")[2])


def run_name(run: RunManifest) -> str:
    """How a run is called among those of its data set that are here."""
    here = _here(cache.listing(), run.dataset.name)
    if here.get(run.run_id) is run:
        return names_here(run.dataset.name)[run.run_id]
    return run_names([*here.values(), run])[run.run_id]


def names_here(dataset: str) -> Mapping[str, str]:
    """Run id -> how the run is called, of all runs of a data set that are here, the newest first."""
    return _names_here(cache.listing(), dataset, state.language())


@lru_cache(maxsize=16)  # ten thousand runs are not named anew with every click
def _names_here(listing: Listing, dataset: str, language: str) -> Mapping[str, str]:
    return run_names(list(_here(listing, dataset).values()))


@lru_cache(maxsize=16)
def _here(listing: Listing, dataset: str) -> Mapping[str, RunManifest]:
    return {run.run_id: run for run in listing.runs if run.dataset.name == dataset}


def dataset_name(name: str) -> str:
    """A data set's title in the session's language."""
    if name == OWN_DATASET:
        return t("run.own_dataset")
    known = cache.datasets().get(name)
    return labels.short(getattr(known.title, state.language()) if known else name)
