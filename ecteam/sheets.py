"""A table that a user hands in, as text: CSV in the encodings of the usual programs, or an Excel workbook.

Cells are text, so that a sentence quotes a cell as it stands; rows are counted as a spreadsheet counts them. What the
columns mean is the business of the room that asks (`roster.py`, `model/history_file.py`).
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from ecteam.errors import InputError, did_you_mean
from ecteam.words import Note

HEADER_WITHIN_ROWS = 20
"""A title, a date and a company's name may stand above the header, not a letter."""
LARGEST_BYTES = 500_000_000
"""What a workbook may hold once unpacked: more is a mistake or an attack."""
NUL_OF_ANOTHER_ENCODING = 20
"""Where one byte in so many is NUL, the file is in UTF-16 and not a CSV with a stray one."""


@dataclass(frozen=True)
class Sheet:
    """One table of a file: `cells` row by row as text, the first row being row 1; `name` is for sentences.

    `merged`: (row, column) of every cell that is part of a merged one, from 0, but for its first cell.
    """

    name: str
    title: str
    cells: Sequence[Sequence[str]]
    merged: frozenset[tuple[int, int]] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Found:
    """Where a table stands in a sheet: the header's row from 0, the place of each column, the headings left over."""

    sheet: Sheet
    header: int
    columns: Mapping[str, int]
    unused: tuple[str, ...]

    def heading(self, column: str) -> str:
        """The heading of a column as it stands in the file."""
        return self.sheet.cells[self.header][self.columns[column]]

    def place(self, row: int, column: str) -> str:
        """A cell for a sentence: file, row as a spreadsheet counts it, and the heading of the column."""
        return f"{self.sheet.name} row {row + 1}, column {self.heading(column)}"


def decoded(raw: bytes, name: str, what: str) -> str:
    """The text of a CSV file in UTF-8 or GBK, without its byte order mark; `what` says what the file must be.

    >>> decoded("姓名,岗位".encode("gbk"), "staff.csv", "it must be a roster")
    '姓名,岗位'
    """
    for encoding in ("utf-8-sig", "gb18030") if b"\x00" not in raw[:4096] else ():
        try:
            text = raw.decode(encoding).lstrip("\ufeff")
        except UnicodeDecodeError:
            continue
        if not text.strip():
            raise InputError(f"{name} is empty; {what}")
        return text
    raise InputError(Note("not_text", file=name))


def read_sheets(source: Path | str | bytes, name: str = "", *, what: str) -> list[Sheet]:
    """The tables of a CSV or XLSX file, or of its bytes with a `name`; a CSV is read once for each usual separator.

    `what` says what the file must be, as the end of a sentence. Raises `InputError` where no table can be read.
    """
    if not isinstance(source, bytes):
        path = Path(source)
        name = name or path.name
        if not path.is_file():
            near = did_you_mean(
                path.name, sorted(p.name for p in path.parent.glob("*.*")) if path.parent.is_dir() else []
            )
            raise InputError(f"there is no file {path.name} in {path.parent}{near if 'mean' in near else ''}")
        source = path.read_bytes()
    if not source:
        raise InputError(f"{name} is empty; {what}")
    if source[:4] == b"PK\x03\x04":
        return _workbook(source, name, what)
    if source[:4] == b"\xd0\xcf\x11\xe0":
        raise InputError(f"{name} is an old or a locked Excel file; save it without password as .xlsx or as CSV")
    if source.count(b"\x00") < len(source) / NUL_OF_ANOTHER_ENCODING:
        source = source.replace(b"\x00", b"\x1a")  # a stray NUL spoils its cell only, which is refused by its place
    text = decoded(source, name, what)
    csv.field_size_limit(1_000_000)
    tables = []
    for separator in ",;\t":
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        except csv.Error:
            continue
        tables.append(Sheet(name, "", [[_clean(cell) for cell in row] for row in rows]))
    if not tables:
        raise InputError(f"{name} is no table of comma-separated values; {what}")
    return tables


def _workbook(raw: bytes, name: str, what: str) -> list[Sheet]:
    # Only who hands in a workbook waits for the library.
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        results = load_workbook(io.BytesIO(raw), data_only=True)
        formulas = load_workbook(io.BytesIO(raw))
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise InputError(f"{name} is no Excel workbook that can be read; {what}") from error
    sheets = []
    for values in results.worksheets:
        cells = [[_text(cell) for cell in row] for row in values.iter_rows(values_only=True)]
        for row in formulas[values.title].iter_rows():
            for cell in row:
                # A formula without a stored result (the file was never opened in Excel) must not pass as an empty cell.
                if cell.data_type == "f" and not cells[cell.row - 1][cell.column - 1]:
                    cells[cell.row - 1][cell.column - 1] = str(cell.value)
        merged = set()
        for area in values.merged_cells.ranges:
            first = (area.min_row - 1, area.min_col - 1)
            for row_at in range(area.min_row - 1, area.max_row):
                for column_at in range(area.min_col - 1, area.max_col):
                    if (row_at, column_at) != first:
                        merged.add((row_at, column_at))
                        # A merged cell says the same of every row that it spans; across columns it says nothing.
                        if column_at == first[1]:
                            cells[row_at][column_at] = cells[first[0]][first[1]]
        title = f", sheet {values.title}" if len(results.worksheets) > 1 else ""
        sheets.append(Sheet(f"{name}{title}", values.title, cells, frozenset(merged)))
    if not any(cell for sheet in sheets for row in sheet.cells for cell in row):
        raise InputError(f"{name} is empty; {what}")
    return sheets


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == datetime.min.time() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _clean(str(value))


