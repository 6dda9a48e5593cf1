"""Owns the network parts that torch lacks; only constructors in models import it, since it imports torch."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ConvBlock(nn.Sequential):
    """Convolution, batch normalisation, ReLU; ``stride`` 2 halves rows and columns, and so does ``pool``.

    Without ``padding`` the image loses ``kernel_size`` - 1 rows and columns.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        *,
        kernel_size: int = 3,
        stride: int = 1,
        pool: bool = False,
        padding: bool = True,
    ) -> None:
        super().__init__(
            # No bias: the normalisation that follows would take it away again.
            nn.Conv2d(
                channels_in,
                channels_out,
                kernel_size,
                stride=stride,
                padding=kernel_size // 2 if padding else 0,
                bias=False,
            ),
            # Before the normalisation, which then has a quarter of the work.
            *([nn.MaxPool2d(2)] if pool else []),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(),
        )


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions whose result is added to the input.

    Source: He et al. 2015, arXiv:1512.03385, figure 5 left.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ConvBlock(channels, channels)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )
        self.activation = nn.ReLU()

    def forward(self, images: Tensor) -> Tensor:
        """Float (N, channels, rows, columns) to the same shape."""
        result: Tensor = self.activation(self.second(self.first(images)) + images)
        return result


class ShiftMean(nn.Module):
    """A network that evaluates an image in five places: as it is, and a pixel to each side. The mean counts.

    While it is trained it sees it once. Convolutions with a stride answer a little differently to an image that was
    moved; in the mean that evens out. Source of the idea: the ten crops of Krizhevsky et al. 2012, section 4.1.
    """

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, images: Tensor) -> Tensor:
        """Float (N, channels, rows, columns) to what ``inner`` makes of it."""
        if self.training:
            result: Tensor = self.inner(images)
            return result
        rows, columns = images.shape[2:]
        wider = F.pad(images, (1, 1, 1, 1), mode="replicate")
        moved = [
            wider[:, :, down : down + rows, right : right + columns]
            for down, right in ((1, 1), (0, 1), (2, 1), (1, 0), (1, 2))
        ]
        return torch.stack([self.inner(image) for image in moved]).mean(0)
