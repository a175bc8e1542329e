"""How every picture of ours is drawn, once, in one look; what charts share; and the font inside of pages."""

import base64
import io
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, wraps
from html import unescape
from pathlib import Path
from threading import get_ident
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import AutoLocator
from matplotlib.transforms import Bbox, ScaledTranslation
from PIL import Image

from ecteam.inputs.words import Language, language
from ecteam.view.fonts import FAMILY, FILE

# Our font has one weight; that a bold word is drawn in it need not be said on the page.
logging.getLogger("matplotlib.font_manager").addFilter(lambda record: "font weight" not in record.getMessage())

STYLE = Path(__file__).with_name("ecteam.mplstyle")
WIDTH_PIXELS = 820
"""How wide notebooks show a picture; it holds more, for sharp screens."""
WIDTH_INCHES, DPI = 8.2, 160
EDGE_INCHES = 0.06
CONTRAST = 4.6
"""Of coloured words on white: WCAG 2 asks for 4.5."""
MOST_TICKS = 6
"""A tick with its word takes a millisecond to draw."""
THOUSAND = 1000
"""An axis that goes so far has its figures grouped."""
LINE_POINTS = 13.0
"""From one line of small text to the next."""


@dataclass(frozen=True)
class Picture:
    """A drawn chart with its alternative text, as notebooks and pages show it."""

    png: bytes
    alt: str

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        shown = {"alt": self.alt, "width": WIDTH_PIXELS}
        return {"image/png": self.png, "text/plain": self.alt}, {"image/png": shown}


@cache
def look() -> Any:
    """matplotlib's settings for every picture of ours; the font they name is made known to it."""
    font_manager.fontManager.addfont(FILE)
    settings: Any = mpl.rc_params_from_file(STYLE, use_default_template=False)
    return dict(settings)


def picture(chart: Callable[..., Axes], *shown: Any, height: float = 3.4) -> Picture:
    """Draw a chart of what it shows (a plan, a day ...) as a PNG of its own, in ecteam's look, apart from pyplot."""
    with mpl.rc_context(look()):
        figure, paper = drawn(chart, *shown, height=height)
        return Picture(png_of(paper), said(figure.axes[0]))


def drawn(chart: Callable[..., Axes], *shown: Any, height: float = 3.4) -> tuple[Figure, RendererAgg]:
    """The figure of a chart laid out, and the pixels it is drawn in; they are good until the next is drawn."""
    paper = _paper(round(WIDTH_INCHES * DPI), round(height * DPI), get_ident())
    figure = Figure(figsize=(WIDTH_INCHES, height), dpi=DPI)
    FigureCanvasAgg(figure)
    ax = chart(*shown, ax=figure.add_axes((0.1, 0.2, 0.8, 0.65)))
    for axis in (ax.xaxis, ax.yaxis):
        if isinstance(locator := axis.get_major_locator(), AutoLocator):
            locator.set_params(nbins=MOST_TICKS)
            if np.abs(axis.get_view_interval()).max() >= THOUSAND:
                axis.set_major_formatter("{x:,.0f}")
    _fit(ax, paper)
    paper.clear()
    figure.draw(paper)
    return figure, paper


@lru_cache(maxsize=16)
def _paper(width: int, height: int, thread: int) -> RendererAgg:
    """The same for all pictures of a size: matplotlib keeps with it how wide words are, and half of drawing is that."""
    return RendererAgg(width, height, DPI)


def png_of(paper: RendererAgg) -> bytes:
    """What is drawn as an opaque PNG of 256 colours, which charts do with: a third of the bytes, sooner written."""
    buffer = io.BytesIO()
    pixels = Image.fromarray(np.asarray(paper.buffer_rgba())).convert("RGB")
    few = pixels.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    # A colour is the mean of those it stands for; paper, as in the corner, is white again.
    colours, paper_at = few.getpalette() or [], 3 * int(few.getpixel((0, 0)))  # type: ignore[arg-type]
    colours[paper_at : paper_at + 3] = 255, 255, 255
    few.putpalette(colours)
    few.save(buffer, "png", dpi=(paper.dpi, paper.dpi), compress_level=6)
    return buffer.getvalue()


def said(ax: Axes) -> str:
    """A chart in words: its finding and what its axes count."""
    comma, stop = ("，", "。") if language() == "zh" else (", ", ".")

    def one_line(text: str) -> str:
        return " ".join(text.split()).replace("， ", "，")

    axes = comma.join(one_line(text) for text in (ax.get_ylabel(), ax.get_xlabel()) if text)
    title = one_line(ax.get_title())
    gap = "" if language() == "zh" else " "
    return f"{title}{stop}" + (f"{gap}{axes}{stop}" if axes else "")


