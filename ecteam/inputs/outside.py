"""What comes from outside: read, decoded and parsed here, so that whatever is wrong with a file is said with its name.
Bytes, cells, nesting, aliases and digits have limits: more is a mistake or an attack.
"""

import codecs
import io
import json
import posixpath
import re
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

import yaml

from ecteam.inputs.checks import InputError, nearest, reason
from ecteam.inputs.words import Note

MOST_BYTES = 100_000_000
"""A table that is read as a whole: a roster, a fleet, a plan's workbook. Order files are read part by part."""
YAML_BYTES, YAML_DEPTH, YAML_ALIASES = 1_000_000, 30, 20
MOST_DIGITS = 30
"""Of a whole number: no figure of a shop has more, and 400 of them are no number for a computer."""
MOST_UNPACKED, MOST_CELLS = 1_500_000_000, 40_000_000
"""What a workbook of orders may hold: an empty cell takes 30 bytes once it is read."""
TABLE_UNPACKED, TABLE_CELLS = 200_000_000, 5_000_000
"""The same of a roster, a fleet or a plan, which is in memory as a whole."""
TABLE_ROWS = 100_000
"""Rows of a roster or a fleet: more people or shops than any company has."""
ENCODINGS = ("gb18030", "big5hkscs", "cp932", "cp949", "cp1252", "cp1250", "cp1251", "cp874")
WORKBOOK_SIGNS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How a workbook begins, today's and the old kind."""
HEAD_BYTES, FEW_BYTES = 256 * 1024, 200
"""By how much an encoding is told; one byte of so many may be damaged in an order file."""
_SIGNS_OF_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_ENDLESS = re.compile(rf"[-+]?[0-9_]{{{MOST_DIGITS + 1},}}")
_KINDS = {"str": "text", "int": "number", "float": "number", "bool": "truth value", "datetime": "date"}

Opened = Callable[[], IO[bytes]]


