"""The tables as they come in: what a row of each must hold, how a file is read, and what is said of a wrong cell.

`assumptions.py` puts the tables together; a step with a table of its own reads it with the same words.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from math import inf
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

import pandas as pd
from pydantic import BaseModel, Field, ValidationError, ValidationInfo, field_validator, model_validator

from ecteam.inputs.checks import InputError, did_you_mean

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


class Bounds(NamedTuple):
    """What a figure may be: in words that its unit follows, and as limits; it must be more than `above`."""

    words: str
    least: float = 0.0
    most: float = inf
    above: float = -inf

    def hold(self, figure: float) -> bool:
        return self.least <= figure <= self.most and figure > self.above


_NOT_NEGATIVE = Bounds("0 or more")
_POSITIVE = Bounds("more than 0", above=0)
_SHARE = Bounds("0 to 1", most=1)
_SHARE_DIVIDED_BY = Bounds("more than 0 and at most 1", most=1, above=0)
_OF_KEY = {
    "equipment_life_months": _POSITIVE,
    "hours_per_day": Bounds("more than 0 and at most 24", most=24, above=0),
    "lines_per_order": Bounds("1 or more", least=1),
    "outsourced_seat_hours": _POSITIVE,
    "pay_months_per_year": Bounds("12 or more", least=12),
    "service_occupancy_max": _SHARE_DIVIDED_BY,
    # A team of temps alone has nobody to guide them.
    "temp_most_share": Bounds("0 to 0.9", most=0.9),
    "shared_seat_chats": _POSITIVE,
    "temp_productivity": _SHARE_DIVIDED_BY,
    "units_per_line": Bounds("1 or more", least=1),
    "working_days_per_month": Bounds("more than 0 and at most 31", most=31, above=0),
}


def bounds(key: str, unit: str, basis: str) -> Bounds:
    """What a figure of the assumptions may be, whether a table or the shop itself gives it.

    >>> bounds("pick_lines_per_hour", "order lines an hour", "units_per_hour").words
    'more than 0'
    >>> bounds("shrinkage_service", "share of paid time", "").hold(0.95)
    False
    """
    if basis.startswith("units_per"):
        return _POSITIVE
    if key in _OF_KEY:
        return _OF_KEY[key]
    if key.startswith("shrinkage"):
        # Nobody is paid for ten hours to work one; near 1 a team grows without end.
        return Bounds("0 to 0.9", most=0.9)
    if unit.startswith("times "):
        return _POSITIVE
    return _SHARE if unit.startswith("share") or key.endswith("_share") else _NOT_NEGATIVE


class Sourced(BaseModel):
    """A row that says where it is from."""

    source: str = Field(min_length=1)
    as_of: str
    kind: Literal["sourced", "planning assumption"]

    @field_validator("as_of")
    @classmethod
    def _is_date(cls, value: str) -> str:
        if not re.fullmatch(r"(19|20)\d\d(-\d\d(-\d\d)?)?", value) or not _is_day(f"{value}-01-01"[:10]):
            raise ValueError("must be a date such as 2026, 2026-11 or 2026-11-23")
        return value


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


class NumberRow(Ranged[Finite], Named):
    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    region: Literal[("all", *REGIONS)]  # type: ignore[valid-type]
    basis: Literal[("", *BASES)]  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _in_bounds(self) -> "NumberRow":
        allowed = bounds(self.key, self.unit, self.basis)
        if self.basis.startswith("units_per") and not allowed.hold(self.low):
            raise ValueError(f"must be {allowed.words}, since hours are divided by it")
        for name, figure in (("low", self.low), ("high", self.high)):
            if not allowed.hold(figure):
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
    two_posts: str
    five_posts: str
    departments: str
    specialists: str


class DriverRow(Named):
    driver: str = Field(min_length=1)
    unit: str = Field(min_length=1)
    formula: str


class EventRow(BaseModel):
    event: str = Field(min_length=1)
    region: Literal[REGIONS]  # type: ignore[valid-type]
    lift: str
    starts: str
    days: int = Field(ge=1, le=60)
    recurs: Literal["every year", "dated"]

    @field_validator("starts")
    @classmethod
    def _is_day(cls, value: str) -> str:
        # An event of every year needs a day that every year has: 29 February is none.
        if not re.fullmatch(r"((19|20)\d\d-)?\d\d-\d\d", value) or not _is_day(f"2027-{value}"[-10:]):
            raise ValueError("must be a day such as 11-11 of every year, or 2027-02-03")
        return value

    # A cell that is wrong itself is not in `info.data`; what depends on it is not checked then.
    @field_validator("recurs")
    @classmethod
    def _agrees_with_start(cls, value: str, info: ValidationInfo) -> str:
        starts = info.data.get("starts")
        if starts and value != (right := "every year" if len(starts) == len("11-11") else "dated"):
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


def _is_day(text: str) -> bool:
    """Whether a text written as YYYY-MM-DD is a day of the calendar."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def load(
    path: Path | Sequence[Path],
    row: type[BaseModel],
    *,
    key: str | Sequence[str] = (),
    refs: Mapping[str, Collection[str]] | None = None,
    complete: Mapping[str, Collection[str]] | None = None,
    check: Check | None = None,
) -> pd.DataFrame:
    """The rows of a CSV file (or of several files that make one table), with the `file` and `row` of each.

    Parameters
    ----------
    row : what a row must hold
    key : the columns that name a row; no two rows may agree in all of them
    refs : column -> the names that may stand in it ("" among them where the cell may be empty)
    complete : column -> names that must each have a row
    check : yields a sentence for all else that is wrong; like `complete` it is asked where all rows are good

    Raises
    ------
    InputError with all mistakes at once: file, row, column, value, what is allowed or the nearest name.

    Examples
    --------
    >>> from ecteam.inputs.files import data_dir
    >>> roles = load(data_dir() / "assumptions" / "roles.csv", RoleRow, key="role")
    >>> roles.loc[0, ["role", "file"]].to_list(), int(roles["row"][0])
    (['owner', 'roles.csv'], 2)
    """
    paths = [path] if isinstance(path, Path) else list(path)
    mistakes: list[str] = []
    good = [cells for one in paths for cells in _good_rows(one, row, mistakes)]
    table = pd.DataFrame(good) if good else pd.DataFrame(columns=[*row.model_fields, "file", "row"])
    keys = [key] if isinstance(key, str) else list(key)
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
    if mistakes:
        raise InputError(mistakes)
    return table


