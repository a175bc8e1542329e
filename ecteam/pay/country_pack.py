"""Country packs: dated figures with sources, and the rules that use them, read from data/payroll and checked whole."""

from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.inputs.outside import read_yaml

# A float read from YAML is the shortest text of a decimal figure; going through that text keeps 0.145 exact.
Exact = Annotated[Decimal, BeforeValidator(lambda value: str(value) if isinstance(value, float) else value)]
Side = Literal["employer", "employee"]
Kind = Literal["sourced", "planning assumption"]


def _one_of(table: str) -> AfterValidator:
    """A name that must be in a table of the same pack."""

    def check(name: str, info: ValidationInfo) -> str:
        names = (info.context or {}).get(table)
        if names is not None and name not in names:
            raise ValueError(f"{name!r} is none of its {table}{did_you_mean(name, names)}")
        return name

    return AfterValidator(check)


FigureName = Annotated[str, _one_of("figures")]
SourceName = Annotated[str, _one_of("sources")]
TableName = Annotated[str, _one_of("bands")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Source(_Strict):
    """Where a figure was read: a citation and when it was true or looked up."""

    cite: str = Field(min_length=3)
    as_of: str


class Dated(_Strict):
    """One value of a figure from a day on; low and high are open to choice, or sources disagree."""

    effective: date = Field(alias="from")
    typical: Exact
    low: Exact | None = None
    high: Exact | None = None
    source: SourceName
    kind: Kind = "sourced"
    remark: str = ""

    @property
    def range(self) -> tuple[Decimal, Decimal]:
        low = self.typical if self.low is None else self.low
        return low, self.typical if self.high is None else self.high

    @model_validator(mode="after")
    def _in_order(self) -> "Dated":
        low, high = self.range
        if not low <= self.typical <= high:
            raise ValueError(f"low <= typical <= high does not hold from {self.effective}")
        return self


class Figure(_Strict):
    """A figure of law with its values over time; `yearly` ones are renewed every year, so age shows."""

    unit: str
    yearly: bool = False
    values: list[Dated] = Field(min_length=1)

    @cached_property
    def days(self) -> NDArray[np.datetime64]:
        return np.array([value.effective for value in self.values], dtype="datetime64[D]")

    @model_validator(mode="after")
    def _dates_rise(self) -> "Figure":
        if [*self.days] != sorted(set(self.days)):
            raise ValueError("the dates must rise")
        return self

    def at(self, day: date) -> Dated:
        return [value for value in self.values if value.effective <= day][-1]


class Rounding(_Strict):
    """To which unit of the currency an amount is rounded, and how."""

    to: Exact = Decimal("0.01")
    mode: Literal["half_up", "half_down", "down", "up"] = "half_up"


class Charge(_Strict):
    """A rate on the base, lifted to a floor, between a threshold and a cap; or a fixed amount."""

    rate: FigureName | None = None
    amount: FigureName | None = None
    floor: FigureName | None = None
    cap: FigureName | None = None
    threshold: FigureName | None = None


class Item(_Strict):
    """A contribution: which side pays which charges on which base, the period of its limits, its rounding."""

    name: dict[str, str]
    base: str = "paid"
    period: Literal["month", "year"] = "month"
    rounding: Rounding = Rounding()
    employer: list[Charge] = []
    employee: list[Charge] = []
    optional: bool = False


class Band(_Strict):
    """Income above a limit is taxed at a rate, which may rise with the income inside the band (Germany)."""

    above: Exact
    rate: Exact
    rise: Exact = Decimal(0)
    quick: Exact | None = None


class Bands(_Strict):
    """A tax table from a day on."""

    effective: date = Field(alias="from")
    source: str
    kind: Kind = "sourced"
    rows: list[Band] = Field(min_length=1)
    remark: str = ""

    @cached_property
    def tax_at_start(self) -> list[Decimal]:
        """Tax due at the lower limit of each band: what the bands below add up to, or what the law prints."""
        due = [Decimal(0)]
        for row, following in zip(self.rows, self.rows[1:], strict=False):
            width = following.above - row.above
            joined = due[-1] + width * row.rate + width * width * row.rise
            due.append(joined if following.quick is None else following.above * following.rate - following.quick)
        return [value.quantize(Decimal("0.01")) for value in due]

    @model_validator(mode="after")
    def _quick_deductions_fit(self) -> "Bands":
        rows, due = self.rows, self.tax_at_start
        for row, following, start, then in zip(rows, rows[1:], due, due[1:], strict=False):
            width = following.above - row.above
            # A law that prints rounded coefficients (Germany) leaves steps of some cents.
            if abs(start + width * row.rate + width * width * row.rise - then) > Decimal("0.1"):
                raise ValueError(f"the quick deduction {following.quick} above {following.above} is wrong")
        return self


class Taper(_Strict):
    """The allowance shrinks by `share` of the income above a figure."""

    above: FigureName
    share: FigureName


class Regime(_Strict):
    """How income tax is withheld: on the year so far, the month alone, or the year the month stands for."""

    method: Literal["cumulative", "month", "annualised"]
    bands: TableName
    allowance: FigureName
    taper: Taper | None = None
    deducts: list[Annotated[str, _one_of("items")]] = []
    round_taxable: Rounding | None = None
    round_year: Rounding | None = None
    rounding: Rounding = Rounding()


class BonusRule(_Strict):
    """A bonus taxed apart: the rate of one of its parts on the whole, or the sum of the parts' taxes."""

    method: Literal["rate_of_part", "sum_of_parts"]
    bands: TableName
    parts: int = Field(ge=1)
    until: date | None = None
    source: str


class Person(_Strict):
    """A kind of person: the contributions they stay outside of, the tax regime they fall under."""

    name: dict[str, str]
    without: list[Annotated[str, _one_of("items and groups")]] = []
    tax: Annotated[str, _one_of("income_tax")] = "standard"
    source: str


class MinimumWage(_Strict):
    """The figure, per month or per hour, and whether the employee's contributions come off first."""

    figure: FigureName
    hours_per_month: FigureName | None = None
    after_contributions: bool = False


class SeveranceRule(_Strict):
    """Months of pay per year of service with its limits, and the ways an employment ends."""

    months_per_year: FigureName
    counting: Literal["exact", "whole_years", "half_years_up"] = "exact"
    least_years: FigureName | None = None
    most_years: FigureName | None = None
    wage_cap: FigureName | None = None
    average_wage: FigureName | None = None
    wage_cap_of_average: FigureName | None = None
    years_if_capped: FigureName | None = None
    exempt_annual_averages: FigureName | None = None
    bands: TableName | None = None
    endings: dict[str, dict[Literal["times", "notice_months"], FigureName]] = {}


class Known(_Strict):
    """The first and the last day the figures stand for; no last day while nothing newer is due."""

    first: date = Field(alias="from")
    last: date | None = Field(default=None, alias="until")


class Pack(_Strict):
    """Everything a place asks of pay."""

    place: str
    name: dict[str, str]
    currency: str
    minor_units: int = Field(default=100, ge=1)
    tax_year_starts_month: int = Field(ge=1, le=12)
    known: Known
    remarks: list[str] = []
    sources: dict[str, Source]
    figures: dict[
        str,
        Annotated[
            Annotated[Figure, Tag("figure")] | Annotated[FigureName, Tag("alias")],
            Discriminator(lambda value: "alias" if isinstance(value, str) else "figure"),
        ],
    ]
    bands: dict[str, list[Bands]]
    items: dict[str, Item]
    income_tax: dict[str, Regime]
    bonus: dict[str, BonusRule] = {}
    persons: dict[str, Person]
    special_deductions: list[FigureName] = []
    minimum_wage: MinimumWage | None = None
    severance: SeveranceRule | None = None

    @model_validator(mode="after")
    def _figures_begin_in_time(self) -> "Pack":
        # A minimum wage may begin later than the pack: before that day it is not known, and says so.
        exempt = self.resolve(self.minimum_wage.figure) if self.minimum_wage else ""
        late = [
            name
            for name, figure in self.figures.items()
            if not isinstance(figure, str) and name != exempt and figure.values[0].effective > self.known.first
        ]
        if late:
            raise ValueError(f"figures {', '.join(late)} begin after {self.known.first}, the first day of the pack")
        return self

    @property
    def declared_groups(self) -> list[str]:
        """The groups of items that share a declared base, as against those on the pay of the month."""
        return sorted({item.base for item in self.items.values()} - {"paid"})

    def resolve(self, name: str) -> str:
        """The name of the figure behind a name that may stand for another."""
        found = self.figures[name]
        return self.resolve(found) if isinstance(found, str) else name

    def figure(self, name: str) -> Figure:
        """The figure of that name, through the names that stand for another figure."""
        found = self.figures[self.resolve(name)]
        assert isinstance(found, Figure)
        return found

    def value(self, name: str, day: date) -> Decimal:
        """The figure's typical value on a day."""
        return self.figure(name).at(day).typical

    def table(self, name: str, day: date) -> Bands:
        """The tax table of that name in force on a day."""
        return [table for table in self.bands[name] if table.effective <= day][-1]


def _read(path: Path) -> dict[str, Any]:
    content = read_yaml(path, path.name, such_as="currency: CNY")[0] or {}
    parent = content.pop("extends", None)
    if parent is None:
        return content
    # A city adds to and replaces entries of its country's tables; any other key replaces the country's.
    merged = _read(path.parent / f"{parent}.yaml")
    for key, value in content.items():
        merged[key] = {**merged.get(key, {}), **value} if isinstance(value, dict) and key != "name" else value
    return merged


def places(folder: Path | None = None) -> list[str]:
    """Which places have a country pack?

    >>> places()[:3]
    ['cn/beijing', 'cn/chengdu', 'cn/guangzhou']
    """
    root = folder or data_dir() / "payroll"
    found = (path for path in root.rglob("*.yaml") if not path.name.startswith("_"))
    return sorted(path.relative_to(root).with_suffix("").as_posix() for path in found)


@cache
def load_pack(place: str, folder: Path | None = None) -> Pack:
    """What does a place ask of pay? Its pack, from `folder` or data/payroll, with every mistake in the file at once.

    >>> load_pack("cn/shanghai").currency
    'CNY'
    """
    known = places(folder)
    if place not in known:
        raise InputError(f"place is {place!r}; it must be one of the country packs{did_you_mean(place, known)}")
    path = (folder or data_dir() / "payroll") / f"{place}.yaml"
    try:
        content = _read(path)
        tables = {name: list(content.get(name, ())) for name in ("figures", "sources", "bands", "items", "income_tax")}
        groups = {item.get("base", "paid") for item in content.get("items", {}).values()} - {"paid"}
        tables["items and groups"] = [*tables["items"], *sorted(groups)]
        return Pack.model_validate({"place": place, **content}, context=tables)
    except ValidationError as error:
        raise InputError(
            [
                f"{path}, {'.'.join(map(str, bad['loc']))}: {bad['msg'].removeprefix('Value error, ')}"
                for bad in error.errors()
            ]
        ) from None


def figures(place: str | Pack, on: date | None = None) -> pd.DataFrame:
    """Which figures does a place's pack hold, and where does each come from? Those in force on a day, or all.

    figure, effective, low, typical, high (in `unit`), unit, source, as_of, kind, remark.

    >>> figures("cn/shanghai", date(2026, 7, 1)).query("figure == 'pension_cap'").typical.item()
    37731.0
    """
    pack = place if isinstance(place, Pack) else load_pack(place)
    rows = [
        {"figure": name, "effective": value.effective}
        | dict(
            zip(("low", "typical", "high"), map(float, (value.range[0], value.typical, value.range[1])), strict=True)
        )
        | {"unit": figure.unit, "source": pack.sources[value.source].cite, "as_of": pack.sources[value.source].as_of}
        | {"kind": value.kind, "remark": value.remark}
        for name, figure in pack.figures.items()
        if not isinstance(figure, str)
        for value in (figure.values if on is None else [v for v in figure.values if v.effective <= on][-1:])
    ]
    return pd.DataFrame(rows)
