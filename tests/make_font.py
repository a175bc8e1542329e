"""How `ecteam/view/fonts/ecteam_sans_sc.otf` was made of Noto Sans CJK SC Regular (SIL Open Font License 1.1).

    uv run --with pypinyin-dict python tests/make_font.py \
        /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ecteam/view/fonts/ecteam_sans_sc.otf

Hinting, vertical metrics and features of layout but kerning are left out.
"""

import sys
from collections.abc import Iterable

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables.DefaultTable import DefaultTable

from ecteam.view.fonts import FAMILY
from ecteam.view.picture import ON_EVERY_PAGE, QUOTES

FACE = 2
"""Noto Sans CJK SC in the collection."""
VERSION = "Version 1.000; of Noto Sans CJK SC 2.004"
SYMBOLS = [(0x370, 0x460), (0x2000, 0x2670), (0x3000, 0x3040), (0xFF00, 0xFFF0)]
"""Greek, Cyrillic, punctuation, arrows, mathematics, enclosed numbers, shapes, Chinese punctuation, full width."""


def in_gb2312(character: str) -> bool:
    try:
        return bool(character.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def characters() -> tuple[list[int], list[int]]:
    """What every page gets, and what it gets where it uses it: GB2312 and the Table of General Standard Characters."""
    from pypinyin_dict.pinyin_data.ktghz2013 import pinyin_dict

    assert len(pinyin_dict) == 8105
    plane = (code for code in range(0x80, 0x10000) if not 0xD800 <= code < 0xE000)
    more = {code for code in plane if in_gb2312(chr(code))} | set(pinyin_dict)
    more |= {code for first, end in SYMBOLS for code in range(first, end)}
    return sorted(ON_EVERY_PAGE), sorted(more - ON_EVERY_PAGE)


def cut(path: str, codes: list[int], glyphs: Iterable[str], kern: bool) -> TTFont:
    options = Options(hinting=False, desubroutinize=True, notdef_outline=True)
    options.layout_features, options.name_IDs = ["kern"] if kern else [], ["*"]
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx", "GDEF", *([] if kern else ["GPOS", "GSUB"])]
    subsetter = Subsetter(options)
    source = TTFont(path, fontNumber=FACE)
    subsetter.populate(unicodes=codes, glyphs=glyphs)
    subsetter.subset(source)
    return source


def narrow_quotes(font: TTFont) -> dict[int, str]:
    """Quotation marks as wide as their ink, as English has them; in Chinese they are as wide as a character."""
    features = font["GSUB"].table.FeatureList.FeatureRecord
    number = next(record.Feature.LookupListIndex[0] for record in features if record.FeatureTag == "pwid")
    narrow = font["GSUB"].table.LookupList.Lookup[number].SubTable[0]
    cmap = font.getBestCmap()
    return {code: getattr(narrow, "ExtSubTable", narrow).mapping[cmap[code]] for code in QUOTES}


def made(path: str) -> TTFont:
    latin, rest = characters()
    quotes = narrow_quotes(TTFont(path, fontNumber=FACE))
    whole = cut(path, latin + rest, quotes.values(), kern=False)
    kerned = cut(path, latin, quotes.values(), kern=True)
    cmap, glyphs = whole.getBestCmap(), whole.getGlyphSet()
    # Glyphs of the Latin font first and in its order: then its kerning fits every font that begins with them.
    first = kerned.getGlyphOrder()
    old = first + [name for name in whole.getGlyphOrder() if name not in set(first)]
    called = {".notdef": ".notdef"} | {name: f"u{code:04X}.narrow" for code, name in quotes.items()}
    for code, name in cmap.items():
        called.setdefault(name, f"u{code:04X}")
    order = [name for name in old if name in called]
    assert set(first) <= called.keys()

    builder = FontBuilder(unitsPerEm=whole["head"].unitsPerEm, isTTF=False)
    builder.setupGlyphOrder([called[name] for name in order])
    builder.setupCharacterMap({code: called[name] for code, name in cmap.items() if name in called})
    outlines = {}
    for name in order:
        width = glyphs[name].width
        pen = T2CharStringPen(None if width == 1000 else width, None)
        glyphs[name].draw(pen)
        outlines[called[name]] = pen.getCharString()
    names = {
        "copyright": whole["name"].getDebugName(0),
        "familyName": FAMILY,
        "styleName": "Regular",
        "uniqueFontIdentifier": f"{VERSION}; {FAMILY}",
        "fullName": FAMILY,
        "version": VERSION,
        "psName": "ecteamSansSC-Regular",
        "designer": whole["name"].getDebugName(9),
        "licenseDescription": whole["name"].getDebugName(13),
        "licenseInfoURL": whole["name"].getDebugName(14),
    }
    builder.setupCFF("ecteamSansSC-Regular", {"FullName": FAMILY, "FontBBox": whole["CFF "].cff[0].FontBBox},
                     outlines, {"defaultWidthX": 1000, "nominalWidthX": 0})  # fmt: skip
    builder.setupHorizontalMetrics({called[name]: whole["hmtx"][name] for name in order})
    builder.setupHorizontalHeader(ascent=whole["hhea"].ascent, descent=whole["hhea"].descent)
    builder.setupNameTable(names)
    os2 = whole["OS/2"]
    builder.setupOS2(
        sTypoAscender=os2.sTypoAscender, sTypoDescender=os2.sTypoDescender, sTypoLineGap=os2.sTypoLineGap,
        usWinAscent=os2.usWinAscent, usWinDescent=os2.usWinDescent, usWeightClass=400, fsSelection=64,
        sxHeight=os2.sxHeight, sCapHeight=os2.sCapHeight, panose=os2.panose, fsType=0,
    )  # fmt: skip
    builder.setupPost(underlinePosition=whole["post"].underlinePosition, keepGlyphNames=False)
    font = builder.font
    font["GPOS"] = DefaultTable("GPOS")
    font["GPOS"].data = kerned["GPOS"].compile(kerned)
    font["head"].created = font["head"].modified = whole["head"].created
    return font


if __name__ == "__main__":
    font = made(sys.argv[1])
    font.recalcTimestamp = False
    font.save(sys.argv[2])
    print(len(font.getGlyphOrder()), "glyphs,", len(font.getBestCmap()), "characters")
