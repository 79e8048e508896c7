"""Made from source/08_spatial/08_spatial.py by `make export`: edit there, not here."""

import math
from functools import reduce
from operator import index
from typing import Any

import numpy as np

from .activations import ReLU
from .autograd import derivative
from .layers import Flatten, Linear, Module, Sequential, starting_values
from .tensor import Function, Tensor

Array = np.ndarray
Pair = tuple[int, int]


def pair(size: Any) -> Pair:
    """Return (height, width); one number stands for both."""
    height, width = size if isinstance(size, (tuple, list)) else (size, size)
    return index(height), index(width)  # a TypeError for "same", or for 1.5


def require_little_padding(padding: Pair, kernel: Pair) -> None:
    """Raise a ValueError where the border is wider than half of the window."""
    if any(2 * border > window for border, window in zip(padding, kernel, strict=True)):
        raise ValueError(f"padding {padding} is more than half of the window {kernel}")


def unpad(images: Array, padding: Pair) -> Array:
    """Return the view of images (..., H, W) that leaves their border out."""
    (h, w), (down, right) = images.shape[-2:], padding
    return images[..., down : h - down, right : w - right]


def channels_first(images: Array) -> Array:
    """View images (N, C, H, W) as (C, N, H, W); one image (C, H, W) is a batch of one."""
    return images.reshape(-1, *images.shape[-3:]).swapaxes(0, 1)


def filter_rows(weight: Array) -> Array:
    """Lay filters (O, C, kh, kw) out as rows (O, kh*kw*C)."""
    return weight.transpose(0, 2, 3, 1).reshape(len(weight), -1)


def pad(images: Array, padding: Pair, border: float = 0.0) -> Array:
    """Put a border around images (..., H, W): `padding` rows and columns on either side."""
    if padding == (0, 0):
        return images
    widths = [(0, 0)] * (images.ndim - 2) + [(size, size) for size in padding]
    return np.pad(images, widths, constant_values=border)


def windows(images: Array, kernel: Pair, stride: Pair) -> list[Array]:
    """Return what each number of a sliding window meets: views (..., h, w) of (..., H, W)."""
    (kh, kw), (sh, sw), (height, width) = kernel, stride, images.shape[-2:]
    if kh > height or kw > width:
        raise ValueError(f"a window of {kernel} does not fit into an image of {(height, width)}")
    h, w = (height - kh) // sh + 1, (width - kw) // sw + 1
    return [
        images[..., i : i + h * sh : sh, j : j + w * sw : sw] for i in range(kh) for j in range(kw)
    ]


class Convolve(Function):
    """Slide filters (O, C, kh, kw) over images (N, C, H, W) or one image (C, H, W)."""

    stride: Pair = (1, 1)
    padding: Pair = (0, 0)

    def forward(self, images: Array, weight: Array, bias: Array) -> Array:
        """Return maps (N, O, h, w): all filters times all that they meet is one matrix product."""
        padded = channels_first(pad(images, self.padding))
        met = np.concatenate(windows(padded, weight.shape[2:], self.stride))
        self.columns = met.reshape(len(met), -1)
        maps = filter_rows(weight) @ self.columns + bias.reshape(-1, 1)
        maps = maps.reshape(len(weight), *met.shape[1:]).swapaxes(0, 1)
        return maps if images.ndim == 4 else maps[0]


@derivative(Convolve)
def convolve_rule(
    op: Any, grad: Array, images: Array, weight: Array, bias: Array
) -> tuple[Array | None, ...]:
    """Give the gradients of the images, the weight and the bias, or None where none is needed."""
    for_images, for_weight, for_bias = None, None, None
    if op.inputs[0].requires_grad:
        for_images = gradient_of_images(op, grad, images, weight)
    if op.inputs[1].requires_grad or op.inputs[2].requires_grad:
        for_weight, for_bias = gradients_of_filters(op, grad, weight)
    return for_images, for_weight, for_bias


def gradients_of_filters(op: Any, grad: Array, weight: Array) -> tuple[Array, Array]:
    """Give the gradients of the weight, in its shape, and of the bias, of shape (O,)."""
    o, c, kh, kw = weight.shape
    rows = channels_first(grad).reshape(o, -1)
    for_weight = (rows @ op.columns.T).reshape(o, kh, kw, c).transpose(0, 3, 1, 2)
    return for_weight, rows.sum(axis=1)


