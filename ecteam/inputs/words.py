"""The words of ecteam in English and Chinese: one catalogue, `data/words/zh.po` (gettext), and one language, set once.

An entry with a `msgctxt` has a key: a thing of ours, or a sentence with places for values. One without translates a
unit, kind or source, which stand in English in the tables.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date as Date
from functools import cache
from math import isfinite
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from ecteam.inputs.files import data_dir, share_dir

if TYPE_CHECKING:
    import pandas as pd

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
_SET: dict[str, Language] = {"language": "en"}
# Of the process, not of a context or thread: a kernel may run each cell and each slider in another one.
_DAY = {"en": "d MMM y", "zh": "y年M月d日"}
_MONTH = {"en": "MMM y", "zh": "y年M月"}
_LARGE, _WAN = 1000, 10_000
_SEPARATOR = {"en": ", ", "zh": "、"}


class Entry(NamedTuple):
    """A text of the catalogue; `plural` is the English one for counts other than 1, empty where nothing is counted."""

    en: str
    plural: str
    zh: str


def use(language: Language) -> None:
    """Set the language of everything that is shown from here on.

    >>> use("zh"); text("customer_service"); use("en")
    '客服'
    """
    if language not in LANGUAGES:
        raise ValueError(f"lang is {language!r}; it must be one of {', '.join(LANGUAGES)}")
    _SET["language"] = language


def language() -> Language:
    """The language that is set: English until `use` sets another one."""
    return _SET["language"]


@contextmanager
def using(language: Language) -> Iterator[None]:
    """Another language for a few lines."""
    before = _SET["language"]
    use(language)
    try:
        yield
    finally:
        use(before)


@dataclass(frozen=True)
class Name:
    """A thing of ours by its key, to stand in a text: shows as its name, or as the key where it has none."""

    key: str

    def in_language(self, language: Language) -> str:
        """The name in one language, whichever is set."""
        entry = _entry(self.key)
        return self.key if entry is None else entry.zh if language == "zh" else entry.en

    def __str__(self) -> str:
        return self.in_language(language())


@dataclass(frozen=True, init=False)
class Note:
    """A sentence that a model says: the key of a text and the values in it. Shows in the language that is set.

    >>> Note("no_spring_festival", years=["2028", "2029"]).in_language("zh")
    '日历中没有 2028、2029 年的春节。'
    """

    key: str
    values: tuple[tuple[str, Any], ...]

    def __init__(self, key: str, /, **values: Any) -> None:
        object.__setattr__(self, "key", key)
        frozen = {place: tuple(value) if isinstance(value, list) else value for place, value in values.items()}
        object.__setattr__(self, "values", tuple(frozen.items()))

    def in_language(self, language: Language) -> str:
        """The sentence in one language, whichever is set."""
        return _text(self.key, dict(self.values), language)

    def __str__(self) -> str:
        return self.in_language(language())


class Sentence(str):
    """A `Note` as an English sentence, for errors, whose sentences are put together, compared and written to files."""

    note: Note | None

    def __new__(cls, text: str | Note) -> "Sentence":
        sentence = super().__new__(cls, text.in_language("en") if isinstance(text, Note) else text)
        sentence.note = text if isinstance(text, Note) else getattr(text, "note", None)
        return sentence

    def in_language(self, language: Language) -> str:
        """The sentence in one language."""
        return str(self) if self.note is None else self.note.in_language(language)


class InputError(ValueError):
    """Wrong input, refused before anything runs: one sentence for each mistake, all of them at once."""

    # Where everybody takes it from; it stands here because damaged words are wrong input as well.
    __module__ = "ecteam.inputs.checks"

    def __init__(self, mistakes: str | Note | Sequence[str | Note]) -> None:
        told = [mistakes] if isinstance(mistakes, str | Note) else mistakes
        self.mistakes = [Sentence(m) if isinstance(m, Note) else m for m in told]
        super().__init__("\n".join(self.mistakes))


def text(key: str, /, **values: Any) -> str:
    """A text of the catalogue with its values; `n` is what it counts.

    Lists are joined, notes and names shown in the language that is set; others formatted as in `str.format`.

    >>> text("days_left_out", file="seats.csv", n=1)
    'seats.csv: 1 day is missing or incomplete and left out of the fit.'
    """
    return _text(key, values, language())


def _text(key: str, values: Mapping[str, Any], lang: Language) -> str:
    if key not in entries():
        raise KeyError(f"there is no text {key!r}")
    entry = entries()[key]
    pattern = entry.zh if lang == "zh" else entry.plural if entry.plural and values.get("n") != 1 else entry.en
    shown = {place: _shown(value, lang) for place, value in values.items()}
    if lang == "zh" and "currency" in shown:
        shown["currency"] = read_catalogue()[1].get(shown["currency"], shown["currency"])
    return pattern.format(**shown) if values else pattern


def listed(parts: Iterable[str]) -> str:
    """Texts after each other, as a list in a sentence."""
    return _SEPARATOR[language()].join(parts)


def label(key: str) -> str:
    """What people call a key of ours: a role, duty, driver, department, cost item or table column.

    >>> label("customer_service")
    'Customer service'
    """
    if _entry(key) is None:
        raise KeyError(f"there is no name for {key!r}")
    return str(Name(key))


def _entry(key: str) -> Entry | None:
    return entries().get(key) or _names_in_tables().get(key)


def phrase(text: str | Note) -> str:
    """A note, or a unit, kind or source of a table, in the language that is set; what is not translated stays English.

    >>> with using("zh"):
    ...     phrase("minutes an order"), phrase("Journal of Things, 2020")
    ('分钟/单', 'Journal of Things, 2020')
    """
    if isinstance(text, Note | Sentence):
        return text.in_language(language())
    return read_catalogue()[1].get(text, text) if language() == "zh" else text


def person(name: str) -> str:
    """A person as people read it: names that a plan makes of its roles follow the language, others stay as they are.

    >>> from ecteam.inputs.assumptions import load_assumptions  # which has the roles
    >>> with using("zh"):
    ...     person("Service agent 2"), person("Designer"), person("Li Wei")
    ('客服 2', '美工设计', 'Li Wei')
    """
    if language() == "en":
        return name
    role, _, number = name.rpartition(" ")
    if number.isdigit() and role in _chinese_of_names():
        return f"{_chinese_of_names()[role]} {number}"
    return _chinese_of_names().get(name, name)


def in_words(text: str, names: Iterable[str]) -> str:
    """A sentence with the names of people in it as people read them."""
    for name in sorted({n for n in names if n}, key=len, reverse=True):
        text = text.replace(name, person(name))
    return text


def month_in_words(month: "pd.Period") -> str:
    """A month as people write it.

    >>> import pandas as pd
    >>> month_in_words(pd.Period("2027-03"))
    'Mar 2027'
    """
    return date(month.start_time.date(), _MONTH[language()])


def date(day: Date, pattern: str = "") -> str:
    """A day as people write it; `pattern` is one of Unicode's date patterns.

    >>> date(Date(2027, 3, 1))
    '1 Mar 2027'
    """
    from babel.dates import format_date

    return format_date(day, pattern or _DAY[language()], locale=language())


def number(value: float) -> str:
    """A number with three significant digits or more, thousands grouped, and no digits that say nothing.

    >>> [number(v) for v in (1234567.8, 1234.5, 12.345, 0.01234, 3.0)]
    ['1,234,568', '1,234', '12.3', '0.0123', '3']
    """
    # English and Chinese write numbers alike, and Python formats one fifty times as fast as Babel does.
    if value != value:
        return "–"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:,.3g}"


def money(amount: str, currency: str) -> str:
    """A figure with its currency: 61,233 CNY."""
    return f"{amount} {currency}" if language() == "en" else f"{amount}{phrase(currency)}"


def rough(value: float) -> str:
    """A figure that is not sure, or an amount of many digits: three that count; in Chinese by 万.

    >>> rough(75416.04), rough(9.44), rough(float("inf"))
    ('75,400', '9.4', '∞')
    """
    if not isfinite(value):
        return "∞" if value == value else number(value)
    digits = float(f"{value:.3g}") if abs(value) >= _LARGE else round(value, 1)
    if language() == "zh" and abs(digits) >= _WAN:
        return f"{number(digits / _WAN)}万"
    return number(digits)


class _Within(str):
    """A text within a text: `{name:lower}` begins small, unless it is an abbreviation."""

    def __format__(self, spec: str) -> str:
        if spec != "lower":
            return format(str(self), spec)
        return str(self) if self[1:2].isupper() else self[:1].lower() + self[1:]


def _shown(value: Any, lang: Language) -> Any:
    if isinstance(value, tuple | list):
        return _Within(_SEPARATOR[lang].join(str(_shown(part, lang)) for part in value))
    if isinstance(value, Name | Note | Sentence):
        value = value.in_language(lang)
    return _Within(value) if isinstance(value, str) else value


@cache
def read_catalogue(path: Path | None = None) -> tuple[Mapping[str, Entry], Mapping[str, str]]:
    """The entries with a key, and the Chinese of those without; by default of `data/words/zh.po`.

    Raises `InputError` for a catalogue that cannot be read, or lacks what ecteam's own has.
    """
    from babel.messages.pofile import read_po

    own = share_dir() / "data" / "words" / "zh.po"
    path = path or data_dir() / "words" / "zh.po"
    if not path.is_file():
        raise InputError(f"there is no file {path.name} in {path.parent}")
    # A parser of damaged bytes raises whatever it comes to.
    try:
        catalogue = read_po(io.BytesIO(path.read_bytes()), locale="zh", abort_invalid=True)
    except Exception:
        sentence = f"{path.name} in {path.parent} is damaged or no catalogue of texts in UTF-8; copy it again"
        raise InputError(sentence) from None
    keyed, plain = {}, {}
    for message in catalogue:
        one, *more = (message.id,) if isinstance(message.id, str) else message.id
        chinese = message.string if isinstance(message.string, str) else (message.string or ("",))[0]
        if message.context:
            keyed[message.context] = Entry(one, more[0] if more else "", chinese)
        elif one:
            plain[one] = chinese
    if path != own:
        _compare(path, (keyed, plain), read_catalogue(own))
    return keyed, plain


def _compare(path: Path, found: tuple[Mapping[str, Any], ...], own: tuple[Mapping[str, Any], ...]) -> None:
    """Refuse a catalogue in which something would be missed later: an entry, or a place that no value is for."""
    if missing := [key for ours, theirs in zip(own, found, strict=True) for key in ours.keys() - theirs]:
        raise InputError(f"{path.name} has no entry {min(missing)!r}, and lacks {len(missing):,} in all")
    entries = {key: (entry, own[0][key]) for key, entry in found[0].items() if key in own[0]}
    wrong = [key for key, (entry, ours) in entries.items() if not _places("".join(entry)) <= _places("".join(ours))]
    if wrong:
        raise InputError(
            [f"{path.name}, entry {key!r}: what is in braces must be as in ecteam's own" for key in sorted(wrong)]
        )


def _places(text: str) -> set[str]:
    """The names in a text that values stand for; the text itself where its braces are none of that kind."""
    try:
        return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        return {text}


def entries() -> Mapping[str, Entry]:
    """The names and texts of the catalogue, by key."""
    return read_catalogue()[0]


_TABLES: list[Callable[[], Iterable[tuple[str, str, str]]]] = []


def provide(names: Callable[[], Iterable[tuple[str, str, str]]]) -> None:
    """Say where else names come from: gives key, English and Chinese of what a table or a model of fields defines."""
    _TABLES.append(names)
    _names_in_tables.cache_clear()
    _chinese_of_names.cache_clear()


@cache
def _names_in_tables() -> Mapping[str, Entry]:
    return {str(key): Entry(str(en), "", str(zh)) for names in _TABLES for key, en, zh in names()}


@cache
def _chinese_of_names() -> Mapping[str, str]:
    return {entry.en: entry.zh for entry in _names_in_tables().values()}


CARDS = """
:where(.figures) { display: flex; flex-wrap: wrap; gap: .5rem; }
:where(.figure) { border: 1px solid #d9dee3; border-top: 3px solid #0072b2; padding: .3rem .6rem; line-height: 1.3; }
:where(.figure b) { display: block; font-size: 1.15rem; }
:where(.figure span) { font-size: .8rem; opacity: .8; }
:where(.notes) { font-size: .8rem; opacity: .8; line-height: 1.3; }
"""
"""The look of a plan's answer wherever it is shown; a page with a look of its own overrules it."""


class ReadIn:
    """What a notebook shows to be read in one language: a style that hides the passages of the other."""

    def __init__(self, lang: Language) -> None:
        self.lang = lang

    @property
    def html(self) -> str:
        """The style, for a cell that shows something besides."""
        # Two notebooks may be open beside each other in one page of JupyterLab.
        here = f".jp-Notebook:has(.reads-{self.lang})"
        hidden = f"{here} :is(div[lang={_other(self.lang)}], p:has(.before-run)) {{ display: none }}"
        hidden += f" {here} div[lang={self.lang}] {{ display: block }}"
        left = ".jp-RenderedHTMLCommon table.ecteam :is(th, td) { text-align: left }"
        return f"<span class='reads-{self.lang}'></span><style>{hidden} {left}{CARDS}</style>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": ""}


def read_in(lang: Language) -> ReadIn:
    """Show a notebook in one language: what its cells show from here on, and one passage of each text.

    Each markdown cell holds the passages in `<div lang="en">`, `<div lang="zh" hidden>`: before a run English is shown,
    and what says how to run it (`class="before-run"`).
    """
    use(lang)
    return ReadIn(lang)


def in_language(markdown: str, lang: Language) -> str:
    """A markdown text without the passages of the other language, for pages that nothing can hide them in.

    >>> in_language('<div lang="en">\\n\\n## Work\\n\\n</div>\\n<div lang="zh">\\n\\n## 工作\\n\\n</div>', "zh")
    '## 工作'
    """
    rest = re.sub(rf'<div lang="{_other(lang)}"( hidden)?>.*?</div>\s*', "", markdown, flags=re.DOTALL)
    own = rf'<div lang="{lang}"(?: hidden)?>(.*?)</div>'
    return re.sub(own, lambda passage: passage[1].strip(), rest, flags=re.DOTALL).strip()


def _other(lang: Language) -> Language:
    return "zh" if lang == "en" else "en"
