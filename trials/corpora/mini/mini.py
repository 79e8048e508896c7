# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A small assignment
#
# It has one exercise for every kind of check. Hostile and broken submissions are tried on it.

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np


def distances_one_by_one(points):
    """Return the distances of all pairs, one pair at a time."""
    return np.array([[np.sqrt(((a - b) ** 2).sum()) for b in points] for a in points])


# %% nbgrader={"grade": false, "grade_id": "mean", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mean(numbers):
    """Return the mean of many numbers."""
    ### BEGIN SOLUTION
    total = np.asarray(numbers, dtype=float).sum()
    return total / np.size(numbers)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-mean", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_mean_inputs = check.rng("mini-mean").normal(size=(2, 37))
check("the mean of many numbers", lambda: mean(_mean_inputs[0]))
check("the mean of a table", lambda: mean(_mean_inputs))
### END HIDDEN TESTS
assert mean([1.0, 3.0]) == 2.0, f"expected 2.0, got {mean([1.0, 3.0])}"


# %% nbgrader={"grade": false, "grade_id": "scale", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scale(rows):
    """Return rows that each sum to 1, leaving the caller's array alone."""
    ### BEGIN SOLUTION
    rows = np.array(rows, dtype=float)
    return rows / rows.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-scale", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_scale_inputs = check.rng("mini-scale").uniform(1, 9, size=(4, 3))


def _scaled_and_input():
    kept = _scale_inputs.copy()
    return [scale(kept), kept]


check("every row sums to 1", lambda: scale(_scale_inputs))
check("one row", lambda: scale(_scale_inputs[:1]))
check("whole numbers", lambda: scale((_scale_inputs * 10).astype(int)))
check("the caller's rows stay as they were", _scaled_and_input)
### END HIDDEN TESTS
assert scale(np.ones((1, 2))).tolist() == [[0.5, 0.5]]


# %% nbgrader={"grade": false, "grade_id": "dot", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dot(a, b):
    """Return the dot product of two vectors; raise ValueError when their lengths differ."""
    ### BEGIN SOLUTION
    if np.shape(a) != np.shape(b):
        raise ValueError(f"the lengths differ: {len(a)} and {len(b)}")
    return float((np.asarray(a) * np.asarray(b)).sum())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-dot", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_dot_rng = check.rng("mini-dot")
_dot_cases = [
    (_dot_rng.normal(size=n), _dot_rng.normal(size=m)) for n, m in ((3, 3), (3, 1), (5, 5), (2, 4))
]
check.outcomes("vectors that fit, and vectors that do not", dot, _dot_cases)
### END HIDDEN TESTS
assert dot([1, 2], [3, 4]) == 11


# %% nbgrader={"grade": false, "grade_id": "noise", "locked": false, "schema_version": 3, "solution": true, "task": false}
def noise(count):
    """Return random numbers: normal, mean 3, deviation 0.5."""
    ### BEGIN SOLUTION
    return np.random.default_rng().normal(3, 0.5, size=count)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-noise", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

check.distribution("noise is normal with mean 3", lambda: noise(6000))
### END HIDDEN TESTS
assert len(noise(5)) == 5


# %% nbgrader={"grade": false, "grade_id": "classify", "locked": false, "schema_version": 3, "solution": true, "task": false}
def classify(images):
    """Return the digit that each image shows: the one whose mean image is nearest."""
    ### BEGIN SOLUTION
    with np.load("data/few.npz") as few:
        known, labels = few["images"].reshape(-1, 784) / 255, few["labels"]
    means = np.stack([known[labels == digit].mean(axis=0) for digit in range(10)])
    images = images.reshape(-1, 784)
    return (-2 * images @ means.T + (means**2).sum(axis=1)).argmin(axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-classify", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

check.accuracy("digits never seen", lambda: classify(check.images("digits")), at_least=0.6)
### END HIDDEN TESTS
assert len(classify(np.zeros((3, 1, 28, 28)))) == 3


# %% nbgrader={"grade": false, "grade_id": "distances", "locked": false, "schema_version": 3, "solution": true, "task": false}
def distances(points):
    """Return the distances of all pairs at once, without a loop."""
    ### BEGIN SOLUTION
    gaps = points[:, None] - points[None]
    return np.sqrt((gaps**2).sum(axis=2))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-distances", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check


def _points(seed):
    return np.random.default_rng(seed).normal(size=(120, 3))


_few_points = check.rng("mini-distances").normal(size=(5, 2))
check("the distances of all pairs", lambda: distances(_few_points))
check.speedup(
    "all pairs at once",
    slow=lambda seed: distances_one_by_one(_points(seed)).sum(axis=1),
    fast=lambda seed: distances(_points(seed)).sum(axis=1),
    at_least=10,
    rounds=5,
)
### END HIDDEN TESTS
assert distances(np.array([[0.0, 0.0], [3.0, 4.0]]))[0, 1] == 5

# %% [markdown] nbgrader={"grade": true, "grade_id": "think", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# A loop over pairs pays Python's price for every pair, an array operation once.
# ### END SOLUTION
