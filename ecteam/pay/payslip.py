"""One person's month, or many people's: from gross pay to net pay, month after month of the tax year."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ecteam.inputs.checks import InputError
from ecteam.inputs.words import Name, Note
from ecteam.pay.country_pack import Pack
from ecteam.pay.payroll import Choices, YearSoFar, bonus_tax, exact, major, minor, side_total
from ecteam.pay.payroll_bonus import bonus_rule
from ecteam.pay.payroll_events import month_pay, overtime_pay
from ecteam.pay.payroll_place import DEFAULT_MONTH, as_pack, known_day, minimum_wage, stale_note
from ecteam.pay.payroll_year import case_of, year_begins


@dataclass(frozen=True)
class YearToDate:
    """What counts of a tax year at one employer: pay and, where tax is withheld on the year, deductions and tax."""

    year_begins: date
    months: int
    income: Decimal
    deducted: Decimal
    income_tax: Decimal


@dataclass(frozen=True)
class Payslip:
    """One person's month: net = gross - own contributions - both taxes; cost = gross + employer_extra."""

    place: str
    month: date
    currency: str
    gross: Decimal
    contributions: dict[str, dict[str, Decimal]]
    employee_contributions: Decimal
    income_tax: Decimal
    bonus_tax: Decimal
    net: Decimal
    employer_extra: Decimal
    employer_cost: Decimal
    notes: tuple[Note, ...]
    year_to_date: YearToDate

    def to_frame(self) -> pd.DataFrame:
        """The contributions as a table: item, employee, employer."""
        rows = [(item, sides.get("employee"), sides.get("employer")) for item, sides in self.contributions.items()]
        return pd.DataFrame(rows, columns=["item", "employee", "employer"])


def payslip(
    gross_per_month: float | Decimal,
    place: str | Pack = "cn/shanghai",
    on: date = DEFAULT_MONTH,
    *,
    joined: date | None = None,
    left: date | None = None,
    raised_to: float | Decimal | None = None,
    raised_on: date | None = None,
    unpaid_days: float = 0,
    overtime_hours: Mapping[str, float] | None = None,
    bonus: float | Decimal = 0,
    bonus_separate: float | Decimal = 0,
    special_deductions: Mapping[str, float] | None = None,
    base_per_month: Any = None,
    person: str = "employee",
    choices: Mapping[str, float] | None = None,
    without: Collection[str] = (),
    earlier: Payslip | None = None,
) -> Payslip:
    """What does one person get and cost in one month?

    Parameters: `gross_per_month`, contract wage in the place's currency, which is also the declared base
    unless `base_per_month` says otherwise; `on`, any day of the month; `joined`, `left`, `raised_to`,
    `raised_on`, `unpaid_days` as in `month_pay`; `overtime_hours` as in `overtime_pay`; `bonus` taxed with
    the wage, `bonus_separate` taxed apart; `special_deductions`, {"child_education": 2, "rent": 1} as counts
    of the pack's monthly figures; `person`, `choices`, `without` as in `employer_cost`; `earlier`, the last
    payslip of this employment. Without `earlier`, the year before this month is taken to have paid the same
    wage since it began, or since `joined`.
    Formula: net = gross - employee's contributions - income tax - bonus tax; employer_cost = gross +
    employer's.
    Raises InputError as `employer_cost` does; a wage below the minimum wage and an old pack are said in
    `notes`.
    Source: the pack's `figures`.

    >>> slip = payslip(20_000, "cn/shanghai", date(2025, 12, 1), joined=date(2025, 12, 1))
    >>> slip.net, slip.income_tax, slip.contributions["housing_fund"]["employer"]
    (Decimal('16155.00'), Decimal('345.00'), Decimal('1400.00'))
    """
    pack = as_pack(place)
    day = known_day(pack, on)
    if (joined and joined > day) or (left and left < day.replace(day=1)):
        raise InputError(f"nobody is employed in {day:%Y-%m} who joined on {joined} and left on {left}")
    settled = Choices(person, choices or {}, tuple(without))
    case = case_of(pack, day, float(gross_per_month), base_per_month, special_deductions, settled)
    pay = month_pay(
        gross_per_month,
        pack,
        on,
        joined=joined,
        left=left,
        raised_to=raised_to,
        raised_on=raised_on,
        unpaid_days=unpaid_days,
    )
    overtime = overtime_pay(gross_per_month, pack, on, overtime_hours) if overtime_hours else Decimal(0)
    regular = minor(pack, "pay of the month", float(pay))
    extra = minor(pack, "bonus", float(bonus)) + minor(pack, "overtime", float(overtime))
    apart = minor(pack, "bonus_separate", float(bonus_separate))
    if earlier is not None:
        so_far = _resume(pack, earlier, day)
    else:
        first_month = month_pay(gross_per_month, pack, joined, joined=joined) if joined else pay
        so_far = case.year_before(day, joined, minor(pack, "pay", float(first_month)))
    due, tax, after = case.month(day, regular, extra, apart, so_far)
    on_bonus = bonus_tax(pack, bonus_rule(pack, day, person), day, apart) if apart else apart
    employee, employer = side_total(due, "employee"), side_total(due, "employer")
    gross = regular + extra + apart
    by_item: dict[str, dict[str, Decimal]] = {}
    for (item, side), amount in due.items():
        by_item.setdefault(item, {})[side] = exact(pack, amount)
    year = YearToDate(
        year_begins(pack, day),
        int(after.months),
        exact(pack, after.income),
        exact(pack, after.deducted),
        exact(pack, after.tax),
    )
    return Payslip(
        place=pack.place,
        month=day.replace(day=1),
        currency=pack.currency,
        gross=exact(pack, gross),
        contributions=by_item,
        employee_contributions=exact(pack, employee),
        income_tax=exact(pack, tax),
        bonus_tax=exact(pack, on_bonus),
        net=exact(pack, gross - employee - tax - on_bonus),
        employer_extra=exact(pack, employer),
        employer_cost=exact(pack, gross + employer),
        notes=_notes(pack, on, exact(pack, case.wage), exact(pack, employee), settled),
        year_to_date=year,
    )


