"""The cells of a fleet's file, a CSV or the first sheet of a workbook, with the row each one stands in."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ecteam.errors import InputError, did_you_mean, reason
from ecteam.files import data_dir
from ecteam.plan_file import is_plan_file
from ecteam.words import Note

ENDINGS = (".csv", ".xlsx")
LARGEST_BYTES = 500_000_000
"""What a workbook may hold once unpacked: more is a mistake or an attack."""


def is_fleet(name: str) -> bool:
    """Whether a name on the command line means a fleet: a CSV or XLSX file, or a fleet of `data/scenarios/fleets`.

    The workbook of a plan is none.
    """
    return name in _known() or (Path(name).suffix.lower() in ENDINGS and not is_plan_file(name))


def fleet_path(name: str) -> Path:
    """The file of a fleet given by path, or by name in `data/scenarios/fleets`; refuses with the nearest name."""
    known = _known()
    if name in known:
        return known[name]
    if "\0" in name:
        raise InputError(f"there is no fleet {name!r}: the name holds a NUL character")
    path = Path(name).expanduser()
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"there is no fleet {name!r}; it must be a CSV or XLSX file{did_you_mean(name, known)}")
    try:
        there = path.is_file()
    except OSError as error:
        raise InputError(f"the fleet {name!r} cannot be read: {reason(error)}") from None
    if not there:
        raise InputError(f"there is no file {name!r}")
    return path


def _known() -> dict[str, Path]:
    folder = data_dir() / "scenarios" / "fleets"
    return {path.stem: path for ending in ENDINGS for path in sorted(folder.glob(f"*{ending}"))}


def read_cells(path: Path) -> tuple[list[str], list[tuple[int, dict[str, Any] | str]]]:
    """The header, and the rows that hold anything: the row in the file, and column -> cell or what is wrong with it.

    A cell of a CSV is a text without blanks around it; one of a workbook is what the spreadsheet made of it. Empty
    cells are left out. Raises `InputError` where there is no table at all.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {reason(error)}") from None
    lines = _workbook(raw, path.name) if path.suffix.lower() == ".xlsx" else _csv(raw, path.name)
    number, header = next(((number, cells) for number, cells in lines if any(cells)), (0, []))
    if not number:
        raise InputError(f"{path.name} is empty; its first row must name the columns, such as name, orders_per_day")
    header = [str(cell).strip() for cell in _trimmed(header)]
    rows: list[tuple[int, dict[str, Any] | str]] = []
    for number, line in lines:
        cells = _trimmed(line)
        nameless = [i for i, cell in enumerate(cells) if cell != "" and (i >= len(header) or not header[i])]
        if nameless:
            rows.append((number, f"column {_letter(nameless[0])} holds {cells[nameless[0]]!r} but has no name"))
        elif cells:
            rows.append((number, {column: cell for column, cell in zip(header, cells, strict=False) if cell != ""}))
    if not rows:
        raise InputError(f"{path.name} has a header but no rows; each row is a shop")
    return [column for column in header if column], rows


def _trimmed(cells: Sequence[Any]) -> list[Any]:
    """The cells of a line up to the last one that holds anything."""
    clean = ["" if cell is None else cell.strip() if isinstance(cell, str) else cell for cell in cells]
    while clean and clean[-1] == "":
        clean.pop()
    return clean


def _letter(column: int) -> str:
    """What a spreadsheet calls a column, counted from 0.

    >>> _letter(0), _letter(27)
    ('A', 'AB')
    """
    return (_letter(column // 26 - 1) if column >= 26 else "") + chr(ord("A") + column % 26)


def _csv(raw: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """Lines of a CSV with commas, semicolons or tabs, in UTF-8, GBK or the UTF-16 of a spreadsheet's Unicode text."""
    encodings = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    text = None
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None:
        raise InputError(Note("not_text", file=name))
    first = next((line for line in text.splitlines() if line.strip()), "")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    started = 1
    try:
        # A cell may hold line breaks: the row is the line on which it begins, as an editor counts.
        for cells in lines:
            yield started, cells
            started = lines.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{name} row {started}: {error}; put a text with a comma or quotes in a pair of double quotes"
        ) from None


def _workbook(raw: bytes, name: str) -> Iterator[tuple[int, Sequence[Any]]]:
    """Rows of a workbook's first sheet. A formula counts as the value the spreadsheet last saved for it."""
    from openpyxl import load_workbook

    unreadable = InputError(f"{name} is no XLSX workbook that can be read; save it again, or as CSV")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST_BYTES:
                raise InputError(f"{name} holds more than {LARGEST_BYTES // 1_000_000} MB once unpacked")
            sheets = [part for part in parts.namelist() if part.startswith("xl/worksheets/sheet")]
            formulas = any(re.search(rb"<f[ />]", parts.read(part)) for part in sheets)
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # What a workbook says of its own size is not always true.
        sheet.reset_dimensions()
        values = list(enumerate(sheet.iter_rows(values_only=True), start=1))
        without = _formulas_without_value(raw, values, name) if formulas else []
    except InputError:
        raise
    # openpyxl lets through whatever a broken part of the file raises: KeyError, ValueError, zlib.error, SyntaxError.
    except Exception:
        raise unreadable from None
    if without:
        raise InputError(without)
    yield from values


def _formulas_without_value(raw: bytes, values: Sequence[tuple[int, Sequence[Any]]], name: str) -> list[str]:
    from openpyxl import load_workbook

    sheet = load_workbook(io.BytesIO(raw), read_only=True).worksheets[0]
    sheet.reset_dimensions()
    return [
        f"{name} row {number}: the formula in column {_letter(i)} has no value yet; open the file in a spreadsheet "
        f"program and save it"
        for (number, known), cells in zip(values, sheet.iter_rows(), strict=True)
        for i, cell in enumerate(cells)
        if cell.data_type == "f" and (i >= len(known) or known[i] is None)
    ]


def plain_text(cell: Any) -> str:
    """A cell as the text a person sees: a shop called 1688 is a number to a spreadsheet.

    >>> plain_text(1688.0), plain_text(" Tea ")
    ('1688', ' Tea ')
    """
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


Cells = Mapping[str, Any]