def gradient_of_images(op: Any, grad: Array, images: Array, weight: Array) -> Array:
    """Give the gradient of the images, in their shape: windows that overlap add up."""
    rows = channels_first(grad).reshape(len(weight), -1)
    columns = filter_rows(weight).T @ rows
    padded = np.zeros_like(pad(images, op.padding))
    views = windows(channels_first(padded), weight.shape[2:], op.stride)
    for view, met in zip(views, columns.reshape(len(views), *views[0].shape), strict=True):
        view += met
    return unpad(padded, op.padding)


class Conv2d(Module):
    """Compute feature maps (N, out_channels, h, w) of images (N, in_channels, H, W)."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        bias: bool = True,
    ) -> None:
        """Draw a weight (out_channels, in_channels, kh, kw) and, unless False, a bias."""
        shape = (out_channels, in_channels, *pair(kernel_size))
        fan_in = math.prod(shape[1:])
        self.weight = starting_values(shape, fan_in)
        self.bias = starting_values((out_channels,), fan_in) if bias else None
        self.stride, self.padding = pair(stride), pair(padding)

    def forward(self, x: Tensor) -> Tensor:
        """Return one feature map for every filter; one image (C, H, W) works as well."""
        channels = self.weight.shape[1]
        if x.ndim not in (3, 4) or x.shape[-3] != channels:
            wanted = f"(N, {channels}, H, W) or ({channels}, H, W)"
            raise ValueError(f"this Conv2d needs images {wanted}, got shape {x.shape}")
        bias = 0.0 if self.bias is None else self.bias
        return Convolve.apply(x, self.weight, bias, stride=self.stride, padding=self.padding)


class MaxPool(Function):
    """Keep the largest number that each window over images (..., H, W) meets."""

    kernel: Pair = (2, 2)
    stride: Pair = (2, 2)
    padding: Pair = (0, 0)

    def forward(self, images: Array) -> Array:
        """Return the largest numbers, (..., h, w); the border can never be the largest."""
        padded = pad(images, self.padding, border=-np.inf)
        return reduce(np.maximum, windows(padded, self.kernel, self.stride))


class MaxPool2d(Module):
    """Make images smaller: keep the largest number of every window of `kernel_size`."""

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
    ) -> None:
        """Choose the window and its stride: without one, windows stand side by side."""
        require_little_padding(pair(padding), pair(kernel_size))
        self.kernel, self.padding = pair(kernel_size), pair(padding)
        self.stride = self.kernel if stride is None else pair(stride)

    def forward(self, x: Tensor) -> Tensor:
        """Return the largest number of every window."""
        return MaxPool.apply(x, kernel=self.kernel, stride=self.stride, padding=self.padding)


@derivative(MaxPool)
def max_pool_rule(op: Any, grad: Array, images: Array) -> Array:
    """Give each gradient to the number that was the largest of its window."""
    padded = pad(images, op.padding, border=-np.inf)
    result = np.zeros_like(padded)
    views = windows(padded, op.kernel, op.stride), windows(result, op.kernel, op.stride)
    searching = np.ones_like(op.out, dtype=bool)
    for met, place in zip(*views, strict=True):
        found = ((met == op.out) | np.isnan(met)) & searching
        place += np.where(found, grad, 0)
        searching ^= found
    return unpad(result, op.padding)


class CNN(Sequential):
    """A small convolution with a wide head; `CNN()` scores images (N, 3, 32, 32) in ten classes."""

    def __init__(
        self,
        in_channels: int = 3,
        size: int = 32,
        classes: int = 10,
        filters: int = 16,
        hidden: int = 512,
    ) -> None:
        """Choose what the images are like; the filters take steps of 3, so there is no pooling."""
        features = filters * ((size - 3) // 3 + 1) ** 2
        super().__init__(
            Conv2d(in_channels, filters, kernel_size=3, stride=3),
            ReLU(),
            Flatten(),
            Linear(features, hidden),
            ReLU(),
            Linear(hidden, classes),
        )
