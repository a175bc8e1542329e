"""Tables for people, whose columns stand in `columns.csv`; and HTML that notebooks show."""

import re
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from html import escape
from math import inf, isfinite
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pandas.io.formats.style import Styler

from ecteam.inputs.words import (
    Language,
    Name,
    date,
    label,
    language,
    month_in_words,
    number,
    person,
    phrase,
    rough,
    text,
)


class Html(str):
    """A piece of a page, made of escaped text, that notebooks show as HTML."""

    def _repr_html_(self) -> str:
        return str(self)

    def __html__(self) -> str:
        """As templates take what is escaped already."""
        return str(self)


CODES: dict[Language, str] = {"en": "en", "zh": "zh-Hans"}
"""What a page says its language is."""


@cache
def _templates(folder: Path) -> Environment:
    options: dict[str, Any] = {"autoescape": True, "trim_blocks": True, "undefined": StrictUndefined}
    made = Environment(loader=FileSystemLoader(folder), **options)
    made.globals |= {"word": label, "language": language, "number": number, "with_unit": with_unit, "phrase": phrase}
    return made


def filled(template: Path, **values: Any) -> Html:
    """A template of ours with its values, which are escaped. It knows `word`, `number`, `language` ..."""
    return Html(_templates(template.parent).get_template(template.name).render(**values))


def name(key: object) -> str:
    """The name of a thing of ours; empty where there is none."""
    return label(str(key)) if key and key == key else ""


def with_unit(name: str, unit: str) -> str:
    """A heading with its unit; either may be empty."""
    return text("name_and_unit", name=name, unit=phrase(unit)) if name and unit else name or phrase(unit)


def word(key: str) -> str:
    """The label of a key of ours; what a user has named (a channel, a department) stays as it is."""
    return str(Name(key))


def figure(value: float) -> str:
    """A figure that may be beyond every bound."""
    return "∞" if value == inf else number(value)


def day_name(day: Any) -> str:
    """A day of a known year, short."""
    return date(day, "d MMM" if language() == "en" else "M月d日")


_KINDS = (label, name, number, phrase, rough, person, date, word, figure)
SHOWN: dict[str, Callable[[Any], str]] = {kind.__name__: kind for kind in _KINDS} | {
    "": str,
    "month": month_in_words,
    "day": day_name,
    "finite": lambda value: number(round(value, 2)) if isfinite(value) else "–",
    "whole": lambda value: number(round(value)),
    "tenths": lambda value: number(round(value, 1)),
    "some": lambda count: f"{int(count)}" if count else "",
}
"""How columns show what they hold."""


def range_of(row: Any) -> str:
    """The range of an assumption: low, typical, high."""
    return f"{number(row.low)} – {number(row.typical)} – {number(row.high)}"


