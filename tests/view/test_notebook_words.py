"""Every text of every notebook stands in English and in Chinese, and both say the same things in the same order."""

import re

import nbformat
import pytest

from ecteam.inputs import words
from ecteam.inputs.files import notebooks_dir

NOTEBOOKS = sorted(path for path in notebooks_dir().rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
PASSAGES = re.compile(r'<div lang="en">\n\n(.+?)\n\n</div>\n<div lang="zh"(?: hidden)?>\n\n(.+?)\n\n</div>', re.DOTALL)
CHINESE = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff01-\uff5e]")
SAME = {
    "heading": re.compile(r"^#+ ", re.MULTILINE),
    "list item": re.compile(r"^ *(?:[-*]|\d+\.) ", re.MULTILINE),
    "formula": re.compile(r"\$\$"),
    "bold passage": re.compile(r"\*\*.+?\*\*"),
    "picture or link": re.compile(r"\]\("),
    "table row": re.compile(r"^\|", re.MULTILINE),
}


def faults(source: str) -> list[str]:
    """What is wrong with a markdown cell that should hold both languages."""
    if not re.sub(r"<[^>]*>", "", source).strip():
        return []  # a place that a page fills
    parts = PASSAGES.fullmatch(source.strip())
    if not parts:
        return [f"no English and Chinese passage, each in its div: {source[:60]!r}"]
    english, chinese = parts.groups()
    found = [
        f"{name}: {here} in English, {there} in Chinese: {english[:60]!r}"
        for name, pattern in SAME.items()
        if (here := pattern.findall(english)) != (there := pattern.findall(chinese))
        and (name != "bold passage" or len(here) != len(there))
    ]
    if CHINESE.search(english):
        found.append(f"Chinese signs in the English passage: {english[:60]!r}")
    prose = re.sub(r"`[^`]*`|\$\$.*?\$\$|\]\([^)]*\)|<[^>]*>", "", chinese, flags=re.DOTALL)
    if not CHINESE.search(prose) or re.search(r"[A-Za-z]+(?:[ ,]+[A-Za-z]+){2}", prose):
        found.append(f"English left in the Chinese passage: {chinese[:60]!r}")
    for lang in ("en", "zh"):
        if words.in_language(source, lang) != parts[1 if lang == "en" else 2]:
            found.append(f"a page in {lang} would not show it as it is: {source[:60]!r}")
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_text_stands_in_both_languages(path):
    book = nbformat.read(path, as_version=4)
    texts = [cell.source for cell in book.cells if cell.cell_type == "markdown"]
    assert [fault for text in texts for fault in faults(text)] == []


EXPLORED = [path for path in NOTEBOOKS if path.parent == notebooks_dir()]


@pytest.mark.parametrize("path", EXPLORED, ids=lambda path: path.stem)
def test_a_notebook_opens_with_its_question_and_is_read_in_one_language(path):
    book = nbformat.read(path, as_version=4)
    opening = book.cells[0].source
    for lang, mark in (("en", "?"), ("zh", "？")):
        title, question = words.in_language(opening, lang).split("\n\n")[:2]
        assert title.startswith("# "), title
        assert re.match(rf"\*\*.+{re.escape(mark)}\*\*", question), question
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert "parameters" in code[0].metadata.get("tags", [])
    assert re.search(r'^lang = "en"', code[0].source, re.MULTILINE)
    assert code[1].source.startswith("begin = start(")
    assert all(cell.metadata["jupyter"]["source_hidden"] for cell in code[:2])
    assert all('<div lang="zh" hidden>' in cell.source for cell in book.cells if cell.cell_type == "markdown")
    assert 'class="before-run"' in words.in_language(opening, "en")


GOOD = '<div lang="en">\n\n## Work\n\n1. Count it.\n\n</div>\n<div lang="zh">\n\n## 工作\n\n1. 数一数。\n\n</div>'


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("## Work", "no English and Chinese passage"),
        (GOOD.replace("<div lang", "<div  lang"), "no English and Chinese passage"),
        (GOOD.replace("## 工作", "### 工作"), "heading"),
        (GOOD.replace("## 工作\n\n", ""), "heading"),
        (GOOD.replace("1. 数一数。", "数一数。"), "list item"),
        (GOOD.replace("Count it.", "Count it。"), "Chinese signs"),
        (GOOD.replace("数一数。", "count it one by one"), "English left"),
        (GOOD.replace("数一数。", "数一数<div>再数</div>。"), "would not show"),
        (GOOD.replace("Count it.", "**Count** it."), "bold"),
    ],
)
def test_the_test_sees_a_text_that_is_not_in_both_languages(bad, said):
    assert faults(GOOD) == []
    assert any(said in fault for fault in faults(bad)), faults(bad)
