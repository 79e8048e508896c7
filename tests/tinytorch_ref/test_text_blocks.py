"""The code blocks of texts run with no help: data, and what importing the package gives."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tinytorch_ref
from datasets import digits
from grading.sandbox.settings import PROJECT
from tinytorch_ref import MLP, Linear, Tensor, cross_entropy, manual_seed, no_grad

PAGES = [PROJECT / "README.md", *(PROJECT / "docs").glob("*.md"), *PROJECT.glob("source/*/*.py")]
FENCED = re.compile(r"^(?:# )?```python\n(.*?)^(?:# )?```", re.DOTALL | re.MULTILINE)
SHOWN = [
    pytest.param(re.sub("^# ?", "", block, flags=re.MULTILINE), id=f"{page.stem} {number}")
    for page in PAGES
    for number, block in enumerate(FENCED.findall(page.read_text()))
    if "tinytorch" in block
]
TEXT = (Path(__file__).parent / "text_blocks.txt").read_text()
BLOCKS = dict(re.findall(r"## ([^\n]*)\n\n```python\n(.*?)```", TEXT, re.DOTALL))


@pytest.fixture(scope="module")
def mnist():
    """Return samples: an image and its class."""
    images, labels = digits.read_bundle("train")
    images = images[:1500].reshape(-1, 1, 28, 28) / np.float32(255)
    return [(Tensor(image), int(label)) for image, label in zip(images, labels, strict=False)]


@pytest.fixture
def run(mnist):
    """Return a function that runs a block on names that are kept from block to block."""
    manual_seed(0)
    names = vars(tinytorch_ref) | {"mnist": mnist, "mnist_samples": mnist[:100]}

    def run_block(title, **more):
        names.update(more)
        exec(compile(BLOCKS[title], title, "exec"), names)
        return names

    return run_block


def share_right(model, samples):
    with no_grad():
        return np.mean([model(x).numpy().argmax() == y for x, y in samples])


def cifar_like(count=40):
    rng = np.random.default_rng(0)
    pictures, classes = rng.normal(size=(count, 3, 32, 32)), rng.integers(0, 10, size=count)
    return [(Tensor(picture), int(kind)) for picture, kind in zip(pictures, classes, strict=True)]


def values(model):
    return [parameter.numpy().copy() for parameter in model.parameters()]


def test_all_blocks_are_run():
    assert len(BLOCKS) == TEXT.count("```python") == 7


def test_gradients_are_used_at_once(run, mnist, capsys):
    model = MLP([784, 64, 10])
    before = values(model)
    run("Module 6 ends, module 7 starts", model=model, loss=cross_entropy(model(mnist[0][0]), 5))
    assert capsys.readouterr().out.startswith("Gradients: [tensor(")
    for old, parameter in zip(before, model.parameters(), strict=True):
        np.testing.assert_allclose(parameter.numpy(), old - 0.01 * parameter.grad.numpy(), 1e-6)


def test_an_mlp_from_module_4_is_trained(run, mnist):
    loss = run("Module 7, better")["loss"]
    assert loss.shape == () and np.isfinite(loss.item())


def test_a_simple_cnn_is_trained(run):
    image = Tensor(np.random.default_rng(0).normal(size=(3, 32, 32)))
    names = run("Module 8, better", linear=Linear(16 * 15 * 15, 1), sample_image=image)
    assert names["simple_cnn"](image).item() < names["loss"].item()


def test_an_mlp_learns_digits(run, mnist):
    assert share_right(run("Module 7")["mnist_mlp"], mnist[1000:]) > 0.7


def test_a_cnn_learns_digits_better(run, mnist):
    mlp, cnn = run("Module 7")["mnist_mlp"], run("Module 8")["mnist_cnn"]
    assert share_right(cnn, mnist[1000:]) > max(0.8, share_right(mlp, mnist[1000:]))


def test_a_cnn_is_trained_one_by_one_and_then_in_batches(run, capsys):
    one_by_one = run("Module 9", cifar10_dataset=cifar_like())
    assert "Sample 0/50000" in capsys.readouterr().out
    before = values(one_by_one["cifar_cnn"])
    names = run("Module 10")
    assert len(names["loader"]) == 2
    assert not np.array_equal(before[0], values(names["cifar_cnn"])[0])


def test_the_page_that_people_read_first_shows_the_framework():
    assert any("README" in block.id for block in SHOWN)


@pytest.mark.parametrize("block", SHOWN)
def test_a_block_that_shows_the_framework_runs_with_no_help(block):
    command = [sys.executable, "-W", "error", "-c", block]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