def short(words: str, most: int = 44) -> str:
    """Words as there is room for them, cut between two of them where there are several."""
    if len(words) <= most:
        return words
    end = words.rfind(" ", most // 2, most)
    return (words[:end] if end > 0 else words[: most - 1]).rstrip() + "…"


class Column(NamedTuple):
    """A column: the key of its heading, the field of a row it holds (if empty, that of the same name), how that is
    shown (one of `SHOWN` or a format), its unit, and how it looks: right, wide, cited."""

    heading: str
    of: str = ""
    show: str = ""
    unit: str = ""
    look: str = ""

    def cell(self, row: Any, value: Callable[[Any], Any] | None) -> str:
        """What the column shows of a row; `value` gives it where no field does."""
        shown = value(row) if value else getattr(row, (self.of or self.heading).format(lang=language()))
        if self.show in SHOWN:
            return SHOWN[self.show](shown)
        return format(shown, self.show) if isfinite(shown) else "–"

    @property
    def stands_right(self) -> bool:
        """Whether it holds figures."""
        return "right" in self.look or self.show == "number" or self.show not in SHOWN


@cache
def _columns() -> dict[str, list[Column]]:
    rows = pd.read_csv(Path(__file__).with_name("columns.csv"), dtype=str, keep_default_na=False)
    return {str(which): [Column(*row[1:]) for row in of.itertuples(index=False)] for which, of in rows.groupby("table")}


def columns_of(which: str) -> dict[str, Column]:
    """The columns of a table of `columns.csv`, by heading."""
    return {column.heading: column for column in _columns()[which]}


def table(
    rows: pd.DataFrame,
    which: str | Iterable[Column],
    *,
    unit: str = "",
    more: Iterable[tuple[str, ...]] = (),
    total: bool = False,
    caption: str = "",
    without: Collection[str] = (),
    **cells: Callable[[Any], Any],
) -> Styler:
    """A table of a frame's rows by its columns in `columns.csv`, `without` some; `unit` is that of its amounts.

    `cells` are functions of a row, by heading, for what no field holds; `more` are ready rows below, the last a total.

    >>> staff = pd.DataFrame({"role": ["designer"], "heads": [2]})
    >>> table(staff, [Column("role", show="label"), Column("heads", show="+d")]).data.to_dict("list")
    {'Role': ['Designer'], 'Heads': ['+2']}
    """
    columns = [c for c in (_columns()[which] if isinstance(which, str) else which) if c.heading not in without]
    titles = [with_unit(name(column.heading), column.unit.format(unit=unit)) for column in columns]
    shown = [tuple(column.cell(row, cells.get(column.heading)) for column in columns) for row in rows.itertuples()]
    looks = {look: [t for t, c in zip(titles, columns, strict=True) if look in c.look] for look in ("wide", "cited")}
    styler = plain(
        pd.DataFrame([*shown, *more], columns=titles),
        [title for title, column in zip(titles, columns, strict=True) if column.stands_right],
        total,
        *(next(iter(looks[look]), None) for look in ("wide", "cited")),
    )
    return captioned(styler, caption) if caption else styler


def css_text(words: str) -> str:
    """A text as a string of a style sheet, which it must not be able to end: `<` becomes `\\3c `."""
    return '"' + re.sub(r"[^\w ]", lambda sign: f"\\{ord(sign[0]):x} ", words) + '"'


def on_phones(styler: Styler, look: str) -> Styler:
    """A table whose cells, on a phone, stand below (`stacked`) or after each other (`flow`), each with its heading."""
    colon = "：" if language() == "zh" else ": "
    titles = [css_text(f"{title}{colon}") for title in styler.data.columns]
    headings = [{"selector": f"td.col{at}", "props": [("--heading", title)]} for at, title in enumerate(titles)]
    return styler.set_table_attributes(f"class='ecteam {look}'").set_table_styles(headings, overwrite=False)


def captioned(styler: Styler, caption: str) -> Styler:
    """A table with a caption, which is text: pandas does not escape it."""
    return styler.set_caption(escape(caption))


def plain(
    table: pd.DataFrame,
    right: list[str] | None = None,
    total: bool = False,
    wide: str | None = None,
    cited: str | Mapping[str, list[bool]] | None = None,
) -> Styler:
    """A table as its values stand: escaped, no index, numbers right, the last row set off where it is a total.

    `cited`: a column of sources, which stay in the language they were found in; or which of its cells are.
    """
    styler = (
        Styler(table, cell_ids=False)
        .hide(axis="index")
        .format(escape="html")
        .format_index(escape="html", axis="columns")
    )
    # Cell styles are kept apart by this name: it must differ between the tables of a page and be the same every time.
    styler.set_uuid(f"{zlib.crc32(table.to_csv().encode()):08x}").set_table_attributes("class='ecteam'")
    if cited is not None:
        cells = {cited: [True] * len(table)} if isinstance(cited, str) else cited
        styler.set_td_classes(pd.DataFrame(cells, index=table.index).replace({True: "cited", False: ""}))
    # Looks of columns and rows, not of each of their cells: half the time and less to send.
    looks = []
    for column in right or []:
        at = table.columns.get_loc(column)
        looks.append((f"th.col_heading.level0.col{at}", "text-align: right"))
        looks.append((f"td.col{at}", "text-align: right; white-space: nowrap"))
    if wide is not None:
        looks.append((f"td.col{table.columns.get_loc(wide)}", "overflow-wrap: anywhere; min-width: 12rem"))
    if total:
        looks.append((f"td.row{len(table) - 1}", "font-weight: bold"))
    return styler.set_table_styles([{"selector": selector, "props": props} for selector, props in looks])


def part(title: str, lines: Iterable[str]) -> str:
    """A part of a summary: its heading and its points, which are HTML."""
    items = "".join(f"<li>{line}</li>" for line in lines)
    return f"<div><h3>{escape(title)}</h3><ul>{items}</ul></div>"


def small(words: str) -> str:
    """Words inside a sentence: without the capital that they begin with."""
    return words[:1].lower() + words[1:]


def source_in_words(row: object) -> str:
    source, as_of, kind = (getattr(row, name) for name in ("source", "as_of", "kind"))
    if not source:
        return ""
    dated = {"en": f" ({as_of})", "zh": f"（{as_of}）"}[language()] if as_of else ""
    return text("name_and_value", name=phrase(kind), value=phrase(source) + dated)
