"""Read tables: those of `data/` by row models, and those of users from CSV files and Excel workbooks.

Cells are read as text, so that an error quotes a cell as it stands; rows are counted as a spreadsheet counts them.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, pairwise
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

import pandas as pd
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from ecteam.inputs.arguments import LEAST_DIVISOR, MOST_FIGURE, Allowed
from ecteam.inputs.checks import InputError, Mistakes, did_you_mean, nearest
from ecteam.inputs.events import MOST_DAYS, first_days
from ecteam.inputs.outside import TABLE_ROWS, WORKBOOK_SIGNS, decoded, guarded, read_bytes, read_workbook, shown
from ecteam.inputs.words import Note

REGIONS = ("cn", "uk")
STAGES = ("startup", "growth", "maturity")
CAPABILITIES = ("organisation_growth", "daily_operation", "development_support")
BASES = (
    "minutes_per_unit",
    "hours_per_unit",
    "days_per_unit",
    "units_per_hour",
    "units_per_day",
    "units_per_fte",
    "units_per_fte_year",
)
POSITIONS = {"hour": range(24), "weekday": range(1, 8), "month": range(1, 13)}
"""Profile -> the positions it needs: hours from midnight, weekdays from Monday."""


_NOT_NEGATIVE = Allowed("0 or more", at_least=0, at_most=MOST_FIGURE)
_POSITIVE = Allowed("more than 0", at_least=LEAST_DIVISOR, at_most=MOST_FIGURE)
_SHARE = Allowed("0 to 1", at_least=0, at_most=1)
_SHARE_DIVIDED_BY = Allowed("more than 0 and at most 1", at_most=1, above=0)
_OF_KEY = {
    "equipment_life_months": _POSITIVE,
    "hr_small_heads": _POSITIVE,
    "hours_per_day": Allowed("more than 0 and at most 24", at_most=24, above=0),
    "it_small_heads": _POSITIVE,
    "lines_per_order": Allowed("1 or more", at_least=1, at_most=MOST_FIGURE),
    "outsourced_seat_hours": _POSITIVE,
    "own_systems_from": _POSITIVE,
    "pay_months_per_year": Allowed("12 or more", at_least=12, at_most=MOST_FIGURE),
    "service_occupancy_max": _SHARE_DIVIDED_BY,
    "refunds_from": _POSITIVE,
    "replies_per_chat": Allowed("1 or more", at_least=1, at_most=MOST_FIGURE),
    "reviews_from": _POSITIVE,
    "standing_skus_from": _POSITIVE,
    "shared_seat_chats": _POSITIVE,
    "temp_productivity": _SHARE_DIVIDED_BY,
    "units_per_line": Allowed("1 or more", at_least=1, at_most=MOST_FIGURE),
    "working_days_per_month": Allowed("more than 0 and at most 31", at_most=31, above=0),
}


def bounds(key: str, unit: str, basis: str) -> Allowed:
    """What a figure of the assumptions may be, whether a table or the shop itself gives it.

    >>> bounds("pick_lines_per_hour", "order lines an hour", "units_per_hour").words
    'more than 0'
    """
    if basis.startswith("units_per"):
        return _POSITIVE
    if key in _OF_KEY:
        return _OF_KEY[key]
    if key.startswith("shrinkage"):
        # Nobody is paid for ten hours to work one; near 1 a team grows without end.
        return Allowed("0 to 0.9", at_least=0, at_most=0.9)
    if unit.startswith("times "):
        return _POSITIVE
    return _SHARE if unit.startswith("share") or key.endswith("_share") else _NOT_NEGATIVE


def is_day(text: str) -> bool:
    """Whether a text written as YYYY-MM-DD is a day of the calendar."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def date_or_month(value: Any) -> Any:
    """The value, if it is a year, month or day such as 2026, 2026-11 or 2026-11-23."""
    if not re.fullmatch(r"(19|20)\d\d(-\d\d(-\d\d)?)?", str(value)) or not is_day(f"{value}-01-01"[:10]):
        raise ValueError("must be a date such as 2026, 2026-11 or 2026-11-23")
    return value


class Sourced(BaseModel):
    """A row that says where it is from."""

    source: str = Field(min_length=1)
    as_of: Annotated[str, AfterValidator(date_or_month)]
    kind: Literal["sourced", "planning assumption"]


