"""What the page says of a story."""

from datetime import date

import numpy as np
import pytest

from grading.inside.tinytorch._finale.page import ModuleLines, Story, page
from grading.inside.tinytorch._finale.train import Digits, Xor

DAY = date(2026, 3, 5)
XOR = Xor([0, 1, 1, 1], np.zeros((41, 41)), [(0.0, 0.7), (50.0, 0.2)])


def story(**more):
    return Story(
        DAY, [ModuleLines("setup", "Setup", 10, 19), ModuleLines("x<y", "A&B", 1200, 3)], **more
    )


def digits(**more):
    guesses = np.arange(10)
    guesses[9] = 1
    return Digits([(0.1, 2.0), (3.0, 0.2)], [(0.0, 0.1), (3.0, 0.9)], guesses, **more)


def with_network(**more):
    one = {"CNN": digits(**more)}
    return page(story(networks=one, images=np.zeros((10, 1, 28, 28)), labels=np.arange(10)))


def test_it_bears_the_date_and_counts_only_ones_own_lines():
    text = page(story())
    assert "TinyTorch, 5 March 2026" in text
    assert "in two modules" in text and "I wrote 1,210 lines of it myself" in text
    assert '<td class="n">22</td>' in text


def test_names_are_escaped():
    assert "x&lt;y" in page(story()) and "A&amp;B" in page(story())


def test_xor_says_how_many_cases_are_right():
    assert "get three of four right" in page(story(xor=XOR))


def test_a_network_is_shown_with_right_and_wrong_guesses():
    text = with_network()
    assert "<h2>CNN: 90.0%</h2>" in text and "Of 10 digits" in text and "gets 9 right." in text
    assert 'alt="A handwritten 9, seen as 1"' in text
    assert '<span class="wrong">1</span> (9)' in text


@pytest.mark.parametrize("cut", [True, False])
def test_a_training_that_was_cut_short_is_called_so(cut):
    assert ("I ended the training early" in with_network(cut_short=cut)) == cut


def test_what_is_missing_is_told_with_its_names_as_code():
    text = page(story(still=["`spatial` <is> not there"]))
    assert "<li><code>spatial</code> &lt;is&gt; not there</li>" in text
    assert "Still to come" not in page(story())


def test_only_pieces_of_ones_own_are_said_to_fit():
    text = page(story())
    assert "<code>setup</code> fixes the seed" in text and "walks the same way" not in text


def test_it_fits_phones_and_paper_day_and_night():
    text = page(story())
    assert 'name="viewport"' in text
    assert "prefers-color-scheme: dark" in text and "@media print" in text
    assert "default-src 'none'" in text
