"""The notebook that a new assignment starts from: every part it needs, each as short as can be."""

from grading.course.assignment import Assignment

HEADER = """\
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

"""
LAST_MODULE = """\
# %%
import tinytorch

tinytorch.use_mine(False)  # True: build on the modules that you exported from earlier notebooks

# %%
from tinytorch import {last}

print("tinytorch.{last} has", ", ".join(name for name in vars({last}) if not name.startswith("_")))

"""
BODY = """\
# %% [markdown]
# # {number:02} · {title}
#
# ## Where we are
#
# What you will build, what you use for it, and how long it takes.

{last_module}\
# %% nbgrader={{"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}} tags=["export"]
import numpy as np


# %% [markdown]
# ## Build
#
# The idea in a few lines. Then the exercise: `scale` returns the values times a factor, as a new
# array.


# %% nbgrader={{"grade": false, "grade_id": "scale", "locked": false, "schema_version": 3, "solution": true, "task": false}} tags=["export"]
def scale(values: np.ndarray, factor: float) -> np.ndarray:
    \"\"\"Return the values times a factor, as a new array.\"\"\"
    ### BEGIN SOLUTION
    return values * factor
    ### END SOLUTION


# %% nbgrader={{"grade": true, "grade_id": "test-scale", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}}
### BEGIN HIDDEN TESTS
from grading import check

_values = check.rng("scale").normal(size=(3, 4))
# rests on: `scale` returns the values times a factor
check("scales a matrix", lambda: scale(_values, -1.5))
### END HIDDEN TESTS
_got = scale(np.array([1.0, 2.0]), 3.0)
assert np.allclose(_got, [3.0, 6.0]), f"wanted 3 and 6, got {{_got}}"
print("scale works")

# %% [markdown]
# ## Think
#
# Why is the result a new array?

# %% [markdown] nbgrader={{"grade": true, "grade_id": "think", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}}
# ### BEGIN SOLUTION
# Somebody else may still be using the values.
# ### END SOLUTION

# %% [markdown]
# ## Next
#
# The pain or the promise that the next assignment answers.
"""


def notebook_text(assignment: Assignment, modules_before: list[str]) -> str:
    """Return the text of a notebook that can be released as it is."""
    last = LAST_MODULE.format(last=modules_before[-1]) if modules_before else ""
    return HEADER + BODY.format(number=assignment.order, title=assignment.title, last_module=last)