def _fit(ax: Axes, renderer: Any) -> None:
    """Make the axes as large as their words leave room for, and pin the words: nothing is measured again in drawing."""
    figure, edge = ax.figure, EDGE_INCHES * DPI
    width, height = figure.bbox.size
    title = ax.title
    _fold(title, renderer, width - 2 * edge)
    inner = ax.bbox.frozen()
    boxes = [box for axis in (ax.xaxis, ax.yaxis) if ax.axison and (box := axis.get_tightbbox(renderer)) is not None]
    boxes += [text.get_window_extent(renderer) for text in ax.texts if text.get_in_layout()]
    boxes += [legend.get_window_extent(renderer)] if (legend := ax.get_legend()) else []
    around = Bbox.union([inner, *boxes])
    left, right = inner.x0 - around.x0 + edge, around.x1 - inner.x1 + edge
    bottom, top = inner.y0 - around.y0 + edge, max(around.y1, title.get_window_extent(renderer).y1) - inner.y1 + edge
    wide, high = width - left - right, height - bottom - top
    for axis, side, size, start in ((ax.xaxis, 1, high, inner.y0), (ax.yaxis, 0, wide, inner.x0)):
        if axis.label.get_text():
            offset = (axis.label.get_position()[side] - start) / size
            axis.set_label_coords(*((0.5, offset) if side else (offset, 0.5)))
    # The finding begins where the picture does.
    title.set_x((edge - left) / wide)
    title.set_horizontalalignment("left")
    ax.set_position((left / width, bottom / height, wide / width, high / height))


def _fold(text: Any, renderer: Any, width: float) -> None:
    """Put a sentence that is longer than the picture is wide on two lines, as equal as its words allow."""
    words = text.get_text()
    if "\n" in words or text.get_window_extent(renderer).width <= width:
        return
    breaks = [i for i, sign in enumerate(words) if sign == " "] or range(1, len(words))
    cut = min(breaks, key=lambda i: abs(i - len(words) / 2))
    text.set_text(f"{words[:cut]}\n{words[cut:].lstrip()}")


def chart(draw: Callable[..., None]) -> Callable[..., Axes]:
    """A function that draws on the axes given as `ax`, or on new ones of pyplot, and gives them back."""

    @wraps(draw)
    def drawn_on(*shown: Any, ax: Axes | None = None, **more: Any) -> Axes:
        ax = plt.subplots()[1] if ax is None else ax
        draw(*shown, ax=ax, **more)
        return ax

    return drawn_on


def ink(colour: str) -> str:
    """A colour as words are written in it: as dark as they must be to be read on white.

    >>> ink("#0072B2"), ink("#E69F00")
    ('#0072b2', '#9d6b00')
    """
    linear = np.array([c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)])
    bright = float(linear @ (0.2126, 0.7152, 0.0722))
    linear = linear * min(1.0, (1.05 / CONTRAST - 0.05) / max(bright, 1e-9))
    parts = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{int(255 * part):02x}" for part in parts)


def month_ticks(months: Iterable[pd.Period]) -> list[str]:
    """Short names of months, the year under the first and under each January."""
    names = []
    for i, month in enumerate(months):
        name = month.strftime("%b") if language() == "en" else f"{month.month}月"
        year = str(month.year) if language() == "en" else f"{month.year}年"
        names.append(f"{name}\n{year}" if i == 0 or month.month == 1 else name)
    return names


