"""What a country pack says: dated figures with sources, and the rules that lean on them.

Country packs: read from data/payroll, checked as a whole, shown as a table of sourced figures.
"""

from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir

# A float read from YAML is the shortest text of a decimal figure; going through that text keeps 0.145 exact.
Exact = Annotated[Decimal, BeforeValidator(lambda value: str(value) if isinstance(value, float) else value)]
Side = Literal["employer", "employee"]
Kind = Literal["sourced", "planning assumption"]


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
    source: str
    kind: Kind = "sourced"
    remark: str = ""

    @property
    def range(self) -> tuple[Decimal, Decimal]:
        low = self.typical if self.low is None else self.low
        return low, self.typical if self.high is None else self.high


class Figure(_Strict):
    """A figure of law with its values over time; `yearly` ones are renewed every year, so age shows."""

    unit: str
    yearly: bool = False
    values: list[Dated] = Field(min_length=1)

    @cached_property
    def days(self) -> NDArray[np.datetime64]:
        return np.array([value.effective for value in self.values], dtype="datetime64[D]")

    def at(self, day: date) -> Dated:
        later = [value for value in self.values if value.effective <= day]
        if not later:
            raise KeyError(day)
        return later[-1]


class Rounding(_Strict):
    """To which unit of the currency an amount is rounded, and how."""

    to: Exact = Decimal("0.01")
    mode: Literal["half_up", "half_down", "down", "up"] = "half_up"


class Charge(_Strict):
    """A rate on the base, lifted to a floor, between a threshold and a cap; or a fixed amount."""

    rate: str | None = None
    amount: str | None = None
    floor: str | None = None
    cap: str | None = None
    threshold: str | None = None


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


class Taper(_Strict):
    """The allowance shrinks by `share` of the income above a figure."""

    above: str
    share: str


class Regime(_Strict):
    """How income tax is withheld: on the year so far, the month alone, or the year the month stands for."""

    method: Literal["cumulative", "month", "annualised"]
    bands: str
    allowance: str
    taper: Taper | None = None
    deducts: list[str] = []
    round_taxable: Rounding | None = None
    round_year: Rounding | None = None
    rounding: Rounding = Rounding()


class BonusRule(_Strict):
    """A bonus taxed apart: the rate of one of its parts on the whole, or the sum of the parts' taxes."""

    method: Literal["rate_of_part", "sum_of_parts"]
    bands: str
    parts: int = Field(ge=1)
    until: date | None = None
    source: str


class Person(_Strict):
    """A kind of person: the contributions they stay outside of, the tax regime they fall under."""

    name: dict[str, str]
    without: list[str] = []
    tax: str = "standard"
    source: str


class Overtime(_Strict):
    """Which figure multiplies the hour's wage, per kind of day, and how many hours a month are lawful."""

    multipliers: dict[str, str]
    hours_cap: str | None = None


class MinimumWage(_Strict):
    """The figure, per month or per hour, and whether the employee's contributions come off first."""

    figure: str
    hours_per_month: str | None = None
    after_contributions: bool = False


class SeveranceRule(_Strict):
    """Months of pay per year of service with its limits, and the ways an employment ends."""

    months_per_year: str
    counting: Literal["exact", "whole_years", "half_years_up"] = "exact"
    least_years: str | None = None
    most_years: str | None = None
    wage_cap: str | None = None
    average_wage: str | None = None
    wage_cap_of_average: str | None = None
    years_if_capped: str | None = None
    exempt_annual_averages: str | None = None
    bands: str | None = None
    endings: dict[str, dict[Literal["times", "notice_months"], str]] = {}


class Leave(_Strict):
    """Days of paid leave from some years of work on, and what an unused day pays on top of the wage."""

    days_from_years: dict[int, str]
    unused_extra: str | None = None


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
    figures: dict[str, Figure | str]
    bands: dict[str, list[Bands]]
    items: dict[str, Item]
    income_tax: dict[str, Regime]
    bonus: dict[str, BonusRule] = {}
    persons: dict[str, Person]
    special_deductions: list[str] = []
    overtime: Overtime | None = None
    paid_days_per_month: str | None = None
    hours_per_day: str
    minimum_wage: MinimumWage | None = None
    severance: SeveranceRule | None = None
    leave: Leave | None = None

    @property
    def declared_groups(self) -> list[str]:
        """The groups of items that share a declared base, as against those on the pay of the month."""
        return sorted({item.base for item in self.items.values()} - {"paid"})

    @property
    def items_and_groups(self) -> list[str]:
        """What a person can stay out of: an item, or all items of a declared base."""
        return [*self.items, *(group for group in self.declared_groups if group not in self.items)]

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


def _names_used(pack: Pack) -> dict[str, set[str]]:
    """Every name of a figure, table or item that some part of the pack leans on, with the part that does."""
    figures: dict[str, set[str]] = {}

    def need(where: str, *names: str | None) -> None:
        figures.setdefault(where, set()).update(name for name in names if name)

    for key, item in pack.items.items():
        for charge in item.employer + item.employee:
            need(f"items.{key}", *charge.model_dump().values())
    for key, regime in pack.income_tax.items():
        need(
            f"income_tax.{key}",
            regime.allowance,
            *(regime.taper.model_dump().values() if regime.taper else ()),
        )
    need("hours_per_day", pack.hours_per_day)
    need("paid_days_per_month", pack.paid_days_per_month)
    need("special_deductions", *pack.special_deductions)
    if pack.overtime:
        need("overtime", pack.overtime.hours_cap, *pack.overtime.multipliers.values())
    if pack.minimum_wage:
        need("minimum_wage", pack.minimum_wage.figure, pack.minimum_wage.hours_per_month)
    if pack.leave:
        need("leave", pack.leave.unused_extra, *pack.leave.days_from_years.values())
    if pack.severance:
        rule = pack.severance.model_dump(exclude={"counting", "bands", "endings"})
        need("severance", *rule.values())
        need("severance", *(name for ending in pack.severance.endings.values() for name in ending.values()))
    return figures


