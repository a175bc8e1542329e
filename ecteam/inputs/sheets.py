"""A table that a user hands in, as text: CSV in the encodings of the usual programs, or an Excel workbook.

Cells are text, so that a sentence quotes a cell as it stands; rows are counted as a spreadsheet counts them. What the
columns mean is the business of the room that asks (`roster.py`, `model/history_file.py`).
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.words import Note

HEADER_WITHIN_ROWS = 20
"""A title, a date and a company's name may stand above the header, not a letter."""
LARGEST_BYTES = 500_000_000
"""What a workbook may hold once unpacked: more is a mistake or an attack."""
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
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
    """The text of a CSV file in UTF-8, GBK or the UTF-16 of a spreadsheet's Unicode text, without its byte order mark.

    `what` says what the file must be.

    >>> decoded("姓名,岗位".encode("gbk"), "staff.csv", "it must be a roster")
    '姓名,岗位'
    """
    text_of_bytes = raw.count(b"\x00") * NUL_OF_ANOTHER_ENCODING <= len(raw)
    for encoding in ("utf-16",) if raw[:2] in UTF_16 else ("utf-8-sig", "gb18030") if text_of_bytes else ():
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
    # A stray NUL spoils its cell only, which is refused by its place.
    text = decoded(source, name, what).replace("\x00", "\x1a")
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
    sheets = []
    grids = list(read_workbook(raw, name, merged=True))
    for grid in grids:
        cells = [[_text(value) for value in row] for row in grid.rows]
        for (row, column), formula in grid.formulas.items():
            # It must not pass as an empty cell.
            cells[row][column] = formula
        parts = set()
        for top, left, bottom, right in grid.merged:
            parts |= {(row, column) for row in range(top, bottom) for column in range(left, right)} - {(top, left)}
            for row in range(top, bottom):
                # A merged cell says the same of every row that it spans; across columns it says nothing.
                cells[row][left] = cells[top][left]
        title = f", sheet {grid.title}" if len(grids) > 1 else ""
        sheets.append(Sheet(f"{name}{title}", grid.title, cells, frozenset(parts)))
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


@dataclass(frozen=True)
class Grid:
    """A sheet of a workbook: its rows with the values last saved, None for an empty cell; places count from 0.

    `formulas`: (row, column) -> a formula without a value, as in a file that no spreadsheet program has saved.
    `merged`: first row, first column, row after the last and column after the last of each merged cell.
    """

    title: str
    rows: Sequence[Sequence[Any]]
    formulas: Mapping[tuple[int, int], str]
    merged: Sequence[tuple[int, int, int, int]] = ()


def read_workbook(
    raw: bytes, name: str, titles: Collection[str] | None = None, *, merged: bool = False
) -> Iterator[Grid]:
    """The sheets of an Excel workbook one after the other; with `titles` only these.

    Raises `InputError` for what is no workbook, or holds more than `LARGEST_BYTES` once unpacked. Merged cells are
    looked for only where they are asked for, since that takes the whole workbook into memory.
    """
    with _readable(name):
        book = _opened(raw, name, read_only=not merged, data_only=True)
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            sheets = [part for part in parts.namelist() if part.startswith("xl/worksheets/sheet")]
            written = any(re.search(rb"<f[ />]", parts.read(part)) for part in sheets)
        formulas = _opened(raw, name, read_only=True) if written else None
        for sheet in book.worksheets:
            if titles is not None and sheet.title not in titles:
                continue
            rows = list(sheet.iter_rows(values_only=True))
            areas = sheet.merged_cells.ranges if merged else ()
            yield Grid(
                sheet.title,
                rows,
                _without_value(rows, formulas[sheet.title]) if formulas else {},
                [(area.min_row - 1, area.min_col - 1, area.max_row, area.max_col) for area in areas],
            )


def workbook_titles(raw: bytes, name: str) -> list[str]:
    """The titles of a workbook's sheets; raises `InputError` as `read_workbook`."""
    with _readable(name):
        return list(_opened(raw, name, read_only=True).sheetnames)


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    # openpyxl lets through whatever a broken part of the file raises: KeyError, ValueError, zlib.error, SyntaxError.
    except Exception:
        raise InputError(f"{name} is no Excel workbook that can be read; save it again") from None


def _opened(raw: bytes, name: str, **how: bool) -> Any:
    # Only who hands in a workbook waits for the library.
    from openpyxl import load_workbook

    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        if sum(part.file_size for part in parts.infolist()) > LARGEST_BYTES:
            raise InputError(f"{name} holds more than {LARGEST_BYTES // 1_000_000} MB once unpacked")
    book = load_workbook(io.BytesIO(raw), **how)
    for sheet in book.worksheets if how["read_only"] else ():
        # What a workbook says of its own size is not always true.
        sheet.reset_dimensions()
    return book


def _without_value(rows: Sequence[Sequence[Any]], formulas: Any) -> dict[tuple[int, int], str]:
    return {
        (row, column): str(getattr(cell.value, "text", cell.value))
        for row, (values, cells) in enumerate(zip(rows, formulas.iter_rows(), strict=False))
        for column, cell in enumerate(cells)
        if cell.data_type == "f" and (column >= len(values) or values[column] in (None, ""))
    }


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
