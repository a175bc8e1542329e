"""The table in an order file, as downloaded: csv, tsv, txt, xlsx, xls, ods, HTML or XML, or one of these in a zip.

Cells are text. Only the columns that are asked for are read, part by part, so that a large file needs little memory
and no column of customers is ever kept. Rows are counted as a spreadsheet counts them.
"""

import codecs
import csv
import io
import os
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pandas as pd

from ecteam.inputs.checks import InputError
from ecteam.inputs.outside import (
    HEAD_BYTES,
    MOST_BYTES,
    MOST_CELLS,
    WORKBOOK_SIGNS,
    encoding_of,
    guarded,
    open_book,
    shown,
)
from ecteam.inputs.words import Note

PART_ROWS = 250_000
"""Rows that are read at once."""
HEAD_ROWS = 30
"""Where the header must be."""
UNZIPPED_BYTES = 500_000_000
"""What a file in a zip may have: it is in memory as a whole."""
SLOW_BYTES = 20_000_000
"""Files above this size show a bar while they are read."""
ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".zip")
SEPARATORS = ",;\t|"
MUST = Note("order_file")

Score = Callable[[Sequence[str]], float]
"""How much a row of cells looks like the header of an order file; 0 where it does not at all."""


@dataclass(frozen=True)
class OrderTable:
    """A table: its headers, and its rows as text. `first` is the spreadsheet's number of the row below the header."""

    name: str
    headers: tuple[str, ...]
    first: int
    read: Callable[[Sequence[int], int], Iterator[pd.DataFrame]]
    size: int

    def parts(self, columns: Sequence[int]) -> Iterator[pd.DataFrame]:
        """The cells of some columns, by their place, with the row's number as index."""
        with guarded(self.name, Note("no_csv", file=self.name)):
            yield from _with_bar(self.read(sorted(set(columns)), PART_ROWS), self.size)

    def sample(self, columns: Sequence[int], rows: int) -> pd.DataFrame:
        """The first rows of some columns."""
        with guarded(self.name, Note("no_csv", file=self.name)):
            return next(self.read(sorted(set(columns)), rows), pd.DataFrame(columns=list(columns)))

    def cell(self, row: int, column: int) -> str:
        """One cell, for a sentence."""
        return next(str(part.loc[row, column]) for part in self.parts([column]) if row in part.index)


