"""Payroll of a place, for one person's month or for many: gross pay, net pay, and what the employer pays; also what an
annual bonus and the end of an employment take. The rules are those of the place's country pack, data/payroll/*.yaml,
with the figures in force on the month's last day, in the place's own currency.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecteam.inputs.checks import InputError
from ecteam.inputs.words import Name, Note
from ecteam.pay.country_pack import BonusRule, Pack, figures, load_pack, places
from ecteam.pay.payroll import (
    DEFAULT_MONTH,
    Choices,
    Days,
    YearSoFar,
    as_pack,
    bonus_tax,
    case_of,
    check_choices,
    contributions,
    currency,
    declared_bases,
    exact,
    half_up,
    known_day,
    known_range,
    major,
    minimum_wage,
    minor,
    side_total,
    stale_note,
)
from ecteam.pay.severance import severance

__all__ = [
    "BonusChoice",
    "Pack",
    "Payslip",
    "bonus_choice",
    "bonus_cliffs",
    "currency",
    "employer_extra",
    "figures",
    "known_range",
    "load_pack",
    "minimum_wage",
    "payslip",
    "places",
    "severance",
    "stale_note",
]


def bonus_rule(pack: Pack, day: date, person: str) -> BonusRule:
    """How a bonus is taxed apart from the wage; refused where or when the law has no such rule."""
    rule = pack.bonus.get(pack.persons[person].tax)
    if rule is None:
        raise InputError(f"{pack.place} has no bonus taxed apart from the wage; use bonus instead of bonus_separate")
    if rule.until and day > rule.until:
        raise InputError(f"a bonus is taxed apart until {rule.until} only, and the month asked for is {day:%Y-%m}")
    return rule


@dataclass(frozen=True)
class BonusChoice:
    """Tax of a bonus both ways; a smaller one, `cliff_at`, may leave the employee `cliff_loss` more."""

    bonus: Decimal
    tax_separate: Decimal
    tax_merged: Decimal
    better: Literal["separate", "merged"]
    cliff_at: Decimal | None
    cliff_loss: Decimal


def bonus_choice(
    bonus: float | Decimal,
    gross_per_month: float | Decimal,
    place: str | Pack = "cn/shanghai",
    on: date = DEFAULT_MONTH,
) -> BonusChoice:
    """Is an annual bonus better taxed apart from the wage or with it, and is it just above a cliff?

    Formula: separate is the bonus times the rate of a twelfth of it, less one month's quick deduction; merged is
    table(12 months' taxable wage + bonus) - table(12 months' taxable wage), the year taken as twelve months like the
    asked one. Ties go to merged, which needs no election. Raises InputError where the law knows no bonus taxed apart.
    Source: MOF/STA 2023 No.30.

    >>> bonus_choice(36_001, 20_000, "cn/shanghai", date(2026, 1, 1))
    BonusChoice(bonus=Decimal('36001.00'), tax_separate=Decimal('3390.10'), tax_merged=Decimal('6600.20'),
                better='separate', cliff_at=Decimal('36000.00'), cliff_loss=Decimal('2309.10'))
    """
    pack = as_pack(place)
    day = known_day(pack, on)
    case = case_of(pack, day, float(gross_per_month), None, None, Choices())
    rule = bonus_rule(pack, day, "employee")
    amount = minor(pack, "bonus", float(bonus))
    apart = bonus_tax(pack, rule, day, amount)
    nothing = case.wage * 0
    so_far = YearSoFar(nothing, nothing, nothing)
    for _ in range(12 - 1):
        so_far = case.month(day, nothing, nothing, so_far)[2]
    merged = case.month(day, amount, nothing, so_far)[1] - case.month(day, nothing, nothing, so_far)[1]
    cliff = next((start for start, end in bonus_cliffs(pack, on) if start < exact(pack, amount) < end), None)
    loss = Decimal(0)
    if cliff is not None and rule.method == "rate_of_part":
        at_cliff = minor(pack, "bonus", float(cliff))
        loss = exact(pack, at_cliff - bonus_tax(pack, rule, day, at_cliff) - (amount - apart))
    return BonusChoice(
        exact(pack, amount),
        exact(pack, apart),
        exact(pack, merged),
        "separate" if apart < merged else "merged",
        cliff if loss > 0 else None,
        max(loss, Decimal(0)),
    )


def bonus_cliffs(place: str | Pack = "cn/shanghai", on: date = DEFAULT_MONTH) -> list[tuple[Decimal, Decimal]]:
    """Between which gross bonuses does an employee keep less than at the lower end, if the bonus is taxed apart?

    Formula: above a limit L of the table, bonus x (1 - rate) + quick deduction reaches L - tax(L) again at
    (L - tax(L) - quick deduction) / (1 - rate). Raises InputError where the law knows no bonus taxed apart.

    >>> [(float(start), float(end)) for start, end in bonus_cliffs("cn/shanghai", date(2026, 1, 1))][:2]
    [(36000.0, 38566.67), (144000.0, 160500.0)]
    """
    pack = as_pack(place)
    day = known_day(pack, on)
    rule = bonus_rule(pack, day, "employee")
    table, ranges = pack.table(rule.bands, day), []
    for row, tax_at_limit in zip(table.rows[1:], table.tax_at_start[1:], strict=True):
        limit = row.above * rule.parts
        at_limit = minor(pack, "bonus", float(limit))
        kept = exact(pack, at_limit - bonus_tax(pack, rule, day, at_limit))
        end = (kept - row.above * row.rate + tax_at_limit) / (1 - row.rate)
        ranges.append((exact(pack, at_limit), half_up(pack, end)))
    return ranges


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


def payslip(
    gross_per_month: float | Decimal,
    place: str | Pack = "cn/shanghai",
    on: date = DEFAULT_MONTH,
    *,
    since: date | None = None,
    bonus: float | Decimal = 0,
    bonus_separate: float | Decimal = 0,
    special_deductions: Mapping[str, float] | None = None,
    base_per_month: Any = None,
    person: str = "employee",
    choices: Mapping[str, float] | None = None,
    without: Collection[str] = (),
) -> Payslip:
    """What does one person get and cost in one whole month?

    `gross_per_month`, contract wage, which is also the declared base unless `base_per_month` says otherwise (in China a
    twelfth of last year's pay, bonuses included); `on`, any day of the month; `since`, a day of the first month at this
    employer: the tax year up to this month is taken to have paid the same wage since then, or since it began;
    `bonus` and overtime taxed with the wage, `bonus_separate` apart; `special_deductions`, {"child_education": 2,
    "rent": 1} as counts of the pack's monthly figures; `person`, `choices`, `without` as in `employer_extra`. Formula:
    net = gross - employee's contributions - income tax - bonus tax; employer_cost = gross + employer's. Raises
    InputError as `employer_extra` does; a wage below the minimum and an old pack are said in `notes`.

    >>> slip = payslip(20_000, "cn/shanghai", date(2025, 12, 1), since=date(2025, 12, 1))
    >>> slip.net, slip.income_tax, slip.contributions["housing_fund"]["employer"]
    (Decimal('16155.00'), Decimal('345.00'), Decimal('1400.00'))
    """
    pack = as_pack(place)
    day = known_day(pack, on)
    if since and since > day:
        raise InputError(f"since is {since}, after {day:%Y-%m}, the month asked for")
    settled = Choices(person, choices or {}, tuple(without))
    case = case_of(pack, day, float(gross_per_month), base_per_month, special_deductions, settled)
    extra, apart = minor(pack, "bonus", float(bonus)), minor(pack, "bonus_separate", float(bonus_separate))
    due, tax, _ = case.month(day, extra, apart, case.year_before(day, since))
    on_bonus = bonus_tax(pack, bonus_rule(pack, day, person), day, apart) if apart else apart
    employee, employer = side_total(due, "employee"), side_total(due, "employer")
    gross = case.wage + extra + apart
    by_item: dict[str, dict[str, Decimal]] = {}
    for (item, side), amount in due.items():
        by_item.setdefault(item, {})[side] = exact(pack, amount)
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
    )


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


def _months(pack: Pack, on: Any) -> Days:
    """The last day of every asked month; refused where a month lies outside the pack's range."""
    stamps = on.to_timestamp() if hasattr(on, "to_timestamp") else on
    months = np.asarray(stamps, dtype="datetime64[D]").astype("datetime64[M]")
    for month in (months.min(), months.max()) if months.size else ():
        known_day(pack, month.astype("datetime64[D]").item())
    return np.asarray((months + 1).astype("datetime64[D]") - 1, dtype="datetime64[D]")


def employer_extra(
    gross_per_month: ArrayLike,
    place: str | Pack = "cn/shanghai",
    on: Any = DEFAULT_MONTH,
    *,
    base_per_month: Any = None,
    person: str = "employee",
    choices: Mapping[str, float] | None = None,
    without: Collection[str] = (),
) -> NDArray[np.float64]:
    """What does an employer pay on top of gross pay? Contributions of the employer's side, per month; arrays broadcast.

    `gross_per_month`, contract wage, 0 where nobody is employed, the same since the tax year began, for yearly caps;
    `on`, months (dates, datetime64, a DatetimeIndex); `base_per_month`, declared base where it is not the wage, or
    {"housing_fund": ...} by group; `person`, "employee", "pensioner" ...; `choices`, figures inside the pack's range,
    {"housing_fund_rate": 0.05}; `without`, contributions the person stays out of. Formula: sum over items of rate x
    (base within floor, cap and threshold), each rounded by law; exact to the currency's smallest unit. Source: the
    pack's `figures`. Raises InputError for an unknown place, a month outside the pack's range, negative pay, a choice
    out of range.

    >>> float(employer_extra(20_000, "cn/shanghai", "2026-07"))
    6580.0
    """
    pack = as_pack(place)
    days = _months(pack, on)
    settled = Choices(person, choices or {}, tuple(without))
    check_choices(pack, settled, days)
    wage = minor(pack, "gross_per_month", gross_per_month)
    month_of_year = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    before = wage * ((month_of_year - pack.tax_year_starts_month) % 12)
    due = contributions(pack, days, wage, wage, declared_bases(pack, base_per_month), before, settled, ["employer"])
    return major(pack, side_total(due, "employer", before.shape))
