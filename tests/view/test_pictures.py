"""Every chart in both languages: glyphs, words inside the picture, apart, dark enough; colours all can tell apart."""

import re
from itertools import combinations, pairwise

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text

from ecteam.inputs.words import use, using
from ecteam.view import picture
from tests.gallery import SHOPS, gallery

QUICK = [("tea_shop_startup", "en"), ("online_retail_uk", "zh")]
SAID_IN_LATIN = {"CNY", "GBP", "FTE", "IT", "HR", "P10", "P90", "B2B"}
MANY = {"stages", "fleet"}
"""Charts with parts too thin or too far apart to be named where they are."""
HAN = re.compile(r"[\u4e00-\u9fff]")
PAIRS = [(shop, lang) for shop in SHOPS for lang in ("en", "zh")]


def words_of(ax: Axes) -> list[Text]:
    """All that can be read in a chart."""
    found = [ax.title, *ax.texts]
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        near = 1e-6 * (high - low)
        ticks = [tick for tick in axis.get_major_ticks() if low - near <= tick.get_loc() <= high + near]
        found += [axis.label, *(tick.label1 for tick in ticks)] if ax.axison else []
    found += legend.get_texts() if (legend := ax.get_legend()) else []
    return [text for text in found if text.get_text() and text.get_visible()]


def faults(ax: Axes, paper) -> list[str]:
    """Words that leave the picture or run into others."""
    boxes = [(text.get_text(), text.get_window_extent(paper)) for text in words_of(ax)]
    width, height = ax.figure.bbox.size
    found = [
        f"outside: {text!r} {box.extents.round()}"
        for text, box in boxes
        if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1
    ]
    for (one, a), (other, b) in combinations(boxes, 2):
        across, up = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        # Boxes are as high as the font, which leaves room above and below its letters.
        if across > 1 and up > 0.3 * min(a.height, b.height):
            found.append(f"overlap: {one!r} and {other!r}")
    return found


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("shop", "lang"), [pytest.param(*pair, marks=[] if pair in QUICK else pytest.mark.slow) for pair in PAIRS]
)
def test_every_chart_can_be_read_and_its_alternative_text_says_the_finding(shop, lang):
    use(lang)
    wrong = []
    for name, (chart, shown, height) in gallery(shop).items():
        with mpl.rc_context(picture.look()):
            figure, paper = picture.drawn(chart, *shown, height=height)
        ax = figure.axes[0]
        wrong += [f"{name}: {fault}" for fault in faults(ax, paper)]
        wrong += [f"{name}: pale: {t.get_text()!r} {t.get_color()}" for t in words_of(ax) if pale(t)]
        wrong += [f"{name}: a legend; name things where they are"] if ax.get_legend() and name not in MANY else []
        alt = picture.said(ax)
        assert alt.startswith(" ".join(ax.get_title().split())), name
        assert len(re.split(r"\. |。", alt)[0]) > 8, name
        assert bool(HAN.search(alt)) == (lang == "zh"), alt
        if lang == "zh":
            assert set(re.findall(r"[A-Za-z]{2,}", alt)) <= SAID_IN_LATIN, alt
    assert wrong == []


def bright(colour) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def pale(text: Text) -> bool:
    """Too little contrast with white, WCAG 2: 4.5. White words stand on something dark; signs are no words."""
    return (
        to_hex(text.get_color()) != "#ffffff"
        and text.get_text() not in "■◆"
        and 1.05 / (bright(text.get_color()) + 0.05) < 4.5
    )


@pytest.mark.core
@pytest.mark.parametrize("name", ["work", "cost", "chance", "tornado", "checkpoints", "hires"])
def test_the_same_picture_gives_the_same_bytes_whatever_was_drawn_before(name):
    shown = gallery("tea_shop_startup")
    chart, what, height = shown[name]
    with using("zh"):
        first = picture.picture(chart, *what, height=height)
    for other, (before, of, tall) in list(shown.items())[:4]:
        assert picture.picture(before, *of, height=tall).png != first.png or other == name
    with using("zh"):
        again = picture.picture(chart, *what, height=height)
    assert again == first
    data, shown_as = again._repr_mimebundle_()
    assert shown_as["image/png"]["alt"] == data["text/plain"] == first.alt


def test_faults_are_found_where_they_are():
    def bad(ax):
        ax.set_title("One says it")
        picture.note(ax, 0.5, 0.5, "here", within="axes")
        picture.note(ax, 0.5, 0.52, "there", within="axes")
        ax.text(0.5, 0.2, "pale", color="0.7", transform=ax.transAxes)
        return ax

    with mpl.rc_context(picture.look()):
        figure, paper = picture.drawn(bad)
        ax = figure.axes[0]
        assert faults(ax, paper) == ["overlap: 'here' and 'there'"]
        assert [text.get_text() for text in words_of(ax) if pale(text)] == ["pale"]
        ax.text(0.98, 0.8, "far out to the right", transform=ax.transAxes)
        assert any(fault.startswith("outside: 'far out") for fault in faults(ax, paper))


@pytest.mark.filterwarnings("error")
def test_a_glyph_that_no_font_has_is_an_error():
    def tofu(ax):
        ax.set_title("\U0001f9ff")
        return ax

    with pytest.raises(UserWarning, match="missing from font"):
        picture.picture(tofu)


def test_a_long_finding_takes_two_lines_and_stays_in_the_picture():
    def long(words):
        def chart(ax):
            ax.set_title(words)
            return ax

        return chart

    with mpl.rc_context(picture.look()):
        for words in ("a finding of many words " * 7, "一句很长的结论" * 12):
            figure, paper = picture.drawn(long(words))
            assert faults(figure.axes[0], paper) == []
            assert figure.axes[0].get_title().count("\n") == 1


# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
SEEN = {
    "all": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def lab(linear) -> np.ndarray:
    """CIE L*a*b* of linear RGB, white D65."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(
        linear, 0, 1
    )
    f = np.array([np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz / [0.9505, 1.0, 1.089]])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def palette() -> list[np.ndarray]:
    colours = picture.look()["axes.prop_cycle"].by_key()["color"]
    parts = [np.array(to_rgb(f"#{colour.lstrip('#')}")) for colour in colours]
    return [np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) for c in parts]


@pytest.mark.parametrize("eye", SEEN)
def test_series_can_be_told_apart_by_every_eye(eye):
    """A difference of 2 is just seen side by side; 15 is told apart across a chart."""
    seen = [lab(np.asarray(SEEN[eye]) @ colour) for colour in palette()]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) >= 15


def test_neighbours_can_be_told_apart_in_grey_print():
    lightness = [lab(colour)[0] for colour in palette()]
    assert min(abs(a - b) for a, b in pairwise(lightness)) >= 12


def test_coloured_words_are_dark_enough_to_read():
    for colour in picture.look()["axes.prop_cycle"].by_key()["color"]:
        assert 1.05 / (bright(picture.ink(f"#{colour.lstrip('#')}")) + 0.05) >= 4.5


@pytest.mark.core
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_months_are_named_with_their_years(lang):
    use(lang)
    months = pd.period_range("2027-11", periods=4, freq="M")
    said = {"en": ["Nov\n2027", "Dec", "Jan\n2028", "Feb"], "zh": ["11月\n2027年", "12月", "1月\n2028年", "2月"]}
    assert picture.month_ticks(months) == said[lang]
