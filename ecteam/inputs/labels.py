"""Labels for people, in English and Chinese, and numbers as people read them."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import pandas as pd

from ecteam.inputs import words
from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.words import Language, Note, Sentence, number, use

__all__ = ["Language", "number", "use"]


def label(key: str, lang: Language | None = None) -> str:
    """What people call a key of ours: a role, duty, driver, department, cost item or table column.

    >>> label("customer_service"), label("customer_service", "zh")
    ('Customer service', '客服')
    """
    if not words.has_name(key):
        raise InputError(f"there is no label for {key!r}{did_you_mean(key, words.names())}")
    return words.Name(key).in_language(lang or words.language())


def has_label(key: str) -> bool:
    """Whether a key of ours has a name for people."""
    return words.has_name(key)


def phrase(text: str | Note, lang: Language | None = None) -> str:
    """A sentence of the models, or a unit or kind of a table, as people read it; unknown ones stay as they are.

    >>> phrase("minutes an order", "zh")
    '分钟/单'
    """
    lang = lang or words.language()
    if isinstance(text, Note | Sentence):
        return text.in_language(lang)
    if lang == "en" or not text:
        return text
    with words.using(lang):
        return words.translated(text)


def month_in_words(month: pd.Period, lang: Language | None = None) -> str:
    """A month as people write it.

    >>> month_in_words(pd.Period("2027-03")), month_in_words(pd.Period("2027-03"), "zh")
    ('Mar 2027', '2027年3月')
    """
    with words.using(lang or words.language()):
        return words.month(month)


@cache
def _role_names() -> dict[str, str]:
    return {str(en): str(zh) for en, zh in load_assumptions().roles[["en", "zh"]].itertuples(index=False)}


def person(name: str, lang: Language | None = None) -> str:
    """A person as people read it: names that a plan makes of its roles follow the language, others stay as they are.

    >>> person("Service agent 2", "zh"), person("Designer", "zh"), person("Li Wei", "zh")
    ('客服 2', '美工设计', 'Li Wei')
    """
    if (lang or words.language()) == "en":
        return name
    role, _, number = name.rpartition(" ")
    if number.isdigit() and role in _role_names():
        return f"{_role_names()[role]} {number}"
    return _role_names().get(name, name)


def in_words(text: str, names: Iterable[str]) -> str:
    """A sentence with the names of people in it as people read them.

    >>> with words.using("zh"):
    ...     in_words("由Designer 2负责", ["Designer 2", "Designer"])
    '由美工设计 2负责'
    """
    for name in sorted({n for n in names if n}, key=len, reverse=True):
        text = text.replace(name, person(name))
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
    """Show a notebook in one language: what its cells show from here on, and one passage of each text.

    Each markdown cell holds the passages in `<div lang="en">`, `<div lang="zh">`.

    >>> read_in("en")._repr_mimebundle_()["text/html"].count("div[lang=zh] { display: none }")
    1
    """
    use(lang)
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
