"""The look of a workbook's sheets: cells, columns, frozen heads and print set-up; every written cell is a `Term`."""

import json
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from ecteam.inputs.words import label
from ecteam.publish.workbook.formulas import Cell, Term, number, total

MONTHS_FROM = 4
"""The first column of months: names, a second name, a unit and a figure of its own stand before."""
MOST_ACROSS = 205
"""Characters on a line of A4 across that can still be read."""
STYLES: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("styles.json").read_text("utf-8"))
"""The looks of cells by name, as XlsxWriter takes them; no pence on thousands."""


class Exact(float):
    """A number that a workbook keeps to its last digit: XlsxWriter would cut it to sixteen."""

    def __format__(self, spec: str) -> str:
        return number(self)


class Page:
    """One sheet, written from top to bottom; `write` gives back the cell as a term other cells may use."""

    def __init__(self, sheet: Any, key: str, months: Sequence[str], styles: Mapping[str, Any]) -> None:
        self.name, self.months, self.styles = label(key), months, styles
        self.sheet, self.row = sheet, 0
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        self.sheet.set_footer("&L&A&R&P / &N")
        self.sheet.fit_to_pages(1, 0)
        self.sheet.hide_gridlines(2)
        self.sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": False})

    def words(self, *keys: str) -> list[str]:
        """What people call some keys, in the language of the workbook; FTE is FTE in both."""
        return [key if key == "FTE" else label(key) for key in keys]

    def cell(self, row: int, column: int) -> str:
        """The full address of a cell, for formulas of other sheets."""
        return f"'{self.name}'!{xl_rowcol_to_cell(row, column, True, True)}"

    def write(self, row: int, column: int, content: Cell | str | bool | None, style: str = "text") -> Term:
        """Write a text, a truth value, a number or a formula. A text is a text, however it begins."""
        form, value = self.styles[style], 0.0
        if content is None:
            self.sheet.write_blank(row, column, None, form)
        elif isinstance(content, Term):
            value = content.value
            self.text_formula(row, column, content.text, Exact(value), style)
        elif isinstance(content, str):
            self.sheet.write_string(row, column, content, form)
        elif isinstance(content, bool):
            value = float(content)
            self.sheet.write_boolean(row, column, content, form)
        else:
            value = float(content)
            self.sheet.write_number(row, column, Exact(content), form)
        return Term(self.cell(row, column), value)

    def text_formula(self, row: int, column: int, text: str, value: str | float, style: str) -> None:
        """A formula by its text, such as one whose value is a text."""
        self.sheet.write_formula(row, column, "=" + text.replace(f"'{self.name}'!", ""), self.styles[style], value)

    def cells(self, contents: Sequence[Cell | str], style: str) -> None:
        """A row of cells in one style."""
        for column, content in enumerate(contents):
            self.write(self.row, column, content, style)
        self.row += 1

    def title(self, text: str, about: str = "") -> None:
        """The name of the sheet, and under it what it holds."""
        self.write(self.row, 0, text, "title")
        self.write(self.row + 1, 0, about, "small")
        self.row += 3

    def heads(self, names: Sequence[str], widths: Sequence[float]) -> None:
        """The row of headings; it and the names stay in sight and on every printed page, of which none is too wide."""
        for column, (name, width) in enumerate(zip(names, widths, strict=True)):
            self.write(self.row, column, name, "head_right" if name in (*self.months, label("total")) else "head")
            self.sheet.set_column(column, column, width)
        self.sheet.freeze_panes(self.row + 1, 1)
        self.sheet.repeat_rows(self.row)
        across = ceil(sum(widths) / MOST_ACROSS)
        self.sheet.fit_to_pages(across, 0)
        if across > 1:
            self.sheet.repeat_columns(0, 1)
        self.row += 1

    def month_heads(self, second: str, figure: str) -> None:
        """The headings of a sheet with one column a month and a total."""
        names = [label("wb_name"), second, label("unit"), figure, *self.months, label("total")]
        self.heads(names, [28, 17, 12, 8, *[9.5] * len(self.months), 12])

    def block(self, text: str, about: str = "", gap: bool = False) -> None:
        """The heading of a block of rows, after an empty row if there is to be a gap."""
        self.row += gap
        for column in range(MONTHS_FROM + len(self.months) + 1):
            self.write(self.row, column, None, "block")
        self.write(self.row, 0, text if not about else f"{text} – {about}", "block")
        self.row += 1

    def line(
        self,
        names: Sequence[str],
        months: Sequence[Cell],
        style: str,
        *,
        figure: Cell | None = None,
        adds_up: bool = True,
        at: int | None = None,
    ) -> list[Term]:
        """A row: up to three names, a figure of its own, a cell a month, and their total where it means something.

        It stands next, or `at` a row that was left open.
        """
        row = self.row if at is None else at
        for column, name in enumerate(names):
            named = style if style in ("sum", "heads_sum") else "small" if column else "text"
            self.write(row, column, name, named)
        if figure is not None:
            self.write(row, MONTHS_FROM - 1, figure, "figure")
        cells = [self.write(row, MONTHS_FROM + i, month, style) for i, month in enumerate(months)]
        if adds_up:
            self.write(row, MONTHS_FROM + len(cells), total(cells), style)
        self.row += at is None
        return cells