def load_all(**reads: Callable[[], pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """What each read gives, by its name; raises `InputError` with the mistakes of all of them at once."""
    tables, mistakes = {}, []
    for name, read in reads.items():
        try:
            tables[name] = read()
        except InputError as error:
            mistakes += error.mistakes
    if mistakes:
        raise InputError(mistakes)
    return tables


def unknown(table: pd.DataFrame, refs: Mapping[str, Collection[str]]) -> Iterator[str]:
    """A sentence for each cell that names nothing known. `refs`: column -> the names that may stand in it."""
    for column, given in refs.items():
        names = set(given)
        for value, file, row in zip(table[column], table["file"], table["row"], strict=True):
            if value not in names:
                near = did_you_mean(value, sorted(names - {""}))
                yield f"{file} row {row}, column {column}: {value!r} is not known{near}"


def _good_rows(path: Path, model: type[BaseModel], mistakes: list[str]) -> Iterator[dict[str, Any]]:
    """The rows of a file that hold what they must; a sentence for all else is added to `mistakes`."""
    columns = list(model.model_fields)
    if not path.is_file():
        mistakes.append(f"there is no {path.name} in {path.parent}")
        return
    try:
        raw = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError):
        mistakes.append(f"{path.name} is empty or no UTF-8 CSV; its first line must be {','.join(columns)}")
        return
    if missing := [column for column in columns if column not in raw.columns]:
        mistakes += [f"{path.name} has no column {column!r}{did_you_mean(column, raw.columns)}" for column in missing]
        return
    for number, row in enumerate(raw.to_dict("records"), start=2):
        try:
            yield model.model_validate(row).model_dump() | {"file": path.name, "row": number}
        except ValidationError as error:
            for item in error.errors():
                column = str(item["loc"][0]) if item["loc"] else "low, typical, high"
                told = f"{row[column]!r}: " if column in row else ""
                mistakes.append(
                    f"{path.name} row {number}, column {column}: {told}{item['msg'].removeprefix('Value error, ')}"
                )
