"""Owns a model's weights as numpy arrays, by name: copied out of it, and put back; imports torch in functions."""

from typing import TYPE_CHECKING, Any

import numpy.typing as npt

if TYPE_CHECKING:
    from torch import nn

Weights = dict[str, npt.NDArray[Any]]  # name as in the model's state_dict -> array


def copied_weights(model: "nn.Module") -> Weights:
    """The weights as they are now, on the CPU."""
    import torch

    return {
        name: tensor.detach().clone(memory_format=torch.contiguous_format).cpu().numpy()
        for name, tensor in model.state_dict().items()
    }


def load_weights(model: "nn.Module", weights: Weights) -> None:
    """Put weights into a model of the same layers.

    Raises:
        RuntimeError: torch's, where they are of other names or shapes.
    """
    import torch

    model.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
