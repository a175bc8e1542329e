"""Our font: it holds what Chinese names need, and a page gets what it shows of it, small and always the same."""

import base64
import io
import subprocess
import sys

import pytest
from fontTools.ttLib import TTFont

from ecteam.inputs.words import using
from ecteam.view.fonts import FAMILY, FILE
from ecteam.view.picture import ON_EVERY_PAGE, QUOTES, font_face

NAMES = "王李张刘陈杨赵黄周吴珺翀昕玥铖焜旸淏祎甯璟赟闫邱鑫喆"
"""Half of these stand in the general table and not in GB2312."""


@pytest.fixture(scope="module")
def font():
    return TTFont(io.BytesIO(FILE.read_bytes()), lazy=True)


def woff(css: str) -> TTFont:
    return TTFont(io.BytesIO(base64.b64decode(css.split("base64,")[1].split(")")[0])))


def pen_strokes(font: TTFont, code: int) -> tuple[float, list]:
    from fontTools.pens.recordingPen import RecordingPen

    pen, glyph = RecordingPen(), font.getGlyphSet()[font.getBestCmap()[code]]
    glyph.draw(pen)
    return glyph.width, pen.value


def test_the_font_has_the_characters_of_gb2312_and_of_names_and_its_licence(font):
    known = font.getBestCmap()
    plane = [code for code in range(0x80, 0x10000) if not 0xD800 <= code < 0xE000]
    gb2312 = [code for code in plane if chr(code).encode("gb2312", "ignore")]
    assert len(gb2312) > 7000
    assert set(gb2312) - known.keys() == set()
    assert {character for character in NAMES if ord(character) not in known} == set()
    assert known.keys() >= ON_EVERY_PAGE
    names = font["name"]
    assert names.getDebugName(1) == FAMILY
    assert "SIL Open Font License" in names.getDebugName(13)
    assert "Adobe" in names.getDebugName(0)
    assert "SIL OPEN FONT LICENSE Version 1.1" in FILE.with_name("OFL.txt").read_text(encoding="utf-8")
    assert FILE.stat().st_size < 4e6


def test_a_page_gets_the_outlines_of_its_characters_and_no_others(font):
    text = "团队 of 12 人, 𠮷" + NAMES
    with using("zh"):
        css = font_face(f"<p>{text}</p>")
    cut = woff(css)
    held = cut.getBestCmap()
    known = font.getBestCmap()
    assert set(held) == {*ON_EVERY_PAGE, *map(ord, text)} & known.keys()
    for code in map(ord, "团鑫Aé”"):
        assert pen_strokes(cut, code) == pen_strokes(font, code)
    assert css.startswith("@font-face { font-family: 'ecteam Sans SC'; src: url(data:font/woff;base64,")
    assert "http" not in css
    assert "kern" in {record.FeatureTag for record in cut["GPOS"].table.FeatureList.FeatureRecord}


def test_quotes_are_narrow_on_english_pages_only():
    english = woff(font_face("“it’s”"))
    with using("zh"):
        chinese = woff(font_face("“it’s”"))
    for code in QUOTES:
        assert pen_strokes(english, code)[0] < 500
        assert pen_strokes(chinese, code)[0] == 1000


def test_pages_stay_small_and_their_bytes_the_same(font):
    characters = [code for code in font.getBestCmap() if 0x4E00 <= code < 0x9FA5]
    page = "".join(map(chr, characters[:: len(characters) // 900][:900]))
    assert len(font_face("Team, cost: 12 × 4,000 £")) < 40_000
    with using("zh"):
        assert len(font_face(page)) < 300_000
    code = "import hashlib, sys; from ecteam.view.picture import font_face\n"
    code += "print(hashlib.sha256(font_face(sys.argv[1]).encode()).hexdigest())"
    run = [sys.executable, "-c", code, page]
    first, again = (subprocess.run(run, capture_output=True, text=True, check=True).stdout for _ in range(2))
    assert len(first.strip()) == 64
    assert first == again
