"""Letters that are kept look like matplotlib's own, stand where these stand, and are painted once."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure

from ecteam.view import paper, picture

WIDE, HIGH, DPI = 900, 300, 160
known = pytest.mark.skipif(paper.Paper is RendererAgg, reason="this matplotlib draws letters by itself")


def shades(kind, words, **look):
    """The shade of each pixel, 0 white to 1 black, with words written on paper of a kind."""
    with mpl.rc_context(picture.look()):
        page = kind(WIDE, HIGH, DPI)
        figure = Figure(figsize=(WIDE / DPI, HIGH / DPI), dpi=DPI)
        figure.text(0.12345, 0.5, words, **look)
        figure.draw(page)
    return 1 - np.asarray(page.buffer_rgba())[..., :3].mean(axis=2) / 255


@known
@pytest.mark.parametrize(
    ("words", "look"),
    [
        ("Heads on board, 1,234.5 FTE", {}),
        ("团队规模：从 4 人到 12 人", {"size": 13}),
        ("Waffle Ärger ffi", {"size": 7.5, "color": "0.4"}),
        ("orders a day", {"rotation": 90, "va": "center"}),
        ("slanting", {"rotation": 30}),
        ("two\nlines", {"ha": "left", "linespacing": 1.5}),
        (r"mathematics $\sqrt{x^2}$", {}),
    ],
)
def test_kept_letters_look_like_those_of_matplotlib(words, look):
    ours, own = shades(paper.KeptLetters, words, **look), shades(RendererAgg, words, **look)
    assert own.sum() > 100, "nothing was written"
    assert ours.sum() == pytest.approx(own.sum(), rel=0.03)
    for axis in (0, 1):
        # As far as half a pixel, upright words on the whole one.
        place = np.arange(ours.shape[axis])
        middle = [(shade.sum(axis=1 - axis) @ place) / shade.sum() for shade in (ours, own)]
        assert middle[0] == pytest.approx(middle[1], abs=0.55)
    assert np.abs(shades(paper.KeptLetters, words, **look) - ours).max() == 0, "the second time it looks otherwise"


@known
def test_a_letter_is_painted_once():
    paper._letter.cache_clear()
    shades(paper.KeptLetters, "a" * 40)
    assert paper._letter.cache_info().misses <= paper.QUARTERS
    shades(paper.KeptLetters, "a" * 40, size=20)
    assert paper._letter.cache_info().misses <= 2 * paper.QUARTERS


@known
def test_lines_are_as_far_apart_as_matplotlib_puts_them():
    with mpl.rc_context(picture.look()):
        figure = Figure(dpi=DPI)
        for family in ("ecteam Sans SC", "DejaVu Sans"):
            text = figure.text(0.2, 0.2, "one\ntwo\nthree", family=family, size=11)
            boxes = [text.get_window_extent(kind(WIDE, HIGH, DPI)).bounds for kind in (paper.KeptLetters, RendererAgg)]
            assert boxes[0] == pytest.approx(boxes[1])


def test_the_matplotlib_that_is_set_up_is_the_one_whose_letters_are_kept():
    """After an upgrade of the lock: is drawing words still slow? Name the new version, or remove ours."""
    assert paper.Paper is paper.KeptLetters
