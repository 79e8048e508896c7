import pytest
from golden_cases import golden


@pytest.mark.parametrize("case", golden("tensor"))
def test_answers_as_pytorch(case):
    case.check()
