"""A fleet: one row a shop, from a CSV or a workbook, everything checked before anything runs."""

import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from ecteam.inputs.assumptions import Assumptions, load_assumptions
from ecteam.inputs.checks import InputError, did_you_mean, nearest, reason
from ecteam.inputs.files import data_dir
from ecteam.inputs.order_dialects import shown_headers
from ecteam.inputs.scenario import Scenario, field_info
from ecteam.inputs.scenario_file import is_plan_file, load_scenario
from ecteam.inputs.tables import read_sheets
from ecteam.inputs.words import Note
from ecteam.plan.plan import Plan, make_plan
from ecteam.plan.prepare import prepare
from ecteam.plan.privacy import is_pay, mistake_shown, stand_ins

BASE = "scenario"
"""The column that names the scenario whose fields a row's empty cells take."""
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_ROWS_SHOWN = 3
ENDINGS = (".csv", ".xlsx")
FLEET_COLUMNS = {BASE, "orders_per_day", "history", "return_share"}
"""What says how much a shop sells: a fleet has one of these."""
WHAT = "its first row must name the columns, such as name, orders_per_day"
LONGEST_BYTES = 100
"""A file system takes 255 bytes; the names of unfinished work beside a report are longer than the report's."""
RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9]|conin|conout|clock)$")
"""Names that Windows keeps for devices, with any ending."""
_DAY = re.compile(r"([0-9]{4}-[0-9]{2})-[0-9]{2}")


@dataclass(frozen=True)
class Shop:
    """One shop of a fleet: its row in the file, its scenario, its own figures of the assumptions, its folder."""

    row: int
    scenario: Scenario
    figures: Mapping[str, float]
    folder: str

    @property
    def name(self) -> str:
        """The shop's name: it tells the shops of a fleet apart."""
        return self.scenario.name

    @property
    def assumptions(self) -> Assumptions:
        """The assumptions with the shop's own figures."""
        return load_assumptions().with_values(**self.figures) if self.figures else load_assumptions()

    def plan(self) -> Plan:
        """The plan of this row."""
        return make_plan(self.scenario, self.assumptions)


@dataclass(frozen=True)
class WrongRow:
    """A row that cannot be planned, with the name it has, if any, and a sentence for each of its mistakes."""

    row: int
    name: str
    mistakes: tuple[str, ...]


@dataclass(frozen=True)
class Fleet:
    """The shops of a file in its order, and its wrong rows."""

    file: Path
    shops: tuple[Shop, ...]
    wrong: tuple[WrongRow, ...]

    def shown(self, show_pay: bool = False) -> "Fleet":
        """The fleet as its reports may tell of it: without `show_pay`, stand-ins take the place of the shops' own pay.

        What is made from it, marks of inputs and sentences of wrong rows included, cannot tell more (`privacy.py`).
        """
        if show_pay:
            return self
        shops = [
            replace(shop, figures={**shop.figures, **stand_ins(shop.assumptions, shop.scenario.region)})
            if any(map(is_pay, shop.figures))
            else shop
            for shop in self.shops
        ]
        wrong = [replace(row, mistakes=tuple(map(mistake_shown, row.mistakes))) for row in self.wrong]
        return replace(self, shops=tuple(shops), wrong=tuple(wrong))


def read_fleet(path: Path, *, skip_wrong_rows: bool = False) -> Fleet:
    """Which shops are in this file, and can each be planned?

    Columns are `scenario` (a base, by name or file), fields of the scenario and figures of the assumptions; an empty
    cell takes the base's value, or the usual one. Raises `InputError` with every mistake of the file at once; with
    `skip_wrong_rows` those of single rows are kept in `wrong` instead.

    >>> from ecteam.inputs.files import data_dir
    >>> fleet = read_fleet(data_dir() / "scenarios" / "fleets" / "tea_shops.csv")
    >>> len(fleet.shops), fleet.shops[0].folder
    (12, 'Mountain_Tea_Hangzhou')
    """
    header, rows = read_cells(path)
    if set(header) != {"name"} and not looks_like_fleet(header):
        raise InputError(Note("neither_orders_nor_fleet", file=path.name, columns=shown_headers(header)))
    keys = set(load_assumptions().numbers["key"])
    known = [BASE, *Scenario.model_fields, *sorted(keys)]
    mistakes = [
        f"{path.name} has {times} columns {column!r}; each must have a name of its own"
        for column, times in Counter(header).items()
        if times > 1
    ]
    mistakes += [
        f"{path.name}, column {column!r}: there is no field or assumption {column!r}{did_you_mean(column, known)}"
        for column in dict.fromkeys(header)
        if column not in known
    ]
    good, wrong = [], []
    reader = _FleetReader(path.parent)
    for number, cells in rows:
        if isinstance(cells, str):
            wrong.append(WrongRow(number, "", (cells,)))
            continue
        try:
            good.append((number, *reader.shop({c: v for c, v in cells.items() if c in known})))
        except InputError as error:
            wrong.append(WrongRow(number, cells.get("name", "")[:80], tuple(error.mistakes)))
    named = Counter(scenario.name for _, scenario, _ in good)
    for name in (name for name, times in named.items() if times > 1):
        shared = [number for number, scenario, _ in good if scenario.name == name]
        mistakes.append(
            f"{path.name} {_rows(shared)}: the name {name!r} is there {len(shared)} times; give each its own"
        )
    if mistakes or (wrong and not skip_wrong_rows):
        raise InputError(mistakes + _told(path.name, wrong))
    if not good:
        raise InputError([*_told(path.name, wrong), f"{path.name} has no row that can be planned"])
    folders = folder_names([scenario.name for _, scenario, _ in good])
    shops = [Shop(*row, folder) for row, folder in zip(good, folders, strict=True)]
    return Fleet(path, tuple(shops), tuple(wrong))


