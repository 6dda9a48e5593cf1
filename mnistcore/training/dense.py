"""Owns training of plain stacks of linear layers and ReLU on the CPU, without autograd; knows no data and no recipe.

For such a small network most of a step is not arithmetic but what surrounds it: building and walking a graph, making
new tensors, one optimiser call for each tensor. Here weights and gradients are two flat vectors, and every
intermediate result has its place. An epoch of `mlp` with batches of 64 takes 0.65 s, of which 0.34 s are matrix
products (torch 2.15, one thread, n = 4); the gradients are autograd's up to rounding.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from mnistcore.wording import plural


class DenseStack:
    """The layers of a model, its weights in one vector, and room for what a batch needs.

    Making one moves the model's parameters into `parameter`: from then on both are the same memory, so that the model
    infers with what was trained here, and its state can be read and loaded as before.
    """

    def __init__(self, model: nn.Module, *, batch_size: int) -> None:
        layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
        kept = [parameter for layer in layers for parameter in (layer.weight, layer.bias)]
        self.parameter = nn.Parameter(torch.cat([parameter.detach().flatten() for parameter in kept]))
        gradient = self.parameter.grad = torch.zeros_like(self.parameter)
        begins, own, gradients = 0, [], []
        for parameter in kept:
            part = slice(begins, begins + parameter.numel())
            own.append(self.parameter.data[part].view_as(parameter))
            gradients.append(gradient[part].view_as(parameter))
            parameter.data = own[-1]
            begins = part.stop
        self._own = own
        self._weights, self._biases = own[::2], own[1::2]
        self._weight_gradients, self._bias_gradients = gradients[::2], gradients[1::2]
        self._transposed = [weight.t() for weight in self._weights]
        # For each layer, a row for each image: its output, and how the loss changes with that.
        self._outputs = [torch.empty(batch_size, layer.out_features) for layer in layers]
        self._errors = [torch.empty(batch_size, layer.out_features) for layer in layers]

    @staticmethod
    def fits(model: nn.Module) -> bool:
        """Whether a model is such a stack: flatten, then linear layers with ReLU between, all on the CPU."""
        if not isinstance(model, nn.Sequential) or len(model) < 2 or not isinstance(model[0], nn.Flatten):
            return False
        layers = list(model)[1:]
        linear, between = layers[::2], layers[1::2]
        return (
            len(layers) % 2 == 1
            and all(type(layer) is nn.Linear and layer.bias is not None for layer in linear)
            and all(type(layer) is nn.ReLU for layer in between)
            and all(one.out_features == next_.in_features for one, next_ in pairwise(linear))
            and all(p.device.type == "cpu" and p.dtype == torch.float32 for p in model.parameters())
        )

    @property
    def count(self) -> int:
        """How many parameters the model has: a weight and a bias for each layer."""
        return len(self._own)

    def split(self, values: Tensor) -> list[Tensor]:
        """Numbers about `parameter`, as long as it is, for each of the model's parameters; one number is for all."""
        if values.numel() != self.parameter.numel():
            return [values] * self.count
        parts = torch.split(values, [part.numel() for part in self._own])
        return [values_.view_as(part) for values_, part in zip(parts, self._own, strict=True)]

    def joined(self, parts: list[Tensor]) -> Tensor:
        """The reverse of `split`.

        Raises:
            ValueError: they are not as many, or not as large.
        """
        if len(parts) != self.count:
            raise ValueError(f"expected {plural(self.count, 'parameter')}, got {len(parts)}")
        if all(part.ndim == 0 for part in parts):
            return parts[0]
        if any(part.shape != own.shape for part, own in zip(parts, self._own, strict=True)):
            raise ValueError("expected parameters of other shapes")
        return torch.cat([part.flatten() for part in parts])

    @torch.no_grad()
    def forward_backward(self, images: Tensor, labels: Tensor, *, label_smoothing: float) -> tuple[Tensor, Tensor]:
        """Put the gradient of the mean cross-entropy into ``parameter.grad``.

        Args:
            images: float32 (B, ...), at most ``batch_size`` of them, normalised.
            labels: int64 (B,).
            label_smoothing: as torch.nn.functional.cross_entropy takes it.

        Returns:
            The loss, float32 (), and the logits, float32 (B, C), which the next call overwrites.
        """
        count, last = len(images), len(self._weights) - 1
        inputs = images.view(count, -1)
        outputs, errors = self._outputs, self._errors
        if count < len(outputs[0]):  # the last batch of an epoch
            outputs, errors = [[tensor[:count] for tensor in part] for part in (outputs, errors)]
        values = inputs
        for number, bias in enumerate(self._biases):
            values = torch.addmm(bias, values, self._transposed[number], out=outputs[number])
            if number < last:
                values.relu_()
        log_scores = torch.log_softmax(values, 1)
        loss = torch.nn.functional.nll_loss(log_scores, labels)
        classes = values.shape[1]
        # The loss falls where the scores come nearer to what the labels say: the difference is the first error.
        error = torch.exp(log_scores, out=errors[last])
        error.scatter_add_(1, labels.unsqueeze(1), torch.full((count, 1), label_smoothing - 1.0))
        if label_smoothing:
            loss = (1 - label_smoothing) * loss - label_smoothing * log_scores.mean()
            error -= label_smoothing / classes
        error /= count
        for number in range(last, -1, -1):
            before = outputs[number - 1] if number else inputs
            torch.mm(errors[number].t(), before, out=self._weight_gradients[number])
            torch.sum(errors[number], 0, out=self._bias_gradients[number])
            if number:
                torch.mm(errors[number], self._weights[number], out=errors[number - 1])
                torch.ops.aten.threshold_backward.grad_input(
                    errors[number - 1], before, 0, grad_input=errors[number - 1]
                )
        return loss, values
