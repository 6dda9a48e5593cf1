"""Owns how somebody's torch model answers the images of a loader; torch is there.

The loader itself is not gone through where its order or its last batch would lose something: its data set is, once, in
order. Model, loader and everything random are afterwards as they were.
"""

import random
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from mnistcore.errors import InputError, shortened
from mnistcore.imports import batches, pictures
from mnistcore.imports.given import Scored
from mnistcore.imports.outputs import SURE, told_apart

_SURE_IN_HALF: Final = 1e-2  # the same of half precision, which has three digits at most
_HALVES = (torch.float16, torch.bfloat16)
_LONGEST = 200  # signs of torch's own message


@dataclass(frozen=True, eq=False)
class Answered:
    """What a model has said of a loader's images.

    Attributes:
        labels: as the loader gives them, (N,) or one-hot.
        scores: (N, C).
        images: uint8 (N, H, W) or (N, H, W, 3); None where they cannot be told, or are not wanted.
        classes: the names that the data set knows; None where it knows none.
        assumed: what was not said.
    """

    labels: npt.NDArray[Any]
    scores: Scored
    images: npt.NDArray[np.uint8] | None
    classes: tuple[str, ...] | None
    assumed: tuple[str, ...]


def answered(model: Any, loader: Iterable[Any], *, with_images: bool = True) -> Answered:
    """Go through a loader once, with the model in evaluation mode and without gradients, where the model is.

    Args:
        model: a `torch.nn.Module`; of a compiled or parallel one, what is inside it is run.
        loader: a `DataLoader`, or anything else that gives batches of (images, labels).

    Raises:
        InputError: a batch or an answer is not of the shape that is expected; says which.
    """
    network = plain_model(model)
    like = next((each for each in (*network.parameters(), *network.buffers()) if each.is_floating_point()), None)
    device = next((each.device for each in (*network.parameters(), *network.buffers())), torch.device("cpu"))
    inputs: list[torch.Tensor] = []
    labels: list[npt.NDArray[Any]] = []
    outputs: list[torch.Tensor] = []
    with _left_as_it_was(network, loader), torch.no_grad():
        found = batches.in_order(loader)
        raw = pictures.raw(found.dataset) if with_images and found.dataset is not None else None
        for number, batch in enumerate(found.source):
            images, truth = batches.parts(batch, number)
            if like is not None and images.is_floating_point():
                asked = images.to(device, like.dtype)
            else:
                asked = images.to(device)
            outputs.append(_answer(network, asked, len(truth), number))
            labels.append(truth)
            if with_images and raw is None:
                inputs.append(images.detach().cpu())
    if not outputs:
        raise InputError("loader: expected at least one batch, got none")
    scores = _of_batches(outputs)
    order = found.order(len(scores.values))
    truth = _joined(labels)[order]
    shown, more = raw, tuple[str, ...]()
    if with_images and raw is None:
        shown, more = pictures.of_inputs(inputs, order, loader)
    elif raw is not None and len(raw) != len(truth):
        shown, more = None, (f"images: the data set holds {len(raw)} for {len(truth)} labels; kept without images",)
    classes, told = _classes(loader, scores.values.shape[1])
    everything = (*found.assumed, *scores.assumed, *told, *more)
    return Answered(truth, Scored(scores.kind, scores.values[order]), shown, classes, everything)


def plain_model(model: Any) -> "torch.nn.Module":
    """The network itself, out of torch.compile, DataParallel and DistributedDataParallel.

    Raises:
        InputError: it is no network of torch.
    """
    if not isinstance(model, torch.nn.Module):
        raise InputError(
            f"model: expected a torch.nn.Module, got {type(model).__name__}; of any other library give the "
            "predictions: mnistcore.record_predictions(labels, predicted)"
        )
    network = model
    while True:
        inner = getattr(network, "_orig_mod", None)
        if isinstance(network, torch.nn.DataParallel | torch.nn.parallel.DistributedDataParallel):
            inner = network.module
        if not isinstance(inner, torch.nn.Module):
            return network
        network = inner


