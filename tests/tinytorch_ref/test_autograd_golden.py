import pytest
from golden_cases import golden
from network_names import GRADIENTS


@pytest.mark.parametrize("case", golden("gradients"))
def test_gradients_as_pytorch(case):
    case.check(GRADIENTS)