def _mistakes(pack: Pack) -> list[str]:
    """What pydantic cannot see: names that lead nowhere, values out of order, figures that start too late."""
    wrong = []
    for alias, target in pack.figures.items():
        if isinstance(target, str) and target not in pack.figures:
            wrong.append(f"figures.{alias} stands for {target!r}, no figure{did_you_mean(target, pack.figures)}")
    if wrong:
        return wrong
    for where, names in _names_used(pack).items():
        for name in sorted(names - set(pack.figures)):
            wrong.append(f"{where} uses {name!r}, which is no figure{did_you_mean(name, pack.figures)}")
        for name in sorted(names & set(pack.figures)):
            # A minimum wage may begin later than the pack: before that day it is not known, and says so.
            if where != "minimum_wage" and pack.figure(name).values[0].effective > pack.known.first:
                wrong.append(f"figures.{name} begins after {pack.known.first}, the first day of the pack")
    for key, figure in pack.figures.items():
        if isinstance(figure, str):
            continue
        for value in figure.values:
            low, high = value.range
            if not low <= value.typical <= high:
                wrong.append(f"figures.{key} from {value.effective}: low <= typical <= high does not hold")
            if value.source not in pack.sources:
                wrong.append(f"figures.{key} names source {value.source!r}{did_you_mean(value.source, pack.sources)}")
        if [*figure.days] != sorted(set(figure.days)):
            wrong.append(f"figures.{key}: the dates must rise")
    tables = {regime.bands for regime in pack.income_tax.values()} | {rule.bands for rule in pack.bonus.values()}
    for name in sorted(tables - set(pack.bands)):
        wrong.append(f"tax table {name!r} is missing{did_you_mean(name, pack.bands)}")
    for key, tables_of_key in pack.bands.items():
        for table in tables_of_key:
            for row, following, due, then in zip(
                table.rows, table.rows[1:], table.tax_at_start, table.tax_at_start[1:], strict=False
            ):
                width = following.above - row.above
                # A law that prints rounded coefficients (Germany) leaves steps of some cents.
                if abs(due + width * row.rate + width * width * row.rise - then) > Decimal("0.1"):
                    wrong.append(f"bands.{key}: the quick deduction {following.quick} above {following.above} is wrong")
    for key, person in pack.persons.items():
        if person.tax not in pack.income_tax:
            wrong.append(f"persons.{key} has tax {person.tax!r}{did_you_mean(person.tax, pack.income_tax)}")
        for name in person.without:
            if name not in pack.items_and_groups:
                wrong.append(f"persons.{key} is without {name!r}{did_you_mean(name, pack.items_and_groups)}")
    for key, regime in pack.income_tax.items():
        for name in regime.deducts:
            if name not in pack.items:
                wrong.append(f"income_tax.{key} deducts {name!r}{did_you_mean(name, pack.items)}")
    return wrong


def _read(path: Path) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
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
    """What does a place ask of pay? Its pack, from `folder` or data/payroll, checked as a whole.

    Raises InputError for an unknown place (with the nearest one) and for every mistake in the file at once.

    >>> load_pack("cn/shanghai").currency
    'CNY'
    """
    known = places(folder)
    if place not in known:
        raise InputError(f"place is {place!r}; it must be one of the country packs{did_you_mean(place, known)}")
    path = (folder or data_dir() / "payroll") / f"{place}.yaml"
    try:
        pack = Pack.model_validate({"place": place, **_read(path)})
    except ValidationError as error:
        raise InputError(
            [f"{path}, {'.'.join(map(str, bad['loc']))}: {bad['msg']}" for bad in error.errors()]
        ) from None
    wrong = _mistakes(pack)
    if wrong:
        raise InputError([f"{path}, {sentence}" for sentence in wrong])
    return pack


def figures(place: str | Pack, on: date | None = None) -> pd.DataFrame:
    """Which figures does a place's pack hold, and where does each come from?

    Parameters: `place`; `on`, a day: only the values in force then (all values when None). Columns: figure,
    effective, low, typical, high (in `unit`), unit, source, as_of, kind, remark.

    >>> figures("cn/shanghai", date(2026, 7, 1)).query("figure == 'pension_cap'").typical.item()
    37731.0
    """
    pack = place if isinstance(place, Pack) else load_pack(place)
    rows = []
    for key, figure in pack.figures.items():
        if isinstance(figure, str):
            continue
        values = figure.values if on is None else [v for v in figure.values if v.effective <= on][-1:]
        for value in values:
            low, high = value.range
            source = pack.sources[value.source]
            numbers = (float(low), float(value.typical), float(high))
            rows.append(
                (
                    key,
                    value.effective,
                    *numbers,
                    figure.unit,
                    source.cite,
                    source.as_of,
                    value.kind,
                    value.remark,
                )
            )
    columns = ["figure", "effective", "low", "typical", "high", "unit", "source", "as_of", "kind", "remark"]
    return pd.DataFrame(rows, columns=columns)
