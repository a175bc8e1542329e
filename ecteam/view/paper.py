"""What pictures are drawn on: pixels that keep the letters they were once given, and how they become a PNG."""

import io
import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import RendererAgg, get_hinting_flag
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.ft2font import FT2Font
from PIL import Image

QUARTERS = 4
"""A letter begins at a quarter of a pixel: finer is not seen, and each place is a picture of the letter to keep."""
_WHOLE = 0x40
"""A pixel, as FreeType counts."""
_ONE = 0x10000
"""The number one in FreeType's matrices."""


class KeptLetters(RendererAgg):
    """matplotlib's pixels, but a letter is painted once and then copied; upright words stand on a whole pixel.

    matplotlib 3.11 paints each letter of each word anew and asks the font file for the height of every word: half of
    drawing a chart. Both are inner methods of its; where another version does not call them, it draws as ever.
    """

    def _draw_text_glyphs_and_boxes(
        self, gc: Any, x: float, y: float, angle: float, glyphs: Iterable[Any], boxes: Any
    ) -> None:
        if boxes or not gc.get_antialiased():
            super()._draw_text_glyphs_and_boxes(gc, x, y, angle, glyphs, boxes)
            return
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        flags, height = get_hinting_flag(), int(self.height)
        fine = QUARTERS if angle % 360 else 1
        for font, size, index, slant, extend, dx, dy in glyphs:
            right = math.floor(QUARTERS * (x + dx * cos - dy * sin) + 0.5)
            up = math.floor(fine * (self.height - y + dx * sin + dy * cos) + 0.5)
            (right, part), (up, rise) = divmod(right, QUARTERS), divmod(up, fine)
            matrix = cos * extend, cos * extend * slant - sin, sin * extend, sin * extend * slant + cos
            pixels, left, top = _letter(font, size, self.dpi, index, flags, matrix, part / QUARTERS, rise / fine)
            self._renderer.draw_text_image(pixels, left + right, height - top - up + len(pixels), 0, gc)

    def _get_font_height_metrics(self, words: FontProperties) -> tuple[float, float, float] | tuple[None, None, None]:
        return _heights(words, self.dpi)


Paper = KeptLetters if mpl.__version_info__[:2] == (3, 11) else RendererAgg
"""What pictures are drawn on: only the version whose inner methods we know is given ours."""


@lru_cache(maxsize=20_000)
def _letter(
    font: FT2Font, size: float, dpi: float, index: int, flags: Any, matrix: tuple[float, ...], part: float, rise: float
) -> tuple[np.ndarray, int, int]:
    """A letter's shades, and how far to the left and top of its place they begin."""
    from matplotlib.ft2font import RenderMode

    font.set_size(size, dpi)
    font._set_transform(  # type: ignore[attr-defined]
        (_ONE * np.reshape(matrix, (2, 2))).round().astype(int), [round(_WHOLE * part), round(_WHOLE * rise)]
    )
    bitmap = font._render_glyph(index, flags, RenderMode.NORMAL)  # type: ignore[attr-defined]
    return np.array(bitmap.buffer), bitmap.left, bitmap.top


@lru_cache(maxsize=256)
def _heights(words: FontProperties, dpi: float) -> tuple[float, float, float] | tuple[None, None, None]:
    """How far a font goes above and below its line, and the gap between lines, in pixels; None: it does not say."""
    font = get_font(fontManager._find_fonts_by_props(words))
    says: Any = font.get_sfnt_table("OS/2")
    if says is None:
        return None, None, None
    units: Any = font.get_sfnt_table("head")
    pixels = words.get_size_in_points() * dpi / 72 / units["unitsPerEm"]
    return says["sTypoAscender"] * pixels, -says["sTypoDescender"] * pixels, says["sTypoLineGap"] * pixels


def png_of(paper: RendererAgg) -> bytes:
    """What is drawn as a PNG: opaque, and without a word about when and by what it was made.

    It has 256 colours of its own, which charts do with: a third of the bytes, sooner written.
    """
    buffer = io.BytesIO()
    pixels = Image.fromarray(np.asarray(paper.buffer_rgba())).convert("RGB")
    few = pixels.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    # A colour is the mean of those it stands for; paper, as in the corner, is white again.
    colours, paper_at = few.getpalette() or [], 3 * int(few.getpixel((0, 0)))  # type: ignore[arg-type]
    colours[paper_at : paper_at + 3] = 255, 255, 255
    few.putpalette(colours)
    few.save(buffer, "png", dpi=(paper.dpi, paper.dpi))
    return buffer.getvalue()
