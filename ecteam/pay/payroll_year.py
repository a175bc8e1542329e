"""A person's months, one after another through the tax year: what is paid, withheld and so far counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.pay.country_pack import Pack, Side
from ecteam.pay.payroll import (
    Choices,
    Whole,
    YearSoFar,
    check_choices,
    contributions,
    declared_bases,
    income_tax,
    minor,
    side_total,
)
from ecteam.pay.payroll_place import ONE_DAY, known_day


def year_begins(pack: Pack, day: date) -> date:
    """The first day of the tax year, by whole months, that a day lies in."""
    start = pack.tax_year_starts_month
    return date(day.year - (day.month < start), start, 1)


@dataclass(frozen=True)
class Case:
    """Whose month: the pack, the wage, declared bases, special deductions a month, and what was chosen."""

    pack: Pack
    wage: Whole
    bases: dict[str, Whole]
    special: Whole
    settled: Choices

    @property
    def cumulative(self) -> bool:
        return self.pack.income_tax[self.pack.persons[self.settled.person].tax].method == "cumulative"

    def month(
        self, day: date, regular: Whole, extra: Whole, apart: Whole, so_far: YearSoFar
    ) -> tuple[dict[tuple[str, Side], Whole], Whole, YearSoFar]:
        """Contributions, tax and the year so far after a month of regular, extra and separately taxed pay."""
        pack, days = self.pack, np.array(day, dtype="datetime64[D]")
        paid = regular + extra + apart
        due = contributions(pack, days, self.wage, paid, self.bases, so_far.income, self.settled)
        deducts = pack.income_tax[pack.persons[self.settled.person].tax].deducts
        deductible = side_total(
            {key: amount for key, amount in due.items() if key[0] in deducts}, "employee", paid.shape
        )
        tax, after = income_tax(pack, days, regular, extra, deductible, self.special, so_far, self.settled)
        return due, tax, after

    def year_before(self, day: date, joined: date | None, first_pay: Whole) -> YearSoFar:
        """The tax year up to a month, at one wage since it began, or since joining with `first_pay`."""
        pack, nothing = self.pack, self.wage * 0
        so_far = YearSoFar(nothing, nothing, nothing, nothing)
        month = year_begins(pack, day)
        if joined and joined > month:
            month = joined.replace(day=1)
        while month < day.replace(day=1):
            paid = first_pay if joined and month == joined.replace(day=1) else self.wage
            if self.cumulative:
                try:
                    last = known_day(pack, month)
                except InputError as error:
                    raise InputError(
                        f"tax of {day:%Y-%m} counts the year so far; {error}; say joined= or earlier="
                    ) from None
                so_far = self.month(last, paid, nothing, nothing, so_far)[2]
            else:
                so_far = so_far._replace(months=so_far.months + 1, income=so_far.income + paid)
            month = (month + 31 * ONE_DAY).replace(day=1)
        return so_far


def case_of(
    pack: Pack, day: date, gross: ArrayLike, bases: Any, special: Mapping[str, float] | None, settled: Choices
) -> Case:
    """The case of some gross pay, after checking every choice."""
    check_choices(pack, settled, np.array([day], dtype="datetime64[D]"))
    monthly = minor(pack, "special_deductions", float(_special(pack, day, special)))
    return Case(pack, minor(pack, "gross_per_month", gross), declared_bases(pack, bases), monthly, settled)


def _special(pack: Pack, day: date, wanted: Mapping[str, float] | None) -> Decimal:
    total = Decimal(0)
    for name, times in (wanted or {}).items():
        if name not in pack.special_deductions:
            near = did_you_mean(name, pack.special_deductions) if pack.special_deductions else ""
            raise InputError(f"special_deductions has {name!r}, which {pack.place} does not know{near}")
        if times < 0:
            raise InputError(f"special_deductions[{name!r}] is {times}; it must be 0 or more")
        total += pack.value(name, day) * Decimal(str(times))
    return total
