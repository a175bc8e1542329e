"""The font of a page, inside the page: our own, cut to the characters that the page shows. Nothing is fetched."""

import base64
import io
from functools import cache, lru_cache

from fontTools.fontBuilder import FontBuilder
from fontTools.misc.psCharStrings import T2CharString
from fontTools.ttLib import TTFont

from ecteam.inputs.labels import Language
from ecteam.view.fonts import FAMILY, FILE

_LATIN, _SIGNS = (*range(0x20, 0x7F), *range(0xA0, 0x100)), "‐–—‘’“”†•…‰′″€™−≈≠≤≥∞√∑∆Ωμ→←↑↓●○■□▲△▼▽◆◇★☆│─℃№"
ON_EVERY_PAGE = frozenset({*_LATIN, *map(ord, _SIGNS)})
"""One font then serves all English pages; `tests/make_font.py` puts these glyphs first, so that their kerning stays."""
_TOP = ("FullName", "FontBBox")
_LINE = ("sTypoAscender", "sTypoDescender", "sTypoLineGap", "usWinAscent", "usWinDescent", "sxHeight", "sCapHeight")
QUOTES = tuple(map(ord, "‘’“”"))
"""A Chinese page has them as wide as a character, an English one as wide as their ink."""


def font_face(text: str, lang: Language = "en") -> str:
    """The CSS that gives a page our font for every character of its text: `font-family: "ecteam Sans SC"`.

    `text` may be the whole HTML, `lang` is the page's language. The same characters give the same bytes. What the font
    lacks is drawn in a font of the reader.

    >>> css = font_face("<p>团队 of 12</p>")
    >>> css[:48], len(css) < 60_000
    ("@font-face { font-family: 'ecteam Sans SC'; src:", True)
    """
    _, codes = _source()
    return _face("".join(sorted(c for c in set(text) if ord(c) in codes and ord(c) not in ON_EVERY_PAGE)), lang)


@lru_cache(maxsize=8)
def _face(beyond_latin: str, lang: Language) -> str:
    woff = base64.b64encode(_cut(beyond_latin, lang)).decode()
    return f"@font-face {{ font-family: '{FAMILY}'; src: url(data:font/woff;base64,{woff}) format('woff'); }}"


@cache
def _source() -> tuple[TTFont, dict[int, str]]:
    font = TTFont(io.BytesIO(FILE.read_bytes()), lazy=True)
    return font, font.getBestCmap()


def _narrow(code: int) -> str:
    return f"u{code:04X}.narrow"


@cache
def _latin() -> list[str]:
    font, codes = _source()
    names = (*(codes[code] for code in ON_EVERY_PAGE), *map(_narrow, QUOTES))
    last = max(map(font.getGlyphID, names))
    return font.getGlyphOrder()[: last + 1]


def _cut(beyond_latin: str, lang: Language) -> bytes:
    """The font with the glyphs of every page and of these characters, as WOFF. Its outlines are copied, not read."""
    font, codes = _source()
    glyphs = [*_latin(), *dict.fromkeys(codes[ord(character)] for character in beyond_latin)]
    kept, top, metrics = set(glyphs), font["CFF "].cff[0], font["hmtx"]
    outlines = {}
    for name in glyphs:
        code = top.CharStrings[name]
        outlines[name] = T2CharString(bytecode=code.bytecode, private=code.private, globalSubrs=[])
    builder = FontBuilder(unitsPerEm=1000, isTTF=False)
    builder.font.recalcBBoxes, builder.font.recalcTimestamp = False, False
    builder.setupGlyphOrder(glyphs)
    narrow = {code: _narrow(code) for code in QUOTES} if lang == "en" else {}
    builder.setupCharacterMap({code: name for code, name in codes.items() if name in kept} | narrow)
    private = {"defaultWidthX": 1000, "nominalWidthX": 0}
    builder.setupCFF("ecteamSansSC-Regular", {key: getattr(top, key) for key in _TOP}, outlines, private)
    builder.setupHorizontalMetrics({name: metrics[name] for name in glyphs})
    builder.setupHorizontalHeader(ascent=font["hhea"].ascent, descent=font["hhea"].descent)
    names = {key: font["name"].getDebugName(i) for key, i in (("copyright", 0), ("licenseInfoURL", 14))}
    builder.setupNameTable(names | {"familyName": FAMILY, "styleName": "Regular"})
    builder.setupOS2(**{key: getattr(font["OS/2"], key) for key in _LINE}, fsType=0)
    builder.setupPost(keepGlyphNames=False)
    cut = builder.font
    cut["GPOS"], cut["head"] = font["GPOS"], font["head"]
    cut.flavor = "woff"
    buffer = io.BytesIO()
    cut.save(buffer)
    return buffer.getvalue()