def months_below(
    ax: Axes, months: Iterable[pd.Period], place: np.ndarray | None = None, ha: str = "center"
) -> np.ndarray:
    """Months along the foot of a chart, the year under the first of each; long plans name every second or third.

    They stand at `place`, else at 0, 1, 2 ...
    """
    names = month_ticks(months)
    place = np.arange(len(names)) if place is None else place
    step = max(1, len(place) // 18)
    # Words, not ticks: a tick with its lines takes three times as long to make and draw.
    ax.set_xticks([])
    for x, name in zip(place[::step], names[::step], strict=True):
        note(ax, x, 0, name, dy=-5, color="0.2", within="x", ha=ha, va="top")
    return place


def names_left(ax: Axes, place: Iterable[float], names: Iterable[str]) -> None:
    """Names of rows to the left of a chart without a label on that axis."""
    # Words, not ticks, as the months; the lines of the grid follow the figures.
    ax.set_yticks([])
    ax.grid(axis="x", visible=True)
    for y, name in zip(place, names, strict=True):
        note(ax, 0, y, name, dx=-4, color="0.2", within="y", ha="right", va="center_baseline")


def columns(
    ax: Axes, x: Any, height: Any, bottom: Any = 0.0, width: float = 0.8, color: Any = "C0", lying: bool = False,
    **more: Any,
) -> None:  # fmt: skip
    """Bars, upright or lying, as one shape: `Axes.bar` makes and draws each by itself. The limits are left to set."""
    x, height, bottom = np.broadcast_arrays(x, np.nan_to_num(np.asarray(height, dtype=float)), bottom)
    along, up = [x - width / 2] * 2 + [x + width / 2] * 2, [bottom, bottom + height, bottom + height, bottom]
    corners = np.stack([up, along] if lying else [along, up]).transpose(2, 1, 0)
    shape: Any = {"edgecolor": "white", "linewidth": 0.6} | more
    ax.add_collection(PolyCollection(list(corners), facecolor=color, **shape), autolim=False)


def note(
    ax: Axes, x: Any, y: Any, words: str, dx: float = 0, dy: float = 0, color: Any = "0.13", size: float = 9.0,
    within: str = "data", **more: Any,
) -> None:  # fmt: skip
    """Words at a point of the chart, some points to the right and up of it, in a colour dark enough to be read.

    `within`: data, axes, or x / y: that coordinate in data, the other in shares of the axes. A colour given as a tuple
    of numbers stays as it is.
    """
    at: Any = {"data": ax.transData, "axes": ax.transAxes, "x": ax.get_xaxis_transform(), "y": ax.get_yaxis_transform()}
    figure: Any = ax.figure
    move = ScaledTranslation(dx / 72, dy / 72, figure.dpi_scale_trans)
    ink_of = ink(to_hex(color)) if str(color).startswith(("C", "#")) else color
    more = {"va": "center"} | more
    ax.text(x, y, words, transform=at[within] + move, color=ink_of, fontsize=size, parse_math=False, **more)


def names_beside(ax: Axes, ends: Sequence[tuple[float, str, str]], size: float = 9.0) -> None:
    """Names of lines or layers to the right of their ends (height, name, colour), moved apart where they would touch.

    The limits of the axes must be set.
    """
    figure: Any = ax.figure
    gap = LINE_POINTS * size / 9 / (72 * ax.bbox.height / figure.dpi)
    heights = [ax.transAxes.inverted().transform(ax.transData.transform((1.0, y)))[1] for y, _, _ in ends]
    gap = min(gap, 1 / max(len(ends), 1))
    for place, i in zip(_apart(sorted(heights), gap), np.argsort(heights, kind="stable"), strict=True):
        note(ax, 1, place, ends[i][1], dx=5, color=ends[i][2], size=size, within="axes")


def _apart(places: list[float], gap: float) -> list[float]:
    """Sorted places between 0 and 1 moved as little as groups of them must to stand a gap apart."""
    groups: list[tuple[float, int]] = []
    for place in places:
        groups.append((place, 1))
        while True:
            (middle, count), room = groups[-1], gap * (groups[-1][1] - 1) / 2
            groups[-1] = (float(np.clip(middle, min(room, 0.5), max(1 - room, 0.5))), count)
            if len(groups) == 1 or groups[-1][0] - groups[-2][0] >= gap * (count + groups[-2][1]) / 2:
                break
            (below, n), (above, m) = groups[-2:]
            groups[-2:] = [((below * n + above * m) / (n + m), n + m)]
    return [middle + gap * (i - (count - 1) / 2) for middle, count in groups for i in range(count)]


_LATIN, _SIGNS = (*range(0x20, 0x7F), *range(0xA0, 0x100)), "‐–—‘’“”†•…‰′″€™−≈≠≤≥∞√∑∆Ωμ→←↑↓●○■□▲△▼▽◆◇★☆│─℃№"
ON_EVERY_PAGE = frozenset({*_LATIN, *map(ord, _SIGNS)})
"""One font then serves all English pages."""
QUOTES = tuple(map(ord, "‘’“”"))
"""A Chinese page has them as wide as a character, an English one as wide as their ink."""


def font_face(text: str) -> str:
    """The CSS that gives a page our font for every character of its text: `font-family: "ecteam Sans SC"`.

    `text` may be the whole HTML, with characters as numbers. The same characters give the same bytes. What the font
    lacks is drawn in a font of the reader.

    >>> css = font_face("<p>团队 of 12</p>")
    >>> css[:48], len(css) < 60_000
    ("@font-face { font-family: 'ecteam Sans SC'; src:", True)
    >>> font_face("&#22242;") == font_face("团")
    True
    """
    beyond = {ord(character) for character in unescape(text)} & _known() - ON_EVERY_PAGE
    return _face(frozenset(beyond), language())


@cache
def _known() -> frozenset[int]:
    with TTFont(FILE, lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=8)
def _face(beyond_latin: frozenset[int], lang: Language) -> str:
    """The font cut to the characters of every page and to these, as WOFF."""
    file = io.BytesIO()
    with TTFont(FILE, lazy=True, recalcTimestamp=False) as font:
        if lang == "en":
            for table in font["cmap"].tables:
                table.cmap |= {code: f"u{code:04X}.narrow" for code in QUOTES}
        cutter = Subsetter(Options(drop_tables=["ltag"]))
        cutter.populate(unicodes=ON_EVERY_PAGE | beyond_latin)
        cutter.subset(font)
        font.flavor = "woff"
        font.save(file)
    woff = base64.b64encode(file.getvalue()).decode()
    return f"@font-face {{ font-family: '{FAMILY}'; src: url(data:font/woff;base64,{woff}) format('woff'); }}"
