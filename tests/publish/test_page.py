"""The page of a report: one file that asks nobody, reads on a screen and prints on A4, in both languages."""

import re
import shutil
import subprocess

import pytest

from ecteam.publish import page as page_room
from ecteam.publish.page import NoPdf, to_pdf
from ecteam.view import table
from tests.pages import Texts, addresses, needs_chromium
from tests.reports import made_report

LARGEST = 3_000_000
LANGUAGES = ("en", "zh")


@pytest.fixture(params=LANGUAGES)
def page(request):
    return made_report("online_retail_uk", request.param)


def test_a_page_asks_nobody_and_is_small(page):
    text = page.read_text()
    assert addresses(text) == []
    assert not re.search(r"<script[^>]*\ssrc|<link|<iframe|<object|fetch\(|XMLHttpRequest|import\(", text)
    assert len(text.encode()) < LARGEST
    assert text.count("@font-face") == 1


def test_the_search_for_addresses_finds_them():
    assert addresses('<img src="//a.b/c.png">') == ["//a.b/c.png"]
    assert addresses('<link rel="x" href="https://a.b/c.css">') == ["https://a.b/c.css"]
    assert addresses("<style>@import 'https://a.b'; p { background: url(https://c.d/e) }</style>") == [
        "https://a.b",
        "https://c.d/e",
    ]
    assert addresses('<img src="data:x"><a href="https://a.b">a link is no request</a><a href="#x">x</a>') == []


def test_the_contents_link_every_section(page):
    text = page.read_text()
    sections = re.findall(r'<h2 id="([^"]+)"', text)
    links = re.findall(r'<li><a href="#([^"]+)">', re.search(r'<nav id="contents">.*?</nav>', text, re.DOTALL)[0])
    assert links == sections
    assert len(sections) == len(set(sections)) >= 14
    assert text.index("class='summary'") < text.index('<nav id="contents">') < text.index("<h2 ")


def test_one_language_only_is_in_a_page():
    english, chinese = (made_report("online_retail_uk", lang).read_text() for lang in LANGUAGES)
    assert '<html lang="en">' in english
    assert "团队" not in english
    assert "<h2" in chinese
    assert "The cost" not in " ".join(Texts(chinese).found)
    assert 'div lang="' not in english + chinese


def test_every_chart_is_followed_by_its_figures(page):
    text = page.read_text()
    pictures = [found.start() for found in re.finditer("<img ", text)]
    for start, end in zip(pictures, [*pictures[1:], len(text)], strict=True):
        assert "<table" in text[start:end], re.search('alt="([^"]*)', text[start:])[1]
    assert text.count("<details class='behind") >= 7


def test_a_name_of_a_shop_cannot_leave_its_style_or_title():
    evil = '"; } </style><script>alert(1)</script> {'
    css = table.css_text(evil)
    assert not re.search(r"[<>;{}]|[^\\\w \"]", css[1:-1])
    assert css[0] == css[-1] == '"'


@needs_chromium
def test_a_page_is_printed_on_a4_without_a_request(page, tmp_path):
    out = tmp_path / "page.pdf"
    to_pdf(page, out)
    raw = out.read_bytes()
    assert raw.startswith(b"%PDF")
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine to read the print with")
    sheets = subprocess.run(
        ["pdftotext", "-layout", out, "-"], capture_output=True, text=True, check=True
    ).stdout.split("\f")
    info = subprocess.run(["pdfinfo", out], capture_output=True, text=True, check=True).stdout
    assert "A4" in info
    # How many blanks stand between two words is the reader's choice.
    sheets = [" ".join(sheet.split()) for sheet in sheets]
    stage, monday = ("The stage", "Monday") if "Team report" in sheets[0] else ("所处阶段", "周一要做的事")
    assert stage in sheets[0], "the answer fills the first sheet"
    assert monday not in sheets[0], "and nothing else does"
    assert monday in sheets[1]
    assert f"1 / {len(sheets) - 1}" in sheets[0]
    assert 12 <= len(sheets) <= 30


def test_a_browser_without_network_shows_the_whole_page(browser, page):
    context = browser.new_context(offline=True, viewport={"width": 1366, "height": 768})
    sheet = context.new_page()
    asked, said = [], []
    sheet.on("request", lambda request: asked.append(request.url))
    sheet.on("console", lambda message: said.append(message.text))
    sheet.on("pageerror", lambda error: said.append(str(error)))
    sheet.goto(page.as_uri())
    assert [url for url in asked if not url.startswith("data:")] == [page.as_uri()]
    assert said == []
    assert sheet.evaluate("document.fonts.check('16px \"ecteam Sans SC\"', '团队 report')")
    assert sheet.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert sheet.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
    context.close()


@pytest.mark.parametrize(
    ("does", "says"),
    [("exit 3", r"printed no PDF of a\.html \(exit status 3\)"), ("sleep 60", "did not print a.html within 0.5 s")],
)
def test_a_browser_that_prints_nothing_is_ended_and_said(tmp_path, monkeypatch, does, says):
    program = tmp_path / "chromium"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setattr(page_room.shutil, "which", lambda name: str(program))
    (tmp_path / "a.html").write_text("x")
    with pytest.raises(NoPdf, match=says):
        to_pdf(tmp_path / "a.html", tmp_path / "a.pdf", seconds=0.5)
    assert not (tmp_path / "a.pdf").exists()
