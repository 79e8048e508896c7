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
# # A course of one page

# %% tags=["export"] nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np


# %% tags=["export"] nbgrader={"grade": false, "grade_id": "double", "locked": false, "schema_version": 3, "solution": true, "task": false}
def double(x: np.ndarray) -> np.ndarray:
    """Return twice the numbers."""
    ### BEGIN SOLUTION
    twice_the_numbers = 2 * x
    return twice_the_numbers
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-double", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

_numbers = check.rng("double").normal(size=(3, 4))
check("doubles a matrix", lambda: double(_numbers))
check("doubles a negative number", lambda: float(double(np.float64(-1.5))))
check("doubles nothing", lambda: double(np.zeros((0, 2))))
check("keeps whole numbers whole", lambda: double(np.arange(3)))
### END HIDDEN TESTS
assert float(double(np.float64(1.5))) == 3.0
print("double works")


# %% tags=["export"] nbgrader={"grade": false, "grade_id": "halve", "locked": false, "schema_version": 3, "solution": true, "task": false}
def halve(x: float) -> float:
    """Return half a number; raise ValueError for a negative one."""
    ### BEGIN SOLUTION
    if x < 0:
        raise ValueError("negative")
    return x / 2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test-halve", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
### BEGIN HIDDEN TESTS
from grading import check

check.outcomes("refuses negative numbers, and only those", halve, [(3.0,), (-1.0,), (0.5,)])
check("halves a large number", lambda: halve(3e9))
### END HIDDEN TESTS
print("halve works")

# %% [markdown]
# Why halve?

# %% [markdown] nbgrader={"grade": true, "grade_id": "think", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# Because doubling came first.
# ### END SOLUTION
