"""Owns what a training is wished to be: as text in the URL, and whether it can be meant.

A wish is kept as text in one parameter of the URL, so that a link restores the form, and a value that cannot be
used arrives here as it was typed and is answered at its field.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, get_args
from urllib.parse import quote, unquote

from pydantic import ValidationError

from mnistcore.config import TrainConfig
from mnistcore.models.models import MODELS
from mnistcore.training import presets
from mnistcore.training.presets import PRESETS
from ui import cache, format
from ui.parameters import Parameter, Problem, Unusable
from ui.texts import t

RECIPE: Final = ("epochs", "batch_size", "learning_rate", "optimizer", "schedule", "augmentation", "averaging")
DETAILS: Final = (*RECIPE, "seed", "device")
DEFAULT_MODEL, DEFAULT_PRESET = "mlp", "quick"
_LONGEST = 80  # characters of a value: the longest seed has 19


@dataclass(frozen=True)
class Wish:
    """What the form holds: three choices, and the details that are not the preset's, as they were typed."""

    dataset: str
    model: str
    preset: str
    changed: Mapping[str, str] = field(default_factory=dict)  # name of DETAILS -> text

    def __str__(self) -> str:
        """As the URL has it; what `FORM` reads."""
        parts = {"dataset": self.dataset, "model": self.model, "preset": self.preset, **self.changed}
        return ",".join(f"{name}={quote(value, safe=':+')}" for name, value in parts.items())

    def texts(self) -> dict[str, str]:
        """Every detail as its field shows it."""
        recipe = presets.make_config(self.dataset, self.model, self.preset).model_dump()
        return {**{name: str(recipe[name]) for name in (*RECIPE, "seed")}, "device": "auto", **self.changed}

    def choose(self, name: str, value: str) -> "Wish":
        """With another data set, model or preset: the recipe is the preset's again, seed and device stay."""
        kept = {name: text for name, text in self.changed.items() if name not in RECIPE}
        chosen = {"dataset": self.dataset, "model": self.model, "preset": self.preset, name: value}
        return Wish(chosen["dataset"], chosen["model"], chosen["preset"], kept)

    def change(self, name: str, text: str) -> "Wish":
        """With another text in one detail."""
        plain = unicodedata.normalize("NFKC", text).strip()[:_LONGEST]  # an input method may give １２ for 12
        others = {other: value for other, value in self.changed.items() if other != name}
        usual = replace(self, changed={}).texts()[name]
        return replace(self, changed=others if plain == usual else {**others, name: plain})


@dataclass(frozen=True)
class Request:
    """A wish that was looked at: the configuration, or what each field that cannot be meant would accept."""

    config: TrainConfig | None
    device: str
    faults: Mapping[str, str]  # name of DETAILS -> a sentence


def usual_dataset() -> str:
    """MNIST where it is; else digits, which needs no download, so that the first training of all works everywhere."""
    return "mnist" if cache.is_available("mnist") else "digits"


def _read_form(text: str, _: object) -> Wish:
    pairs = (part.partition("=") for part in text.split(",") if part)
    asked = {name: unquote(value) for name, _, value in pairs}
    usual = {"dataset": usual_dataset(), "model": DEFAULT_MODEL, "preset": DEFAULT_PRESET}
    chosen, problems = {}, []
    for name, options in (("dataset", cache.datasets()), ("model", MODELS), ("preset", PRESETS)):
        chosen[name] = asked.get(name, usual[name])
        if chosen[name] not in options:
            problems.append(Problem("problem.unknown_form", wanted=chosen[name], options=", ".join(options)))
            chosen[name] = usual[name]
    wish = Wish(chosen["dataset"], chosen["model"], chosen["preset"])
    for name in DETAILS:
        if name in asked:
            wish = wish.change(name, asked[name])
    if problems:
        raise Unusable(*problems, instead=str(wish))
    return wish


# What is wished, as in "dataset=mnist,model=cnn,preset=quick,epochs=3"; empty: the usual.
FORM: Final = Parameter(name="form", read=_read_form)


def check(wish: Wish) -> Request:
    """Whether a training can be made of it, as `TrainConfig` itself sees it."""
    texts = wish.texts()
    device = texts.pop("device")
    recipe = presets.make_config(wish.dataset, wish.model, wish.preset).model_dump() | texts
    faults: dict[str, str] = {}
    made: TrainConfig | None = None
    try:
        made = TrainConfig.model_validate(recipe)
    except ValidationError as error:
        faults = {str(fault["loc"][0]): _accepted(str(fault["loc"][0]), wish, texts) for fault in error.errors()}
    if "batch_size" not in faults and _batch_size(wish, texts) > cache.datasets()[wish.dataset].train_size:
        faults["batch_size"] = _accepted("batch_size", wish, texts)
    if device not in devices() and not _may_be_here(device):
        faults["device"] = t("training.accepts.options", options=", ".join(devices()), value=format.quote(device))
    return Request(config=None if faults else made, device=device, faults=faults)


def _batch_size(wish: Wish, texts: Mapping[str, str]) -> int:
    """The number that the field's text means, whatever the other fields hold."""
    usual = presets.make_config(wish.dataset, wish.model, wish.preset).model_dump()
    return TrainConfig.model_validate(usual | {"batch_size": texts["batch_size"]}).batch_size


def devices() -> tuple[str, ...]:
    """What a training can be asked to run on here."""
    return ("auto", *(device.name for device in cache.survey().devices))


def _may_be_here(device: str) -> bool:
    """Whether it is the name of a GPU, while it is not known yet which GPUs there are."""
    return cache.survey().gpu == "asking" and re.fullmatch(r"cuda(:\d+)?", device) is not None


def _accepted(name: str, wish: Wish, texts: Mapping[str, str]) -> str:
    """What a field takes, read from the limits that `TrainConfig` states, and what it got."""
    value, options = format.quote(texts[name]), options_of(name)
    if options:
        return t("training.accepts.options", options=", ".join(options), value=value)
    limits: dict[str, Any] = {}
    for limit in TrainConfig.model_fields[name].metadata:
        limits |= {bound: getattr(limit, bound) for bound in ("ge", "gt", "le", "lt") if hasattr(limit, bound)}
    low: Any = limits.get("ge", limits.get("gt"))
    high: Any = limits.get("le", limits.get("lt"))
    if name == "batch_size":
        high = min(high, cache.datasets()[wish.dataset].train_size)
        return t("training.accepts.images", low=format.count(low), high=format.count(high), value=value)
    if TrainConfig.model_fields[name].annotation is int:
        return t("training.accepts.whole", low=format.count(low), high=format.count(high), value=value)
    kind = "above" if "gt" in limits else "below"
    return t(f"training.accepts.{kind}", low=low, high=high, value=value)


def options_of(name: str) -> tuple[str, ...]:
    """The names that a field chooses from; empty where it takes a number."""
    return devices() if name == "device" else get_args(TrainConfig.model_fields[name].annotation)
