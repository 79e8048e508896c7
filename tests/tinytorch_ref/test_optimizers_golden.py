import pytest
from golden_cases import golden

from tinytorch_ref import autograd  # noqa: F401
from tinytorch_ref.optimizers import SGD, Adam


@pytest.mark.parametrize("case", golden("optimizers"))
def test_optimizers_step_as_pytorch(case):
    case.check({"SGD": SGD, "Adam": Adam})