def _clean(cell: str) -> str:
    """A cell without the blanks around it and the ="123" that keeps Excel from altering long numbers."""
    cell = cell.strip("\ufeff\u3000 \t\r\n")
    packed = re.fullmatch(r'="([^"]*)"', cell)
    return packed[1] if packed else cell


def open_workbook(raw: bytes, name: str, *, values: bool = True) -> Any:
    """An Excel workbook to be read row by row: the values last saved, or else the formulas.

    Raises `InputError` for what is no workbook, or holds more than `LARGEST_BYTES` once unpacked.
    """
    # Only who hands in a workbook waits for the library.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST_BYTES:
                raise InputError(f"{name} holds more than {LARGEST_BYTES // 1_000_000} MB once unpacked")
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=values)
        for sheet in book.worksheets:
            # What a workbook says of its own size is not always true.
            sheet.reset_dimensions()
        return book
    except InputError:
        raise
    # openpyxl lets through whatever a broken part of the file raises: KeyError, ValueError, zlib.error, SyntaxError.
    except Exception:
        raise InputError(f"{name} is no Excel workbook that can be read; save it again") from None


def plain(text: str) -> str:
    """A word as it is compared: full-width letters made narrow, capitals small, blanks, hyphens and underscores one.

    >>> plain(" Hours per-Month "), plain("岗位（现任）")
    ('hours_per_month', '岗位(现任)')
    """
    return re.sub(r"[\s_-]+", "_", unicodedata.normalize("NFKC", text).strip().casefold())


def find_table(
    sheets: Sequence[Sheet],
    headings: Mapping[str, tuple[str, ...]],
    required: Sequence[str],
    *,
    sheet: str = "",
    what: str,
) -> Found:
    """The sheet and the row whose cells are the most of the known headings; `sheet` asks for one by its title.

    `headings`: what a column is for -> the headings it usually has. Raises `InputError` that names the required
    columns that are missing, the nearest heading to each, and columns that are there twice or merged.
    """
    if sheet:
        titles = [one.title for one in sheets]
        if sheet not in titles:
            raise InputError(f"{sheets[0].name} has no sheet {sheet!r}{did_you_mean(sheet, titles)}")
        sheets = [one for one in sheets if one.title == sheet]
    known = {plain(word): column for column, words in headings.items() for word in (column, *words)}

    def columns_of(one: Sheet, row: int) -> list[str]:
        return [known.get(plain(cell), "") if cell else "" for cell in one.cells[row]]

    candidates = [
        (len(set(columns_of(one, row)) - {""}), -place, -row, one)
        for place, one in enumerate(sheets)
        for row in range(min(len(one.cells), HEADER_WITHIN_ROWS))
    ]
    hits, _, minus_row, best = max(candidates, key=lambda found: found[:3], default=(0, 0, 0, sheets[0]))
    row = -minus_row
    if not hits:
        names = "; ".join(f"{words[0]} or {words[-1]}" for words in (headings[column] for column in required))
        found = next((line for one in sheets for line in one.cells if any(line)), [])
        raise InputError(
            f"{best.name}: no row has the headings {names}; it has {', '.join(filter(None, found[:8]))}; {what}"
        )
    in_row, cells = columns_of(best, row), best.cells[row]
    mistakes = []
    unknown = [cell for cell, column in zip(cells, in_row, strict=True) if cell and not column]
    for column in headings:
        mine = [cell for cell, of in zip(cells, in_row, strict=True) if of == column]
        usual = (column, *headings[column])
        if len(mine) > 1:
            mistakes.append(
                f"{best.name} row {row + 1} has {len(mine)} columns of {column}, {' and '.join(map(repr, mine))}; "
                f"each must be there once"
            )
        near = [(cell, hint) for cell in unknown if "mean" in (hint := did_you_mean(plain(cell), usual))]
        if not mine and column in required:
            last = near[0][0] if near else ", ".join(filter(None, cells[:8]))
            hint = near[0][1] if near else f"; name it {headings[column][0]} or {headings[column][-1]}"
            mistakes.append(f"{best.name} row {row + 1} has no column of {column} (it has {last}){hint}")
        elif not mine and near:
            # A column that is left out for a slip of the pen would be lost in silence.
            mistakes.append(f"{best.name} row {row + 1}: the heading {near[0][0]!r} is not known{near[0][1]}")
    for at, (left, right) in enumerate(pairwise(in_row)):
        below = [line for line in best.cells[row + 1 :] if len(line) > at + 1 and line[at + 1]]
        if left and not right and (row, at + 1) in best.merged and below:
            mistakes.append(
                f"{best.name} row {row + 1}: the heading {cells[at]!r} is merged over two columns; give each column a "
                f"heading of its own"
            )
    if mistakes:
        raise InputError(mistakes)
    return Found(best, row, {column: at for at, column in enumerate(in_row) if column}, tuple(unknown))