def _answer(network: "torch.nn.Module", images: torch.Tensor, count: int, number: int) -> torch.Tensor:
    """The scores of one batch, (B, C), on the CPU, as they came."""
    try:
        answer = network(images)
    except torch.cuda.OutOfMemoryError:
        raise
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        what = f"{images.dtype} of shape {tuple(images.shape)}"
        told = shortened(str(error).partition("\n")[0], _LONGEST)
        raise InputError(f"model: it cannot take batch {number}, {what}: {told}") from error
    answer = getattr(answer, "logits", answer)  # as the models of Hugging Face answer
    if isinstance(answer, list | tuple | dict):
        several = f"a {type(answer).__name__} of {len(answer)}"
        raise InputError(
            f"model: expected one output, a row of scores for each image, got {several}: "
            "record a module whose forward returns the one that decides"
        )
    if isinstance(answer, torch.Tensor) and answer.ndim > 2 and answer[0].numel() == answer.shape[1]:
        answer = answer.flatten(1)  # (B, C, 1, 1)
    if not isinstance(answer, torch.Tensor) or not 1 <= answer.ndim <= 2 or len(answer) != count:
        got = tuple(answer.shape) if isinstance(answer, torch.Tensor) else type(answer).__name__
        raise InputError(f"model: expected a row of scores for each of {count} images, got {got} in batch {number}")
    if not answer.is_floating_point():
        raise InputError(
            f"model: expected scores, got {answer.dtype} in batch {number}; predicted classes are kept by "
            "mnistcore.record_predictions(labels, predicted)"
        )
    return answer.detach().reshape(count, -1).cpu()


def _of_batches(outputs: list[torch.Tensor]) -> Scored:
    columns = {answer.shape[1] for answer in outputs}
    if len(columns) > 1:
        raise InputError(f"model: expected as many scores in every batch, got {', '.join(map(str, sorted(columns)))}")
    sure = _SURE_IN_HALF if outputs[0].dtype in _HALVES else SURE
    return told_apart(torch.cat([answer.float() for answer in outputs]).numpy(), sure=sure)


def _joined(labels: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    try:
        return np.concatenate(labels)
    except ValueError as error:  # one-hot rows in one batch only
        shapes = ", ".join(sorted({str(each.shape[1:]) for each in labels}))
        raise InputError(f"loader: expected labels of one shape in every batch, got {shapes}") from error


def _classes(loader: Iterable[Any], columns: int) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """The names that the data set knows, where there are as many as columns; else what is said of them."""
    names = pictures.class_names(getattr(loader, "dataset", None))
    if names is None or len(names) == columns:
        return names, ()
    return None, (f"classes: the data set names {len(names)}, the model has {columns} outputs; these are numbered",)


@contextmanager
def _left_as_it_was(model: "torch.nn.Module", loader: Iterable[Any]) -> Iterator[None]:
    """The model in evaluation mode; afterwards each part of it, and everything random, as it was before."""
    modes = [(part, part.training) for part in model.modules()]
    generators = {
        id(each): (each, each.get_state()) for each in _generators(loader) if isinstance(each, torch.Generator)
    }
    is_used = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    devices = list(range(torch.cuda.device_count())) if is_used else []
    of_python, of_numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - a transform may use them
    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng(devices=devices))
        if "torch._dynamo" in sys.modules and hasattr(torch.compiler, "set_stance"):  # the latter from torch 2.6 on
            # What is compiled is not compiled once more, for evaluation.
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        try:
            model.eval()
            yield
        finally:
            for part, mode in modes:
                part.training = mode
            for generator, state in generators.values():
                generator.set_state(state)
            random.setstate(of_python)
            np.random.set_state(of_numpy)  # noqa: NPY002


def _generators(loader: Any) -> Iterator[Any]:
    """Whatever random of its own a loader may draw from."""
    for part in (loader, getattr(loader, "sampler", None), getattr(loader, "batch_sampler", None)):
        yield getattr(part, "generator", None)
        yield getattr(getattr(part, "sampler", None), "generator", None)