Finite = Annotated[float, Field(allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Figure = TypeVar("Figure")
Check = Callable[[pd.DataFrame], Iterable[str]]
"""Yields a sentence for all that is wrong with a table whose rows are good."""


class Ranged(Sourced, Generic[Figure]):
    """A row with a range in which `low <= typical <= high`; `Ranged[Positive]` says what each of the three may be."""

    low: Figure
    typical: Figure
    high: Figure
    unit: str = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Any:
        if not self.low <= self.typical <= self.high:  # type: ignore[operator]
            raise ValueError(f"must be low <= typical <= high, but is {self.low:g}, {self.typical:g}, {self.high:g}")
        return self


class Named(BaseModel):
    """A row with a name for people in both languages."""

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


class PlaceRow(Named):
    city: str = Field(min_length=1)
    place: str = Field(min_length=1)
    region: Literal[REGIONS]  # type: ignore[valid-type]
    currency: str = Field(pattern="^[A-Z]{3}$")
    pay_level: str = Field(min_length=1)
    language: Literal["en", "zh"]
    holiday_country: str = Field(min_length=2)
    holiday_subdivision: str


class NumberRow(Ranged[Finite], Named):
    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    region: Literal[("all", *REGIONS)]  # type: ignore[valid-type]
    basis: Literal[("", *BASES)]  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _in_bounds(self) -> "NumberRow":
        allowed = bounds(self.key, self.unit, self.basis)
        if self.basis.startswith("units_per") and not allowed.holds(self.low):
            raise ValueError(f"must be {allowed.words}, since hours are divided by it")
        for name, figure in (("low", self.low), ("high", self.high)):
            if not allowed.holds(figure):
                raise ValueError(f"must be {allowed.words} {self.unit}, but {name} is {figure:.15g}")
        return self


class DutyRow(Named):
    duty: str = Field(min_length=1)
    role: str
    post: str = Field(min_length=1)
    capability: Literal[CAPABILITIES]  # type: ignore[valid-type]
    from_stage: Literal[STAGES]  # type: ignore[valid-type]
    method: Literal["volume", "queue", "deadline"]
    when: Literal["", "self_shipping", "own_technology"]
    customers: Literal["", "business"]
    driver: str
    rate: str


class RoleRow(Named):
    role: str = Field(min_length=1)
    department: str = Field(min_length=1)
    group: Literal["service", "warehouse", "commercial", "live", "staff"]
    shrinkage: str
    attrition: str
    hire_cost: str
    equipment: str
    temp_pay: str
    bought: str
    two_posts: str
    five_posts: str
    departments: str
    specialists: str
    like: str


class DriverRow(Named):
    driver: str = Field(min_length=1)
    unit: str = Field(min_length=1)
    formula: str


class EventRow(Sourced):
    event: str = Field(min_length=1)
    region: Literal[REGIONS]  # type: ignore[valid-type]
    lift: str
    starts: str
    days: int = Field(ge=1, le=MOST_DAYS)
    recurs: Literal["every year", "dated"]
    since: Annotated[int, BeforeValidator(lambda cell: cell or 0)] = 0

    @field_validator("starts")
    @classmethod
    def _is_day(cls, value: str) -> str:
        try:
            first_days(value, [2027])
        except ValueError:
            raise ValueError(
                "must be a day such as 11-11 of every year, 2027-02-03, or a rule such as last Monday of May"
            ) from None
        return value

    # A cell that is wrong itself is not in `info.data`; what depends on it is not checked then.
    @field_validator("recurs")
    @classmethod
    def _agrees_with_start(cls, value: str, info: ValidationInfo) -> str:
        starts = info.data.get("starts")
        if starts and value != (right := "dated" if starts[:4].isdigit() else "every year"):
            raise ValueError(f"must be {right!r} where starts is {starts}")
        return value


class ProfileRow(Sourced):
    region: Literal[REGIONS]  # type: ignore[valid-type]
    profile: Literal["hour", "weekday", "month"]
    position: int
    share: float = Field(ge=0, allow_inf_nan=False)

    @field_validator("position")
    @classmethod
    def _is_position(cls, value: int, info: ValidationInfo) -> int:
        places = POSITIONS.get(info.data.get("profile", ""))
        if places and value not in places:
            raise ValueError(f"must be {places[0]} to {places[-1]} for a {info.data['profile']}")
        return value


def load(
    path: Path | Sequence[Path],
    row: type[BaseModel],
    *,
    key: str | Sequence[str] = (),
    refs: Mapping[str, Collection[str]] | None = None,
    complete: Mapping[str, Collection[str]] | None = None,
    check: Check | None = None,
    like: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """The rows of a CSV file (or of several files that make one table), with the `file` and `row` of each.

    `row` says what a row must hold; no two may agree in all columns of `key`. `refs`: column -> the names that may
    stand in it ("" among them where the cell may be empty). `complete`: column -> names that must each have a row.
    `like`: name in the first column of `key` -> the name whose rows it takes where it has none (see `roles_like`).
    `check` yields a sentence for all else that is wrong; like `complete` it is asked where all rows are good.

    Raises `InputError` with all mistakes at once: file, row, column, value, what is allowed or the nearest name.

    >>> from ecteam.inputs.files import data_dir
    >>> roles = load(data_dir() / "assumptions" / "roles.csv", RoleRow, key="role")
    >>> roles.loc[0, ["role", "file"]].to_list(), int(roles["row"][0])
    (['owner', 'roles.csv'], 2)
    """
    paths = [path] if isinstance(path, Path) else list(path)
    mistakes = Mistakes()
    keys = [key] if isinstance(key, str) else list(key)
    good = [cells for one in paths for cells in _good_rows(one, row, mistakes)]
    table = pd.DataFrame(good) if good else pd.DataFrame(columns=[*row.model_fields, "file", "row"])
    table = rows_like(table, keys[0], like) if like else table
    for _, twice in table[table.duplicated(keys)].iterrows() if keys else ():
        what = ", ".join(str(twice[column]) for column in keys)
        mistakes.append(f"{twice['file']} row {twice['row']}, column {keys[0]}: {what!r} is there twice")
    # A bad row would be told twice: as it is, and as what the table lacks without it.
    whole = not mistakes
    mistakes += unknown(table, refs or {})
    for column, names in (complete or {}).items() if whole else ():
        missing = [name for name in dict.fromkeys(names) if name not in set(table[column])]
        mistakes += [f"{paths[0].name} has no row for the {column} {name!r}; it must have one" for name in missing]
    if check is not None and whole:
        mistakes += check(table)
    mistakes.refuse()
    return table


def read_places(path: Path) -> pd.DataFrame:
    """The cities and countries that a shop may be in."""
    places = load(path, PlaceRow, key="city")
    if places.empty:
        raise InputError(f"{path.name} has no row")
    return places.drop(columns=["file", "row"])


class _ActivityRow(Sourced):
    field: str
    usual: NotNegative
    least: NotNegative
    usual_at_orders_per_day: Positive
    exponent_above: NotNegative


def read_activities(path: Path) -> pd.DataFrame:
    """How much a shop does of what it chooses itself: field, usual, least, usual_at_orders_per_day, exponent_above."""
    activities = (
        "active_skus", "new_skus_per_month", "suppliers", "purchase_orders_per_month", "campaigns_per_month",
        "event_applications_per_month", "posts_per_month", "videos_per_month",
    )  # fmt: skip
    names = {"field": activities}
    return load(path, _ActivityRow, key="field", refs=names, complete=names).drop(columns=["file", "row"])


class _FieldRow(Named):
    field: str
    group: str
    unit: str
    help_en: str
    help_zh: str
    must: str
    step: Annotated[float | None, BeforeValidator(lambda cell: cell or None)]
    log: Annotated[bool, BeforeValidator(lambda cell: cell == "yes")]
    top: Annotated[float | None, BeforeValidator(lambda cell: cell or None)]


def read_fields(path: Path, names: Collection[str] = ()) -> pd.DataFrame:
    """What people read of the fields of a scenario (`names`, where they are known)."""
    table = load(path, _FieldRow, key="field", refs={"field": names} if names else None, complete={"field": names})
    return table.drop(columns=["file", "row"]).astype(object).replace({float("nan"): None})


def load_all(**reads: Callable[[], pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """What each read gives, by its name; raises `InputError` with the mistakes of all of them at once."""
    tables, mistakes = {}, Mistakes()
    for name, read in reads.items():
        with mistakes.collected():
            tables[name] = read()
    mistakes.refuse()
    return tables


def roles_like(roles: pd.DataFrame, prefix: str = "") -> dict[str, str]:
    """The roles of one's own that name a role they are like: their keys in another table, and those of that role."""
    own = roles[roles["like"] != ""]
    return dict(zip(prefix + own["role"], prefix + own["like"], strict=True))


def rows_like(table: pd.DataFrame, column: str, like: Mapping[str, str]) -> pd.DataFrame:
    """A table with the rows of others for names that have none of their own."""
    own = [table[table[column] == old].assign(**{column: new}) for new, old in like.items()
           if new not in set(table[column])]  # fmt: skip
    return pd.concat([table, *own], ignore_index=True) if own else table


def unknown(table: pd.DataFrame, refs: Mapping[str, Collection[str]]) -> Iterator[str]:
    """A sentence for each cell that names nothing known. `refs`: column -> the names that may stand in it."""
    for column, given in refs.items():
        names = set(given)
        for value, file, row in zip(table[column], table["file"], table["row"], strict=True):
            if value not in names:
                near = did_you_mean(value, sorted(names - {""}))
                yield f"{file} row {row}, column {column}: {value!r} is not known{near}"


def _read_csv(path: Path, columns: Collection[str], **how: Any) -> pd.DataFrame:
    """A table of `data/` that has the columns; its empty cells are empty texts."""
    content = io.BytesIO(read_bytes(path))
    with guarded(path.name, f"{path.name} is empty or no UTF-8 CSV; its first line must be {','.join(columns)}"):
        table = pd.read_csv(content, keep_default_na=False, **how)
    missing = [column for column in columns if column not in table]
    Mistakes(f"{path.name} has no column {one!r}{did_you_mean(one, table.columns)}" for one in missing).refuse()
    return table


def _good_rows(path: Path, model: type[BaseModel], mistakes: Mistakes) -> Iterator[dict[str, Any]]:
    """The rows of a file that hold what they must; a sentence for all else is added to `mistakes`."""
    columns, rows = list(model.model_fields), []
    with mistakes.collected():
        rows = _read_csv(path, columns, dtype=str).to_dict("records")
    roles = {row["role"]: row for row in rows} if "like" in columns else {}
    for number, row in enumerate(rows, start=2):
        if other := row.get("like") if roles else "":
            if other not in roles:
                near = did_you_mean(other, roles)
                mistakes.append(f"{path.name} row {number}, column like: {other!r} is not known{near}")
                continue
            # What it leaves empty is the other role's; who wears the other's posts is the other one itself.
            same = {column: row["role"] if cell == other else cell for column, cell in roles[other].items()}
            row = same | {column: cell for column, cell in row.items() if cell != ""}
        try:
            yield model.model_validate(row).model_dump() | {"file": path.name, "row": number}
        except ValidationError as error:
            for item in error.errors():
                column = str(item["loc"][0]) if item["loc"] else "low, typical, high"
                told = f"{row[column]!r}: " if column in row else ""
                mistakes.append(
                    f"{path.name} row {number}, column {column}: {told}{item['msg'].removeprefix('Value error, ')}"
                )


def read_table(
    path: Path, columns: Collection[str], *, numbers: Collection[str] = (), comment: str | None = None
) -> pd.DataFrame:
    """A table of `data/` without a row model: whether its columns are there, its rows whole and its numbers numbers."""
    table, mistakes = _read_csv(path, columns, comment=comment), Mistakes()
    for column in columns:
        values = pd.to_numeric(table[column], errors="coerce") if column in numbers else table[column].replace("", None)
        if (wrong := values.isna()).any():
            why = "it must be a number" if column in numbers else "it must not be empty"
            mistakes.append(f"{path.name}, row {int(wrong.argmax()) + 1} below its header, column {column}: {why}")
    mistakes.refuse()
    return table


HEADER_WITHIN_ROWS = 20
"""A title, a date and a company's name may stand above the header, not a letter."""


@dataclass(frozen=True)
class Sheet:
    """One table of a file: `cells` row by row as text, the first row being row 1; `name` is for sentences.

    `merged`: (row, column) of every cell that is part of a merged one, from 0, but for its first cell.
    """

    name: str
    cells: Sequence[Sequence[str]]
    merged: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True)
class Found:
    """Where a table stands in a sheet: the header's row from 0, and the place of each column."""

    sheet: Sheet
    header: int
    columns: Mapping[str, int]

    def place(self, row: int, column: str) -> str:
        """A cell for a sentence: file, row as a spreadsheet counts it, and the heading of the column."""
        heading = self.sheet.cells[self.header][self.columns[column]]
        return f"{self.sheet.name} row {row + 1}, column {heading}"


def read_sheets(source: Path | str | bytes, name: str = "", *, what: str | Note) -> list[Sheet]:
    """The tables of a CSV or XLSX file, or of its bytes with a `name`; a CSV is read once for each usual separator.

    `what` says what the file must be, as the end of a sentence. Raises `InputError` where no table can be read.
    """
    if not isinstance(source, bytes):
        name = name or Path(source).name
        source = read_bytes(Path(source))
    if source.startswith(WORKBOOK_SIGNS):
        return _workbook(source, name, what)
    # A stray NUL spoils its cell only, which is refused by its place.
    text = decoded(source, name, what).replace("\x00", "\x1a")
    csv.field_size_limit(1_000_000)
    tables = []
    for separator in ",;\t":
        try:
            rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), TABLE_ROWS + 1))
        except csv.Error:
            continue
        if len(rows) > TABLE_ROWS:
            raise InputError(f"{name} has more than {TABLE_ROWS:,} rows; {what}")
        tables.append(Sheet(name, [[_clean(cell) for cell in row] for row in rows]))
    if not tables:
        raise InputError(f"{name} is no table of comma-separated values; {what}")
    return tables


def _workbook(raw: bytes, name: str, what: str | Note) -> list[Sheet]:
    sheets = []
    for grid in read_workbook(raw, name):
        cells = [[_clean(shown(value)) for value in row] for row in grid.rows]
        for (row, column), formula in grid.formulas.items():
            # It must not pass as an empty cell.
            cells[row][column] = formula
        parts = set()
        for top, left, bottom, right in grid.merged:
            for row in range(top, min(bottom, len(cells))):
                parts |= {(row, column) for column in range(left, min(right, len(cells[row])))} - {(top, left)}
                # A merged cell says the same of every row that it spans; across columns it says nothing.
                cells[row][left : left + 1] = cells[top][left : left + 1]
        sheets.append(Sheet(grid.place, cells, frozenset(parts)))
    if not any(cell for sheet in sheets for row in sheet.cells for cell in row):
        raise InputError(f"{name} is empty; {what}")
    return sheets


def _clean(cell: str) -> str:
    """A cell without the blanks around it and the ="123" that keeps Excel from altering long numbers."""
    cell = cell.strip("\ufeff\u3000 \t\r\n")
    packed = re.fullmatch(r'="([^"]*)"', cell)
    return packed[1] if packed else cell


def plain(text: str) -> str:
    """A word as it is compared: full-width letters made narrow, capitals small, blanks, hyphens and underscores one."""
    return re.sub(r"[\s_-]+", "_", unicodedata.normalize("NFKC", text).strip().casefold())


def find_table(
    sheets: Sequence[Sheet], headings: Mapping[str, tuple[str, ...]], required: Sequence[str], *, what: str
) -> Found:
    """The sheet and the row whose cells are the most of the known headings.

    `headings`: what a column is for -> the headings it usually has. Raises `InputError` that names the required
    columns that are missing, the nearest heading to each, and columns that are there twice or merged.
    """
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
    in_row, cells, mistakes = columns_of(best, row), best.cells[row], Mistakes()
    unknown = [cell for cell, column in zip(cells, in_row, strict=True) if cell and not column]
    for column in headings:
        present = [cell for cell, of in zip(cells, in_row, strict=True) if of == column]
        if len(present) > 1:
            mistakes.append(
                f"{best.name} row {row + 1} has {len(present)} columns of {column}, "
                f"{' and '.join(map(repr, present))}; each must be there once"
            )
        usual = (column, *headings[column])
        similar, meant = next(((cell, near) for cell in unknown if (near := nearest(plain(cell), usual))), ("", ""))
        hint = f"; did you mean {meant!r}?" if meant else f"; name it {usual[1]} or {usual[-1]}"
        if not present and column in required:
            heads = similar or ", ".join(filter(None, cells[:8]))
            mistakes.append(f"{best.name} row {row + 1} has no column of {column} (it has {heads}){hint}")
        elif not present and similar:
            # Else a column would be left out in silence for a typing error.
            mistakes.append(f"{best.name} row {row + 1}: the heading {similar!r} is not known{hint}")
    for at, (left, right) in enumerate(pairwise(in_row)):
        below = [line for line in best.cells[row + 1 :] if len(line) > at + 1 and line[at + 1]]
        if left and not right and (row, at + 1) in best.merged and below:
            mistakes.append(
                f"{best.name} row {row + 1}: the heading {cells[at]!r} is merged over two columns; give each column a "
                f"heading of its own"
            )
    mistakes.refuse()
    return Found(best, row, {column: at for at, column in enumerate(in_row) if column})
