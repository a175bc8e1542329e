"""Labels for people, in English and Chinese, and numbers as people read them."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Literal

import pandas as pd

from ecteam.assumptions import load_assumptions
from ecteam.errors import InputError, did_you_mean
from ecteam.files import data_dir
from ecteam.scenario import PLACES, Scenario, field_info

Language = Literal["en", "zh"]


@cache
def _labels() -> dict[str, tuple[str, str]]:
    table = pd.read_csv(data_dir() / "labels.csv", keep_default_na=False)
    tables = load_assumptions()
    found = {
        key: (row.en, row.zh)
        for frame in (tables.drivers, tables.duties, tables.roles)
        for key, row in frame.iterrows()
    }
    return found | {key: (en, zh) for key, en, zh in table.itertuples(index=False)}


def label(key: str, lang: Language = "en") -> str:
    """What people call a key of ours: a role, duty, driver, department, cost item or table column.

    >>> label("customer_service"), label("customer_service", "zh")
    ('Customer service', '客服')
    """
    if key not in _labels():
        raise InputError(f"there is no label for {key!r}{did_you_mean(key, _labels())}")
    return _labels()[key][0 if lang == "en" else 1]


def has_label(key: str) -> bool:
    """Whether a key of ours has a name for people."""
    return key in _labels()


@cache
def _phrases() -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    """Whole phrases, and those with places for values as patterns; a phrase in the table reads as a format string."""
    table = pd.read_csv(data_dir() / "phrases.csv", keep_default_na=False, dtype=str)
    exact = {en: zh for en, zh in table.itertuples(index=False) if "{" not in en}
    patterns = []
    for en, zh in ((en, zh) for en, zh in table.itertuples(index=False) if "{" in en):
        parts = re.split(r"\{(\w+)\}", en)
        shape = "".join(f"(?P<{part}>.+?)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts))
        patterns.append((re.compile(shape), zh))
    return exact, patterns


@cache
def _names() -> dict[str, str]:
    """Everything of ours that has a key and a Chinese name: labels, figures of the assumptions, fields, places."""
    figures = dict(load_assumptions().numbers[["key", "zh"]].itertuples(index=False))
    fields = {name: str(field_info(name)["zh"]) for name in Scenario.model_fields}
    places = {row["place"]: row["zh"] for row in PLACES.values()}
    return figures | fields | places | {key: zh for key, (_, zh) in _labels().items()}


def phrase(text: str, lang: Language = "en") -> str:
    """A sentence, unit or kind that the models say in English, as people read it; unknown ones stay as they are.

    >>> phrase("minutes an order", "zh"), phrase("The calendar has no Spring Festival for 2029.", "zh")
    ('分钟/单', '日历中没有 2029 年的春节。')
    """
    if lang == "en" or not text:
        return text
    exact, patterns = _phrases()
    if text in exact:
        return exact[text]
    for pattern, zh in patterns:
        if found := pattern.fullmatch(text):
            # Names of files and shops are nobody's to translate.
            said = {key: value if key in ("file", "name") else _said(value) for key, value in found.groupdict().items()}
            return zh.format(**said)
    return text


def _said(value: str) -> str:
    """What stands in a phrase: names of ours, several of them, or a phrase itself."""
    if ", " in value and all(part in _names() or part in _phrases()[0] for part in value.split(", ")):
        return "、".join(_said(part) for part in value.split(", "))
    return _names().get(value) or phrase(value, "zh")


def month_in_words(month: pd.Period, lang: Language = "en") -> str:
    """A month as people write it.

    >>> month_in_words(pd.Period("2027-03")), month_in_words(pd.Period("2027-03"), "zh")
    ('Mar 2027', '2027年3月')
    """
    return f"{month:%b %Y}" if lang == "en" else f"{month.year}年{month.month}月"


@cache
def _role_names() -> dict[str, str]:
    return {str(en): str(zh) for en, zh in load_assumptions().roles[["en", "zh"]].itertuples(index=False)}


def person(name: str, lang: Language = "en") -> str:
    """A person as people read it: names that a plan makes of its roles follow the language, others stay as they are.

    >>> person("Service agent 2", "zh"), person("Designer", "zh"), person("Li Wei", "zh")
    ('客服 2', '美工设计', 'Li Wei')
    """
    if lang == "en":
        return name
    role, _, number = name.rpartition(" ")
    if number.isdigit() and role in _role_names():
        return f"{_role_names()[role]} {number}"
    return _role_names().get(name, name)


def in_words(text: str, names: Iterable[str], lang: Language) -> str:
    """A sentence with the names of people in it as people read them.

    >>> in_words("由Designer 2负责", ["Designer 2", "Designer"], "zh")
    '由美工设计 2负责'
    """
    for name in sorted({n for n in names if n}, key=len, reverse=True):
        text = text.replace(name, person(name, lang))
    return text


class ReadIn:
    """What a notebook shows to be read in one language: a style that hides the passages of the other."""

    def __init__(self, lang: Language) -> None:
        self.lang = lang

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # Two notebooks may be open beside each other in one page of JupyterLab.
        hidden = f".jp-Notebook:has(.reads-{self.lang}) div[lang={_other(self.lang)}] {{ display: none }}"
        left = ".jp-RenderedHTMLCommon table.ecteam :is(th, td) { text-align: left }"
        return {
            "text/html": f"<span class='reads-{self.lang}'></span><style>{hidden} {left}</style>",
            "text/plain": "",
        }


def read_in(lang: Language) -> ReadIn:
    """Show a notebook's texts in one language; each markdown cell holds both, in `<div lang="en">`, `<div lang="zh">`.

    >>> read_in("zh")._repr_mimebundle_()["text/html"].count("div[lang=en] { display: none }")
    1
    """
    return ReadIn(lang)


def in_language(markdown: str, lang: Language) -> str:
    """A markdown text without the passages of the other language, for pages that nothing can hide them in.

    >>> in_language('<div lang="en">\\n\\n## Work\\n\\n</div>\\n<div lang="zh">\\n\\n## 工作\\n\\n</div>', "zh")
    '## 工作'
    """
    rest = re.sub(rf'<div lang="{_other(lang)}">.*?</div>\s*', "", markdown, flags=re.DOTALL)
    return re.sub(rf'<div lang="{lang}">(.*?)</div>', lambda passage: passage[1].strip(), rest, flags=re.DOTALL).strip()


def _other(lang: Language) -> Language:
    return "zh" if lang == "en" else "en"


def number(value: float) -> str:
    """A number with three significant digits or more, thousands grouped, and no digits that say nothing.

    >>> [number(v) for v in (1234567.8, 1234.5, 12.345, 0.01234, 3.0)]
    ['1,234,568', '1,234', '12.3', '0.0123', '3']
    """
    if value != value:
        return "–"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:,.3g}"