@contextmanager
def guarded(name: str, sentence: str | Note) -> Iterator[None]:
    """Whatever a parser raises over the file `name` becomes `sentence`; what the system says of the file, its
    reason."""
    try:
        yield
    except (InputError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except OSError as error:
        raise InputError(f"{name} cannot be read: {reason(error)}" if error.errno else sentence) from None
    # A parser written in Rust panics with what is no Exception.
    except BaseException:
        raise InputError(sentence) from None


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """The bytes of a regular file; a sentence for what is none, cannot be read or is too large."""
    with guarded(path.name, f"{path.name} cannot be read"):
        if not path.is_file():
            near = nearest(path.name, sorted(p.name for p in path.parent.glob("*.*") if p.is_file()))
            hint = f"; did you mean {near!r}?" if near else ""
            raise InputError(f"there is no file {path.name} in {path.parent}{hint}")
        with path.open("rb") as file:
            raw = file.read(most + 1)
    if len(raw) > most:
        raise InputError(f"{path.name} is larger than {most / 1e6:g} MB, which no such file is")
    return raw


# Texts


def encoding_of(
    opened: Opened, name: str, known: Callable[[str], float] = len, possible: Sequence[str] = ENCODINGS
) -> str:
    """The encoding of a text: by its mark, as UTF-8 where all of it is, else by `known` and charset-normalizer.

    `known`: how many usual headings a text has in its first rows. "" where a few bytes fit none, as in a table that
    was put together from two: read the rest as UTF-8.
    """
    with opened() as file:
        head = file.read(HEAD_BYTES)
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    for mark, encoding in marks.items():
        if head.startswith(mark) and _decodes(opened, encoding):
            return encoding
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if wide or len(_SIGNS_OF_TEXT.findall(head)) * 20 > len(head):
        raise InputError(Note("not_text", file=name))
    if _decodes(opened, "utf-8"):
        return "utf-8"
    lines = head[: head.rfind(b"\n") + 1] or head
    possible = [encoding for encoding in possible if _decodes(lambda: io.BytesIO(lines), encoding)]
    hits = {encoding: known(lines.decode(encoding)) for encoding in possible}
    best = [encoding for encoding in possible if hits[encoding] == max(hits.values())]
    if len(best) > 1:
        from charset_normalizer import from_bytes

        if guess := from_bytes(lines, cp_isolation=best).best():
            best = [guess.encoding]
    for encoding in [*best, *possible]:
        if _decodes(opened, encoding):
            return encoding
    if head.decode(errors="replace").count("\ufffd") * FEW_BYTES < len(head):
        return ""
    raise InputError(Note("not_text", file=name))


def _decodes(opened: Opened, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with opened() as file:
            while block := file.read(1 << 22):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def decoded(raw: bytes, name: str, what: str | Note) -> str:
    """The text of a file in UTF-8, GBK or a spreadsheet's UTF-16, without its mark. `what` says what it must be."""
    if not (encoding := encoding_of(lambda: io.BytesIO(raw), name, possible=ENCODINGS[:1])):
        raise InputError(Note("not_text", file=name))
    text = raw.decode(encoding).lstrip("\ufeff")
    if not text.strip():
        raise InputError(Note("empty_file", file=name, must=what))
    return text


# YAML and JSON


class YamlLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Keeps the keys that are given again (`repeated`: key, line numbers): YAML silently takes the last of them."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.repeated: list[tuple[str, list[int]]] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        lines: dict[str, list[int]] = {}
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            lines.setdefault(key.value, []).append(key.start_mark.line + 1)
        self.repeated += [(key, found) for key, found in lines.items() if len(found) > 1]
        return super().construct_mapping(node, deep)


def read_yaml(
    source: Path | bytes, name: str = "", loader: type[YamlLoader] = YamlLoader, such_as: str = "orders_per_day: 60"
) -> tuple[dict[Any, Any] | None, list[tuple[str, list[int]]]]:
    """The fields in a YAML file, or None where it is empty; and the keys that are given again, with their lines."""
    name = name or source.name if isinstance(source, Path) else name
    raw = read_bytes(source, YAML_BYTES) if isinstance(source, Path) else source
    with guarded(name, Note("not_utf8", file=name)):
        text = raw.decode("utf-8")
    with guarded(name, f"{name} is not valid YAML"):
        try:
            _refuse_bomb(text, name, such_as)
            parser = loader(text)
            content = parser.get_single_data()
        except InputError:
            raise
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = min(mark.line, text.count("\n")) + 1 if mark else 1
            raise InputError(Note("invalid_yaml", file=name, line=line)) from None
        # A value that is none: a day such as 2027-02-31, `!!bool maybe`.
        except (ValueError, KeyError) as error:
            raise InputError(f"{name} is not valid YAML: {str(error).splitlines()[0]}") from None
    if content is not None and not isinstance(content, dict):
        kind = _KINDS.get(type(content).__name__, type(content).__name__)
        raise InputError(f"{name} holds a {kind}; it must hold fields such as {such_as!r}")
    return content, parser.repeated


def _refuse_bomb(text: str, name: str, such_as: str) -> None:
    """Refuse what would take a computer's memory: seen as events, before anything is built of them."""
    depth = aliases = 0
    if len(text) > YAML_BYTES:
        raise InputError(f"{name} is larger than {YAML_BYTES / 1e6:g} MB, which no such file is")
    for event in yaml.parse(text, Loader=YamlLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        aliases += isinstance(event, yaml.AliasEvent)
        if depth > YAML_DEPTH:
            raise InputError(f"{name} is nested too deeply; it must hold fields such as {such_as!r}")
        if aliases > YAML_ALIASES:
            raise InputError(f"{name} has more than {YAML_ALIASES} aliases (*name); write their values out")
        if isinstance(event, yaml.ScalarEvent) and event.implicit[0] and _ENDLESS.fullmatch(event.value):
            where = f", line {event.start_mark.line + 1}" if event.start_mark else ""
            raise InputError(f"{name}{where}: a number has more than {MOST_DIGITS} digits")


def read_json(path: Path, sentence: str | Note, most: int = MOST_BYTES) -> Any:
    """What a JSON file holds; `sentence` for one that is none. NaN and the like are none, nor are endless digits."""

    def number(text: str) -> int:
        if _ENDLESS.fullmatch(text) or not text.lstrip("-").isdecimal():
            raise ValueError(text)
        return int(text)

    raw = read_bytes(path, most)
    with guarded(path.name, sentence):
        return json.loads(raw.decode("utf-8"), parse_int=number, parse_constant=number)


# Workbooks


@dataclass(frozen=True)
class Grid:
    """A sheet of a workbook: its rows from row 1 with the values last saved, None for an empty cell.

    Places count from 0; `place` is file and sheet, for sentences.

    `formulas`: (row, column) -> a formula without a value, as in a file that no spreadsheet program has saved.
    `merged`: first row, first column, row after the last and column after the last of each merged cell.
    """

    title: str
    rows: Sequence[list[Any]]
    formulas: Mapping[tuple[int, int], str]
    merged: Sequence[tuple[int, int, int, int]]
    place: str


@dataclass(frozen=True)
class Book:
    """A workbook: its sheets by title as python-calamine reads them, and the titles of those that nobody sees."""

    sheets: Mapping[str, Any]
    hidden: tuple[str, ...]
    odd: Mapping[str, Mapping[tuple[int, int], str]]
    """Title -> place -> a formula without a value, or an error such as #REF!, which the reader takes for empty."""


def open_book(opened: Opened, name: str, *, table: bool = False) -> Book:
    """A workbook (xlsx, xlsm, xls, ods); raises `InputError` for what is none, locked, damaged or too large.

    Hidden sheets are not read: what nobody sees, nobody has checked. `table`: it is read as a whole.
    """
    import python_calamine as calamine

    with guarded(name, Note("order_broken", file=name)):
        with opened() as file:
            odd = _looked_through(file, name, table)
            file.seek(0)
            try:
                book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
            except calamine.PasswordError:
                raise InputError(Note("order_locked", file=name)) from None
        sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
        seen = [sheet.name for sheet in sheets if sheet.visible == calamine.SheetVisibleEnum.Visible]
        hidden = tuple(sheet.name for sheet in sheets if sheet.name not in seen)
        return Book({title: book.get_sheet_by_name(title) for title in seen}, hidden, odd)


def read_workbook(raw: bytes, name: str, titles: Collection[str] | None = None) -> Iterator[Grid]:
    """The sheets of a workbook one after the other; with `titles` only these. Raises `InputError` as `open_book`."""
    book = open_book(lambda: io.BytesIO(raw), name, table=True)
    if not book.sheets:
        hidden = f"; {', '.join(map(repr, book.hidden))} is hidden: show it" if book.hidden else ""
        raise InputError(f"{name} has no sheet with a table{hidden}")
    if unseen := [title for title in book.hidden if title in (titles or ())]:
        raise InputError(f"{name}: the sheet {unseen[0]!r} is hidden; show it, so that what is read can be seen")
    for title, sheet in book.sheets.items():
        if titles is not None and title not in titles:
            continue
        with guarded(name, Note("order_broken", file=name)):
            rows = [list(map(_whole, row)) for row in sheet.to_python(skip_empty_area=False)]
            areas = [(top, left, end[0] + 1, end[1] + 1) for (top, left), end in sheet.merged_cell_ranges or ()]
        formulas = {}
        for (row, column), text in book.odd.get(title, {}).items():
            rows += [[] for _ in range(row + 1 - len(rows))]
            rows[row] += [None] * (column + 1 - len(rows[row]))
            if text.startswith("="):
                formulas[row, column] = text
            else:
                rows[row][column] = text
        alone = len(book.sheets) + len(book.hidden) == 1
        yield Grid(title, rows, formulas, areas, name if alone else f"{name}, sheet {title}")


def _whole(value: Any) -> Any:
    if value == "":
        return None
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def shown(value: Any) -> str:
    """A cell of a workbook as text: 1688 for 1688.0, a day without its midnight."""
    if type(value) is str:
        return value.replace("\0", "")  # Some old writers of xls put two bytes where one is due.
    if type(value) is float:
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        moment = value + timedelta(milliseconds=500)
        return f"{moment:%Y-%m-%d}" if moment.time() < time(0, 0, 1) else f"{moment:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date | time):
        return value.isoformat()
    return "" if value is None else str(value)


_CELL = r'<(?:\w+:)?c\b(?=[^<>]*?\br="([A-Z]+)(\d+)")([^<>]*)>'
_FORMULA = r"<(?:\w+:)?f\b[^<>]*?(?:/>|>([^<>]*)</(?:\w+:)?f>)"
_ODD = re.compile(
    rf"{_CELL}(?:{_FORMULA})?(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>([^<>]*)</(?:\w+:)?v>)?</(?:\w+:)?c>".encode()
)


_SHEET = re.compile(rb"<(?:\w+:)?sheetData\b")
_COLUMN, _NUMBER = (
    re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,7})[0-9]"""),
    re.compile(rb"""\br\s*=\s*["'][A-Za-z]{0,7}([0-9]{1,10})"""),
)
_PLAIN_COLUMN, _PLAIN_NUMBER = re.compile(rb' r="([A-Za-z]+)[0-9]'), re.compile(rb' r="[A-Za-z]*([0-9]{1,10})')
_ROW = re.compile(rb"<(?:\w+:)?row\b")
_NEXT_ROW, _NEXT_CELL = (re.compile(rb"<(?:\w+:)?%s\b(?!:)(?![^<>]*\br\s*=)" % tag) for tag in (b"row", b"c"))
_NAMES_TEXT = re.compile(rb"""\bt\s*=\s*["']s["']""")
_NAMED_TEXT = re.compile(rb"""\bt\s*=\s*["']s["'][^<>]*>\s*<(?:\w+:)?v\b[^<>]*>\s*([0-9]{1,9})""")
_END_OF_TEXT = re.compile(rb"</(?:\w+:)?si\s*>")
_ODS_ROW = re.compile(rb"<table:table-row\b([^<>]*)>(.*?)(?=</table:table-row|\Z)", re.DOTALL)
_ODS_CELL = re.compile(rb"<table:table-cell\b([^<>]*\bvalue-type\b[^<>]*)>([^<]*(?:<(?!/?table:)[^<]*)*)")
_TIMES = re.compile(rb"""-repeated\s*=\s*["']\s*([0-9]{1,10})""")


def _looked_through(file: IO[bytes], name: str, table: bool) -> dict[str, dict[tuple[int, int], str]]:
    """Read every part of a workbook once: whether all of it is whole, how far its cells go, and a table's odd cells.

    A stray cell at the end of a sheet makes a grid of billions of empty ones, and a text that many cells name is in
    memory as often: the reader would end this process. A sheet may be a part of any name.
    """
    if file.read(2) != b"PK":
        return {}
    odd: dict[str, dict[tuple[int, int], str]] = {}
    most, cells = (TABLE_UNPACKED if table else MOST_UNPACKED), 0
    too_large = Note("order_too_large", file=name, n=most // 1_000_000)
    with zipfile.ZipFile(file) as parts:
        if sum(part.file_size for part in parts.infolist()) > most:
            raise InputError(too_large)
        if any(part.filename.lower().endswith("workbook.bin") for part in parts.infolist()):
            raise InputError(Note("order_binary_workbook", file=name))
        titles, sheets, naming = _titles(parts), [], 0
        texts: list[int] = []
        for part in parts.infolist():
            sheet, row, column, following, here, lengths = False, 1, 26, 0, 0, [0]
            for block in _blocks(parts, part):
                first, *more = map(len, _END_OF_TEXT.split(block))
                lengths[-1] += first
                lengths += more
                if b"-repeated" in block and _repeated(block) > most:
                    raise InputError(too_large)
                sheet = sheet or bool(_SHEET.search(block))
                if not sheet:
                    continue
                plain = _is_plain(block)
                numbers = set((_PLAIN_NUMBER if plain else _NUMBER).findall(block))
                row = max(row, *map(int, numbers), 0)
                column = max(column, *map(_place, set((_PLAIN_COLUMN if plain else _COLUMN).findall(block))), 0)
                naming += block.count(b' t="s"') if plain else len(_NAMES_TEXT.findall(block))
                if not plain:
                    row += len(_NEXT_ROW.findall(block))
                    for number, cut in enumerate(_ROW.split(block)):
                        here = (0 if number else here) + len(_NEXT_CELL.findall(cut))
                        following = max(following, here)
                if table and part.filename in titles and (b"<f" in block or b't="e"' in block):
                    odd.setdefault(titles[part.filename], {}).update(_odd_cells(block))
            texts = max(texts, lengths[:-1], key=len)
            cells += row * (column + following)
            sheets += [part] * sheet
            if sheet and cells > (TABLE_CELLS if table else MOST_CELLS):
                raise InputError(Note("order_far_cell", file=name, row=row, column=column + following))
        # Counted one by one only where it may matter.
        if naming * max(texts, default=0) > most // 3:
            named = [int(n) for part in sheets for block in _blocks(parts, part) for n in _NAMED_TEXT.findall(block)]
            unknown = (naming - len(named)) * max(texts)
            if unknown + sum(texts[number] for number in named if number < len(texts)) > most // 3:
                raise InputError(too_large)
    return odd


def _is_plain(block: bytes) -> bool:
    """Whether all places stand as spreadsheet programs write them, which is found four times as fast."""
    odd = (b"'", b" =", b"= ", b":c", b":row", b"\t", b"\r", b"\n")
    tags = ((b"<c", b'<c r="'), (b"<row", b'<row r="'))
    return not any(sign in block for sign in odd) and all(block.count(tag) == block.count(at) for tag, at in tags)


def _blocks(parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part of a workbook in blocks that cut no row and no shared text in two, unless it is larger than a block."""
    rest = b""
    with parts.open(part) as content:
        while block := content.read(1 << 22):
            block = rest + block
            end = max(block.rfind(b"</row>"), block.rfind(b"</table:table-row>"), block.rfind(b"<si>"))
            end = end if end > 0 else max(block.rfind(b"<"), 0) or len(block)
            rest = block[end:]
            yield block[:end]
    yield rest


def _repeated(block: bytes) -> int:
    """How many bytes the cells of an OpenDocument sheet take that are written once and meant many times."""

    def times(attributes: bytes) -> int:
        return int(max(_TIMES.findall(attributes), key=int, default=b"1"))

    return sum(
        times(row) * times(cell) * (len(text) + 50)
        for row, cut in _ODS_ROW.findall(block)
        for cell, text in _ODS_CELL.findall(cut)
    )


def _odd_cells(block: bytes) -> dict[tuple[int, int], str]:
    odd = {}
    for letters, number, attributes, formula, value in _ODD.findall(block):
        error = b't="e"' in attributes
        if error or (formula and not value):
            text = value.decode() if error else f"={formula.decode()}"
            odd[int(number) - 1, _place(letters) - 1] = text
    return odd


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters.upper():
        place = 26 * place + letter - ord("A") + 1
    return place


def _titles(parts: zipfile.ZipFile) -> dict[str, str]:
    """The part of an Excel workbook that holds a sheet -> its title."""
    if "xl/workbook.xml" not in parts.namelist():
        return {}
    book = ElementTree.fromstring(parts.read("xl/workbook.xml"))
    links = ElementTree.fromstring(parts.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): str(link.get("Target")) for link in links}
    found = {}
    for sheet in book.iter():
        if sheet.tag.endswith("}sheet"):
            target = next((targets.get(value, "") for key, value in sheet.items() if key.endswith("}id")), "")
            found[posixpath.normpath(posixpath.join("/xl", target))[1:]] = str(sheet.get("name"))
    return found