def _told(file: str, wrong: Iterable[WrongRow]) -> list[str]:
    rows: dict[str, list[int]] = {}
    for row in wrong:
        for mistake in row.mistakes:
            rows.setdefault(mistake, []).append(row.row)
    return [f"{file} {_rows(there)}: {mistake}" for mistake, there in rows.items()]


def _rows(numbers: list[int]) -> str:
    """Rows in words.

    >>> _rows([5]), _rows([5, 6]), _rows([5, 6, 7, 8, 9])
    ('row 5', 'rows 5 and 6', 'rows 5, 6, 7 and 2 more')
    """
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    shown = numbers[: _ROWS_SHOWN if len(numbers) > _ROWS_SHOWN + 1 else len(numbers) - 1]
    last = f"{len(numbers) - len(shown):,} more" if len(numbers) > len(shown) + 1 else str(numbers[-1])
    return f"rows {', '.join(map(str, shown))} and {last}"


class _FleetReader:
    """Reads rows; what many rows share (bases, calendars, histories, figures) is looked at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.assumptions = load_assumptions()
        once = lru_cache(maxsize=None, typed=True)
        self.base, self.figure = once(self._base), once(self._figure)
        self.can_be_planned = once(self._can_be_planned)

    def shop(self, cells: Mapping[str, str]) -> tuple[Scenario, dict[str, float]]:
        """The scenario and the own figures of a row; raises every mistake of the row at once."""
        mistakes: list[str] = []
        base, fields, figures = {}, {}, {}
        for column, cell in cells.items():
            try:
                if column == BASE:
                    base = self.base(cell)
                elif column in _FIELDS:
                    fields[column] = _field(column, cell)
                    if column in ("history", "orders_per_month") and fields[column] is not None:
                        fields[column] = self._history(fields[column])
                else:
                    figures[column] = self.figure(column, cell)
            except InputError as error:
                mistakes += error.mistakes
        try:
            # What a base that cannot be read would have given is not called missing.
            scenario = Scenario(**base | fields) if base or BASE not in cells else None
        except InputError as error:
            mistakes += error.mistakes
        if mistakes or scenario is None:
            raise InputError(mistakes)
        # These decide the calendar, the payroll figures and the history: all that is read before a plan is solved.
        self.can_be_planned(scenario.city, scenario.start_month, scenario.months, scenario.stage, scenario.history)
        return scenario, figures

    def _base(self, name: str) -> dict[str, Any]:
        beside = self.folder / name
        is_file = beside.suffix in (".yaml", ".yml") and os.path.isfile(beside)
        return {key: value for key, value in load_scenario(str(beside) if is_file else name) if value is not None}

    def _history(self, name: str) -> str:
        """A history beside the fleet keeps its place when a report, elsewhere, reads it again."""
        beside = self.folder / os.path.expanduser(name)
        return str(beside.resolve()) if os.path.isfile(beside) else name

    def _can_be_planned(self, city: str, start_month: str, months: int, stage: Any, history: str | None) -> None:
        shop = Scenario(
            name="shop", city=city, start_month=start_month, months=months, stage=stage, history=history,
            orders_per_day=1, return_share=0,
        )  # fmt: skip
        prepare(shop, self.assumptions)

    def _figure(self, key: str, cell: str) -> float:
        self.assumptions.with_values(**{key: _number(cell)})
        return float(_number(cell))


_FIELDS = {name: field_info(name) for name in Scenario.model_fields}


def _number(cell: str) -> Any:
    if not _NUMBER.fullmatch(cell):
        return cell
    return int(cell) if cell.lstrip("+-").isdecimal() and len(cell) < 20 else float(cell)


def _field(name: str, cell: str) -> Any:
    """A cell as the field takes it: `null` unsets what may be unset, a text that looks like a number stays a text."""
    info = _FIELDS[name]
    if cell == "null" and not info["required"] and info["default"] is None:
        return None
    if info["type"] in ("number", "integer"):
        return _number(cell)
    # A spreadsheet makes a day of a month.
    day = _DAY.fullmatch(cell) if name == "start_month" else None
    return day[1] if day else cell


def is_fleet(name: str) -> bool:
    """Whether a name on the command line means a fleet: a CSV or XLSX file, or a fleet of `data/scenarios/fleets`.

    The workbook of a plan is none.
    """
    return name in _known() or (Path(name).suffix.lower() in ENDINGS and not is_plan_file(name))


def looks_like_fleet(header: Iterable[str]) -> bool:
    """Whether columns may be those of a fleet: one, well written or nearly so, says how much each shop sells.

    >>> looks_like_fleet(["name", "order_per_day"]), looks_like_fleet(["customer", "email", "city"])
    (True, False)
    """
    return any(nearest(column, FLEET_COLUMNS) for column in header)


def fleet_path(name: str) -> Path:
    """The file of a fleet given by path, or by name in `data/scenarios/fleets`; refuses with the nearest name.

    >>> fleet_path("tea_shops").name
    'tea_shops.csv'
    """
    known = _known()
    if name in known:
        return known[name]
    if "\0" in name:
        raise InputError(f"there is no fleet {name!r}: the name holds a NUL character")
    path = Path(os.path.expanduser(name))
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


def read_cells(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str] | str]]]:
    """The header, and the rows that hold anything: the row in the file, and column -> cell or what is wrong with it.

    Empty cells are left out. Of a workbook it is the first sheet. Raises `InputError` where there is no table at all.
    """
    sheets = read_sheets(path, what=WHAT)
    lines = [
        [(number, cells) for number, cells in enumerate(sheet.cells, start=1) if any(cells)]
        for sheet in sheets
        if sheet.name == sheets[0].name
    ]
    # A text has been read with each of the usual separators: that which gives most columns is its own.
    lines_of_table = max(lines, key=lambda rows: len(rows[0][1]) if rows else 0)
    if not lines_of_table:
        raise InputError(f"{path.name} is empty; {WHAT}")
    (_, header), *below = lines_of_table
    rows: list[tuple[int, dict[str, str] | str]] = []
    for number, cells in below:
        nameless = [i for i, cell in enumerate(cells) if cell and (i >= len(header) or not header[i])]
        if nameless:
            rows.append((number, f"column {xl_col_to_name(nameless[0])} holds {cells[nameless[0]]!r} but has no name"))
        else:
            rows.append((number, {column: cell for column, cell in zip(header, cells, strict=False) if cell}))
    if not rows:
        raise InputError(f"{path.name} has a header but no rows; each row is a shop")
    return [column for column in header if column], rows


def folder_names(names: Sequence[str]) -> list[str]:
    """Which folder does each shop's report get?

    A name keeps its letters and digits of any script; all else becomes one `_`. A name that is reserved, too long or
    without letters gets a mark of its own, and so do all names that a file system could take for one another. A folder
    depends on the shop's name and those it could be taken for, not on the order of the rows.

    >>> folder_names(["Mountain Tea", "山茶（杭州）", "index.html", "Tea", "TEA", "CON"])
    ['Mountain_Tea', '山茶_杭州', 'index_html', 'Tea-017979e8', 'TEA-9b0e2ae9', 'CON-a3dbc4b6']
    """
    plain = [_plain(name) for name in names]
    alike = Counter(map(_folded, plain))
    folders = [
        name if name and alike[_folded(name)] == 1 and not _marked(name) else _with_mark(name, shop)
        for name, shop in zip(plain, names, strict=True)
    ]
    if len(set(map(_folded, folders))) < len(folders):
        raise InputError("two shops would have the same folder; give one of them another name")
    return folders


def _plain(name: str) -> str:
    kept = "".join(c if unicodedata.category(c)[0] in "LNM" else "_" for c in unicodedata.normalize("NFKC", name))
    return unicodedata.normalize("NFC", re.sub("_+", "_", kept).strip("_"))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())


def _marked(name: str) -> bool:
    # A name that begins with a combining mark would join whatever is written before it.
    first = unicodedata.category(name[0])[0] if name else ""
    return bool(RESERVED.match(name)) or len(name.encode()) > LONGEST_BYTES or first == "M"


def _with_mark(name: str, shop: str) -> str:
    """A hyphen stands in no other folder's name, so that no mark can be guessed."""
    mark = hashlib.sha256(shop.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    short = name.encode()[:LONGEST_BYTES].decode("utf-8", "ignore").strip("_")
    begins_with_mark = bool(short) and unicodedata.category(short[0])[0] == "M"
    return f"{'shop' if not short or begins_with_mark else short}-{mark}"
