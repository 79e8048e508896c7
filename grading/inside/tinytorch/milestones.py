"""What a whole framework can do: XOR, the MLP and the CNN, with all ten modules at work."""

import numpy as np
from tinytorch import autograd
from tinytorch.activations import ReLU, Tanh
from tinytorch.dataloader import DataLoader, TensorDataset
from tinytorch.layers import MLP, Flatten, Linear, Sequential
from tinytorch.losses import BCEWithLogitsLoss
from tinytorch.optimizers import SGD, Adam
from tinytorch.setup import load_digits, manual_seed
from tinytorch.spatial import Conv2d, MaxPool2d
from tinytorch.tensor import Tensor
from tinytorch.training import Trainer

CASES = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
SEED = 10
BATCH = 32


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the handed-out images (N, 1, 28, 28) and their labels (N,)."""
    return load_digits()


def xor_network(steps: int = 2000) -> Sequential:
    """Train a network on the four cases of XOR."""
    manual_seed(SEED)
    inputs = Tensor(CASES)
    wanted = Tensor([[0.0], [1.0], [1.0], [0.0]])
    model = Sequential([Linear(2, 4), Tanh(), Linear(4, 1)])
    optimizer, loss_function = SGD(model.parameters(), lr=0.5), BCEWithLogitsLoss()
    for _step in range(steps):
        optimizer.step(loss_function(model(inputs), wanted))
    return model


def xor(steps: int = 2000) -> list[int]:
    """Return what a trained network says of the four cases of XOR."""
    model = xor_network(steps)
    with autograd.no_grad():
        return [int(score > 0) for score in model(Tensor(CASES)).numpy().ravel()]


def mlp_network(images: np.ndarray, labels: np.ndarray) -> Sequential:
    """Train `MLP([784, 64, 10])` on digits."""
    manual_seed(SEED)
    return _trained(MLP([784, 64, 10]), images, labels)


def cnn_network(images: np.ndarray, labels: np.ndarray) -> Sequential:
    """Train the course's first CNN on digits."""
    manual_seed(SEED)
    layers = [Conv2d(1, 16, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(16 * 13 * 13, 10)]
    return _trained(Sequential(layers), images, labels)


def mlp(images: np.ndarray, labels: np.ndarray, unseen: np.ndarray) -> np.ndarray:
    """Return the digit that a trained MLP sees in each of the unseen images."""
    return _seen(mlp_network(images, labels), unseen)


def cnn(images: np.ndarray, labels: np.ndarray, unseen: np.ndarray) -> np.ndarray:
    """Return the digit that a trained CNN sees in each of the unseen images."""
    return _seen(cnn_network(images, labels), unseen)


def weights_of(model: Sequential) -> list[np.ndarray]:
    """Return weight and bias of each layer that has them: all that a network knows."""
    layers = [layer for layer in model.layers if hasattr(layer, "weight")]
    return [part.numpy() for layer in layers for part in (layer.weight, layer.bias)]


def _trained(model: Sequential, images: np.ndarray, labels: np.ndarray) -> Sequential:
    loader = DataLoader(TensorDataset(images, labels), batch_size=BATCH, shuffle=True)
    Trainer(model, Adam(model.parameters(), lr=0.002), show=False).fit(loader, epochs=2)
    return model


def _seen(model: Sequential, unseen: np.ndarray) -> np.ndarray:
    model.eval()
    with autograd.no_grad():
        return model(Tensor(unseen)).numpy().argmax(axis=1)
