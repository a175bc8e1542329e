"""Tables for people, declared by column: heading, what of a row it shows, and how; and HTML that notebooks show."""

import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pandas.io.formats.style import Styler

from ecteam.inputs.words import Language, label, language, number, phrase, text


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


def range_of(row: Any) -> str:
    """The range of an assumption: low, typical, high."""
    return f"{number(row.low)} – {number(row.typical)} – {number(row.high)}"


def short(words: str, most: int = 44) -> str:
    """Words as there is room for them, cut between two of them where there are several."""
    if len(words) <= most:
        return words
    end = words.rfind(" ", most // 2, most)
    return (words[:end] if end > 0 else words[: most - 1]).rstrip() + "…"


@dataclass(frozen=True)
class Column:
    """A column: its heading, by key, with a unit; the field or function of a row that it holds; how it shows it.

    `show` is a function of the value or a format ("+.1f"). Figures stand right unless `right` says otherwise.
    """

    heading: str
    show: Callable[[Any], str] | str = str
    of: str | Callable[[Any], Any] = ""
    unit: str = ""
    right: bool | None = None
    wide: bool = False
    cited: bool = False

    def title(self) -> str:
        """The heading in the language that is set."""
        return with_unit(name(self.heading), self.unit)

    def cell(self, row: Any) -> str:
        """What the column shows of a row."""
        value = self.of(row) if callable(self.of) else getattr(row, self.of or self.heading)
        return format(value, self.show) if isinstance(self.show, str) else self.show(value)

    def stands_right(self) -> bool:
        """Whether it holds figures."""
        return self.show is number or isinstance(self.show, str) if self.right is None else self.right


def table(
    rows: pd.DataFrame, *columns: Column, more: Iterable[tuple[str, ...]] = (), total: bool = False, caption: str = ""
) -> Styler:
    """A table of a frame's rows by columns; `more` are ready rows below, of which the last is a `total`.

    >>> staff = pd.DataFrame({"role": ["designer"], "heads": [2]})
    >>> table(staff, Column("role", name), Column("heads", "+d")).data.to_dict("list")
    {'Role': ['Designer'], 'Heads': ['+2']}
    """
    titles = [column.title() for column in columns]
    cells = [tuple(column.cell(row) for column in columns) for row in rows.itertuples()] + list(more)
    styler = plain(
        pd.DataFrame(cells, columns=titles),
        [title for title, column in zip(titles, columns, strict=True) if column.stands_right()],
        total,
        next((title for title, column in zip(titles, columns, strict=True) if column.wide), None),
        next((title for title, column in zip(titles, columns, strict=True) if column.cited), None),
    )
    return captioned(styler, caption) if caption else styler


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
