"""The finale on whole and unfinished frameworks: what it trains, says and writes."""

import re
import shutil
import signal
import subprocess
import sys

import pytest
from framework_folder import MODULES, ORDER, SMALL, lay_out, run

from grading.sandbox.settings import PROJECT

pytestmark = pytest.mark.slow

PAGE = "my_framework.html"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the folder of a whole framework, after two runs: what each said, and its page."""
    folder = lay_out(tmp_path_factory.mktemp("whole"))
    runs = [(*run(folder), (folder / PAGE).read_text()) for _ in range(2)]
    return folder, runs


def test_a_whole_framework_trains_all_three_networks(whole):
    _, ((code, said, page), _) = whole
    assert code == 0
    for name in ("MLP", "CNN"):
        assert re.search(rf"^{name}, epoch 3 of 3: loss [\d.]+, [\d.]+% right, took", said, re.M)
        assert f"<h2>{name}: " in page
    assert re.search(r"^XOR, step 200 of 200: loss", said, re.M) and "<h2>XOR</h2>" in page
    assert "Still to come" not in page


def test_two_runs_come_to_the_same_page(whole):
    _, ((_, _, first), (_, _, second)) = whole
    assert first == second


def test_every_figure_has_an_alternative_and_nothing_is_fetched_or_run(whole):
    page = whole[1][0][2]
    assert page.count("<svg") == page.count("<title>") - 1 == page.count('<svg role="img"')
    images = re.findall(r"<img [^>]*>", page)
    assert images and all(' alt="A handwritten' in image for image in images)
    assert "<script" not in page and "http" not in page.replace("http-equiv", "")
    assert set(re.findall(r'(?:src|href)="(\w+:)', page)) == {"data:"}


def test_nothing_but_the_page_is_left_beside_the_notebook(whole):
    folder, _ = whole
    assert {file.name for file in folder.iterdir()} == {"tinytorch", "data", PAGE}


def test_given_lines_are_not_counted_as_ones_own(whole):
    page = whole[1][0][2]
    row = re.search(r"<code>setup</code>.*?</tr>", page)[0]
    mine, given = map(int, re.findall(r'class="n">(\d+)', row))
    assert given == 1 and mine > 10


def test_without_later_modules_it_goes_on_with_what_there_is(tmp_path):
    folder = lay_out(tmp_path, ORDER)
    code, said = run(folder)
    assert code == 1
    assert "MLP, epoch 3 of 3" in said
    lines = said.partition("\nStill to come:\n")[2].partition("\n\n")[0].splitlines()
    by_solving = "solve {} and run its last cell, which exports it."
    assert lines == [
        f"  `spatial` is not there (Conv2d, MaxPool2d): {by_solving.format('08_spatial')}",
        f"  `training` is not there (train_epoch, evaluate): {by_solving.format('09_training')} "
        "Until then a plain loop stands in.",
        "  `dataloader` is not there (DataLoader, TensorDataset): "
        f"{by_solving.format('10_dataloader')} Until then a plain loop stands in.",
    ]
    assert said.index("Still to come:") < said.index("\nXOR\n") and "XOR has to wait" not in said
    assert "\nCNN has to wait for `spatial`.\n" in said
    page = (folder / PAGE).read_text()
    assert "Still to come" in page and "08_spatial" in page and "<h2>CNN" not in page


def test_what_was_handed_out_never_stands_in_for_ones_own(tmp_path):
    folder = lay_out(tmp_path, tuple(set(MODULES) - {"activations"}))
    reference = PROJECT / "tinytorch_ref" / "activations.py"
    shutil.copy(reference, folder / "tinytorch")
    said = run(folder)[1]
    assert "`layers` cannot be imported: it uses `activations`, which is not there" in said
    broken = re.findall(r"^  `(\w+)` cannot be imported: .*\)\. It comes from (\w+)\.", said, re.M)
    waits_for = re.search(r"^CNN has to wait for (.*)\.$", said, re.M)[1]
    assert {*re.findall(r"`(\w+)`", waits_for)} - {"activations"} <= {one for one, _ in broken}
    assert len(broken) == said.count("cannot be imported") == len({*broken})
    assert all(assignment[3:] == module for module, assignment in broken)


FAULTS = [
    ("raise NotImplementedError()", "`spatial` cannot be imported: an exercise in it is"),
    ("def f(:", "`spatial` cannot be imported: SyntaxError"),
    ("raise SystemExit(3)", "`spatial` cannot be imported: SystemExit: 3 (spatial.py, line 1)"),
    ("from tinytorch.gone import x", "`spatial` cannot be imported: it uses `gone`, which is not"),
    ("Conv2d = 1", "`spatial` has no MaxPool2d: solve 08_spatial"),
    (
        "class Conv2d:\n    def __init__(self, *a):\n        1 / 0\nMaxPool2d = Conv2d",
        "CNN ended with an error: ZeroDivisionError: division by zero (spatial.py, line 3)",
    ),
]
UNTRAINED = (
    "import numpy; one = train.Digits([(0, 1.0)], [(0, 1.0)], numpy.zeros(40, int)); "
    "train.digits = lambda own, name, make, *more: (make(own), one)[1]; "
    "raise SystemExit(run.main())"
)


def test_a_faulty_module_is_named_and_the_other_networks_are_trained(tmp_path):
    folder = lay_out(tmp_path)
    for text, wanted in FAULTS:
        (tmp_path / "my_tinytorch" / "spatial.py").write_text(text)
        code, said = run(folder, UNTRAINED)
        assert code == 1 and wanted in said, said
        page = (folder / PAGE).read_text()
        assert "<h2>XOR" in page and "<h2>MLP" in page and "<h2>CNN" not in page


SLOW = (
    "import time, itertools; clock = itertools.count(0, 0.25); "
    "time.perf_counter = lambda: next(clock); "
    "from tinytorch._finale import progress; "
    "progress.Watch.__init__.__defaults__ = (time.perf_counter,); "
    "train.MOST_SECONDS.update(MLP=4.0, CNN=4.0, XOR=1e6); raise SystemExit(run.main())"
)


def test_on_a_slow_machine_less_is_trained_and_tried_and_the_page_says_so(tmp_path):
    folder = lay_out(tmp_path)
    _, said = run(folder, SLOW)
    page = (folder / PAGE).read_text()
    assert page.count("I ended the training early") == 2
    assert page.count("Of 20 digits that") == 2
    assert "time is up" in said


def test_a_training_loop_that_keeps_its_losses_to_itself_has_a_curve_all_the_same(tmp_path):
    folder = lay_out(tmp_path)
    file = tmp_path / "my_tinytorch" / "training.py"
    own = "\n\ninner = train_epoch\n\n\ndef train_epoch(*a, loss_function, **k):\n"
    file.write_text(file.read_text() + own + "    return inner(*a, **k)\n")
    code, said = run(folder)
    assert code == 0, said
    assert "loss nan" not in said and "MLP, epoch 3 of 3" in said


def test_without_digits_it_says_where_they_come_from_and_does_xor(tmp_path):
    folder = lay_out(tmp_path)
    (folder / "data" / "digits.npz").unlink()
    code, said = run(folder)
    assert code == 1 and said.count("`data/digits.npz` is not there") == 1
    assert said.count("has to wait for `data/digits.npz`.\n") == 2
    page = (folder / PAGE).read_text()
    assert "<h2>XOR</h2>" in page and page.count("data/digits.npz") == 1


def test_the_digits_of_another_assignment_will_do(tmp_path):
    folder = lay_out(tmp_path)
    (tmp_path / "09_before").mkdir()
    (folder / "data").rename(tmp_path / "09_before" / "data")
    assert "MLP, epoch 3 of 3" in run(folder)[1]


def test_with_no_module_at_all_no_page_is_written(tmp_path):
    folder = lay_out(tmp_path, ())
    code, said = run(folder)
    assert code == 1 and "no page was written" in said
    told = re.findall(r"^  `(\w+)` is not there \(.+: solve (\w+) and", said, re.M)
    assert told == [(module, f"{number:02}_{module}") for number, module in enumerate(MODULES, 1)]
    assert said.count("`layers` is not there (Linear, Sequential, MLP, Flatten): ") == 1
    assert "XOR has to wait for `setup`, `tensor`, `autograd`, " in said
    assert not (folder / PAGE).exists()


def test_interrupted_it_ends_without_a_traceback_and_keeps_the_page_of_before(tmp_path):
    folder = lay_out(tmp_path)
    (folder / PAGE).write_text("before")
    code = "train.FOR_TRAINING, train.XOR_STEPS = 128, 10**9; raise SystemExit(run.main())"
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", SMALL + code],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.stdout.readline() != "XOR\n":
        pass
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate()
    assert (process.returncode, errors) == (130, "")
    assert "Stopped. No page was written this time." in said
    assert (folder / PAGE).read_text() == "before"


def test_in_a_notebook_one_call_shows_the_same_lines(tmp_path):
    folder = lay_out(tmp_path, ())
    done = subprocess.run(
        [sys.executable, "-c", "import tinytorch; tinytorch.finale()"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert "Your own modules: none yet.\n" in done.stdout and "XOR has to wait for" in done.stdout
    assert not done.stderr


def test_a_notebook_that_is_interrupted_ends_the_finale_and_says_so(tmp_path):
    folder = lay_out(tmp_path)
    main = folder / "tinytorch" / "__main__.py"
    main.write_text(
        "import time\nprint('begun', flush=True)\ntime.sleep(20)\nopen('went-on', 'w')\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", "import tinytorch; tinytorch.finale()"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate()
    assert (said, errors) == ("Stopped. No page was written this time.\n", "")
    assert not (folder / "went-on").exists()