def open_table(source: Path | bytes, name: str, score: Score) -> OrderTable:
    """The table of a file that looks most like orders: its sheet, separator, encoding and header row are found.

    Raises `InputError` for a file that is empty, locked, broken, or no table.
    """

    def opened() -> IO[bytes]:
        return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")

    if isinstance(source, Path) and not os.path.isfile(source):
        raise InputError(f"{name} is no file that can be read")
    with guarded(name, Note("order_broken", file=name)):
        with opened() as file:
            head = file.read(HEAD_BYTES)
            size = file.seek(0, io.SEEK_END)
        inner = _unzipped(opened, name) if head.startswith(WORKBOOK_SIGNS[0]) else None
        if inner is not None:
            return open_table(inner, name, score)
        if head.startswith(WORKBOOK_SIGNS):
            return _workbook(opened, name, size, score)
        if _is_markup(head):
            # Its rows are read as a csv, which finds the header among them.
            if size > MOST_BYTES:
                raise InputError(Note("order_too_large", file=name, n=MOST_BYTES // 1_000_000))
            with opened() as file:
                rows = _markup_rows(file.read(), name)
            table = io.StringIO(newline="")
            csv.writer(table).writerows(rows)
            raw = table.getvalue().encode()
            return _text_table(lambda: io.BytesIO(raw), name, len(raw), raw[:HEAD_BYTES], score)
        return _text_table(opened, name, size, head, score)


def _unzipped(opened: Callable[[], IO[bytes]], name: str) -> bytes | None:
    """The one table in a zip; None where the zip is itself a workbook."""
    with opened() as file, zipfile.ZipFile(file) as parts:
        names = parts.namelist()
        if "[Content_Types].xml" in names or "content.xml" in names:
            return None
        tables = [
            part for part in parts.infolist()
            if part.filename.lower().endswith(ENDINGS[:-1]) and not Path(part.filename).name.startswith(("._", "~"))
        ]  # fmt: skip
        if len(tables) != 1:
            raise InputError(Note("order_zip", file=name, n=len(tables)))
        if tables[0].file_size > UNZIPPED_BYTES:
            raise InputError(Note("order_too_large", file=name, n=UNZIPPED_BYTES // 1_000_000))
        if tables[0].flag_bits & 1:
            raise InputError(Note("order_locked", file=name))
        return parts.read(tables[0])


# Text


def _text_table(opened: Callable[[], IO[bytes]], name: str, size: int, head: bytes, score: Score) -> OrderTable:

    def headers_known(text: str) -> float:
        return max(found[0][0] if (found := _header_of(text, sep, score)) else 0 for sep in SEPARATORS)

    encoding = encoding_of(opened, name, headers_known) or "utf-8"
    lines = head if len(head) == size else head[: head.rfind(b"\n") + 1] or head
    text = lines.decode(encoding, errors="replace").lstrip("\ufeff")
    if not text.strip():
        raise InputError(Note("empty_file", file=name, must=MUST))
    said = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    found = [_header_of(text, sep, score) for sep in (said[1] if said else SEPARATORS)]
    _, header, line, place, sep = max((one for one in found if one), key=lambda one: one[0], default=(0, [], 0, 0, ""))
    if not sep:
        raise InputError(Note("no_csv", file=name))
    width = len(header)

    def read(columns: Sequence[int], rows: int) -> Iterator[pd.DataFrame]:
        # One column more than the header shows whether rows are longer than it.
        how: dict[str, Any] = {"sep": sep, "dtype": str, "keep_default_na": False, "skip_blank_lines": False}
        shape: dict[str, Any] = {"header": None, "names": range(width + 1), "usecols": [*columns, width]}
        try:
            with io.TextIOWrapper(opened(), encoding, "replace", newline="") as file:
                for _ in range(line):
                    file.readline()
                below: Any = _Below(file, sep * width + "\n")
                for part in pd.read_csv(below, **how, **shape, chunksize=rows + 1):
                    cells = part.fillna("").drop(index=0, errors="ignore")
                    cells.index += place - 1
                    more = cells.loc[cells[width] != "", width].str.strip()
                    if (long := more != "").any():
                        raise InputError(Note("order_rows_too_long", file=name, row=int(more.index[long][0])))
                    yield cells[list(columns)]
        except pd.errors.EmptyDataError:
            return

    table = OrderTable(name, tuple(header), place, read, size)
    _refuse_swallowed_rows(table, opened, sep)
    return table


class _Below:
    """What is left of a text, below a first line of its own, which shows pandas the full width of the table."""

    def __init__(self, text: IO[str], line: str) -> None:
        self._text, self._line = text, line

    def read(self, size: int = -1) -> str:
        line, self._line = self._line, ""
        return line or self._text.read(size)

    def __iter__(self) -> Iterator[str]:
        return iter(self._text)


def _header_of(text: str, sep: str, score: Score) -> tuple[tuple[float, int], list[str], int, int, str] | None:
    """The header as this separator shows it: how good it is, its cells, the lines above its rows, the first row."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sep)
    rows = []
    try:
        for cells in islice(reader, HEAD_ROWS):
            rows.append((cells, reader.line_num))
    except csv.Error:
        return None
    at, worth = _header_row([cells for cells, _ in rows], score)
    cells, line = rows[at]
    if len(rows) == 1 and len(cells) == 1 and sep != ",":
        return None
    return (worth, len(cells)), [cell.strip("\ufeff\t ") for cell in cells], line, at + 2, sep


def _header_row(rows: Sequence[Sequence[str]], score: Score) -> tuple[int, float]:
    """Which of the first rows is the header, and how much it looks like one."""
    worth = [score(cells) for cells in rows]
    best = max(worth, default=0)
    if best:
        return worth.index(best), best
    filled = [sum(bool(str(cell).strip()) for cell in cells) for cells in rows]
    return filled.index(max(filled)), 0


def _refuse_swallowed_rows(table: OrderTable, opened: Callable[[], IO[bytes]], sep: str) -> None:
    """A lone double quote makes a cell swallow rows; a cell of several lines is allowed."""
    if not any(line.count(b'"') % 2 for line in _quoted_lines(opened)):
        return
    row_in_cell = rf"\n(?:[^\n{re.escape(sep)}]*{re.escape(sep)}){{{max(len(table.headers) - 1, 1)}}}"
    for part in table.parts(range(len(table.headers))):
        for column in part.columns:
            if (swallowed := part[column].str.contains(row_in_cell)).any():
                row, header = int(part.index[swallowed][0]), table.headers[column]
                raise InputError(Note("order_cell_holds_rows", file=table.name, row=row, column=header))


def _quoted_lines(opened: Callable[[], IO[bytes]]) -> Iterator[bytes]:
    with opened() as file:
        while block := file.read(1 << 22):
            block += file.readline()
            if b'"' in block:
                yield from block.split(b"\n")


# Workbooks


def _workbook(opened: Callable[[], IO[bytes]], name: str, size: int, score: Score) -> OrderTable:
    sheets, heads = open_book(opened, name).sheets, {}
    for title, sheet in sheets.items():
        if sheet.start is not None:
            rows = [[shown(cell) for cell in row] for row in islice(sheet.iter_rows(), HEAD_ROWS)]
            at, worth = _header_row(rows, score)
            heads[title] = (worth, rows[at], sheet.start[0] + at + 2, at + 1)
    if not heads:
        raise InputError(Note("empty_file", file=name, must=MUST))
    best = max(heads.values(), key=lambda head: head[0])
    header, first = [cell.strip() for cell in best[1]], best[2]
    # Some programs write a sheet a month; those with the same header are one table.
    same = [title for title, head in heads.items() if [cell.strip() for cell in head[1]] == header]

    def read(columns: Sequence[int], size: int) -> Iterator[pd.DataFrame]:
        row = first
        for title in same:
            rows = islice(sheets[title].iter_rows(), heads[title][3], None)
            while block := list(islice(rows, size)):
                cells = {at: [shown(row[at]) if at < len(row) else "" for row in block] for at in columns}
                yield pd.DataFrame(cells, index=pd.RangeIndex(row, row + len(block)), dtype=object)
                row += len(block)

    return OrderTable(name, tuple(header), first, read, size)


def _with_bar(parts: Iterator[pd.DataFrame], size: int) -> Iterator[pd.DataFrame]:
    """The same parts, with a bar of the rows read where the file is large."""
    if size < SLOW_BYTES:
        yield from parts
        return
    from tqdm import tqdm

    with tqdm(unit=" rows", unit_scale=True, desc="ecteam") as bar:
        for part in parts:
            yield part
            bar.update(len(part))


# Tables in HTML or XML, which many programs save as .xls


_MARKUP = re.compile(rb"\s*<(?:\?xml|!doctype|html|table|meta|style|head|body|div|workbook)\b", re.IGNORECASE)
_CHARSET = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)


def _is_markup(head: bytes) -> bool:
    """Whether a file begins as HTML or XML."""
    return _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)) is not None


def _markup_rows(raw: bytes, name: str) -> list[list[str]]:
    """The rows of all tables in HTML or in an Excel 2003 XML; cells that span rows or columns stand in each of them."""
    said = _CHARSET.search(raw[:2000])
    encoding = said[1].decode().lower() if said else encoding_of(lambda: io.BytesIO(raw), name) or "utf-8"
    parser = _MarkupRows()
    parser.feed(raw.decode({"gb2312": "gb18030", "gbk": "gb18030"}.get(encoding, encoding), errors="replace"))
    parser.close()
    return parser.rows


class _MarkupRows(HTMLParser):
    """Knows neither scripts nor entities of its own, so that there is nothing to expand or to run."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._row: dict[int, str] = {}
        self._cell: list[str] | None = None
        self._at = self._wide = self._high = 1
        self._below: dict[int, tuple[str, int]] = {}
        self._cells = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {key.rpartition(":")[2]: int(value) for key, value in attributes if value and value.isdecimal()}
        if tag in ("tr", "row"):
            self._end_row()
            if tag == "row":  # Empty rows are left out of the XML, and counted.
                self.rows += [[]] * (min(given.get("index", 0), MOST_CELLS // 100) - len(self.rows) - 1)
            self._row = {at: text for at, (text, _) in self._below.items()}
            self._below = {at: (text, n - 1) for at, (text, n) in self._below.items() if n > 1}
            self._at = 0
        elif tag in ("td", "th", "cell"):
            self._end_cell()
            self._at = given["index"] - 1 if "index" in given else self._at
            while self._at in self._row:
                self._at += 1
            self._wide = min(given.get("colspan", 1 + given.get("mergeacross", 0)), 1000)
            self._high = given.get("rowspan", 1 + given.get("mergedown", 0))
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "cell"):
            self._end_cell()
        elif tag in ("tr", "row", "table"):
            self._end_row()

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        text, self._cell = " ".join("".join(self._cell).split()), None
        for at in range(self._at, self._at + self._wide):
            self._row[at] = text if at == self._at else ""
            if self._high > 1:
                self._below[at] = (self._row[at], self._high - 1)
        self._at += self._wide

    def _end_row(self) -> None:
        self._end_cell()
        if self._row:
            self._cells += max(self._row) + 1
            if self._cells > MOST_CELLS:
                raise ValueError("too many cells")
            self.rows.append([self._row.get(at, "") for at in range(max(self._row) + 1)])
        self._row = {}
