"""What tests of pages share: the texts that a reader sees, and who a page would ask for anything."""

import re
import shutil
import zipfile
from html.parser import HTMLParser

import pytest

from ecteam.publish.page import BROWSERS

VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
ENGLISH = re.compile(r"(?:[A-Za-z][A-Za-z'’-]*[ ,.:;()/]+){2,}[A-Za-z][A-Za-z'’-]*")
"""Three words in a row."""

CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine to print a page with")


class Texts(HTMLParser):
    """The text nodes and alternative texts of a page, without styles, scripts and what is cited as it was found."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []
        self.asked: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        self.asked += [given[name] for name in ("src", "srcset", "poster", "data", "action") if name in given]
        self.asked += [given["href"]] if tag in ("link", "base", "use", "image") and "href" in given else []
        if tag not in VOID:
            hidden = tag in ("style", "script") or "cited" in given.get("class", "").split()
            self.open.append((tag, hidden or given.get("lang") == "en"))
        if given.get("alt"):
            self.found.append(given["alt"])

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            continue

    def handle_data(self, data):
        if data.strip() and not any(hidden for _, hidden in self.open):
            self.found.append(data.strip())


def english_in(page: str, allowed: tuple[str, ...] = ()) -> list[str]:
    """The texts of a Chinese page with three English words in a row, but for names that are nobody's to translate."""
    left = []
    for text in Texts(page).found:
        for name in allowed:
            text = text.replace(name, "")
        if ENGLISH.search(text):
            left.append(text)
    return left


def addresses(page: str) -> list[str]:
    """Everything a page would fetch: of its elements and of its styles; what is embedded is left out."""
    styles = re.findall(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", page)
    asked = [*Texts(page).asked, *(one or other for one, other in styles)]
    return [address for address in asked if not address.startswith(("data:", "#"))]


def text_of(path) -> str:
    """The text of a report's file, or of the parts of its workbook."""
    if path.suffix != ".xlsx":
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as parts:
        return " ".join(parts.read(part).decode() for part in parts.namelist() if part.endswith(".xml"))
