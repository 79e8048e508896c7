import pytest
from golden_cases import golden
from network_names import ACTIVATIONS, LAYERS, LOSSES


@pytest.mark.parametrize("case", golden("activations"))
def test_activations_answer_as_pytorch(case):
    case.check(ACTIVATIONS)


@pytest.mark.parametrize("case", golden("layers"))
def test_layers_answer_as_pytorch(case):
    case.check(LAYERS)


@pytest.mark.parametrize("case", golden("losses"))
def test_losses_answer_as_pytorch(case):
    case.check(LOSSES)
