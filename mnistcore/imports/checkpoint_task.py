"""Owns opening a checkpoint, finding the network that it belongs to, and evaluating that; runs in `sandboxed` only.

Tensors are all that is read: torch opens the file without running what is in it.
"""

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import safetensors.torch
import torch
from torch import Tensor, nn

from mnistcore.errors import InputError, shortened
from mnistcore.imports import networks, running
from mnistcore.imports.formats import INSTEAD
from mnistcore.imports.preparing import COMPARED, better_prepared, prepared
from mnistcore.models import models
from mnistcore.runs.plain_files import read_file

State = dict[str, Tensor]

MOST_CLASSES: Final = 1000
_MOST_TENSORS = 20_000
_MOST_BYTES = 2**31
_MOST_NUMBERS = 2**30  # of all tensors: one may say that it is larger than what is stored of it
_WRAPPERS = ("model_state_dict", "state_dict", "model_state", "model", "net", "network", "weights", "params")
_PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "network.")
_DEPTH = 4  # of dicts around the weights
_BATCH = 256
_FLAT = "images: given as rows"
_LONGEST = 200


def work(request: dict[str, Any], given: Mapping[str, npt.NDArray[Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a checkpoint is and, where there are images, what its network says of them.

    Args:
        request: "path"; "shapes" that the images of our networks may have; "network", a file and a class in it, or "";
            of an evaluation "dataset", "mean", "std" and "is_assumed".
        given: of an evaluation "images", uint8 (N, channels, rows, columns), and "labels", int64 (N,).

    Returns:
        Facts, and of an evaluation "scores" and the weights under "weights/".
    """
    state, form, notes = _opened(Path(request["path"]))
    facts: dict[str, Any] = {
        "format": form,
        "tensors": {name: list(tensor.shape) for name, tensor in state.items()},
        "unwrapped": notes,
        "network": "",
        "matched": "",
        "shape": None,
        "classes": None,
    }
    if request["network"]:
        network = networks.made(request["network"])
        told = _load_strictly(network, state)
        facts |= {
            "network": type(network).__name__,
            "matched": "by the class that was named",
            "unwrapped": notes + told,
        }
    elif (found := _ours(state, _shapes(request, given))) is not None:
        network, more = found
        _check_shape(more["shape"], request, given)
        facts |= more | {"unwrapped": notes + more["unwrapped"]}
    elif "images" in given:
        raise _unknown(state)
    else:
        return facts, {}
    if "images" not in given:
        return facts, {}
    answered = _evaluated(network, request, given)
    facts |= {"assumed": list(answered.assumed), "kind": answered.scores.kind}
    facts["assumed"] += _hint(network, request, given, answered)
    weights = {f"weights/{name}": tensor.contiguous().numpy() for name, tensor in network.state_dict().items()}
    return facts, {"scores": answered.scores.values, **weights}


# ---------------------------------------------------------------- the file


def _opened(path: Path) -> tuple[State, str, list[str]]:
    """The tensors in a file by their names, its format, and what was around them."""
    data = read_file(path, max_bytes=_MOST_BYTES, links=True)
    if data[8:9] == b"{":
        try:
            return _checked(safetensors.torch.load(data)), "safetensors", []
        except Exception as error:
            raise InputError(f"file: expected safetensors, got bytes that cannot be read as that: {error}") from error
    del data
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old formats and sparse tensors
            found = torch.load(path, weights_only=True, map_location="cpu")  # noqa: TID251 -- tensors only
    except MemoryError:
        raise
    except Exception as error:  # torch, zipfile and pickle have many
        raise _not_opened(f"{type(error).__name__}: {error}") from error
    state, notes = _unwrapped(found)
    return _checked(state), "torch", notes


def _not_opened(told: str) -> InputError:
    if named := re.search(r"GLOBAL (\S+)", told):
        return InputError(
            f"file: expected weights alone, got a pickle with {shortened(named[1], 80)} in it, which would run code: "
            f"it was not opened. torch.save(model.state_dict(), FILE) saves the weights alone. {INSTEAD}"
        )
    reason = shortened(re.sub(r"\x1b\[[0-9]*m", "", told.partition("\n")[0]), _LONGEST)
    return InputError(f"file: expected a checkpoint as torch.save writes it, got one that cannot be opened: {reason}")


def _unwrapped(found: Any) -> tuple[State, list[str]]:
    """The dict of tensors in dicts of other things."""
    notes: list[str] = []
    for _ in range(_DEPTH):
        if not isinstance(found, dict):
            break
        if wrapper := next((name for name in _WRAPPERS if isinstance(found.get(name), dict) and found[name]), None):
            notes.append(f"the weights are those under {wrapper!r}")
            found = found[wrapper]
            continue
        tensors = {str(name): value for name, value in found.items() if isinstance(value, Tensor)}
        if tensors:
            if others := [str(name) for name in found if str(name) not in tensors]:
                notes.append(f"left out, no tensors: {shortened(', '.join(others), 100)}")
            return tensors, notes
        break
    got = shortened(", ".join(map(str, found)), 100) if isinstance(found, dict) else type(found).__name__
    raise InputError(
        f"file: expected a dict of tensors as torch.save(model.state_dict(), FILE) writes it, got {got or 'nothing'}"
    )


def _checked(state: State) -> State:
    if not 1 <= len(state) <= _MOST_TENSORS:
        raise InputError(f"file: expected 1 to {_MOST_TENSORS:,} tensors, got {len(state):,}")
    for name, tensor in state.items():
        if kind := _unusual(tensor):
            raise InputError(f"file: expected plain tensors, got {kind} as {shortened(name, 60)}")
    if (size := sum(tensor.numel() for tensor in state.values())) > _MOST_NUMBERS:
        raise InputError(f"file: expected at most {_MOST_NUMBERS:,} numbers, got {size:,}")
    for name, tensor in state.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor.float()).all()):
            raise InputError(f"file: expected finite weights, got NaN or infinity in {shortened(name, 60)}")
    return state


def _unusual(tensor: Tensor) -> str:
    """What keeps a tensor from being a weight as it is; "" for a plain one."""
    if tensor.layout != torch.strided or tensor.is_nested or tensor.is_quantized:
        return f"a {'quantised' if tensor.is_quantized else 'sparse or nested'} one"
    if tensor.device.type != "cpu":
        return "one without numbers (meta)" if tensor.is_meta else f"one of {tensor.device.type}"
    return str(tensor.dtype) if tensor.is_complex() else ""


def _forms(state: State) -> Iterator[tuple[State, list[str]]]:
    """The state as it is, then with one prefix less at a time, then only the part of it that has one."""
    notes: list[str] = []
    yield state, notes
    whole = state
    while prefix := next((each for each in _PREFIXES if all(name.startswith(each) for name in state)), None):
        state = {name.removeprefix(prefix): tensor for name, tensor in state.items()}
        notes = [*notes, f"without the prefix {prefix}"]
        yield state, notes
    if any("_orig_mod." in name for name in state):
        state = {name.replace("_orig_mod.", ""): tensor for name, tensor in state.items()}
        yield state, [*notes, "without _orig_mod."]
    for prefix in _PREFIXES:
        part = {name.removeprefix(prefix): tensor for name, tensor in whole.items() if name.startswith(prefix)}
        if part and len(part) < len(whole):
            left = [name for name in whole if not name.startswith(prefix)]
            yield part, [f"only what has the prefix {prefix}, without {shortened(', '.join(left), 100)}"]


# ---------------------------------------------------------------- the network


def _shapes(request: Mapping[str, Any], given: Mapping[str, npt.NDArray[Any]]) -> list[tuple[int, ...]]:
    """The images' own shape first: networks of others may have the same weights, as 1 x 28 x 28 and 1 x 16 x 49."""
    first = [given["images"].shape[1:]] if "images" in given else []
    return [*first, *(tuple(shape) for shape in request["shapes"] if tuple(shape) not in first)]


def _ours(state: State, shapes: list[tuple[int, ...]]) -> tuple[nn.Module, dict[str, Any]] | None:
    """One of our networks with these weights: by names and shapes, else by the shapes in their order."""
    forms = list(_forms(state))
    for by_name in (True, False):
        for form, notes in forms if by_name else _barest_first(forms):
            for name, classes, shape in _candidates(form, shapes):
                network = _built(name, classes, shape)
                if (places := _places(form, network.state_dict(), by_name=by_name)) is None:
                    continue
                _load(network, {ours: form[theirs] for ours, theirs in places.items()}, strict=False)
                matched = "by names and shapes" if by_name else "by the shapes of its weights, in their order"
                facts = {"network": name, "matched": matched, "unwrapped": notes}
                return network.float(), facts | {"shape": list(shape), "classes": classes}
    return None


def _barest_first(forms: list[tuple[State, list[str]]]) -> list[tuple[State, list[str]]]:
    """The shapes are the same with and without prefixes: what is said is what is left without them."""
    whole = len(forms[0][0])
    return [*reversed([each for each in forms if len(each[0]) == whole]), *(e for e in forms if len(e[0]) < whole)]


def _candidates(state: State, shapes: list[tuple[int, ...]]) -> Iterator[tuple[str, int, tuple[int, ...]]]:
    """Our networks of as many tensors, for as many classes as a layer has outputs."""
    names = [name for name in models.MODELS if len(_weights(state)) == _count(name)]
    sizes = {len(tensor) for tensor in state.values() if tensor.ndim == 1 and 2 <= len(tensor) <= MOST_CLASSES}
    for classes in sorted(sizes):
        for shape in shapes:
            for name in names:
                yield name, classes, shape


def _weights(state: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """The shapes of the weights; how many batches were seen is none."""
    return {name: tuple(tensor.shape) for name, tensor in state.items() if not name.endswith("num_batches_tracked")}


@cache
def _count(name: str) -> int:
    """How many tensors a network of ours has, whatever its classes and images: building every one takes minutes."""
    return len(_weights(_built(name, 2, models.INPUT_SHAPE).state_dict()))


def _built(name: str, classes: int, shape: tuple[int, ...]) -> nn.Module:
    other: dict[str, Any] = {} if shape == models.INPUT_SHAPE else {"shape": shape}
    return models.build(name, num_classes=classes, seed=0, **other)


def _places(theirs: Mapping[str, Tensor], ours: Mapping[str, Tensor], *, by_name: bool) -> dict[str, str] | None:
    """Our name of each tensor -> theirs; None where the shapes do not fit."""
    them, us = _weights(theirs), _weights(ours)
    if by_name:
        return {name: name for name in us} if them == us else None
    for names in (list(them), _sorted(them)):
        for own in (list(us), _sorted(us)):
            if [them[name] for name in names] == [us[name] for name in own]:
                return dict(zip(own, names, strict=True))
    return None


def _sorted(names: Mapping[str, object]) -> list[str]:
    """By name, numbers by their value: safetensors keeps no other order."""
    return sorted(
        names,
        key=lambda name: [
            (not part.isdecimal(), int(part) if part.isdecimal() else part) for part in re.split(r"(\d+)", name)
        ],
    )


def _load(network: nn.Module, state: State, *, strict: bool) -> None:
    """Put weights into a network; whole numbers where it has none are those of a quantised one, without its scales."""
    for name, own in network.state_dict().items():
        if name in state and own.is_floating_point() and not state[name].is_floating_point():
            raise InputError(
                f"network: expected weights as floats, got {state[name].dtype} as {shortened(name, 60)}: save the "
                "network as it was before it was quantised"
            )
    network.load_state_dict(state, strict=strict)


def _load_strictly(network: nn.Module, state: State) -> list[str]:
    """Put the weights into somebody's network; every name and shape has to fit."""
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    for form, notes in _forms(state):
        if {name: tuple(tensor.shape) for name, tensor in form.items()} == wanted:
            _load(network, form, strict=True)
            network.float()
            return notes
    got = {
        name: tuple(tensor.shape)
        for name, tensor in min(
            (form for form, _ in _forms(state)), key=lambda form: len(form.keys() ^ wanted.keys())
        ).items()
    }
    faults = []
    if missing := [name for name in wanted if name not in got]:
        faults.append(f"the file has no {shortened(', '.join(missing), 100)}")
    if more := [name for name in got if name not in wanted]:
        faults.append(f"the network has no {shortened(', '.join(more), 100)}")
    faults += [
        f"{name}: expected {wanted[name]}, got {got[name]}"
        for name in wanted
        if got.get(name, wanted[name]) != wanted[name]
    ][:3]
    raise InputError(
        f"network: expected {type(network).__name__} to have the weights of the file, but {'; '.join(faults)}"
    )


def _unknown(state: State) -> InputError:
    listed = ", ".join(f"{name} {'x'.join(map(str, tensor.shape)) or '1'}" for name, tensor in list(state.items())[:6])
    return InputError(
        f"network: expected the weights of one of {', '.join(models.MODELS)}, got others ({shortened(listed, 200)}). "
        f"On the command line, --network FILE.py:Class says whose they are; it runs that file. {INSTEAD}"
    )


# ---------------------------------------------------------------- what it says


def _check_shape(shape: list[int], request: Mapping[str, Any], given: Mapping[str, npt.NDArray[Any]]) -> None:
    if "images" in given and list(given["images"].shape[1:]) != shape:
        takes, are = (" x ".join(map(str, sides)) for sides in (shape, given["images"].shape[1:]))
        raise InputError(
            f"network: expected images of {takes}, which its weights are for, but those of {request['dataset']} are "
            f"{are}: --dataset NAME says another data set"
        )


def _evaluated(
    network: nn.Module, request: Mapping[str, Any], given: Mapping[str, npt.NDArray[Any]]
) -> running.Answered:
    images, classes = given["images"], int(request["classes"])
    mean, std = request["mean"], request["std"]
    notes: list[str] = []
    with torch.no_grad():
        flat = _takes_flat(network, torch.from_numpy(prepared(images[:2], mean, std)))
    if flat:
        notes.append(f"{_FLAT} of {images[0].size} pixels")
    answered = running.answered(network, _batches(images, given["labels"], mean, std, flat), with_images=False)
    if answered.scores.values.shape[1] != classes:
        raise InputError(
            f"network: expected scores for the {classes} classes of {request['dataset']}, got "
            f"{answered.scores.values.shape[1]}: --dataset NAME says another data set"
        )
    return running.Answered(answered.labels, answered.scores, None, None, (*notes, *answered.assumed))


def _takes_flat(network: nn.Module, images: Tensor) -> bool:
    """Whether a network takes flat images; what it takes is tried."""
    network.eval()
    told = ""
    for flat in (False, True):
        try:
            network(images.flatten(1) if flat else images)
        except MemoryError:
            raise
        except (Exception, SystemExit) as error:
            told = told or f"{type(error).__name__}: {error}".partition("\n")[0]
        else:
            return flat
    shape = " x ".join(map(str, images.shape[1:]))
    raise InputError(f"network: expected one that takes images of {shape}, but it fails: {shortened(told, _LONGEST)}")


def _batches(
    images: npt.NDArray[np.uint8],
    labels: npt.NDArray[np.int64],
    mean: Sequence[float],
    std: Sequence[float],
    flat: bool,
) -> Iterator[tuple[Tensor, Tensor]]:
    for start in range(0, len(images), _BATCH):
        batch = torch.from_numpy(prepared(images[start : start + _BATCH], mean, std))
        yield batch.flatten(1) if flat else batch, torch.from_numpy(labels[start : start + _BATCH])


def _hint(
    network: nn.Module, request: Mapping[str, Any], given: Mapping[str, npt.NDArray[Any]], answered: running.Answered
) -> tuple[str, ...]:
    if not request["is_assumed"]:
        return ()
    images, labels = given["images"][:COMPARED], given["labels"][:COMPARED]
    flat = any(note.startswith(_FLAT) for note in answered.assumed)

    def answer(mean: Sequence[float], std: Sequence[float]) -> npt.NDArray[np.float32]:
        batches = _batches(images, labels, mean, std, flat)
        return running.answered(network, batches, with_images=False).scores.values

    return better_prepared(answered.scores.values, labels, answer)
