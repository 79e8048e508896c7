import pytest
from golden_cases import golden
from network_names import start

from tinytorch_ref.spatial import Conv2d, MaxPool2d


def conv2d(x, weight, bias=None, **options):
    """Apply a Conv2d with given parameters."""
    out_channels, in_channels, *kernel = weight.shape
    layer = Conv2d(in_channels, out_channels, tuple(kernel), bias=bias is not None, **options)
    layer.weight, layer.bias = weight, bias
    return layer(x)


def max_pool2d(x, *sizes):
    """Apply a MaxPool2d."""
    return MaxPool2d(*sizes)(x)


@pytest.mark.parametrize("case", golden("spatial"))
def test_convolution_and_pooling_as_pytorch(case):
    case.check({"conv2d": conv2d, "max_pool2d": max_pool2d, "start": start})
