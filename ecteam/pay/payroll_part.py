"""Payroll of a place: from gross pay to net pay and to what the employer pays, by the place's country pack.

The packs are data/payroll/*.yaml: contributions, tax tables and other rules as dated figures with their
sources. A month's pay follows the figures in force on the month's last day. Amounts are in the place's own
currency, `currency(place)`.
"""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecteam.pay.country_pack import Pack, Side
from ecteam.pay.payroll import (
    Choices,
    Days,
    Whole,
    check_choices,
    contributions,
    declared_bases,
    major,
    minor,
    side_total,
)
from ecteam.pay.payroll_bonus import BonusChoice, bonus_choice, table_tax
from ecteam.pay.payroll_events import (
    Severance,
    leave_days_per_year,
    month_pay,
    overtime_pay,
    severance,
    unused_leave_pay,
)
from ecteam.pay.payroll_pack import figures, load_pack, places
from ecteam.pay.payroll_place import (
    DEFAULT_MONTH,
    as_pack,
    currency,
    known_day,
    known_range,
    minimum_wage,
    pack_age_months,
    stale_note,
)
from ecteam.pay.payslip import Payslip, payslip, payslips

__all__ = [
    "BonusChoice",
    "Pack",
    "Payslip",
    "Severance",
    "bonus_choice",
    "currency",
    "employer_cost",
    "employer_extra",
    "figures",
    "known_range",
    "leave_days_per_year",
    "load_pack",
    "minimum_wage",
    "month_pay",
    "overtime_pay",
    "pack_age_months",
    "payslip",
    "payslips",
    "places",
    "severance",
    "stale_note",
    "table_tax",
    "unused_leave_pay",
]


def _months(pack: Pack, on: Any) -> Days:
    """The last day of every asked month; refused where a month lies outside the pack's range."""
    stamps = on.to_timestamp() if hasattr(on, "to_timestamp") else on
    months = np.asarray(stamps, dtype="datetime64[D]").astype("datetime64[M]")
    for month in (months.min(), months.max()) if months.size else ():
        known_day(pack, month.astype("datetime64[D]").item())
    return np.asarray((months + 1).astype("datetime64[D]") - 1, dtype="datetime64[D]")


def _months_before(pack: Pack, days: Days) -> Whole:
    """How many months of the tax year lie before each month."""
    month_of_year = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    return (month_of_year - pack.tax_year_starts_month) % 12


def employer_extra(
    gross_per_month: ArrayLike,
    place: str | Pack = "cn/shanghai",
    on: Any = DEFAULT_MONTH,
    *,
    extra_pay: ArrayLike = 0,
    base_per_month: Any = None,
    earned_before: ArrayLike | None = None,
    person: str = "employee",
    choices: Mapping[str, float] | None = None,
    without: Collection[str] = (),
) -> NDArray[np.float64]:
    """What does an employer pay on top of gross pay? Contributions of the employer's side, per month.

    Parameters, shapes and errors: those of `employer_cost`.

    >>> float(employer_extra(20_000, "cn/shanghai", "2026-07"))
    6580.0
    """
    pack = as_pack(place)
    days = _months(pack, on)
    settled = Choices(person, choices or {}, tuple(without))
    check_choices(pack, settled, days)
    wage = minor(pack, "gross_per_month", gross_per_month)
    paid = wage + minor(pack, "extra_pay", extra_pay)
    level = wage * _months_before(pack, days)
    before = level if earned_before is None else minor(pack, "earned_before", earned_before)
    bases = declared_bases(pack, base_per_month)
    sides: list[Side] = ["employer"]
    due = contributions(pack, days, wage, paid, bases, before, settled, sides)
    shape = np.broadcast_shapes(paid.shape, days.shape, before.shape)
    return major(pack, side_total(due, "employer", shape))


def employer_cost(
    gross_per_month: ArrayLike,
    place: str | Pack = "cn/shanghai",
    on: Any = DEFAULT_MONTH,
    *,
    extra_pay: ArrayLike = 0,
    base_per_month: Any = None,
    earned_before: ArrayLike | None = None,
    person: str = "employee",
    choices: Mapping[str, float] | None = None,
    without: Collection[str] = (),
) -> NDArray[np.float64]:
    """What does a team cost its employer, for every person and month?

    Parameters (arrays broadcast): `gross_per_month`, contract wage, 0 where nobody is employed; `on`, months
    (dates, datetime64, a DatetimeIndex); `extra_pay`, bonus and overtime of the month, which in China move no
    declared base; `base_per_month`, declared base where it is not the wage, or {"housing_fund": ...} by
    group; `earned_before`, pay earlier in the tax year at this employer, for yearly caps (when None: the same
    wage since the tax year began); `person`, "employee", "pensioner" ...; `choices`, figures chosen inside
    the pack's range, {"housing_fund_rate": 0.05}; `without`, contributions the person stays out of.
    Formula: gross + extra pay + sum over items of rate x (base within floor, cap and threshold), each rounded
    by law.
    Returns amounts in the place's currency, exact to its smallest unit, in the broadcast shape.
    Raises InputError for an unknown place, a month outside the pack's range, negative pay, a choice out of
    range.
    Source: the pack's `figures`.

    >>> float(employer_cost(20_000, "cn/shanghai", "2026-07", choices={"injury_employer_rate": 0.002}))
    26540.0
    >>> employer_cost([[8000], [50_000]], "uk", ["2026-04", "2026-05"]).round(2)
    array([[ 9247.52,  9247.52],
           [57547.52, 57547.52]])
    """
    pack = as_pack(place)
    extra = employer_extra(
        gross_per_month,
        pack,
        on,
        extra_pay=extra_pay,
        base_per_month=base_per_month,
        earned_before=earned_before,
        person=person,
        choices=choices,
        without=without,
    )
    paid = minor(pack, "gross_per_month", gross_per_month) + minor(pack, "extra_pay", extra_pay)
    return major(pack, paid + np.rint(extra * pack.minor_units).astype(np.int64))