def _resume(pack: Pack, earlier: Payslip, day: date) -> YearSoFar:
    """The year so far after an earlier payslip; a new tax year begins at nothing."""
    if earlier.place != pack.place or earlier.month >= day.replace(day=1):
        raise InputError(f"earlier is of {earlier.place} {earlier.month:%Y-%m}, not of {pack.place} before {day:%Y-%m}")
    year = earlier.year_to_date
    same = year.year_begins == year_begins(pack, day)
    amounts = (year.income, year.deducted, year.income_tax) if same else (Decimal(0),) * 3
    months = np.array(year.months if same else 0, dtype=np.int64)
    return YearSoFar(months, *(np.array(int(amount * pack.minor_units), dtype=np.int64) for amount in amounts))


def _notes(pack: Pack, on: date, wage: Decimal, employee: Decimal, settled: Choices) -> tuple[Note, ...]:
    least = minimum_wage(pack, on, choices=settled.figures)
    after = pack.minimum_wage is not None and pack.minimum_wage.after_contributions
    kept = wage - employee if after else wage
    notes = []
    if least is not None and wage > 0 and kept < least:
        key = "net_below_minimum" if after else "gross_below_minimum"
        notes.append(Note(key, gross=wage, kept=kept, place=Name(pack.place), least=least, currency=pack.currency))
    stale = stale_note(pack, on)
    return (*notes, stale) if stale else tuple(notes)


def payslips(
    gross_per_month: ArrayLike,
    place: str | Pack = "cn/shanghai",
    on: date = DEFAULT_MONTH,
    *,
    bonus: ArrayLike = 0,
    bonus_separate: ArrayLike = 0,
    special_deductions: Mapping[str, float] | None = None,
    base_per_month: Any = None,
    joined: date | None = None,
    person: str = "employee",
    choices: Mapping[str, float] | None = None,
    without: Collection[str] = (),
) -> pd.DataFrame:
    """What do many people get and cost in one month? One row each, equal to `payslip` to the smallest unit.

    Parameters: as in `payslip`, with arrays of one length for pay, bonus and bases; `joined` is common to all
    and pays its own month in full. Columns: gross, income_tax, bonus_tax, net, employee_contributions,
    employer_extra, employer_cost and `item.side` for every contribution, in the place's currency.

    >>> payslips([8000, 20_000], "cn/shanghai", date(2026, 1, 1))[["net", "employer_cost"]]
          net  employer_cost
    0   6552.0        10632.0
    1  16155.0        26580.0
    """
    pack = as_pack(place)
    day = known_day(pack, on)
    settled = Choices(person, choices or {}, tuple(without))
    wage, extra, apart = np.broadcast_arrays(
        np.atleast_1d(minor(pack, "gross_per_month", gross_per_month)),
        minor(pack, "bonus", bonus),
        minor(pack, "bonus_separate", bonus_separate),
    )
    case = case_of(pack, day, major(pack, wage), base_per_month, special_deductions, settled)
    due, tax, _ = case.month(day, wage, extra, apart, case.year_before(day, joined, wage))
    on_bonus = bonus_tax(pack, bonus_rule(pack, day, person), day, apart) if apart.any() else apart * 0
    employee, employer = side_total(due, "employee", wage.shape), side_total(due, "employer", wage.shape)
    gross = wage + extra + apart
    columns = {
        "gross": gross,
        "income_tax": tax,
        "bonus_tax": on_bonus,
        "net": gross - employee - tax - on_bonus,
        "employee_contributions": employee,
        "employer_extra": employer,
        "employer_cost": gross + employer,
        **{f"{item}.{side}": amount for (item, side), amount in due.items()},
    }
    return pd.DataFrame({name: major(pack, amount) for name, amount in columns.items()})
