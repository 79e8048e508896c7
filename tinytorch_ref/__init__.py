"""The reference framework, exported from the solution cells of source/."""

# ruff: noqa: F401, I001
# fmt: off
from .setup import (
    generator, load_digits, manual_seed, mean_images, nearest_mean, version_numbers
)
from .tensor import (
    Add, Amax, Divide, Elementwise, Exp, Function, GetItem, Log, MatMul, Multiply, Negate, Power,
    Reshape, Subtract, Sum, Tensor, Transpose, as_tensor, from_numpy, mean
)
from .activations import (
    Activation, AlongAxis, LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
)
from .layers import (
    Affine, Dropout, Flatten, Linear, MLP, Module, Parameter, Sequential, flatten, starting_values,
    walk
)
from .losses import (
    BCEWithLogitsLoss, BinaryCrossEntropy, CrossEntropy, CrossEntropyLoss, Loss, MSELoss,
    cross_entropy, indices_of, reduce, require_equal_shapes
)
from .autograd import (
    Recorder, Switch, affine_rule, amax_rule, backward, cross_entropy_rule, derivative,
    first_gradient, getitem_rule, gradcheck, gradients_of, gradients_of_matrices, hand_over,
    in_backward_order, inputs_of, mark_changed, matmul_rule, moments, no_grad, power_rule,
    recorder, switch, undo_broadcast, with_axes
)
from .optimizers import (
    Adam, Optimizer, SGD, clip_grad_norm_, require_at_least_0, require_leaves
)
from .spatial import (
    CNN, Conv2d, Convolve, MaxPool, MaxPool2d, channels_first, convolve_rule, filter_rows,
    gradient_of_images, gradients_of_filters, max_pool_rule, pad, pair, require_little_padding,
    unpad, windows
)
from .training import (
    Progress, Trainer, accuracy, duration, evaluate, load_cifar10, train_epoch
)
from .dataloader import (
    DataLoader, Dataset, TensorDataset, collate, require_tuples, wrap
)
